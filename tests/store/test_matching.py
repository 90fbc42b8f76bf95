"""Attribute matching, case by case as PS3.4 C.2.2.2 has it."""

from __future__ import annotations

import pytest

from workstation.store.matching import matches_name, matches_range, matches_text


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("", "", True),
        ("", "x", True),
        ("*", "", True),
        ("CT", "CT", True),
        ("CT", "CTX", False),
        ("C?", "CT", True),
        ("C?", "C", False),
        ("*T*", "CTX", True),
        ("a.c", "abc", False),
        ("[x]", "[x]", True),
        ("(*", "(", True),
        ("MR", "CT\\MR", True),
    ],
)
def test_text(pattern: str, value: str, expected: bool) -> None:
    assert matches_text(pattern, value) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("Wang^XiaoDong", "Wang^XiaoDong=王^小东", True),
        ("wang^xiaodong", "Wang^XiaoDong=王^小东", True),
        ("王^小东", "Wang^XiaoDong=王^小东", True),
        ("王小东", "Wang^XiaoDong=王^小东", True),
        ("王*", "Wang^XiaoDong=王^小东", True),
        ("Wang XiaoDong", "Wang^XiaoDong^^^=王^小东", True),
        ("Wang^XiaoDong=王^小东", "Wang^XiaoDong=王^小东", True),
        ("*=王*", "Wang^XiaoDong=王^小东", True),
        ("Wang", "Wang^XiaoDong=王^小东", False),
        ("小东", "Wang^XiaoDong=王^小东", False),
        ("王?东", "Wang^XiaoDong=王^小东", True),
        ("x", "", False),
    ],
)
def test_names(pattern: str, value: str, expected: bool) -> None:
    assert matches_name(pattern, value) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("20260101-20260131", "20260101", True),
        ("20260101-20260131", "20260131", True),
        ("20260101-20260131", "20260201", False),
        ("20260101-", "20251231", False),
        ("-20260101", "20260101", True),
        ("20260101-", "", False),
        ("20260101", "20260101", True),
        ("20260101", "2026", False),
        ("1000-1100", "100000", True),
        ("1000-1100", "110030", True),
        ("1000-1100", "110130", False),
        ("10:00-11:00", "103000.123", True),
        ("101500", "1015", True),
        ("101500.000", "101500", True),
        ("100000", "200000", False),
        ("", "", True),
    ],
)
def test_ranges(pattern: str, value: str, expected: bool) -> None:
    assert matches_range(pattern, value) is expected
