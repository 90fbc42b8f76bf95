"""Whole-program stories: stations as processes, real archives, and what a person would see at the end."""
