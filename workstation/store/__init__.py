"""The local store: SQLite and files, the only writer of disk. Every act completes here first.

Knows no network, no window and no pixels; files are named by ids of our own, never by a dataset's words.
"""
