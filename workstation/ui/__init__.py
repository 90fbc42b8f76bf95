"""The windows: each panel renders a value and emits an intent; none owns state, opens a file or a socket.

One bridge turns what services call back from their threads into queued signals.
"""
