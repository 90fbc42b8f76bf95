"""A study of each modality is hung by a protocol of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from viewer.sandbox import Sandbox
from viewer.volume import DisplaySet
from workstation.services.hanging import layout, matches
from workstation.services.rendering import display_sets_of_file


def sets_of(shared_data: Path, sandbox: Sandbox, folder: str) -> list[DisplaySet]:
    path = min((shared_data / "demo" / folder).glob("*.dcm"))
    return display_sets_of_file(sandbox, path)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("ct_chest_lidc_0314_3mm", "CT"), ("mr_brain_t1_defaced", "MR"), ("dx_chest_nih", "x-ray")],
)
def test_a_protocol_of_the_modality_wins(
    shared_data: Path, sandbox: Sandbox, folder: str, name: str
) -> None:
    sets = sets_of(shared_data, sandbox, folder)
    best, *others = matches(sets)
    assert best.protocol.id.lower().startswith(name.lower())
    assert all(best.score >= other.score for other in others)
    hung = layout(sets)
    assert hung is not None


def test_a_study_without_images_hangs_empty() -> None:
    hung = layout([])
    assert hung is None or set(hung.cells) == {None}
