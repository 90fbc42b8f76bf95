"""Bytes that travel with the program: icons, translations, and the demo studies under `demo/`.

`path(name)` finds one of them, in a checkout as in the built program. No logic lives here.
"""
