"""The imaging engine against the standard, arithmetic and independent programs."""
