"""The named kinds of strings that a schema may ask for, each with its check.

A format that is not known here, or does not go with the type, is no constraint.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import date
from email.utils import parseaddr
from urllib.parse import urlsplit

_NUMBERS = {"integer": frozenset(("int32", "int64")), "number": frozenset(("float", "double"))}
_UUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?%s[0-9a-f]{3}-?%s[0-9a-f]{3}-?[0-9a-f]{12}"
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(.\d+)?(z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"[-+]?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+|[-+]?0", re.ASCII)
_LOOSE_DURATION = re.compile(r"\d+\s*([A-Za-zµ]+)")
_UNITS = frozenset(
    [
        "ns",
        "nano",
        "nanos",
        "nanosecond",
        "nanoseconds",
        "us",
        "µs",
        "micro",
        "micros",
        "microsecond",
        "microseconds",
        "ms",
        "milli",
        "millis",
        "millisecond",
        "milliseconds",
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "m",
        "min",
        "mins",
        "minute",
        "minutes",
        "h",
        "hr",
        "hour",
        "hours",
        "d",
        "day",
        "days",
        "w",
        "wk",
        "week",
        "weeks",
    ]
)
_HOST_LABEL = re.compile(r"[^\W_]([^\W_]|-)*(?<!-)")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_CARD = re.compile(
    r"4\d{12}(\d{3})?|5[1-5]\d{14}|6(011|5\d\d)\d{12}|3[47]\d{13}|3(0[0-5]|[68]\d)\d{11}|(2131|1800|35\d{3})\d{11}"
)
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")


def known_format(name: str, types: tuple[str, ...]) -> str:
    """The format as it is checked: "" when it is unknown or of another type."""
    if not name:
        return ""
    kind = types[0] if len(types) == 1 else ""
    if kind in {"", "string"}:
        return name if name.replace("-", "") in _CHECKS else ""
    return name if name in _NUMBERS.get(kind, ()) else ""


def fits(name: str, text: str) -> bool:
    """Tell whether a text is of a known format."""
    check = _CHECKS.get(name.replace("-", ""))
    return check is None or check(text)


def _matching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII | re.IGNORECASE)
    return lambda text: compiled.fullmatch(text) is not None


def _date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _date_time(text: str) -> bool:
    day, _, rest = text.lower().partition("t")
    found = _TIME.fullmatch(rest)
    return _date(day) and found is not None and int(found[1]) < 24 and int(found[2]) < 60 and int(found[3]) < 60


def _duration(text: str) -> bool:
    if _DURATION.fullmatch(text):
        return True
    units = _LOOSE_DURATION.findall(text)
    return bool(units) and all(unit in _UNITS for unit in units)


def _uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme) or text.startswith("/")


def _email(text: str) -> bool:
    _, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    return bool(at and local and domain) and " " not in address


def _hostname(text: str) -> bool:
    return len(text) <= 255 and all(
        len(p) <= 63 and _HOST_LABEL.fullmatch(p) for p in text.removesuffix(".").split(".")
    )


def _ipv4(text: str) -> bool:
    return "." in text and _address(text)


def _ipv6(text: str) -> bool:
    return ":" in text and _address(text)


def _address(text: str) -> bool:
    # Leading zeros are read as decimal, as they always were here.
    plain = ".".join(str(int(p)) if p.isdecimal() else p for p in text.split(".")) if ":" not in text else text
    try:
        ipaddress.ip_address(plain)
    except ValueError:
        return False
    return True


def _cidr(text: str) -> bool:
    address, slash, size = text.partition("/")
    if not slash or not size.isdecimal() or not _address(address):
        return False
    return int(size) <= (128 if ":" in address else 32)


def _isbn10(text: str) -> bool:
    digits = text.replace("-", "").replace(" ", "")
    if not re.fullmatch(r"\d{9}[\dX]", digits, re.ASCII):
        return False
    return sum((10 - i) * (10 if d == "X" else int(d)) for i, d in enumerate(digits)) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = text.replace("-", "").replace(" ", "")
    if not re.fullmatch(r"\d{13}", digits, re.ASCII):
        return False
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0


def _credit_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if not _CARD.fullmatch(digits):
        return False
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _rgb(text: str) -> bool:
    found = _RGB.fullmatch(text)
    return found is not None and all(int(part) <= 255 for part in found.groups())


def _short_name(text: str) -> bool:
    from podwright.api import names

    return not names.dns1123_label(text)


def _long_name(text: str) -> bool:
    from podwright.api import names

    return not names.dns1123_subdomain(text)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _matching(r"[0-9a-f]{24}"),
    "uri": _uri,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "cidr": _cidr,
    "mac": _matching(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5,7}|[0-9a-f]{4}(\.[0-9a-f]{4}){2,3}"),
    "uuid": _matching(_UUID % ("[0-9a-f]", "[0-9a-f]")),
    "uuid3": _matching(_UUID % ("3", "[0-9a-f]")),
    "uuid4": _matching(_UUID % ("4", "[89ab]")),
    "uuid5": _matching(_UUID % ("5", "[89ab]")),
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "creditcard": _credit_card,
    "ssn": _matching(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "hexcolor": _matching(r"#?([0-9a-f]{3}|[0-9a-f]{6})"),
    "rgbcolor": _rgb,
    "byte": lambda text: _BASE64.fullmatch(text) is not None,
    "password": lambda _: True,
    "date": _date,
    "duration": _duration,
    "datetime": _date_time,
    "k8sshortname": _short_name,
    "k8slongname": _long_name,
}
