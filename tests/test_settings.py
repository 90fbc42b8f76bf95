"""Options: every one declared once, written and read back the same, and refused by file and key."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture.sources import REPOSITORY
from workstation.domain.errors import BadInput
from workstation.settings import FILE_NAME, Node, Settings, dump, load, node_of, parse


def test_a_station_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_every_option_has_a_key_of_its_own_and_a_sentence() -> None:
    keys = [f.metadata["key"] for f in fields(Settings)]
    assert len(set(keys)) == len(keys)
    assert all("." in key for key in keys)
    for option in fields(Settings):
        assert option.metadata["sentence"].endswith(".")
        assert option.metadata["sentence"] in dump(Settings())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_option_stands_in_the_guide_with_its_default(language: str) -> None:
    page = (REPOSITORY / "docs" / language / "settings.md").read_text(encoding="utf-8")
    for option in fields(Settings):
        default = str(option.default) if isinstance(option.default, int) else f'"{option.default}"'
        assert f"| `{option.metadata['key']}` | `{default}` | " in page


@given(
    name=st.text(st.characters(exclude_categories=["Cs"])),
    seconds=st.integers(1, 3600),
    days=st.integers(0, 36500),
)
def test_what_is_written_is_read_back(name: str, seconds: int, days: int) -> None:
    settings = Settings(station_name=name, sync_seconds=seconds, worklist_days=days)
    assert parse(dump(settings)) == settings


def test_a_file_overrides_what_it_names(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        '[station]\nname = "乡镇卫生院"\n[sync]\ninterval_seconds = 5\n', "utf-8"
    )
    found = load(tmp_path)
    assert (found.station_name, found.sync_seconds) == ("乡镇卫生院", 5)
    assert found.station_aet == Settings().station_aet


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[station]\nnmae = 'x'", "settings.toml has an option that does not exist: station.nmae"),
        ("name = 'x'", "settings.toml has an option that does not exist: name"),
        ("[station]\nname = 3", "settings.toml: station.name must be a text in quotes"),
        (
            "[sync]\ninterval_seconds = '5'",
            "settings.toml: sync.interval_seconds must be a whole number",
        ),
        (
            "[sync]\ninterval_seconds = true",
            "settings.toml: sync.interval_seconds must be a whole number",
        ),
        (
            "[sync]\ninterval_seconds = 0",
            "settings.toml: sync.interval_seconds must lie between 1 and 3600",
        ),
    ],
)
def test_mistakes_are_told_by_file_and_key(text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as told:
        parse(text)
    assert str(told.value) == sentence


def test_what_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(BadInput, match=r"settings\.toml is not TOML: .*line 2"):
        parse("[station]\nname = \n")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(BadInput, match="cannot be read as text"):
        load(tmp_path)


@pytest.mark.parametrize(
    "address", ["ORTHANC@127.0.0.1:4242", "A B@pacs.example:104", "X@[::1]:11112"]
)
def test_an_archive_is_named_by_its_address(address: str) -> None:
    node = node_of("centre", address)
    assert node.port == int(address.rpartition(":")[2])
    assert isinstance(node, Node)


@pytest.mark.parametrize(
    "address",
    ["", "ORTHANC", "ORTHANC@host", "@host:104", "A@:104", "A@host:0", "A@host:65536", "A@host:x",
     "SEVENTEEN_LETTERS@host:104", " A@host:104", "A\\B@host:104", "A@host:1²"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="AET@host:port"):
        node_of("centre", address)
