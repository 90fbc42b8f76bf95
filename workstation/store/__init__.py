"""SQLite and files: the only writer of disk.

Reading order: ``home`` (the store as a whole), ``database`` (connections and the writer lane), ``schema`` (the
tables), ``files``, ``index`` with ``query`` and ``matching``, ``transaction`` (the one transaction of an act) with
``acts``, ``publications``, ``outbox`` and ``audit``, then the small ones. ``Store.open`` is where to begin.
"""

from workstation.store.home import Store

__all__ = ["Store"]
