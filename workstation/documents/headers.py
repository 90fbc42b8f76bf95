"""A DICOM file's header as values: whose study, which series, which object, and the frames it holds.

``parse`` runs in the killable child by its import path, so a file that crashes or hangs the parser costs one file.
The values are what the index keeps; opening a study later parses no DICOM. It knows no database and no network and
never touches pixel values. PS3.10 (file format), PS3.5 6.1 (character sets), PS3.3 C.7.1-C.7.3 (study, series).
"""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.study import StudyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """One series as its objects' headers describe it; ``date`` and ``time`` are DA and TM values."""

    series_uid: str
    modality: str = ""
    number: int | None = None
    description: str = ""
    body_part: str = ""
    date: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """One object; ``frame_count`` is 0 where it holds no image."""

    sop_uid: str
    sop_class: str
    number: int | None = None
    rows: int = 0
    columns: int = 0
    frame_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why the image in a readable object cannot be shown: an English template and its fields."""

    template: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """What the child found in one file.

    ``content_digest`` is the SHA-256 (hex) of the data set alone, without preamble and file meta, so that the same
    object is known again whichever way it came. ``frames`` is the text of ``viewer.volume.dump_frames``. ``fault``
    says why the image cannot be shown (None when it can, or when there is none). ``notes`` tell what was repaired.
    """

    study: StudyFacts
    series: SeriesFacts
    instance: InstanceFacts
    transfer_syntax: str
    content_digest: str
    frames: str = ""
    fault: Fault | None = None
    notes: tuple[str, ...] = ()
