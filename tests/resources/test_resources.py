"""The demo studies are there, whole, readable by pydicom, and carry their attribution and licences."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

import resources

SERIES = {
    "ct_chest_lidc_0314_3mm": ("CT", 92),
    "mr_brain_t1_defaced": ("MR", 96),
    "dx_chest_nih": ("DX", 1),
}


@pytest.mark.parametrize("folder", SERIES)
def test_a_demo_series_is_whole(folder: str) -> None:
    modality, count = SERIES[folder]
    paths = sorted((resources.demo_folder() / folder).glob("*.dcm"))
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    assert len(headers) == count
    assert {header.Modality for header in headers} == {modality}
    assert len({header.SeriesInstanceUID for header in headers}) == 1
    assert len({header.SOPInstanceUID for header in headers}) == count


def test_every_demo_series_has_its_source_and_licence() -> None:
    demo = resources.demo_folder()
    readme = (demo / "README.md").read_text(encoding="utf-8")
    for folder in SERIES:
        assert f"`{folder}`" in readme
    for word in ("LIDC-IDRI", "10.7937/K9/TCIA.2015.LO9QL9SX", "NIH Clinical Center", "140003"):
        assert word in readme
    licences = {path.name for path in (demo / "LICENSES").iterdir()}
    assert licences == {name for name in licences if f"`LICENSES/{name}`" in readme}, (
        "a licence nobody refers to"
    )
    assert len(licences) == 4


def test_the_pixels_are_those_of_the_source(shared_data: Path) -> None:
    for folder in SERIES:
        for original in (shared_data / "demo" / folder).glob("*.dcm"):
            copy = resources.demo_folder() / folder / original.name
            assert copy.read_bytes() == original.read_bytes()


@pytest.mark.parametrize("name", ["no/such/icon.svg", "../pyproject.toml", "demo/../../LICENSE"])
def test_what_is_no_resource_is_refused(name: str) -> None:
    with pytest.raises(FileNotFoundError, match="no resource named"):
        resources.path(name)
