"""IP addresses and networks in expressions. Zones and IPv4 addresses inside IPv6 ones are refused."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from podwright.api.cel.costs import ONE, Cost, Estimate, Range, Sized, traversal, walked
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.functions import Overload, declare
from podwright.api.cel.types import CIDR, IP
from podwright.api.cel.values import Opaque, SizedContent, size_of

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_BITS: Final = re.compile(r"0|[1-9][0-9]{0,2}")
_SPECIAL: Final = frozenset({"0.0.0.0", "255.255.255.255", "::"})


@dataclass(frozen=True, slots=True)
class Address(SizedContent):
    """One address."""

    address: _Address

    @property
    def size(self) -> int:
        """The number of its bytes."""
        return self.address.max_prefixlen // 8


@dataclass(frozen=True, slots=True)
class Network(SizedContent):
    """An address and a prefix; bits beyond the prefix are kept."""

    address: _Address
    bits: int

    @property
    def size(self) -> int:
        """The number of the prefix's bytes, rounded up."""
        return -(-self.bits // 8)

    def masked(self) -> Network:
        """Return the network without the bits beyond its prefix."""
        shift = self.address.max_prefixlen - self.bits
        return Network(type(self.address)(int(self.address) >> shift << shift), self.bits)

    def holds(self, address: _Address) -> bool:
        """Return whether an address is in the network."""
        shift = self.address.max_prefixlen - self.bits
        return self.address.version == address.version and int(self.address) >> shift == int(address) >> shift

    def __str__(self) -> str:
        return f"{self.address}/{self.bits}"


def _address(text: str) -> _Address:
    try:
        found = ipaddress.ip_address(text.partition("%")[0] if "%" in text else text)
    except ValueError as error:
        msg = f'IP Address "{text}" parse error during conversion from string: ParseAddr("{text}"): unable to parse IP'
        raise EvaluationError(msg) from error
    if "%" in text:
        msg = f'IP address "{text}" with zone value is not allowed'
        raise EvaluationError(msg)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        msg = f'IPv4-mapped IPv6 address "{text}" is not allowed'
        raise EvaluationError(msg)
    return found


def _network(text: str) -> Network:
    prefix = "network address parse error during conversion from string: "
    head, slash, bits = text.rpartition("/")
    if not slash or _BITS.fullmatch(bits) is None:
        problem = "no '/'" if not slash else f'bad bits after slash: "{bits}"'
        msg = f'{prefix}{prefix}netip.ParsePrefix("{text}"): {problem}'
        raise EvaluationError(msg)
    try:
        address = _address(head)
    except EvaluationError as error:
        msg = f"{prefix}{error}"
        raise EvaluationError(msg) from error
    if int(bits) > address.max_prefixlen:
        msg = f'{prefix}{prefix}netip.ParsePrefix("{text}"): prefix length out of range'
        raise EvaluationError(msg)
    return Network(address, int(bits))


def _ip(text: str) -> Opaque:
    return Opaque(IP, Address(_address(text)))


def _cidr(text: str) -> Opaque:
    return Opaque(CIDR, _network(text))


def _parses(parse: Any) -> Any:
    def call(text: str) -> bool:
        try:
            parse(text)
        except EvaluationError:
            return False
        return True

    return call


def _contains_ip(network: Opaque, other: Opaque) -> bool:
    return network.content.holds(other.content.address)


def _contains_cidr(network: Opaque, other: Opaque) -> bool:
    return network.content.bits <= other.content.bits and network.content.holds(other.content.address)


def _is_global(value: Opaque) -> bool:
    address: _Address = value.content.address
    if str(address) in _SPECIAL:
        return False
    return not (address.is_loopback or address.is_multicast or address.is_link_local)


def _is_link_local_multicast(value: Opaque) -> bool:
    address: _Address = value.content.address
    if isinstance(address, ipaddress.IPv4Address):
        return str(address).startswith("224.0.0.")
    return address.packed[0] == 0xFF and address.packed[1] & 0x0F == 0x02


def _containment(*, cidr: bool, text: bool) -> Cost:
    """Return the cost of asking whether a network holds something: both are walked, a text is parsed before."""

    def estimate(args: Sequence[Sized]) -> Estimate:
        size = Range(4, 16)
        cost = size.plus(size).scaled(0.1)
        if cidr:
            cost = cost.plus(size.scaled(0.1)).plus(ONE)
        if text:
            cost = cost.plus(args[1].size.scaled(0.1))
        return Estimate(cost)

    def actual(args: Sequence[Any], _result: Any) -> int:
        size = size_of(args[0])
        cost = walked(size * 2)
        if cidr:
            cost += walked(size) + 1
        return cost + walked(size_of(args[1])) if text else cost

    return Cost(estimate, actual)


NETWORK: Final[tuple[Overload, ...]] = (
    declare("ip", "(string) IP", _ip, traversal(0)),
    declare("ip", "CIDR.() IP", lambda value: Opaque(IP, Address(value.content.address))),
    declare("isIP", "(string) bool", _parses(_address), traversal(0)),
    declare("ip.isCanonical", "(string) bool", lambda text: str(_address(text)) == text, traversal(0, 0.2)),
    declare("family", "IP.() int", lambda value: value.content.address.version),
    declare("isUnspecified", "IP.() bool", lambda value: value.content.address.is_unspecified),
    declare("isLoopback", "IP.() bool", lambda value: value.content.address.is_loopback),
    declare("isLinkLocalUnicast", "IP.() bool", lambda value: value.content.address.is_link_local),
    declare("isLinkLocalMulticast", "IP.() bool", _is_link_local_multicast),
    declare("isGlobalUnicast", "IP.() bool", _is_global),
    declare("string", "(IP) string", lambda value: str(value.content.address)),
    declare("cidr", "(string) CIDR", _cidr, traversal(0)),
    declare("isCIDR", "(string) bool", _parses(_network), traversal(0)),
    declare("containsIP", "CIDR.(string) bool", lambda network, text: _contains_ip(network, _ip(text)),
            _containment(cidr=False, text=True)),
    declare("containsIP", "CIDR.(IP) bool", _contains_ip, _containment(cidr=False, text=False)),
    declare("containsCIDR", "CIDR.(string) bool", lambda network, text: _contains_cidr(network, _cidr(text)),
            _containment(cidr=True, text=True)),
    declare("containsCIDR", "CIDR.(CIDR) bool", _contains_cidr, _containment(cidr=True, text=False)),
    declare("prefixLength", "CIDR.() int", lambda value: value.content.bits),
    declare("masked", "CIDR.() CIDR", lambda value: Opaque(CIDR, value.content.masked())),
    declare("string", "(CIDR) string", lambda value: str(value.content)),
)  # fmt: skip
