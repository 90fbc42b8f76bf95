"""The way of one file through the imaging engine, as the child walks it: header, sets, pixels, pictures.

Called by import path inside a killable child. It says at every stage where it is, so that a child that dies tells
where, and it looks at what comes out: a picture that is no picture is as wrong as an exception. Everything Python
opens for writing, starts or connects to on the way is told too.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from viewer.decoding import (
    decode_frame,
    decode_overlays,
    decode_reduced,
    decode_small,
    parse_file,
)
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation
from viewer.volume import (
    Frame,
    FrameSource,
    ImageError,
    LocatedFrame,
    display_sets,
    dump_frames,
    parse_frames,
)

CANVAS = (256, 256)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEEDS = frozenset(
    {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
     "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect", "socket.bind"}
)  # fmt: skip
_deeds: list[str] = []


class WrongError(Exception):
    """What came out is not what was promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How a file ended: `outcome` is picture, no image, sentence, exception or wrong.

    `stage` is where, `words` the sentence's template or the exception's kind and text; `sentence` is what a person
    reads; `peak_bytes` is the most memory the child ever had; `deeds` is what it did besides reading.
    """

    outcome: str
    stage: str
    words: str = ""
    sentence: str = ""
    frames: int = 0
    pictures: int = 0
    peak_bytes: int = 0
    deeds: tuple[str, ...] = ()


def settle(scratch: str) -> None:
    """Before the first file: everything that is imported or compiled late, then the watch over what is done."""
    warnings.simplefilter("ignore")
    os.chdir(scratch)
    grey = Frame(pixels=np.zeros((8, 8), np.uint16), source=_plain())
    picture_of_frame(grey, Presentation(), size=CANVAS)
    sys.addaudithook(_watch)


def walk(path: str, report: Callable[[object], None]) -> Walked:
    """One file's way; never raises what the engine raises."""
    _deeds.clear()
    stage = ["header"]

    def at(name: str) -> None:
        stage[0] = name
        report(name)

    found: dict[str, Any] = {}
    try:
        found = _walked(path, at)
    except ImageError as error:
        found = {"outcome": "sentence", "words": error.template, "sentence": str(error)}
    except MemoryError:
        found = {"outcome": "memory"}
    except WrongError as error:
        found = {"outcome": "wrong", "words": str(error)}
    except Exception as error:
        found = {
            "outcome": "exception",
            "words": f"{type(error).__name__}: {error} @ {_line(error)}",
        }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Walked(stage=stage[0], peak_bytes=peak, deeds=tuple(_deeds), **found)


def _walked(path: str, at: Callable[[str], None]) -> dict[str, Any]:
    at("header")
    _, sources = parse_file(path)
    if not sources:
        return {"outcome": "no image"}
    at("index")
    _right(
        parse_frames(dump_frames(sources)) == sources,
        "the index does not give back what it was given",
    )
    at("sets")
    located = [LocatedFrame(path=path, source=source) for source in sources]
    _look_at_sets(located)
    count = len(sources)
    pictures, refusal = 0, None
    for index in sorted({0, count // 2, count - 1}):
        try:
            _look_at_frame(path, sources[index], at)
            pictures += 1
        except ImageError as error:
            refusal = refusal or error
    if refusal is not None and not pictures:
        raise refusal
    return {"outcome": "picture", "frames": count, "pictures": pictures}


def _look_at_sets(located: list[LocatedFrame]) -> None:
    sets = display_sets(located)
    _right(
        sum(len(one.frames) for one in sets) == len(located),
        "a frame is lost or doubled in the sets",
    )
    for one in sets:
        _right(0 <= one.middle_index < len(one.frames), "the middle is outside the set")
        _right(
            (one.world_from_voxel is None) == (one.refusal is not None),
            "a set is neither volume nor refused",
        )
        if one.world_from_voxel is not None:
            _right(
                bool(np.isfinite(one.world_from_voxel).all()), "the volume's affine is not finite"
            )
            _right(
                abs(float(np.linalg.det(one.world_from_voxel))) > 0, "the volume's affine is flat"
            )
        one.nearest_index((0.0, 0.0, 0.0))
        str(one.refusal), [str(finding) for finding in one.findings]


def _look_at_frame(path: str, source: FrameSource, at: Callable[[str], None]) -> None:
    at("decode")
    pixels = decode_frame(path, source)
    _look_at_pixels(pixels, source, (source.rows, source.columns))
    at("picture")
    _look_at_picture(pixels, source)
    at("overlays")
    for plane in decode_overlays(path, source):
        _right(
            plane.bits.dtype == np.bool_ and plane.bits.ndim == 2, "an overlay is no plane of bits"
        )
    at("reduced")
    for made in (decode_reduced, decode_small):
        smaller, factor = made(path, source, CANVAS[0])
        wanted = (math.ceil(source.rows / factor), math.ceil(source.columns / factor))
        _right(made is decode_small or smaller.shape[:2] == wanted, f"reduced {smaller.shape}")
        _right(smaller.size > 0 and max(smaller.shape[:2]) <= max(pixels.shape[:2]), "not reduced")


def _look_at_pixels(pixels: Any, source: FrameSource, size: tuple[int, int]) -> None:
    wanted = (*size, 3) if source.samples == 3 else size
    _right(pixels.shape == wanted, f"pixels of shape {pixels.shape}, header says {wanted}")
    if source.samples == 1:
        _right(
            pixels.dtype == source.stored_type,
            f"pixels of {pixels.dtype}, promised {source.stored_type}",
        )
        if source.pixel_type == "integer":
            _right(int(pixels.min()) >= source.stored_minimum, "a pixel under the stored minimum")
            _right(int(pixels.max()) <= source.stored_maximum, "a pixel over the stored maximum")


def _look_at_picture(pixels: Any, source: FrameSource) -> None:
    picture = picture_of_frame(Frame(pixels=pixels, source=source), Presentation(), size=CANVAS)
    wanted = (*CANVAS[::-1], 3) if source.is_colour else CANVAS[::-1]
    _right(
        picture.shape == wanted and picture.dtype == np.uint8,
        f"a picture {picture.shape} {picture.dtype}",
    )


def _right(condition: bool, fault: str) -> None:
    if not condition:
        raise WrongError(fault)


def _plain() -> FrameSource:
    return FrameSource(
        sop_uid="1.2", sop_class="1.2", series_uid="1.2", study_uid="1.2", modality="OT", rows=8, columns=8,
        transfer_syntax="1.2.840.10008.1.2.1", fragments=((0, 128),), bits_allocated=16, bits_stored=16, high_bit=15,
        photometric="MONOCHROME2",
    )  # fmt: skip


def _line(error: Exception) -> str:
    """The deepest place of ours that the exception passed."""
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if f"{os.sep}viewer{os.sep}" in code.co_filename:
            place = f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return place


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = args
        writes = bool((flags or 0) & WRITING) or (
            isinstance(mode, str) and any(c in mode for c in "wax+")
        )
        if writes and path != os.devnull:
            _deeds.append(f"open {path}")
    elif event in DEEDS:
        _deeds.append(f"{event} {args[:1]}")
