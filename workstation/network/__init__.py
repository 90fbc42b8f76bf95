"""Every socket of the station: the DIMSE client, and the listening node of the embedded archive.

Knows no store and no window: it is handed what to send and calls back with what came.
"""
