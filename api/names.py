"""What may be called what: the naming rules of the API, each a function from a value to a list of complaints.

An empty list means the value is good. The wording is what clients show to people, so it follows the API's own.
Nothing here knows fields or kinds: strategies put the complaint beside the field's path.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_REMEMBERED_LENGTH = 128
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_PERCENT = "[0-9]+%"
_HEADER = "[-A-Za-z0-9]+"
_IP_TEXT = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_CIDR_TEXT = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"


def _form(text: str, pattern: str, *examples: str) -> tuple[re.Pattern[str], str]:
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return re.compile(pattern, re.ASCII), f"{text} (e.g. {shown}, regex used for validation is '{pattern}')"


_LABEL_RE, _LABEL_TEXT = _form(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end"
    " with an alphanumeric character",
    _LABEL, "my-name", "123-abc",
)  # fmt: skip
_SUBDOMAIN_RE, _SUBDOMAIN_TEXT = _form(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
    " and end with an alphanumeric character",
    _SUBDOMAIN, "example.com",
)  # fmt: skip
_LABEL_1035_RE, _LABEL_1035_TEXT = _form(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character,"
    " and end with an alphanumeric character",
    _LABEL_1035, "my-name", "abc-123",
)  # fmt: skip
_WILDCARD_RE, _WILDCARD_TEXT = _form(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of"
    " lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    _WILDCARD, "*.example.com",
)  # fmt: skip
_QUALIFIED_RE, _QUALIFIED_TEXT = _form(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    _QUALIFIED, "MyName", "my.name", "123-abc",
)  # fmt: skip
_LABEL_VALUE_RE, _LABEL_VALUE_TEXT = _form(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start"
    " and end with an alphanumeric character",
    _LABEL_VALUE, "MyValue", "my_value", "12345",
)  # fmt: skip
_CONFIG_KEY_RE, _CONFIG_KEY_TEXT = _form(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    _CONFIG_KEY, "key.name", "KEY_NAME", "key-name",
)  # fmt: skip
_PERCENT_RE, _PERCENT_TEXT = _form(
    "a valid percent string must be a numeric string followed by an ending '%'", _PERCENT, "1%", "93%"
)
_HEADER_RE, _HEADER_TEXT = _form(
    "a valid HTTP header must consist of alphanumeric characters or '-'", _HEADER, "X-Header-Name"
)
_C_IDENTIFIER_RE, _C_IDENTIFIER_TEXT = _form(
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric"
    " characters or '_'",
    _C_IDENTIFIER, "my_name", "MY_NAME", "MyName",
)  # fmt: skip


def dns1123_label(value: str) -> list[str]:
    """Names of containers, namespaces, hosts: one lower-case label of at most 63 characters."""
    return _check(value, 63, _LABEL_RE, _LABEL_TEXT)


def dns1123_subdomain(value: str) -> list[str]:
    """Names of most objects: lower-case labels joined by dots, at most 253 characters."""
    return _check(value, 253, _SUBDOMAIN_RE, _SUBDOMAIN_TEXT)


def dns1035_label(value: str) -> list[str]:
    """Names of services: a label that starts with a letter."""
    return _check(value, 63, _LABEL_1035_RE, _LABEL_1035_TEXT)


def wildcard_subdomain(value: str) -> list[str]:
    """Hosts such as `*.example.com`."""
    return _check(value, 253, _WILDCARD_RE, _WILDCARD_TEXT)


def generated(value: str) -> str:
    """Return a generateName prefix as it is checked: a trailing dash or dot would be followed by a suffix."""
    return value[:-1] + "a" if len(value) > 1 and value[-1] in "-." else value


def path_segment(value: str) -> list[str]:
    """Names that only have to fit into a URL path (roles and bindings)."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{char}'" for char in "/%" if char in value]


def qualified_name(value: str) -> list[str]:
    """Label and annotation keys, taint keys, finalizers: `name` or `prefix.example/name`."""
    return list(_qualified(value)) if len(value) <= _REMEMBERED_LENGTH else _qualified_problems(value)


@lru_cache(maxsize=1024)
def _qualified(value: str) -> tuple[str, ...]:
    return tuple(_qualified_problems(value))  # the same few keys are asked about again and again


def _qualified_problems(value: str) -> list[str]:
    parts = value.split("/")
    problems: list[str] = []
    if len(parts) > 2:
        optional = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {_QUALIFIED_TEXT}{optional}"]
    if len(parts) == 2:
        prefix = parts[0]
        if not prefix:
            problems.append("prefix part must be non-empty")
        else:
            problems += [f"prefix part {problem}" for problem in dns1123_subdomain(prefix)]
    name = parts[-1]
    if not name:
        problems.append("name part must be non-empty")
    elif len(name.encode()) > 63:
        problems.append("name part must be no more than 63 bytes")
    if not _QUALIFIED_RE.fullmatch(name):
        problems.append(f"name part {_QUALIFIED_TEXT}")
    return problems


def label_key(value: str) -> list[str]:
    """A label's key."""
    return qualified_name(value)


def label_value(value: str) -> list[str]:
    """A label's value: empty, or at most 63 bytes."""
    problems = ["must be no more than 63 bytes"] if len(value.encode()) > 63 else []
    if not _LABEL_VALUE_RE.fullmatch(value):
        problems.append(_LABEL_VALUE_TEXT)
    return problems


def fully_qualified(value: str) -> list[str]:
    """Finalizers: not a bare word, but one with a domain."""
    if "/" not in value:
        return ["name is neither a standard finalizer name nor is it fully qualified"]
    return []


def config_key(value: str) -> list[str]:
    """Keys of ConfigMaps and Secrets: usable as a file name."""
    problems = _check(value, 253, _CONFIG_KEY_RE, _CONFIG_KEY_TEXT)
    if value == ".":
        problems.append("must not be '.'")
    elif value == "..":
        problems.append("must not be '..'")
    elif value.startswith(".."):
        problems.append("must not start with '..'")
    return problems


def env_var_name(value: str) -> list[str]:
    """Names of environment variables: any printable ASCII without `=`."""
    if not value or any(not " " <= char <= "~" or char == "=" for char in value):
        return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
    return []


def c_identifier(value: str) -> list[str]:
    """A name as in C."""
    return [] if _C_IDENTIFIER_RE.fullmatch(value) else [_C_IDENTIFIER_TEXT]


def percent(value: str) -> list[str]:
    """`25%`."""
    return [] if _PERCENT_RE.fullmatch(value) else [_PERCENT_TEXT]


def http_header_name(value: str) -> list[str]:
    """Header names of probes."""
    return [] if _HEADER_RE.fullmatch(value) else [_HEADER_TEXT]


def port_number(value: int) -> list[str]:
    """A TCP or UDP port."""
    return [] if 1 <= value <= 65535 else ["must be between 1 and 65535, inclusive"]


def port_name(value: str) -> list[str]:
    """Names of ports (RFC 6335): at most 15 letters, digits and single dashes, with a letter."""
    problems: list[str] = []
    if len(value) > 15:
        problems.append("must be no more than 15 characters")
    if not re.fullmatch("[-a-z0-9]+", value):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        problems.append("must contain at least one letter (a-z)")
    if "--" in value:
        problems.append("must not contain consecutive hyphens")
    if value and (value[0] == "-" or value[-1] == "-"):
        problems.append("must not begin or end with a hyphen")
    return problems


def loose_address(value: str) -> Address | None:
    """Return the address that a text was once taken for, zeros in front of its decimal parts or not; None for none."""
    head, colon, tail = value.rpartition(":")
    if "." in tail:
        value = head + colon + _ZEROS.sub("", tail)
    try:
        return None if "%" in value else ipaddress.ip_address(value)
    except ValueError:
        return None


def ip_address(value: str) -> list[str]:
    """An IPv4 or IPv6 address without a zone, that nobody takes for another one."""
    address = loose_address(value)
    if address is None:
        return [_IP_TEXT]
    if _has_zeros(value):
        return ["must not have leading 0s"]
    return ["must not be an IPv4-mapped IPv6 address"] if _is_mapped(address) else []


def cidr(value: str) -> list[str]:
    """A network as address/length, that nobody takes for another one or for one of its addresses."""
    text, slash, bits = value.partition("/")
    address = loose_address(text) if slash else None
    if address is None or not (bits.isascii() and bits.isdecimal()) or int(bits) > address.max_prefixlen:
        return [_CIDR_TEXT]
    if _has_zeros(text) or bits != str(int(bits)):
        return ["must not have leading 0s in IP or prefix length"]
    if _is_mapped(address):
        return ["must not have an IPv4-mapped IPv6 address"]
    if ipaddress.ip_network(f"{address}/{bits}", strict=False).network_address != address:
        return ["must not have bits set beyond the prefix length"]
    return []


def _has_zeros(text: str) -> bool:
    tail = text.rpartition(":")[2]
    return "." in tail and _ZEROS.search(tail) is not None


def _is_mapped(address: Address) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def in_range(value: int, low: int, high: int) -> list[str]:
    """An integer within bounds."""
    return [] if low <= value <= high else [f"must be between {low} and {high}, inclusive"]


def _check(value: str, limit: int, pattern: re.Pattern[str], text: str) -> list[str]:
    problems = [f"must be no more than {limit} characters"] if len(value) > limit else []
    if not pattern.fullmatch(value):
        problems.append(text)
    return problems
