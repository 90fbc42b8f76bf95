"""Content items of structured reports (PS3.3 C.17.3): built from values, and read back strictly by a table.

Two ways in: single items by value type (`text`, `code`, ...), for trees whose shape the standard gives; and tables of
`Row` values, for our own documents, where a reader must refuse what the table does not know. Knows no report and no
act.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydicom import config
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from workstation.domain.errors import BadInput

SCHEME = "99COSIGHT"
LONGEST_CODE = 16
LONGEST_MEANING = 64

_WHOLE_NUMBER = re.compile(r"-?\d{1,15}")
_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_MOMENT = re.compile(r"(\d{14})(?:\.(\d{1,6}))?([+-]\d{4})")


class Code(NamedTuple):
    """A coded concept: value, scheme designator, meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table of content items, all of scheme 99COSIGHT and related by CONTAINS.

    ``codes`` are the values a CODE row may have, with their meanings; ``rows`` the table inside a CONTAINER.
    """

    code: str
    meaning: str
    value_type: str
    required: bool = False
    many: bool = False
    unit: str = "1"
    codes: tuple[tuple[str, str], ...] = ()
    rows: tuple[Row, ...] = ()


def own(value: str, meaning: str) -> Code:
    """A code of our own scheme."""
    return Code(value, SCHEME, meaning)


def code_item(code: Code) -> Dataset:
    """The code as an item of a code sequence (PS3.3 8.8); a long value goes to Long Code Value."""
    item = Dataset()
    if len(code.value) > LONGEST_CODE:
        item.LongCodeValue = code.value
    else:
        item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme
    item.CodeMeaning = code.meaning[:LONGEST_MEANING]
    return item


def code_of(item: Dataset) -> Code:
    """The code that an item of a code sequence holds."""
    value = item.get("CodeValue") or item.get("LongCodeValue") or ""
    return Code(
        str(value), str(item.get("CodingSchemeDesignator", "")), str(item.get("CodeMeaning", ""))
    )


def coding_scheme() -> Dataset:
    """The item of the Coding Scheme Identification Sequence that says whose codes 99COSIGHT are."""
    item = Dataset()
    item.CodingSchemeDesignator = SCHEME
    item.CodingSchemeName = "Cosight"
    item.CodingSchemeResponsibleOrganization = "Cosight"
    return item


def text(concept: Code, value: str, relationship: str = "CONTAINS") -> Dataset:
    """A TEXT item; the text must be one that comes back as it was (see `plain`)."""
    item = _item(concept, "TEXT", relationship)
    item.TextValue = _carried(value, concept.value)
    return item


def code(concept: Code, value: Code, relationship: str = "CONTAINS") -> Dataset:
    """A CODE item."""
    item = _item(concept, "CODE", relationship)
    item.ConceptCodeSequence = [code_item(value)]
    return item


def name(concept: Code, value: str, relationship: str = "CONTAINS") -> Dataset:
    """A PNAME item; the value is a PN with its component groups."""
    item = _item(concept, "PNAME", relationship)
    set_name(item, "PersonName", person_name(value, concept.value))
    return item


def uid(concept: Code, value: str, relationship: str = "CONTAINS") -> Dataset:
    """A UIDREF item."""
    item = _item(concept, "UIDREF", relationship)
    item.UID = valid_uid(value, concept.value)
    return item


def date(concept: Code, value: str, relationship: str = "CONTAINS") -> Dataset:
    """A DATE item; the value is a whole DA."""
    item = _item(concept, "DATE", relationship)
    item.Date = value
    return item


def moment(concept: Code, value: dt.datetime, relationship: str = "CONTAINS") -> Dataset:
    """A DATETIME item with microseconds and the offset from UTC."""
    item = _item(concept, "DATETIME", relationship)
    item.DateTime = dt_value(value)
    return item


def number(concept: Code, value: float, unit: str = "1") -> Dataset:
    """A NUM item: whole numbers as they are, others also as Floating Point Value, which keeps them exactly."""
    if not math.isfinite(value):
        raise BadInput("The row {row} is no number", row=concept.value)
    measured = Dataset()
    if isinstance(value, int):
        measured.NumericValue = str(value)
    else:
        measured.NumericValue = f"{value:.9g}"
        measured.FloatingPointValue = value
    meaning = "no units" if unit == "1" else unit
    measured.MeasurementUnitsCodeSequence = [code_item(Code(unit, "UCUM", meaning))]
    item = _item(concept, "NUM", "CONTAINS")
    item.MeasuredValueSequence = [measured]
    return item


def container(concept: Code, items: Iterable[Dataset], relationship: str = "CONTAINS") -> Dataset:
    """A CONTAINER item; without items it has no content sequence."""
    item = _item(concept, "CONTAINER", relationship)
    item.ContinuityOfContent = "SEPARATE"
    inside = list(items)
    if inside:
        item.ContentSequence = inside
    return item


def dt_value(value: dt.datetime) -> str:
    """A DT value with microseconds and offset from UTC.

    Raises:
        BadInput: no offset, or one that DICOM cannot write.
    """
    offset = value.utcoffset()
    if offset is None or offset % dt.timedelta(minutes=1):
        raise BadInput("A time needs an offset from UTC in whole minutes")
    return f"{value.year:04d}{value:%m%d%H%M%S.%f%z}"


def moment_of(value: str) -> dt.datetime:
    """The time that a DT value with seconds and offset from UTC tells.

    Raises:
        BadInput: another form.
    """
    found = _MOMENT.fullmatch(value.strip())
    if not found:
        raise BadInput("A time without seconds or offset from UTC")
    whole, fraction, offset = found.groups()
    try:
        return dt.datetime.strptime(f"{whole}.{fraction or '0'}{offset}", "%Y%m%d%H%M%S.%f%z")
    except ValueError as error:
        raise BadInput("A time that does not exist") from error


def plain(value: str) -> str:
    """The text as DICOM can carry it unchanged.

    Line ends become LF, other control characters but TAB go, and so do blanks at the end.
    """
    unix = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in unix if not _is_control(c))
    return kept.rstrip(" ")


def person_name(value: str, row: str) -> str:
    """A PN value that comes back as it was; longer groups than DICOM allows pass, for archives hold them.

    Raises:
        BadInput: empty, or with characters that a PN cannot hold.
    """
    spoiled = any(c in value for c in "\\\n\t") or value.endswith("=")
    if not value or spoiled or value != plain(value):
        raise BadInput("The row {row} is no person's name", row=row)
    return _carried(value, row)


def set_name(item: Dataset, keyword: str, value: str) -> None:
    """Set a PN without pydicom's own check of its length."""
    tag = tag_for_keyword(keyword)
    if tag is not None:
        item.add(DataElement(tag, "PN", value, validation_mode=config.IGNORE))


def valid_uid(value: str, row: str) -> str:
    """A UID (PS3.5 section 9).

    Raises:
        BadInput: something else.
    """
    if len(value) > 64 or not _UID.fullmatch(value):
        raise BadInput("The row {row} is no UID", row=row)
    return value


def encode_rows(rows: Sequence[Row], values: Mapping[str, Any], path: str = "") -> list[Dataset]:
    """The items of a table, in its order; absent are values that are None, empty text or an empty tuple.

    Raises:
        BadInput: a value that its row cannot hold, or a required one that is missing, naming the row.
    """
    items: list[Dataset] = []
    for row in rows:
        value = values.get(row.code)
        several = value if row.many else (value,)
        present = [v for v in several or () if v is not None and v != ""]
        if row.required and not present:
            raise BadInput("The row {row} is missing", row=path + row.code)
        items += [_encoded(row, v, path) for v in present]
    return items


def decode_rows(rows: Sequence[Row], items: Iterable[Dataset], path: str = "") -> dict[str, Any]:
    """The values of a table by row code: a list where the row may stand several times.

    Raises:
        BadInput: a row that the table does not know, of another type, twice or missing, naming the row.
    """
    known = {row.code: row for row in rows}
    values: dict[str, Any] = {row.code: [] for row in rows if row.many}
    for item in items:
        concept = concept_of(item)
        row = known.get(concept.value) if concept.scheme == SCHEME else None
        if row is None:
            raise BadInput("The row {row} is unknown", row=path + concept.value)
        value = _decoded(row, item, path)
        if row.many:
            values[row.code].append(value)
        elif row.code in values:
            raise BadInput("The row {row} stands twice", row=path + row.code)
        else:
            values[row.code] = value
    for row in rows:
        if row.required and values.get(row.code) in (None, "", []):
            raise BadInput("The row {row} is missing", row=path + row.code)
    return values


def concept_of(item: Dataset) -> Code:
    """The concept name of a content item, empty where it has none."""
    return only_code(item, "ConceptNameCodeSequence")


def only_code(item: Dataset, keyword: str) -> Code:
    """The code in a code sequence of one item, empty where there is none or several."""
    found = items_of(item, keyword)
    return code_of(found[0]) if len(found) == 1 else Code("", "", "")


def items_of(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where the sequence is absent."""
    return list(dataset.get(keyword) or [])


def _item(concept: Code, value_type: str, relationship: str) -> Dataset:
    item = Dataset()
    item.RelationshipType = relationship
    item.ValueType = value_type
    item.ConceptNameCodeSequence = [code_item(concept)]
    return item


def _encoded(row: Row, value: Any, path: str) -> Dataset:
    concept = own(row.code, row.meaning)
    match row.value_type:
        case "CONTAINER":
            return container(concept, encode_rows(row.rows, value, f"{path}{row.code}."))
        case "CODE":
            meanings = dict(row.codes)
            if value not in meanings:
                raise BadInput("The row {row} has an unknown code", row=path + row.code)
            return code(concept, own(value, meanings[value]))
        case "NUM":
            return number(concept, value, row.unit)
        case "DATETIME":
            return moment(concept, value)
        case "PNAME":
            return name(concept, value)
        case "UIDREF":
            return uid(concept, value)
        case _:
            return text(concept, value)


def _decoded(row: Row, item: Dataset, path: str) -> Any:
    where = path + row.code
    if item.get("ValueType") != row.value_type or item.get("RelationshipType") != "CONTAINS":
        raise BadInput("The row {row} has another type than it must", row=where)
    try:
        match row.value_type:
            case "CONTAINER":
                return decode_rows(row.rows, items_of(item, "ContentSequence"), f"{where}.")
            case "CODE":
                return _decoded_code(row, item, where)
            case "NUM":
                return _decoded_number(item, where)
            case "DATETIME":
                return moment_of(str(item.DateTime))
            case "PNAME":
                return str(item.PersonName)
            case "UIDREF":
                return valid_uid(str(item.UID), where)
            case _:
                return str(item.TextValue)
    except AttributeError as error:
        raise BadInput("The row {row} has no value", row=where) from error


def _decoded_code(row: Row, item: Dataset, where: str) -> str:
    found = only_code(item, "ConceptCodeSequence")
    if found.scheme != SCHEME or found.value not in dict(row.codes):
        raise BadInput("The row {row} has an unknown code", row=where)
    return found.value


def _decoded_number(item: Dataset, where: str) -> float:
    values = item.MeasuredValueSequence
    if len(values) != 1:
        raise BadInput("The row {row} is no number", row=where)
    exact = values[0].get("FloatingPointValue")
    if exact is not None:
        return float(exact)
    digits = str(values[0].NumericValue)
    if not _WHOLE_NUMBER.fullmatch(digits):
        raise BadInput("The row {row} is no whole number", row=where)
    return int(digits)


def _carried(value: str, row: str) -> str:
    """The text itself, if it comes back from DICOM as it went in."""
    if value != plain(value):
        raise BadInput(
            "The row {row} has control characters or blanks at its end that a document cannot carry",
            row=row,
        )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadInput("The row {row} has characters that are no text", row=row) from error
    return value


def _is_control(character: str) -> bool:
    return (character < " " and character not in "\n\t") or "\x7f" <= character <= "\x9f"
