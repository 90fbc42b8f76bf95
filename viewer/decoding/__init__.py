"""DICOM files in, frame sources and stored pixels out. Runs in the killable child.

Public names: `parse_file` (header facts and where every frame lies), `decode` (bytes of one frame
to stored pixels), `decode_frame` (the same from a file), `fill` (a whole series into a decoded
file). The only part of the viewer that knows pydicom and imagecodecs; refuses with an `ImageError`.
"""

from viewer.decoding.codecs import decode
from viewer.decoding.files import parse_file
from viewer.decoding.filling import fill
from viewer.decoding.frames import decode_frame

__all__ = ["decode", "decode_frame", "fill", "parse_file"]
