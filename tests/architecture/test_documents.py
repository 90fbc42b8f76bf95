"""The documents: every link leads somewhere, every page exists in both languages, README starts it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import REPOSITORY, published_files

LINK = re.compile(r"\]\(([^)\s#]*)(?:#[^)]*)?\)")
PAGES = [path for path in published_files() if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_link_leads_somewhere(page: object) -> None:
    targets = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if link]
    inside = [target for target in targets if not target.startswith(("http://", "https://"))]
    assert not [target for target in inside if not (page.parent / target).exists()]


def test_every_page_of_the_guide_exists_in_both_languages() -> None:
    chinese = {path.name for path in (REPOSITORY / "docs" / "zh").glob("*.md")}
    english = {path.name for path in (REPOSITORY / "docs" / "en").glob("*.md")}
    assert chinese == english
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    assert all(f"(zh/{name})" in index and f"(en/{name})" in index for name in chinese)


def test_every_decision_stands_in_the_index() -> None:
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    decisions = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
    assert decisions
    assert all(f"(decisions/{path.name})" in index for path in decisions)


def test_readme_shows_the_two_commands() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "python3 dev.py run" in readme
    assert "python3 dev.py test" in readme


def words_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every command, verb and option that the command line knows."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield name
                yield from words_of(inner)
        else:
            yield from (option for option in action.option_strings if option.startswith("--"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_and_option_is_in_the_guide(language: str) -> None:
    from workstation.cli.main import parser

    page = (REPOSITORY / "docs" / language / "command-line.md").read_text(encoding="utf-8")
    known = set(words_of(parser())) - {"--help"}
    assert not {word for word in known if not re.search(rf"(?<![\w-]){word}(?![\w-])", page)}
