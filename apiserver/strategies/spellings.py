"""Addresses and ranges that are accepted, but not in their one spelling: texts for the Warning header.

Fields that never asked for the one spelling of an address warn of others; what was accepted long ago (zeros in front,
IPv4 mapped into IPv6, bits beyond the prefix) is warned of as long as it stays. It must never refuse anything.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from podwright.api.names import Address, loose_address
from podwright.api.quoting import quote

_ZEROS: Final = re.compile(r"(?:^|\.)0\d")


def ip_warnings(path: str, value: str) -> list[str]:
    """Return the warning of an address that is not in its one spelling."""
    if ":" not in value and not _ZEROS.search(value):
        return []
    address = loose_address(value)
    if address is None:
        return []
    plain = _unmapped(address)
    if plain is not address or _ZEROS.search(value):
        return [f"{path}: non-standard IP address {quote(value)} is invalid: use {quote(str(plain))}"]
    if str(address) == value:
        return []
    return [f"{path}: IPv6 address {quote(value)} should be in RFC 5952 canonical format ({quote(str(address))})"]


def cidr_warnings(path: str, value: str) -> list[str]:
    """Return the warnings of a range that is not in its one spelling."""
    text, _, bits = value.partition("/")
    address = loose_address(text)
    if address is None or not bits.isdecimal() or int(bits) > address.max_prefixlen:
        return []
    plain = _unmapped(address)
    length = max(int(bits) - (address.max_prefixlen - plain.max_prefixlen), 0)
    network = ipaddress.ip_network(f"{plain}/{length}", strict=False)
    found: list[str] = []
    if network.network_address != plain:
        either = f"{quote(str(network))} or {quote(f'{plain}/{address.max_prefixlen}')}"
        found.append(f"{path}: CIDR value {quote(value)} is ambiguous in this context (should be {either}?)")
    if plain is not address or _ZEROS.search(text) or str(int(bits)) != bits:
        found.append(f"{path}: non-standard CIDR value {quote(value)} is invalid: use {quote(str(network))}")
    if not found and str(network) != value:
        right = quote(str(network))
        found.append(f"{path}: IPv6 CIDR value {quote(value)} should be in RFC 5952 canonical format ({right})")
    return found


def _unmapped(address: Address) -> Address:
    """The IPv4 address that is mapped into an IPv6 one, or the address itself."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
