"""Viewport widgets: paint a finished picture and overlay, turn pointer and keys into intents.

The only part of the engine that knows Qt; a widget owns no view state.
"""
