"""The index made anew from the stored files, where another version of the program wrote it.

The files are the truth and the index only what was read in them: a text that this program does not understand is made
again in the killable child, as at import, and the study opens all the same. An image that can no longer be read keeps
its old text and is told among the rejected; the others are shown.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from viewer.sandbox import Callee, SandboxError
from viewer.volume import FrameSource, ImageError, LocatedFrame, dump_frames, parse_frames
from workstation.documents.headers import ParsedFile
from workstation.domain.errors import BadInput, CosightError
from workstation.store import Store
from workstation.store.index import StoredFrames

BATCH = 48
_PARSE = "workstation.documents.headers:parse"
_READERS = 2


class Reindexing:
    """Reads frames from the index of one store, and from the files where the index cannot be understood.

    Args:
        store: whose index it is.
        sandbox: the children that read the files.
        clock: the time of now.
    """

    def __init__(self, *, store: Store, sandbox: Callee, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._sandbox = sandbox
        self._clock = clock
        # A study that is opened while the whole store is being read anew waits for one batch, not twice for each file.
        self._turn = threading.Lock()

    def located(self, images: Sequence[StoredFrames]) -> list[LocatedFrame]:
        """Every frame of these images, in their order; an image whose file can no longer be read is left out.

        Raises:
            ImageError: none of them can be read; the sentence is that of the first.
            SandboxError: the program is ending.
            StoreFailure: the index could not be written.
        """
        known = {image.sop_uid: _parsed(image.text) for image in images}
        unknown = [image for image in images if known[image.sop_uid] is None]
        refusals: list[CosightError] = []
        for batch in _batches(unknown):
            found, refused = self._read_anew(batch)
            known |= found
            refusals += refused
        if refusals and not any(known.values()):
            raise ImageError(refusals[0].template, **refusals[0].fields)
        return [
            LocatedFrame(path=image.path, source=source, content_hash=image.digest)
            for image in images
            for source in known[image.sop_uid] or ()
        ]

    def renew(self, cancelled: Callable[[], bool]) -> int:
        """Read all images anew that another version has described; returns how many are understood now.

        Stops between two batches when cancelled; what was done stays.
        """
        beginning = _beginning()
        done = 0
        passed: set[str] = set()
        while not cancelled():
            # Those that cannot be read stay outdated: they are asked for again, and passed over.
            found = self._store.index.outdated(beginning, BATCH + len(passed))
            batch = [image for image in found if image.sop_uid not in passed][:BATCH]
            if not batch:
                break
            renewed, _ = self._read_anew(batch)
            passed |= {image.sop_uid for image in batch} - set(renewed)
            done += len(renewed)
        return done

    def _read_anew(
        self, images: Sequence[StoredFrames]
    ) -> tuple[dict[str, list[FrameSource]], list[CosightError]]:
        """The frames of these images by SOP Instance UID, kept in the index; and why others have none."""
        with self._turn, ThreadPoolExecutor(_READERS, thread_name_prefix="reindex") as readers:
            answers = list(readers.map(self._examined, images))
        good = {
            image.sop_uid: answer
            for image, answer in zip(images, answers, strict=True)
            if isinstance(answer, ParsedFile)
        }
        refused = [
            (image.sop_uid, answer)
            for image, answer in zip(images, answers, strict=True)
            if not isinstance(answer, ParsedFile)
        ]
        if good:
            self._store.index.renew_frames(good)
        if refused:
            self._store.rejected.add_all(refused, self._clock())
        return {uid: parse_frames(p.frames) for uid, p in good.items()}, [r for _, r in refused]

    def _examined(self, image: StoredFrames) -> ParsedFile | CosightError:
        """What the child reads in the file, or why it holds no image any more."""
        try:
            parsed: ParsedFile = self._sandbox.call(_PARSE, image.path)
        except SandboxError as error:
            if error.kind in {"closed", "cancelled"}:
                raise  # the program ends: that says nothing of the file
            return BadInput(error.template, **error.fields)
        except CosightError as error:
            return error
        except OSError:
            return BadInput("The image file is missing.")
        if parsed.fault is not None:
            return BadInput(parsed.fault.template, **dict(parsed.fault.fields))
        return parsed if parsed.frames else BadInput("The file holds no image any more.")


def _parsed(text: str) -> list[FrameSource] | None:
    """The frames of a text; None where it is of another version or broken."""
    try:
        return parse_frames(text)
    except ImageError:
        return None


def _beginning() -> str:
    """How every text begins that this version writes: its version stands first."""
    return dump_frames(()).partition(",")[0] + ","


def _batches(images: Sequence[StoredFrames]) -> Iterator[list[StoredFrames]]:
    left = iter(images)
    while batch := list(islice(left, BATCH)):
        yield batch
