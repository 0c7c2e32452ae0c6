"""Chooses pod addresses from the node's range. Pure: what is in use is told by the caller, who reads it off the host.

Goes round the range instead of always taking the lowest free address, so that a released one rests as long as
possible: peers may still hold connections and caches that name it.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network


class NoFreeAddressError(Exception):
    """Every address of the range is in use."""


class AddressPool:
    """The addresses of one node's pod range. The first, the second and the last are never handed out."""

    def __init__(self, cidr: str, last: str = "") -> None:
        """`last`: the address handed out most recently, to go on after it."""
        self.cidr = IPv4Network(cidr)
        self._size = self.cidr.num_addresses
        self._used: set[IPv4Address] = set()
        self._cursor = 1
        if last and IPv4Address(last) in self.cidr:
            self._cursor = int(IPv4Address(last)) - int(self.cidr.network_address)

    def take(self, wanted: str = "") -> str:
        """An address that is free, `wanted` if it is; raises NoFreeAddressError."""
        if wanted and self._usable(IPv4Address(wanted)):
            return self._grant(IPv4Address(wanted))
        base = self.cidr.network_address
        for step in range(1, self._size + 1):
            candidate = base + (self._cursor + step) % self._size
            if self._usable(candidate):
                self._cursor = int(candidate) - int(base)
                return self._grant(candidate)
        raise NoFreeAddressError(f"no free address in {self.cidr}: {len(self._used)} in use")

    def hold(self, address: str) -> None:
        """Mark an address found in use."""
        self._used.add(IPv4Address(address))

    def release(self, address: str) -> None:
        """Give an address back; nothing when it was free."""
        self._used.discard(IPv4Address(address))

    @property
    def used(self) -> frozenset[str]:
        """Addresses in use."""
        return frozenset(map(str, self._used))

    def _usable(self, address: IPv4Address) -> bool:
        offset = int(address) - int(self.cidr.network_address)
        return 2 <= offset < self._size - 1 and address not in self._used

    def _grant(self, address: IPv4Address) -> str:
        self._used.add(address)
        return str(address)
