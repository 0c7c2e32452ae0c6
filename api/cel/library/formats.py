"""Named formats: `format.dns1123Label().validate(text)` gives what is wrong with a text, or none."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from podwright.api import names
from podwright.api.cel.costs import REGEX_FACTOR, STRING_FACTOR, Cost, Estimate, Sized
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.library.times import parse_timestamp
from podwright.api.cel.library.urls import parse_url
from podwright.api.cel.types import FORMAT
from podwright.api.cel.values import NONE, Opaque, Optional, size_of

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_LONGEST_PATTERN: Final = 128


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Return a check of what names are generated from: a dash at its end does not matter."""
    return lambda text: check(names.generated(text))


def _uri(text: str) -> list[str]:
    found = parse_url(text)
    return [found] if isinstance(found, str) else []


def _uuid(text: str) -> list[str]:
    return [] if _UUID.fullmatch(text) else ["does not match the UUID format"]


def _byte(text: str) -> list[str]:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ["invalid base64"]
    return []


def _date(text: str) -> list[str]:
    return [] if parse_timestamp(f"{text}T00:00:00Z") is not None else ["invalid date"]


def _datetime(text: str) -> list[str]:
    return [] if parse_timestamp(text) is not None else ["invalid datetime"]


# name -> its check, and how long a pattern that did it would be
_FORMATS: Final[dict[str, tuple[Callable[[str], list[str]], int]]] = {
    "dns1123Label": (names.dns1123_label, 30),
    "dns1123Subdomain": (names.dns1123_subdomain, 60),
    "dns1035Label": (names.dns1035_label, 30),
    "qualifiedName": (names.qualified_name, 60),
    "dns1123LabelPrefix": (_prefix(names.dns1123_label), 30),
    "dns1123SubdomainPrefix": (_prefix(names.dns1123_subdomain), 60),
    "dns1035LabelPrefix": (_prefix(names.dns1035_label), 30),
    "labelValue": (names.label_value, 40),
    "uri": (_uri, 1000),
    "uuid": (_uuid, 77),
    "byte": (_byte, 68),
    "date": (_date, 150),
    "datetime": (_datetime, 150),
}


def _named(name: str) -> Optional:
    return Optional(True, Opaque(FORMAT, name)) if name in _FORMATS else NONE


def _constant(name: str) -> Callable[[], Opaque]:
    made = Opaque(FORMAT, name)
    return lambda: made


def _validate(found: Opaque, text: str) -> Optional:
    problems = _FORMATS[found.content][0](text)
    return Optional(True, problems) if problems else NONE


def _validate_estimate(args: Sequence[Sized]) -> Estimate:
    return Estimate(args[1].size.scaled(STRING_FACTOR).scaled(_LONGEST_PATTERN * REGEX_FACTOR))


def _validate_actual(args: Sequence[Any], _result: Any) -> int:
    pattern = _FORMATS[args[0].content][1]
    return math.ceil((1.0 + size_of(args[1])) * STRING_FACTOR) * math.ceil(pattern * REGEX_FACTOR)


FORMATS: Final[tuple[Overload, ...]] = (
    declare("format.named", "(string) optional(Format)", _named),
    *(declare(f"format.{name}", "() Format", _constant(name)) for name in _FORMATS),
    declare(
        "validate", "Format.(string) optional(list(string))", _validate, Cost(_validate_estimate, _validate_actual)
    ),
)
