"""Query identifiers: keyword -> text and data sets, both ways, in whatever character set the peer speaks.

Questions go out in UTF-8. Answers are read in the character set they declare, or in the one they are really in.
Sizes and depth are bounded before anything is read. PS3.4 C.4.1, PS3.3 C.12.1.1.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workstation.documents.header_text import HeaderText, ends_early
from workstation.domain.errors import BadInput

UTF_8 = "ISO_IR 192"
LARGEST_BYTES = 1 << 20
MOST_KEYS = 200
_CHINESE = {"GB18030": "gb18030", "GBK": "gbk"}
_NUMBERS = frozenset({"US", "UL", "SS", "SL"})
_TEXTS = frozenset(
    {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UT"}
)
_LEVELS = frozenset({"STUDY", "SERIES", "IMAGE"})


def question(level: str, keys: Mapping[str, str]) -> Any:
    """A C-FIND or C-GET identifier; several values are joined by a backslash."""
    return _dataset(level, keys, UTF_8)


def texts(dataset: Any, keywords: Iterable[str]) -> dict[str, str]:
    """The values of a data set under those keywords; '' where there is none."""
    reader = HeaderText(dataset)
    return {keyword: reader.of(keyword) for keyword in keywords}


def read_question(stream: Any, transfer_syntax: Any) -> tuple[str, dict[str, str], str]:
    """The level, the keys and the character set of a peer's identifier.

    Raises:
        BadInput: too large, damaged, or at a level that does not exist.
    """
    from pynetdicom.dsutils import decode

    if len(stream.getbuffer()) > LARGEST_BYTES:
        raise BadInput("The identifier is larger than {limit} bytes", limit=LARGEST_BYTES)
    try:
        dataset = decode(
            stream,
            transfer_syntax.is_implicit_VR,
            transfer_syntax.is_little_endian,
            transfer_syntax.is_deflated,
        )
        _refuse_odd(dataset)
        keywords = _keywords(dataset)
        keys = texts(dataset, keywords)
        charset = texts(dataset, ["SpecificCharacterSet"])["SpecificCharacterSet"]
    # A parser fed with hostile bytes raises anything.
    except Exception as error:
        raise BadInput("The identifier is damaged ({kind})", kind=type(error).__name__) from error
    level = keys.pop("QueryRetrieveLevel", "").strip()
    if level not in _LEVELS:
        raise BadInput("There is no query level {level}", level=level[:16])
    return level, keys, charset


def answer(
    level: str, asked: Iterable[str], found: Mapping[str, str], charset: str, aet: str
) -> Any:
    """The data set that answers a question with one match: what was asked for, and where it can be had."""
    values = {keyword: found.get(keyword, "") for keyword in asked}
    values |= {"RetrieveAETitle": aet, "InstanceAvailability": "ONLINE"}
    codec = _CHINESE.get(charset.rpartition("\\")[2])
    speaks = codec is not None and _can_say(values.values(), codec)
    return _dataset(level, values, charset if speaks else UTF_8)


def _can_say(values: Iterable[str], codec: str) -> bool:
    try:
        "".join(values).encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _refuse_odd(dataset: Any) -> None:
    if len(dataset) > MOST_KEYS or ends_early(dataset):
        raise ValueError("too many keys or cut short")


def _keywords(dataset: Any) -> list[str]:
    from pydicom.datadict import keyword_for_tag

    named = (keyword_for_tag(tag) for tag in list(dataset.keys()))
    return [k for k in named if k and k != "SpecificCharacterSet" and not k.endswith("Sequence")]


def _dataset(level: str, values: Mapping[str, str], charset: str) -> Any:
    from pydicom.dataset import Dataset

    dataset = Dataset()
    dataset.SpecificCharacterSet = charset.split("\\") if "\\" in charset else charset
    dataset.QueryRetrieveLevel = level
    for keyword, value in values.items():
        element = _element(keyword, value)
        if element is not None:
            dataset.add(element)
    return dataset


def _element(keyword: str, value: str) -> Any | None:
    """The element with the value as it is: an archive may hold values that break the rules of their VR.

    None for attributes that are neither text nor whole numbers: no query matches or returns those.
    """
    from pydicom import config
    from pydicom.datadict import dictionary_VR, tag_for_keyword
    from pydicom.dataelem import DataElement

    vr, tag = dictionary_VR(keyword), tag_for_keyword(keyword)
    typed: Any = value.split("\\") if "\\" in value else value
    if vr in _NUMBERS:
        typed = int(value) if value.strip().isdigit() else None
    elif vr not in _TEXTS:
        return None
    return None if tag is None else DataElement(tag, vr, typed, validation_mode=config.IGNORE)
