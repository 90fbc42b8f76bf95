"""The engine's own words on screen, each a literal so that the translation tools find it.

`word` is the `Words` of `viewer.overlay`: English in, the reader's language out. Names, numbers and
orientation letters never pass through here.
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

# What `viewer.overlay` writes into the corners.
CORNER_WORDS = (
    QT_TRANSLATE_NOOP("Viewport", "axial"),
    QT_TRANSLATE_NOOP("Viewport", "coronal"),
    QT_TRANSLATE_NOOP("Viewport", "sagittal"),
    QT_TRANSLATE_NOOP("Viewport", "inverted"),
    QT_TRANSLATE_NOOP("Viewport", "Zoom"),
    QT_TRANSLATE_NOOP("Viewport", "Series"),
    QT_TRANSLATE_NOOP("Viewport", "Contrast"),
    QT_TRANSLATE_NOOP("Viewport", "Thickness"),
    QT_TRANSLATE_NOOP("Viewport", "Location"),
    QT_TRANSLATE_NOOP("Viewport", "Reduced"),
    # What `viewer.overlay.spacing_text` says of lengths.
    QT_TRANSLATE_NOOP("Viewport", "not calibrated"),
    QT_TRANSLATE_NOOP("Viewport", "detector plane"),
    QT_TRANSLATE_NOOP("Viewport", "magnification corrected"),
    QT_TRANSLATE_NOOP("Viewport", "calibrated (fiducial)"),
    QT_TRANSLATE_NOOP("Viewport", "calibrated (geometry)"),
    QT_TRANSLATE_NOOP("Viewport", "The overlay of this image cannot be read."),
)


def word(english: str) -> str:
    """A corner's word in the reader's language."""
    return QCoreApplication.translate("Viewport", english)
