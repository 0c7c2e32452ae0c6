"""Tables of custom resources: the name, and the columns that the definition wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from podwright.api import jsonpath
from podwright.api.times import TimeError, parse_time
from podwright.apiserver.printing.ages import human_duration, since
from podwright.apiserver.printing.printer import JSON, NAME, Cells, Column, Printer, meta, name

_CREATED = Column("Age", "When the object was created, as how long ago that is.", "date")
_Cell = Callable[[JSON, datetime], Any]


def printer(columns: list[JSON]) -> Printer:
    """The printer of a version; without columns of its own it shows the age."""
    if not columns:
        return Printer((NAME, _CREATED), lambda obj, now: [name(obj), since(meta(obj).get("creationTimestamp"), now)])
    cells = [_cell(column) for column in columns]

    def row(obj: JSON, now: datetime) -> Cells:
        return [name(obj), *(cell(obj, now) for cell in cells)]

    return Printer((NAME, *map(_column, columns)), row)


def _column(column: JSON) -> Column:
    told = column.get("description") or f"Custom resource definition column (in JSONPath format): {column['jsonPath']}"
    return Column(column["name"], told, column["type"], column.get("format") or "", column.get("priority") or 0)


def _cell(column: JSON) -> _Cell:
    try:
        find = jsonpath.finder(column["jsonPath"])
    except jsonpath.JsonPathError:
        return lambda _obj, _now: None
    convert = _CONVERT.get(column["type"], _text)

    def cell(obj: JSON, now: datetime) -> Any:
        found = find(obj)
        return convert(found[0], now) if found else None

    return cell


def _text(value: Any, _: datetime) -> Any:
    return jsonpath.show(value)


def _integer(value: Any, _: datetime) -> Any:
    return int(value) if _is_number(value) else None


def _number(value: Any, _: datetime) -> Any:
    return float(value) if _is_number(value) else None


def _boolean(value: Any, _: datetime) -> Any:
    return value if isinstance(value, bool) else None


def _date(value: Any, now: datetime) -> Any:
    if not isinstance(value, str):
        return None
    try:
        return human_duration(now - parse_time(value))
    except TimeError:
        return "<invalid>"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_CONVERT: dict[str, Callable[[Any, datetime], Any]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
