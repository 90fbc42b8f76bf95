"""Frame sources as text for the index, and back: opening a study reads this instead of DICOM.

Frames of one file share nearly everything, so the text holds the common facts once, and facts at
their defaults not at all. The text is ours and carries its version; whatever is not what `dump_frames`
writes is refused as a whole, and the index is made anew from the files.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Any

from viewer.volume.error import ImageError
from viewer.volume.frame_source import (
    FrameSource,
    LookupTable,
    OverlaySource,
    Palette,
    Tile,
    UltrasoundRegion,
    VoiWindow,
)

_VERSION = 2

Row = dict[str, Any]


def dump_frames(frames: Sequence[FrameSource]) -> str:
    """Frames of one file as JSON text; what all of them share is written once."""
    rows = [_row(frame) for frame in frames]
    common = dict(rows[0]) if rows else {}
    for row in rows[1:]:
        for name in [name for name, value in common.items() if row.get(name, _ABSENT) != value]:
            del common[name]
    own = [{name: v for name, v in row.items() if name not in common} for row in rows]
    document = {
        "version": _VERSION,
        "common": _plain(common),
        "frames": [_plain(row) for row in own],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def parse_frames(text: str) -> list[FrameSource]:
    """The inverse of `dump_frames`; ImageError where the text is of another version or broken."""
    try:
        document = json.loads(text)
        version = document["version"]
        if version != _VERSION:
            raise ImageError("The image index is of version {version}.", version=version)
        common = _values(document["common"])
        return [FrameSource(**{**common, **_values(row)}) for row in document["frames"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ImageError("The image index cannot be read: {reason}.", reason=error) from error


class _Absent:
    """Equal to nothing that a frame holds."""


_ABSENT = _Absent()
_DEFAULTS: dict[type[Any], tuple[tuple[str, Any], ...]] = {
    kind: tuple((field.name, field.default) for field in dataclasses.fields(kind))
    for kind in (
        FrameSource,
        LookupTable,
        OverlaySource,
        Palette,
        Tile,
        UltrasoundRegion,
        VoiWindow,
    )
}


def _row(value: Any) -> Row:
    """The fields of a value that are not at their defaults."""
    row = ((name, getattr(value, name), default) for name, default in _DEFAULTS[type(value)])
    return {name: held for name, held, default in row if held is not default and held != default}


def _plain(value: Any) -> Any:
    """Values JSON knows; tuples are arrays to it already."""
    if type(value) in _DEFAULTS:
        return _plain(_row(value))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {name: _plain(held) for name, held in value.items()}
    if isinstance(value, tuple):
        return [_plain(held) for held in value]
    return value


def _values(row: Row) -> Row:
    """The fields of one value back from JSON: arrays become tuples, objects become values."""
    return {
        name: _READ[name](value) if name in _READ else _exact(value) for name, value in row.items()
    }


def _exact(value: Any) -> Any:
    return tuple([_exact(held) for held in value]) if isinstance(value, list) else value


def _one(kind: type[Any]) -> Callable[[Row | None], Any]:
    return lambda row: None if row is None else kind(**_values(row))


def _many(kind: type[Any]) -> Callable[[list[Row]], Any]:
    return lambda rows: tuple([kind(**_values(row)) for row in rows])


_READ: dict[str, Callable[[Any], Any]] = {
    "windows": _many(VoiWindow),
    "voi_luts": _many(LookupTable),
    "overlays": _many(OverlaySource),
    "regions": _many(UltrasoundRegion),
    "modality_lut": _one(LookupTable),
    "palette": _one(Palette),
    "red": _one(LookupTable),
    "green": _one(LookupTable),
    "blue": _one(LookupTable),
    "tile": _one(Tile),
    "data": base64.b64decode,
}
