"""Functions run in killable child processes: bytes from outside are read where they can do no harm.

Public names: `Sandbox` (a warm child and a spare one, served by `Priority`), `Child`, `Callee` (what
both are), `SandboxError` (how a child ended), `Interrupted`. A child that hangs, eats memory or
crashes under a damaged file dies alone. Knows no DICOM, no toolkit and no engine.
"""

from viewer.sandbox.calls import Callee, Interrupted, Kind, Priority, Report, SandboxError
from viewer.sandbox.child import Child
from viewer.sandbox.pool import Sandbox, shared_sandbox

__all__ = [
    "Callee",
    "Child",
    "Interrupted",
    "Kind",
    "Priority",
    "Report",
    "Sandbox",
    "SandboxError",
    "shared_sandbox",
]
