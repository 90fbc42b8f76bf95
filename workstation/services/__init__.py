"""Services: what the station does, on threads: read, ask `domain`, act, record.

Each service is handed its store, archive and documents by `wiring` and reports through plain callables; none knows a
window. Every service may fail at any line and be started again.
"""
