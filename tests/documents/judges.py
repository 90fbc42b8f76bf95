"""The programs of others that judge our documents, and a knife that cuts DICOM files without any library."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.documents.reading_people import root
from tests.peers import require_program

LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}


def run(program: str, *arguments: object) -> tuple[int, str]:
    """Exit code and everything that was printed."""
    called = [require_program(program), *map(str, arguments)]
    done = subprocess.run(called, capture_output=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


class Judge:
    """dcmsign, dciodvfy and dsrdump on bytes, with files in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root.pem"
        self.root.write_bytes(root().certificate_pem)
        self.file = folder / "judged.dcm"

    def verifies(self, data: bytes) -> bool:
        """Whether dcmsign finds a signature and says that it holds."""
        self.file.write_bytes(data)
        code, said = run("dcmsign", "--verify", "+rg", "+cf", self.root, self.file)
        assert (code == 0) == ("Signature Verification : OK" in said), said
        return code == 0

    def iod_errors(self, data: bytes) -> list[str]:
        """The lines of dciodvfy that tell an error; its exit code says nothing."""
        self.file.write_bytes(data)
        _, said = run("dciodvfy", self.file)
        assert "EnhancedSR" in said
        return [line for line in said.splitlines() if "Error" in line]

    def dump(self, data: bytes) -> str:
        """What dsrdump prints; the content tree must have been read whole."""
        self.file.write_bytes(data)
        # +Psh: texts of the tree uncut.
        code, said = run("dsrdump", "+Pl", self.file)
        assert code == 0, said
        assert "\nE:" not in said
        return said

    def convert(self, data: bytes, *options: str) -> bytes:
        """The file as dcmconv writes it anew."""
        out = self.folder / "converted.dcm"
        self.file.write_bytes(data)
        code, said = run("dcmconv", *options, self.file, out)
        assert code == 0, said
        return out.read_bytes()


class Element(NamedTuple):
    """A top-level element of a file in explicit VR little endian."""

    tag: int
    vr: str
    value: bytes


def split(data: bytes) -> tuple[bytes, list[Element]]:
    """Preamble with file meta information, and the elements of the main data set."""
    start = 132 + 12 + struct.unpack_from("<L", data, 140)[0]
    elements: list[Element] = []
    at = start
    while at < len(data):
        group, number = struct.unpack_from("<HH", data, at)
        vr = data[at + 4 : at + 6].decode()
        if vr in LONG:
            length, head = struct.unpack_from("<L", data, at + 8)[0], 12
        else:
            length, head = struct.unpack_from("<H", data, at + 6)[0], 8
        assert length != 0xFFFFFFFF
        elements.append(Element(group << 16 | number, vr, data[at + head : at + head + length]))
        at += head + length
    return data[:start], elements


def join(head: bytes, elements: list[Element]) -> bytes:
    parts = [head]
    for tag, vr, value in sorted(elements):
        parts.append(struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode())
        long = vr in LONG
        parts.append(
            b"\0\0" + struct.pack("<L", len(value)) if long else struct.pack("<H", len(value))
        )
        parts.append(value)
    return b"".join(parts)
