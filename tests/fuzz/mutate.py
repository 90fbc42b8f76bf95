"""Many damaged files through the imaging engine, each in a killable child: a picture or one sentence, or a finding.

    python -m tests.fuzz.mutate --seed 1 --count 100000 --out DIR [--first N] [--workers 2]
    python -m tests.fuzz.mutate --seed 1 --only 4711 --out DIR

File number n of a seed is always the same file. Results go line by line into DIR/results.jsonl; a run that is started
again goes on behind what is there. Files that made a finding are kept in DIR/findings. Nothing is fixed here.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.fuzz.corpus import Original, corpus
from tests.fuzz.mutations import mutated
from tests.fuzz.walking import Walked
from viewer.sandbox import Child, SandboxError

SECONDS = 30.0
MEMORY_BYTES = 4 << 30
PRELOAD = ("viewer.decoding", "tests.fuzz.walking")
# How a file may end. Time and memory limits are sentences too, but are listed: somebody waited for them.
FINE = frozenset({"picture", "no image", "sentence"})
LISTED = frozenset({"timeout", "memory"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """File `number` of `seed`, made from `original`; the rest as in `Walked`, and how long it took."""

    seed: int
    number: int
    original: str
    outcome: str
    stage: str
    words: str
    milliseconds: float
    peak_bytes: int
    deeds: tuple[str, ...] = ()

    @property
    def is_finding(self) -> bool:
        """Whether somebody has to look at it."""
        return self.outcome not in FINE | LISTED or bool(self.deeds)


class Walker:
    """A child that walks files in a scratch folder; a new one where the last one died.

    Attributes: `replaced`, how many children have been put in a dead one's place.
    """

    def __init__(
        self, scratch: Path, memory_bytes: int = MEMORY_BYTES, seconds: float = SECONDS
    ) -> None:
        self.replaced = 0
        self._scratch, self._memory_bytes, self._seconds = scratch, memory_bytes, seconds
        self._child: Child | None = None

    def walk(self, path: Path) -> Walked:
        """The file's way, in words; the child's death is an outcome too."""
        child, stages = (
            self._living(),
            ["start"],
        )  # a child that cannot start is no finding: it ends the run
        try:
            walked: Walked = child.call(
                "tests.fuzz.walking:walk", str(path), on_report=stages.append
            )
        except SandboxError as error:
            return Walked(outcome=error.kind, stage=stages[-1], words=str(error))
        return walked

    def close(self) -> None:
        """Ends the child."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _living(self) -> Child:
        if self._child is not None and not self._child.is_alive:
            self.close()
            self.replaced += 1
        if self._child is None:
            self._child = Child(self._memory_bytes, self._seconds, PRELOAD)
            self._child.call("tests.fuzz.walking:settle", str(self._scratch), seconds=120)
        return self._child


class Mutants:
    """The numbered files of one seed."""

    def __init__(self, seed: int, originals: Sequence[Original]) -> None:
        self.seed = seed
        self._originals = originals
        folders: dict[str, list[Original]] = {}
        for original in originals:
            folders.setdefault(original.name.rpartition("/")[0], []).append(original)
        self._folders = [folders[name] for name in sorted(folders)]

    def file(self, number: int) -> tuple[str, bytes]:
        """The name of the original and the damaged bytes of file `number`."""
        chance = random.Random(f"{self.seed}:{number}")
        original = self._any(chance)
        return original.name, mutated(
            original.path.read_bytes(), partial(self._bytes, chance), chance
        )

    def _bytes(self, chance: random.Random) -> bytes:
        return self._any(chance).path.read_bytes()

    def _any(self, chance: random.Random) -> Original:
        """Half of the time any file, half of the time a folder first: long series must not crowd out the rest."""
        return chance.choice(
            self._originals if chance.random() < 0.5 else chance.choice(self._folders)
        )


def examine(
    mutants: Mutants, numbers: Iterable[int], folder: Path, **limits: Any
) -> Iterator[Result]:
    """One result per number, in order, by one child; what makes a finding stays in `folder`/findings."""
    place = folder / f"worker-{threading.get_ident()}"
    scratch = place / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    path = place / "file.dcm"
    walker = Walker(scratch, **limits)
    try:
        for number in numbers:
            original, data = mutants.file(number)
            path.write_bytes(data)
            began = time.perf_counter()
            walked = walker.walk(path)
            spent = (time.perf_counter() - began) * 1000
            deeds = (*walked.deeds, *_left_behind(place, path, scratch), *_changed(path, data))
            result = Result(
                seed=mutants.seed, number=number, original=original, outcome=walked.outcome, stage=walked.stage,
                words=walked.words, milliseconds=round(spent, 1), peak_bytes=walked.peak_bytes, deeds=deeds,
            )  # fmt: skip
            if result.is_finding:
                kept = folder / "findings"
                kept.mkdir(exist_ok=True)
                (kept / f"{mutants.seed}-{number}.dcm").write_bytes(data)
            yield result
    finally:
        walker.close()
        path.unlink(missing_ok=True)


def _left_behind(place: Path, path: Path, scratch: Path) -> list[str]:
    """What lies in the child's folder that nobody put there."""
    return [f"left {found.name}" for found in place.rglob("*") if found not in {path, scratch}]


def _changed(path: Path, data: bytes) -> list[str]:
    return (
        []
        if path.stat().st_size == len(data) and path.read_bytes() == data
        else ["the file itself changed"]
    )


def summary(results: Sequence[dict[str, Any]]) -> list[str]:
    """The counts, the sentences, what was slow, and every finding with its number."""
    counts = Counter(row["outcome"] for row in results)
    lines = [
        f"{len(results)} files: " + ", ".join(f"{n} {name}" for name, n in counts.most_common())
    ]
    peak = max((row["peak_bytes"] for row in results), default=0)
    lines.append(f"most memory a child ever had: {peak >> 20} MB")
    sentences = Counter(row["words"] for row in results if row["outcome"] == "sentence")
    lines += [f"{n:7} {words}" for words, n in sentences.most_common()]
    slowest = sorted(results, key=lambda row: -row["milliseconds"])[:10]
    lines += [f"slow {row['milliseconds'] / 1000:.1f} s: {_named(row)}" for row in slowest]
    lines += [f"LIMIT {_named(row)}" for row in results if row["outcome"] in LISTED]
    found = [row for row in results if row["outcome"] not in FINE | LISTED or row["deeds"]]
    kinds = Counter(
        (row["outcome"], row["stage"], row["words"], tuple(row["deeds"])) for row in found
    )
    for (outcome, stage, words, deeds), n in kinds.most_common():
        which = [f"{row['seed']}:{row['number']}" for row in found if row["words"] == words][:5]
        lines.append(
            f"FINDING x{n} {outcome} at {stage}: {words} {' '.join(deeds)} ({', '.join(which)})"
        )
    return lines


def _named(row: dict[str, Any]) -> str:
    return f"{row['seed']}:{row['number']} {row['original']} {row['outcome']} at {row['stage']} {row['words'][:90]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    options = _options(arguments)
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    mutants = Mutants(options.seed, corpus(with_shared=not options.without_shared))
    if options.only is not None:
        (result,) = examine(mutants, [options.only], folder)
        print(json.dumps(asdict(result), indent=2))
        return int(result.is_finding)
    record = folder / "results.jsonl"
    done = {row["number"] for row in _rows(record) if row["seed"] == options.seed}
    wanted = iter(n for n in range(options.first, options.first + options.count) if n not in done)
    _all(mutants, wanted, record, options.workers)
    rows = [row for row in _rows(record) if row["seed"] == options.seed]
    print("\n".join(summary(rows)))
    return int(any(row["outcome"] not in FINE | LISTED or row["deeds"] for row in rows))


def _all(mutants: Mutants, wanted: Iterator[int], record: Path, workers: int) -> None:
    """Shares the numbers between workers; each result is a line in `record` at once."""
    lock, began = threading.Lock(), time.monotonic()
    total = [0]

    def numbers() -> Iterator[int]:
        while True:
            with lock:
                number = next(wanted, None)
            if number is None:
                return
            yield number

    def work() -> None:
        for result in examine(mutants, numbers(), record.parent):
            with lock, record.open("a") as out:
                out.write(json.dumps(asdict(result)) + "\n")
                total[0] += 1
                if total[0] % 1000 == 0:
                    rate = total[0] / (time.monotonic() - began) * 60
                    print(f"{total[0]} files, {rate:.0f} a minute", file=sys.stderr, flush=True)

    threads = [threading.Thread(target=work, name=f"fuzz-{n}") for n in range(workers)]
    _run(threads)


def _run(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _rows(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first number of this run")
    parser.add_argument("--only", type=int, help="this one file again")
    parser.add_argument("--out", type=Path, required=True, help="a folder for results and findings")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--without-shared", action="store_true", help="start from the packaged files alone"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
