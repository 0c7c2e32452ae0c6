"""Pod addresses: never one in use, never one just released, names that follow from the uid."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.agent.network import names, pod_link, sysctls
from podwright.agent.network.ipam import AddressPool, NoFreeAddressError


@given(st.integers(24, 29), st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=400))
def test_addresses_in_use_are_distinct_and_inside(prefix: int, steps: list[tuple[bool, int]]) -> None:
    cidr = IPv4Network(f"10.3.4.0/{prefix}")
    pool = AddressPool(str(cidr))
    usable = cidr.num_addresses - 3
    held: list[str] = []
    for take, which in steps:
        if take and len(held) < usable:
            address = pool.take()
            assert address not in held
            assert cidr.network_address + 2 <= IPv4Address(address) < cidr.broadcast_address
            held.append(address)
        elif take:
            with pytest.raises(NoFreeAddressError):
                pool.take()
        elif held:
            pool.release(held.pop(which % len(held)))
        assert pool.used == set(held)


def test_released_address_rests_until_the_range_went_round() -> None:
    pool = AddressPool("10.0.0.0/29")  # .2 to .6
    assert [pool.take() for _ in range(3)] == ["10.0.0.2", "10.0.0.3", "10.0.0.4"]
    pool.release("10.0.0.3")
    assert [pool.take() for _ in range(3)] == ["10.0.0.5", "10.0.0.6", "10.0.0.3"]


def test_goes_on_after_the_last_address_of_an_earlier_run() -> None:
    pool = AddressPool("10.0.0.0/24", last="10.0.0.77")
    pool.hold("10.0.0.78")
    assert pool.take() == "10.0.0.79"
    assert AddressPool("10.9.0.0/24", last="10.0.0.77").take() == "10.9.0.2"


@pytest.mark.parametrize(
    ("wanted", "given_"),
    [("10.0.0.9", "10.0.0.9"), ("10.0.0.5", "10.0.0.2"), ("10.0.0.1", "10.0.0.2"), ("10.0.0.255", "10.0.0.2"),
     ("192.0.2.9", "10.0.0.2")],
    ids=["free", "in use", "reserved", "broadcast", "elsewhere"],
)  # fmt: skip
def test_wanted_address_is_given_if_it_can_be(wanted: str, given_: str) -> None:
    pool = AddressPool("10.0.0.0/24")
    pool.hold("10.0.0.5")
    assert pool.take(wanted) == given_


def test_names_follow_from_the_uid() -> None:
    uid = "85bd8a66-4b38-49fd-9929-0428b2a3a9e9"
    assert names.netns_path("ab12cd", uid) == "/run/netns/pw-ab12cd-85bd8a664b38"
    assert names.link_name(uid) == "pw85bd8a664b38"
    assert len(names.link_name("a static pod's own uid")) <= 15
    assert names.short("a") != names.short("b")
    assert names.pod_cgroup("/podwright/x/n1/", uid) == f"podwright/x/n1/pod{uid}"


def test_hardware_address_follows_from_the_address() -> None:
    assert pod_link.pod_mac("10.1.2.255") == "0a:58:0a:01:02:ff"
    assert int(pod_link.NODE_MAC[:2], 16) & 3 == 2, "locally administered, no multicast"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("net.ipv4.tcp_syncookies", "/proc/sys/net/ipv4/tcp_syncookies"),
        ("net/ipv4/conf/eth0.1/forwarding", "/proc/sys/net/ipv4/conf/eth0.1/forwarding"),
        ("kernel.shm_rmid_forced", "/proc/sys/kernel/shm_rmid_forced"),
    ],
)
def test_settings_have_files(name: str, path: str) -> None:
    assert str(sysctls.file(name)) == path


@pytest.mark.parametrize("name", ["net/../../etc/passwd", "/etc/passwd"])
def test_settings_stay_in_their_folder(name: str) -> None:
    with pytest.raises(ValueError, match="not a kernel setting"):
        sysctls.file(name)
