"""The pytest plugin: fixtures for those who test operators against a real API. See docs/testing-operators.md.

pytest loads this in every session of an environment that has Podwright installed, so that nothing is imported here
before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from podwright.deploy.testing.server import Options, PodwrightServer


@pytest.fixture(scope="session")
def podwright_options() -> Options:
    """What the server is started with; define a fixture of this name to change it."""
    from podwright.deploy.testing.server import Options

    return Options()


@pytest.fixture(scope="session")
def podwright_server(podwright_options: Options) -> Iterator[PodwrightServer]:
    """An API server that lives as long as the tests: its URL, a kubeconfig and an administrator's certificates."""
    from podwright.deploy.testing.server import serving

    with serving(podwright_options) as server:
        yield server


@pytest.fixture
def podwright_namespace(podwright_server: PodwrightServer) -> Iterator[str]:
    """The name of a namespace that only this test uses."""
    name = podwright_server.create_namespace()
    yield name
    podwright_server.delete_namespace(name)
