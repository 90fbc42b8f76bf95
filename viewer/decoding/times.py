"""When frames were taken, and how fast they follow each other.

Dates and times of classic and functional-group headers (PS3.3 C.7.6.16.2.2, .7; C.7.6.5 for cine;
C.8.9.1 for PET), also in the old form with dots and colons. Knows no pixels and no place.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.nuclear import phase_frame_time_ms
from viewer.decoding.values import number, numbers, text, within

_MOST_MS = 1e9


def time_facts(groups: FunctionalGroups, index: int) -> dict[str, Any]:
    """The times of a frame (counted from 0), as fields of a `FrameSource`."""
    own = groups.ask(index, "FrameContentSequence", _frame_moment)
    acquired, seconds = own if own[0] else groups.whole(_moment)
    phase, delay = groups.ask(index, "CardiacSynchronizationSequence", _cardiac)
    offset = groups.ask(index, "TemporalPositionSequence", _offset)
    vector = groups.whole(_frame_times)
    if delay is None:
        delay = offset
    if delay is None:
        delay = vector[index] if index < len(vector) else groups.whole(_plain_delay)
    return {
        "acquired": acquired,
        "acquisition_time_s": seconds,
        "time_ms": delay,
        "cardiac_phase": phase,
        "temporal_position": groups.ask(index, "FrameContentSequence", _temporal_index),
    }


def frame_time_ms(ds: Dataset) -> float | None:
    """How long a frame is shown in cine, in the order of trust (C.7.6.5); None without any.

    Frame Time, the mean of Frame Time Vector's steps, the sequences of nuclear medicine, then the
    rates for display.
    """
    told = within(number(ds, "FrameTime"), 1e-3, _MOST_MS)
    if told is not None:
        return told
    steps = numbers(ds, "FrameTimeVector")[1:]
    if steps:
        told = within(sum(steps) / len(steps), 1e-3, _MOST_MS)
    if told is None and text(ds, "Modality") == "NM":
        told = phase_frame_time_ms(ds)
    if told is not None:
        return told
    rates = (number(ds, keyword) for keyword in ("RecommendedDisplayFrameRate", "CineRate"))
    sound = (within(rate, 1e-3, 1e5) for rate in rates)
    return next((1000.0 / rate for rate in sound if rate is not None), None)


def _temporal_index(ds: Dataset) -> int | None:
    for keyword in ("TemporalPositionIndex", "TemporalPositionIdentifier"):
        value = within(number(ds, keyword), 0, 1 << 31)
        if value is not None:
            return int(value)
    return None


def _cardiac(ds: Dataset) -> tuple[float | None, float | None]:
    """Percent of the cardiac cycle, and the delay after the R wave in ms."""
    delay = number(ds, "NominalCardiacTriggerDelayTime")
    return (
        within(number(ds, "NominalPercentageOfCardiacPhase"), -100.0, 1000.0),
        within(delay, -_MOST_MS, _MOST_MS),
    )


def _offset(ds: Dataset) -> float | None:
    """Temporal Position Time Offset, which is in seconds (C.7.6.16.2.18)."""
    value = within(number(ds, "TemporalPositionTimeOffset"), -_MOST_MS, _MOST_MS)
    return None if value is None else value * 1000.0


def _plain_delay(ds: Dataset) -> float | None:
    """Trigger Time; of PET Frame Reference Time, which has the place of the slice's time."""
    keyword = "FrameReferenceTime" if text(ds, "Modality") == "PT" else "TriggerTime"
    return within(number(ds, keyword), -_MOST_MS, _MOST_MS)


def _frame_times(ds: Dataset) -> tuple[float, ...]:
    """Every frame's time in ms from Frame Time Vector, whose entries are steps (C.7.6.5.1.2)."""
    steps = numbers(ds, "FrameTimeVector")
    frames = number(ds, "NumberOfFrames")
    if not steps or frames != len(steps) or max(map(abs, steps)) > _MOST_MS:
        return ()
    return tuple(accumulate((0.0, *steps[1:])))


def _frame_moment(ds: Dataset) -> tuple[str, float | None]:
    """When a frame of an enhanced object was taken; nothing for the data set of a classic one."""
    for keyword in ("FrameAcquisitionDateTime", "FrameReferenceDateTime"):
        joined = text(ds, keyword)
        if joined:
            return _written(joined[:8], joined[8:]), _seconds(joined[8:])
    return "", None


def _moment(ds: Dataset) -> tuple[str, float | None]:
    """When the image was taken: the first of the dates IHE BIR names that is present."""
    joined = text(ds, "AcquisitionDateTime")
    if joined:
        return _written(joined[:8], joined[8:]), _seconds(joined[8:])
    seconds = _seconds(text(ds, "AcquisitionTime"))
    for part in ("Acquisition", "Content", "Series", "Study"):
        day = text(ds, f"{part}Date")
        if day:
            return _written(day, text(ds, f"{part}Time")), seconds
    return "", seconds


def _written(day: str, time: str) -> str:
    """A date, and a time where it is one, as people read them; "" without a date."""
    day, time = day.replace(".", ""), time.replace(":", "")
    if len(day) != 8 or not day.isdigit():
        return ""
    written = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if _is_digits(time[:4], 4):
        seconds = time[4:6] if _is_digits(time[4:6], 2) else "00"
        written = f"{written} {time[:2]}:{time[2:4]}:{seconds}"
    return written


def _seconds(time: str) -> float | None:
    """Seconds since midnight of a TM value or of the end of a DT value; its zone is cut off."""
    plain = time.replace(":", "").split("+")[0].split("-")[0].strip()
    whole, _, fraction = plain.partition(".")
    if not (_is_digits(whole, 6) or _is_digits(whole, 4)):
        return None
    seconds = int(whole[:2]) * 3600 + int(whole[2:4]) * 60 + int(whole[4:6] or "0")
    return seconds + (float(f"0.{fraction}") if _is_digits(fraction, len(fraction) or 1) else 0.0)


def _is_digits(text_: str, length: int) -> bool:
    return len(text_) == length and text_.isascii() and text_.isdigit()
