"""`"%d of %s".format([1, "two"])`: the clauses of format strings and how values are written in them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from podwright.api.cel.errors import CostExceeded, EvaluationError
from podwright.api.cel.library.conversions import double_text
from podwright.api.cel.library.times import duration_text, timestamp_text
from podwright.api.cel.types import Type
from podwright.api.cel.values import Duration, Timestamp, UInt, is_list, is_map, key_value, type_name

_CLAUSE: Final = re.compile(r"%(?:(%)|(?:\.([0-9]{1,4}))?([a-zA-Z])|(.?))", re.DOTALL)
_LONGEST: Final = 1_000_000
_PRECISION: Final = 6
_MAX_PRECISION: Final = 1000
_RAISED: Final = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
_NUMBERS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def format_text(template: str, args: Sequence[Any]) -> str:
    """Return the template with its clauses replaced. Raises EvaluationError."""
    made: list[str] = []
    last = used = length = 0
    for match in _CLAUSE.finditer(template):
        made.append(template[last : match.start()])
        last = match.end()
        percent, precision, verb, wrong = match.groups()
        if percent:
            made.append("%")
            continue
        if wrong is not None or verb not in _VERBS:
            msg = f'could not parse formatting clause: unrecognized formatting clause "{verb or wrong}"'
            raise EvaluationError(msg)
        if used >= len(args):
            msg = f"index {used} out of range"
            raise EvaluationError(msg)
        places = _PRECISION if precision is None else int(precision)
        if places > _MAX_PRECISION:
            msg = f"precision {places} exceeds maximum allowed precision {_MAX_PRECISION}"
            raise EvaluationError(msg)
        text = _VERBS[verb](args[used], places)
        length += len(text)
        if length > _LONGEST:
            raise CostExceeded
        made.append(text)
        used += 1
    if used < len(args):
        msg = f"too many arguments supplied to string.format (expected {used}, got {len(args)})"
        raise EvaluationError(msg)
    return "".join(made) + template[last:]


def _refused(clause: str, wanted: str, value: Any) -> EvaluationError:
    return EvaluationError(
        f"error during formatting: {clause} clause can only be used on {wanted}, was given {type_name(value)}"
    )


def _string(value: Any, _places: int = 0) -> str:
    if is_list(value):
        return f"[{', '.join(_nested(part) for part in value)}]"
    if is_map(value):
        entries = sorted((_nested(key_value(key)), _nested(value[key])) for key in value)
        return f"{{{', '.join(f'{key}:{part}' for key, part in entries)}}}"
    writer = _TEXTS.get(type(value))
    if writer is None:
        raise _refused(
            "string", "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps", value
        )
    return writer(value)


def _nested(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return json.dumps(value, ensure_ascii=False)
    if kind is bytes:
        return f"b{json.dumps(value.decode(errors='replace'), ensure_ascii=False)}"
    if kind is float:
        return f"{value:.{_PRECISION}f}" if math.isfinite(value) else f'"{_fixed_text(value, 0)}"'
    if kind is Timestamp:
        return f'timestamp("{timestamp_text(value.nanos)}")'
    if kind is Duration:
        return f'duration("{duration_text(value.nanos)}")'
    return _string(value)


_TEXTS: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    bytes: lambda value: value.decode(errors="replace"),
    int: str,
    UInt: lambda value: str(int(value)),
    float: double_text,
    Timestamp: lambda value: timestamp_text(value.nanos),
    Duration: lambda value: duration_text(value.nanos),
    Type: lambda value: value.name,
    type(None): lambda _value: "null",
}


def _decimal(value: Any, _places: int) -> str:
    if type(value) in {int, UInt}:
        return str(int(value))
    raise _refused("decimal", "integers", value)


def _number(clause: str, value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is str and value in _NUMBERS:
        return _NUMBERS[value]
    raise _refused(clause, "doubles", value)


def _fixed_text(value: float, places: int) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    return f"{value:,.{places}f}"


def _fixed(value: Any, places: int) -> str:
    return _fixed_text(_number("fixed-point", value), places)


def _scientific(value: Any, places: int) -> str:
    found = _number("scientific", value)
    if not math.isfinite(found):
        return _fixed_text(found, places)
    digits, _, exponent = f"{found:.{places}e}".partition("e")
    return f"{digits}\u00d710{exponent.removeprefix('+').translate(_RAISED)}"


def _binary(value: Any, _places: int) -> str:
    if type(value) in {int, UInt, bool}:
        return f"{int(value):b}"
    raise _refused("binary", "integers and bools", value)


def _octal(value: Any, _places: int) -> str:
    if type(value) in {int, UInt}:
        return f"{int(value):o}"
    raise _refused("octal", "integers", value)


def _hex(value: Any, _places: int) -> str:
    if type(value) in {int, UInt}:
        return f"{int(value):x}"
    if type(value) is str:
        return value.encode().hex()
    if type(value) is bytes:
        return value.hex()
    raise _refused("hex", "integers, byte buffers, and strings", value)


_VERBS: Final[dict[str, Callable[[Any, int], str]]] = {
    "s": _string,
    "d": _decimal,
    "f": _fixed,
    "e": _scientific,
    "b": _binary,
    "o": _octal,
    "x": _hex,
    "X": lambda value, places: _hex(value, places).upper(),
}
