"""Cosight, the application: a radiologist's day on `viewer` and `hanging_protocols`.

Reading order: `domain` (values and rules, pure), `documents` (values to DICOM and back), `store`,
`network`, `services` (what happens), `wiring` (the one place that puts it together), `ui`, `app`,
`cli`. Outer layers import inner ones, never back; tests/architecture holds them to it. Nothing
runs when this package is imported.
"""
