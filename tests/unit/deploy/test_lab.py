"""A lab's addresses, and the machine's forwarding shared by several labs."""

from __future__ import annotations

from pathlib import Path

import pytest

from podwright.deploy.lab import forwarding
from podwright.deploy.lab.subnets import NoRoom, choose


def test_ranges_are_clear_of_what_is_there() -> None:
    first = choose([])
    assert (first.underlay, first.pods, first.gateway, first.node(2)) == (
        "10.88.0.0/24",
        "10.244.0.0/16",
        "10.88.0.1",
        "10.88.0.12",
    )
    second = choose([first.underlay, "10.244.7.0/24"])
    assert (second.underlay, second.pods) == ("10.88.1.0/24", "10.245.0.0/16")
    assert choose(["10.88.7.0/24"], before=second) == second
    assert choose([second.underlay], before=second) == first
    with pytest.raises(NoRoom, match="nodes"):
        choose(["10.0.0.0/8"])


def test_forwarding_is_restored_by_the_last_lab(tmp_path: Path) -> None:
    sysctl, record = tmp_path / "ip_forward", tmp_path / "run" / "record.json"
    sysctl.write_text("0\n")
    paths = {"sysctl": sysctl, "record": record}
    forwarding.acquire("a", **paths)
    forwarding.acquire("b", **paths)
    forwarding.acquire("a", **paths)
    assert sysctl.read_text() == "1"
    forwarding.release("a", **paths)
    assert sysctl.read_text() == "1"
    forwarding.release("b", **paths)
    assert sysctl.read_text() == "0"
    assert not record.exists()
    forwarding.release("b", **paths)
    assert sysctl.read_text() == "0"
