"""Clusters for the tests of this folder; each leaves the host as it was, and that is asserted."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests are imported by path: their helpers are found through this
from e2e_cluster import Cluster, assert_as_before, free_ports, keys_in_logs, snapshot


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in str(item.path):
            item.add_marker(pytest.mark.e2e)
            if os.geteuid() != 0:
                item.add_marker(pytest.mark.skip(reason="a cluster needs root"))


@pytest.fixture
def make_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Cluster]]:
    """Makes clusters that are gone after the test, whatever happened; the host must then be as before."""
    before = snapshot()
    made: list[Cluster] = []

    def make(*options: str) -> Cluster:
        cluster = Cluster(tmp_path_factory.mktemp("pw") / "data", free_ports())
        made.append(cluster)
        cluster.podwright("up", "--api-port", str(cluster.port), *options)
        return cluster

    yield make
    shown = [line for cluster in made for line in keys_in_logs(cluster.data)]
    for cluster in made:
        cluster.down()
    assert_as_before(before, *made)
    assert shown == []
    for cluster in made:
        shutil.rmtree(cluster.data.parent, ignore_errors=True)


@pytest.fixture(scope="module")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One cluster of three nodes for all tests of a module."""
    before = snapshot()
    cluster = Cluster(tmp_path_factory.mktemp("pw") / "data", free_ports())
    try:
        cluster.podwright("up", "--nodes", "3", "--api-port", str(cluster.port))
        yield cluster
    finally:
        shown = keys_in_logs(cluster.data)
        cluster.down()
    assert_as_before(before, cluster)
    assert shown == []
