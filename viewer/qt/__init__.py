"""Viewport widgets: paint a finished picture and its overlay, turn pointer and key events into intents.

The only part of the engine that knows Qt; a widget owns no view state.
"""
