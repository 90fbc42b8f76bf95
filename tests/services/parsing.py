"""A file that does in the child what a hostile file would: crash it, or never end."""

from __future__ import annotations

import os
import time
from pathlib import Path

from workstation.documents.headers import ParsedFile, parse


def parse_or_die(path: str) -> ParsedFile:
    """As the product's own parser, except for bytes that say what is to happen."""
    content = Path(path).read_bytes()
    if b"CRASH" in content:
        os._exit(3)
    if b"HANG" in content:
        time.sleep(600)
    return parse(path)
