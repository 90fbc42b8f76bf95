"""The tests: each folder mirrors a package; journeys/ are whole-program stories, told through the command line.

Start with `conftest.py` (data, options) and `peers.py` (the independent programs that judge us).
"""
