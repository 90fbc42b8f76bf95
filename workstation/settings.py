"""Every option of a station, declared once: key, type, default, and a sentence for people.

Options are read from ``settings.toml`` in the home folder; what is absent has its default. An unknown key or a value
of the wrong type is refused naming file and key. It reads one file and knows nothing of what the options do.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from workstation.domain.errors import BadInput

FILE_NAME = "settings.toml"
_AET = re.compile(r"[\x21-\x5b\x5d-\x7e](?:[\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?")


def _option(key: str, default: Any, sentence: str, **limits: int) -> Any:
    return field(default=default, metadata={"key": key, "sentence": sentence, **limits})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of one station; the field's metadata holds its key in the file and its sentence."""

    station_name: str = _option("station.name", "Cosight", "What this station is called.")
    station_aet: str = _option(
        "station.aet", "COSIGHT", "The application entity title this station calls itself."
    )
    station_site: str = _option(
        "station.site", "", "The id of the hospital this station stands in."
    )
    language: str = _option("window.language", "zh_CN", "The language of the window: zh_CN or en.")
    connect_seconds: int = _option(
        "network.connect_seconds", 10, "How long to wait for an archive to accept a connection.",
        least=1, most=300,
    )  # fmt: skip
    answer_seconds: int = _option(
        "network.answer_seconds", 60, "How long to wait for an archive's next answer.",
        least=1, most=3600,
    )  # fmt: skip
    sync_seconds: int = _option(
        "sync.interval_seconds", 15, "How often the archive is asked for what is new.",
        least=1, most=3600,
    )  # fmt: skip
    worklist_days: int = _option(
        "worklist.days", 0, "How many days back the archive is asked for studies; 0 asks for all.",
        least=0, most=36500,
    )  # fmt: skip
    volume_budget_mb: int = _option(
        "store.volume_budget_mb", 8192, "How many megabytes of decoded images are kept for reopening.",
        least=64, most=16_000_000,
    )  # fmt: skip
    volume_mb: int = _option(
        "images.volume_mb", 2048,
        "The largest series that becomes a volume at full resolution, in megabytes; larger ones are reduced.",
        least=16, most=16_000_000,
    )  # fmt: skip
    cache_mb: int = _option(
        "images.cache_mb", 512, "How many megabytes of single images are kept in memory.",
        least=16, most=16_000_000,
    )  # fmt: skip
    child_memory_mb: int = _option(
        "sandbox.memory_mb", 3072, "How much memory a process that reads untrusted files may use.",
        least=256, most=1_000_000,
    )  # fmt: skip
    child_seconds: int = _option(
        "sandbox.seconds", 60, "How long a process may work on one untrusted file.",
        least=1, most=3600,
    )  # fmt: skip
    node_bind: str = _option(
        "node.bind",
        "127.0.0.1",
        "The address the embedded archive listens on; 0.0.0.0 opens it to the network.",
    )
    node_largest_mb: int = _option(
        "node.largest_mb", 1024, "The largest object the embedded archive takes, in megabytes.",
        least=1, most=16_000_000,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An archive: the name it goes by here, its application entity title, host and port.

    ``images_only`` marks one that strips or refuses signed acts.
    """

    name: str
    aet: str
    host: str
    port: int
    images_only: bool = False

    @property
    def address(self) -> str:
        """``AET@host:port``."""
        return f"{self.aet}@{self.host}:{self.port}"


def node_of(name: str, address: str) -> Node:
    """The node that ``AET@host:port`` names. Raises BadInput for anything else (AE title: PS3.5 6.2, VR AE)."""
    aet, at, place = address.partition("@")
    host, colon, port = place.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    sound = at and colon and host and name and _AET.fullmatch(aet) and port.isascii()
    if not sound or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadInput("An archive is given as AET@host:port, not as {given}", given=repr(address))
    return Node(name=name, aet=aet, host=host, port=int(port))


def load(home: Path) -> Settings:
    """The settings of the station in ``home``. Raises BadInput naming the file and the key."""
    path = home / FILE_NAME
    if not path.exists():
        return Settings()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("{file} cannot be read as text", file=FILE_NAME) from error
    return parse(text)


def parse(text: str) -> Settings:
    """Settings from TOML. Raises BadInput naming the key, or the line where it is no TOML."""
    try:
        given = _flat(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput("{file} is not TOML: {problem}", file=FILE_NAME, problem=error) from error
    known = {f.metadata["key"]: f for f in fields(Settings)}
    for key in given:
        if key not in known:
            raise BadInput(
                "{file} has an option that does not exist: {key}", file=FILE_NAME, key=key
            )
    values = {known[key].name: _checked(known[key], value) for key, value in given.items()}
    return Settings(**values)


def dump(settings: Settings) -> str:
    """The settings as TOML with the sentence of every option; ``parse`` reads it back."""
    lines: list[str] = []
    section = ""
    for option in sorted(fields(settings), key=lambda f: f.metadata["key"].partition(".")[0]):
        table, _, name = option.metadata["key"].partition(".")
        if table != section:
            lines += ["", f"[{table}]"] if lines else [f"[{table}]"]
            section = table
        lines += [
            f"# {option.metadata['sentence']}",
            f"{name} = {_literal(getattr(settings, option.name))}",
        ]
    return "\n".join(lines) + "\n"


def _flat(tables: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for table, content in tables.items():
        if isinstance(content, dict):
            flat |= {f"{table}.{key}": value for key, value in content.items()}
        else:
            flat[table] = content
    return flat


def _checked(option: Field[Any], value: Any) -> Any:
    key, wanted = option.metadata["key"], type(option.default)
    if type(value) is not wanted:
        kinds = {str: "a text in quotes", int: "a whole number"}
        raise BadInput("{file}: {key} must be {kind}", file=FILE_NAME, key=key, kind=kinds[wanted])
    least, most = option.metadata.get("least"), option.metadata.get("most")
    if least is not None and most is not None and not least <= value <= most:
        raise BadInput(
            "{file}: {key} must lie between {least} and {most}",
            file=FILE_NAME, key=key, least=least, most=most,
        )  # fmt: skip
    return value


def _literal(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
    )
