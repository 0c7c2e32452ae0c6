"""Every manifest we ship is one that our own server takes, without a warning."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import ROOT

from podwright.api.model import check
from podwright.api.resources import RESOURCES, Resource
from podwright.apiserver.strategies.table import strategy_for
from podwright.apiserver.strategy import WriteContext
from podwright.apiserver.user import User

JSON = dict[str, Any]


class Nothing:
    """An empty server."""

    def get(self, resource: Resource, name: str, namespace: str = "") -> JSON | None:
        return None

    def list(self, resource: Resource, namespace: str = "") -> list[JSON]:
        return []


def documents() -> list[Any]:
    found: list[Any] = []
    for file in sorted([*ROOT.glob("manifests/**/*.yaml"), *ROOT.glob("manifests/**/*.yml")]):
        for index, data in enumerate(yaml.safe_load_all(file.read_text())):
            found.append(pytest.param(file, data, id=f"{file.relative_to(ROOT / 'manifests')}-{index}"))
    return found


def test_there_are_examples() -> None:
    assert list(ROOT.glob("manifests/examples/*.yaml"))


@pytest.mark.parametrize(("file", "data"), documents())
def test_manifest_is_valid(file: Path, data: JSON) -> None:
    group, _, version = data["apiVersion"].rpartition("/")
    [resource] = [r for r in RESOURCES if (r.group, r.version, r.kind) == (group, version, data["kind"])]
    assert check(resource.cls, data) == []

    strategy = strategy_for(resource)
    context = WriteContext(User("admin"), dt.datetime.now(dt.UTC), resource, Nothing())
    if resource.namespaced:
        data["metadata"].setdefault("namespace", "default")
    strategy.default(data)
    strategy.prepare_create(data, context)

    assert [e.text() for e in strategy.validate_create(data, context)] == []
    assert strategy.warnings(data, None, context) == []
