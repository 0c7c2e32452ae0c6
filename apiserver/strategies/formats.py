"""Checks of values that several kinds share, each adding what is wrong to a list of field errors.

A check appends nothing when the value is good. It must never change the value it looks at.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError

JSON = dict[str, Any]
Errors = list[FieldError]

PROTOCOLS = ("SCTP", "TCP", "UDP")
MAX_INT32 = 2**31 - 1

_NOT_NEGATIVE = "must be greater than or equal to 0"


def complain(errors: Errors, path: str, value: Any, problems: Iterable[str]) -> None:
    """Add one "Invalid value" for each problem."""
    errors.extend(field_errors.invalid(path, value, problem) for problem in problems)


def label_problems(value: str) -> list[str]:
    """List what is wrong with a lower-case label; of a good subdomain only the dots are."""
    problems = names.dns1123_label(value)
    if problems and "." in value and not names.dns1123_subdomain(value):
        problems[-1] = "must not contain dots"
    return problems


def dns_label(errors: Errors, path: str, value: str) -> None:
    """Check a lower-case label, as names of containers and volumes are."""
    problems = label_problems(value)
    if problems:
        complain(errors, path, value, problems)


def dns_subdomain(errors: Errors, path: str, value: str) -> None:
    """Check lower-case labels joined by dots."""
    problems = names.dns1123_subdomain(value)
    if problems:
        complain(errors, path, value, problems)


def qualified_name(errors: Errors, path: str, value: str) -> None:
    """Check `name` or `prefix.example/name`."""
    problems = names.qualified_name(value)
    if problems:
        complain(errors, path, value, problems)


def labels(errors: Errors, path: str, values: Mapping[str, str] | None) -> None:
    """Check the keys and values of a map of labels."""
    for key, value in (values or {}).items():
        if problems := names.label_key(key):
            complain(errors, path, key, problems)
        if problems := names.label_value(value):
            complain(errors, path, value, problems)


def config_keys(errors: Errors, path: str, keys: Iterable[str]) -> None:
    """Check keys that may become file names."""
    for key in keys:
        complain(errors, f"{path}[{key}]", key, names.config_key(key))


def not_negative(errors: Errors, path: str, value: int | None) -> None:
    """Check an integer that may not be below zero; None and absent are zero."""
    if value and value < 0:
        errors.append(field_errors.invalid(path, value, _NOT_NEGATIVE))


def port_number(errors: Errors, path: str, value: int) -> None:
    """Check a port between 1 and 65535."""
    if not 1 <= value <= 65535:
        complain(errors, path, value, names.port_number(value))


def port_or_name(errors: Errors, path: str, value: int | str | None) -> None:
    """Check a port given by number or by name."""
    if isinstance(value, str):
        complain(errors, path, value, names.port_name(value))
    else:
        port_number(errors, path, value or 0)


def protocol(errors: Errors, path: str, value: str | None) -> None:
    """Check a transport protocol."""
    one_of(errors, path, value, PROTOCOLS)


def one_of(errors: Errors, path: str, value: str | None, allowed: tuple[str, ...]) -> None:
    """Check a value that must be given and be one of the allowed ones."""
    if value in allowed:
        return
    errors.append(field_errors.not_supported(path, value, allowed) if value else field_errors.required(path))


def ip_address(errors: Errors, path: str, value: str, known: Collection[str] = ()) -> bool:
    """Check an IP address and tell whether it is one; those in `known` were accepted before."""
    if value in known:
        return True
    problems = names.ip_address(value)
    complain(errors, path, value, problems)
    return not problems


def network(errors: Errors, path: str, value: str, known: Collection[str] = ()) -> None:
    """Check a network in CIDR form; those in `known` were accepted before."""
    if value not in known:
        complain(errors, path, value, names.cidr(value))


def endpoint_ip(errors: Errors, path: str, value: str) -> None:
    """Check an address that traffic can be sent to: not loopback, link-local or unspecified."""
    address = parse_ip(value)
    if address is None:
        errors.append(field_errors.invalid(path, value, "must be a valid IP address"))
        return
    checks = (
        (address.is_unspecified, f"may not be unspecified ({value})"),
        (address.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (
            address.is_link_local and not address.is_multicast,
            "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
        ),
        (_link_local_multicast(address), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
    )
    complain(errors, path, value, [problem for wrong, problem in checks if wrong])


def parse_ip(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address, or None; an IPv4 address mapped into IPv6 is the IPv4 address."""
    address = names.loose_address(value)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_ipv6(value: str) -> bool:
    """Tell whether a string is an IPv6 address."""
    return isinstance(parse_ip(value), ipaddress.IPv6Address)


def is_dual_stack(values: Collection[str]) -> bool:
    """Tell whether both IP families are among the addresses."""
    return len({is_ipv6(value) for value in values}) == 2


def _link_local_multicast(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address in _LOCAL_MULTICAST_4
    return address.packed[0] == 0xFF and address.packed[1] & 0x0F == 0x02


_LOCAL_MULTICAST_4 = ipaddress.IPv4Network("224.0.0.0/24")
