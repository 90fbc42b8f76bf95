"""A small made-up series in memory: twelve slices with pixels of 1 x 2 mm, each slice its own grey.

Stored value = 1000 + 50 * k + 2 * i + j (slice, column, row), so that any picture tells its slice
and its place. World: patient's left is +x, back +y, head +z; slices go from head (z = 60) to feet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from viewer.loading import Priority
from viewer.volume import (
    DisplaySet,
    Frame,
    FrameSource,
    ImageError,
    LocatedFrame,
    OverlayPlane,
    OverlaySource,
    VoiWindow,
    Volume,
    display_sets,
)

SLICES, ROWS, COLUMNS = 12, 20, 32
WINDOW = VoiWindow(center=1300.0, width=800.0)


def voxels() -> npt.NDArray[np.int16]:
    k, j, i = np.mgrid[:SLICES, :ROWS, :COLUMNS]
    block = (1000 + 50 * k + 2 * i + j).astype(np.int16)
    block.flags.writeable = False
    return block


def source(
    number: int, *, series: str = "1.7", placed: bool = True, **facts: object
) -> FrameSource:
    """Slice `number` in reading order; `placed` False is a radiograph without a place."""
    given: dict[str, object] = {
        "sop_uid": f"{series}.{number + 1}", "sop_class": "1.2.840.10008.5.1.4.1.1.2",
        "series_uid": series, "study_uid": "1.1", "modality": "CT", "instance_number": number + 1,
        "transfer_syntax": "1.2.840.10008.1.2.1", "fragments": ((number, 1),), "rows": ROWS,
        "columns": COLUMNS, "bits_allocated": 16, "bits_stored": 16, "high_bit": 15,
        "pixel_representation": 1, "photometric": "MONOCHROME2", "unit": "HU",
        "windows": (WINDOW,), "series_number": 7, "series_description": "phantom",
    }  # fmt: skip
    if placed:
        given |= {
            "position": (-15.5, -19.0, 60.0 - 5.0 * number), "orientation": (1, 0, 0, 0, 1, 0),
            "pixel_spacing_mm": (2.0, 1.0), "spacing_kind": "patient", "frame_of_reference": "1.9",
        }  # fmt: skip
    return FrameSource(**{**given, **facts})  # type: ignore[arg-type]  # the test's own facts


def series(count: int = SLICES, **facts: object) -> DisplaySet:
    frames = [LocatedFrame(path=str(n), source=source(n, **facts)) for n in range(count)]  # type: ignore[arg-type]  # as above
    (images,) = display_sets(frames)
    return images


def load_frame(located: LocatedFrame) -> Frame:
    """The slice of that number; one whose path is "broken" cannot be decoded."""
    if located.path == "broken":
        raise ImageError("The pixel data is damaged ({kind}).", kind="test")
    return Frame(pixels=voxels()[int(located.path)], source=located.source)


def volume(images: DisplaySet) -> Volume:
    assert images.world_from_voxel is not None
    middle = images.frames[images.middle_index].source
    return Volume(
        voxels=voxels()[: len(images.frames)],
        world_from_voxel=images.world_from_voxel,
        slope=1.0,
        intercept=0.0,
        unit="HU",
        spacing_mm=(1.0, 2.0, 5.0),
        frame_of_reference="1.9",
        series_uid=images.series_uid,
        stored_minimum=middle.stored_minimum,
        stored_maximum=middle.stored_maximum,
        source=middle,
    )


def overlay_plane(source: OverlaySource) -> OverlayPlane:
    """All bits of the plane are set."""
    bits = np.ones((source.rows, source.columns), dtype=np.bool_)
    return OverlayPlane(bits=bits, origin=source.origin, kind=source.kind)


class MemoryLoader:
    """Loads the phantom; volumes wait until the test lets them go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.priorities: list[Priority] = []
        self.focused: list[tuple[str, int]] = []
        self.released: list[str] = []
        self.at_hand: list[int] = []
        self.overlay_failure: ImageError | None = None
        self.may_finish: Callable[[], bool] = lambda: True
        self.failure: ImageError | None = None

    def load_frame(
        self, located: LocatedFrame, *, priority: Priority = Priority.INTERACTION
    ) -> Frame:
        self.asked.append(f"frame {located.source.series_uid} {located.path}")
        self.priorities.append(priority)
        return load_frame(located)

    def load_thumbnail(self, located: LocatedFrame, most_px: int) -> Frame:
        self.asked.append(f"thumbnail {located.source.series_uid} {located.path} {most_px}")
        return load_frame(located)

    def load_overlays(self, located: LocatedFrame) -> Sequence[OverlayPlane]:
        self.asked.append(f"overlays {located.source.series_uid} {located.path}")
        if self.overlay_failure is not None:
            raise self.overlay_failure
        return tuple(overlay_plane(source) for source in located.source.overlays)

    def preview(self, located: LocatedFrame, most_px: int) -> Frame | None:
        self.asked.append(f"preview {located.source.series_uid} {located.path} {most_px}")
        return None

    def focus(self, display_set: DisplaySet, index: int) -> None:
        self.focused.append((display_set.series_uid, index))

    def loaded_frames(self, display_set: DisplaySet) -> npt.NDArray[np.bool_]:
        return np.isin(np.arange(len(display_set.frames)), self.at_hand)

    def release(self, display_sets: Iterable[DisplaySet]) -> None:
        self.released += [images.series_uid for images in display_sets]

    def load_volume(
        self,
        display_set: DisplaySet,
        *,
        first_index: int,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> Volume:
        self.asked.append(f"volume {display_set.series_uid} from {first_index}")
        self._wait(len(display_set.frames), progress, cancelled)
        return volume(display_set)

    def load_stack(
        self,
        display_set: DisplaySet,
        *,
        first_index: int,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.asked.append(f"stack {display_set.series_uid} from {first_index}")
        self._wait(len(display_set.frames), progress, cancelled)

    def _wait(
        self, total: int, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> None:
        progress(total // 2, total)
        while not self.may_finish():
            time.sleep(0.002)
            if cancelled():
                raise ImageError("Loading was cancelled.")
        if self.failure is not None:
            raise self.failure
        progress(total, total)
