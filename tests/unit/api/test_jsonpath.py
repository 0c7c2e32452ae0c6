"""JSONPath templates as users of the API write them."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.jsonpath import JsonPathError, Missing, find, render

DATA: dict[str, Any] = {
    "kind": "List",
    "items": [
        {"metadata": {"name": "a", "labels": {"app.io/x": "1"}}, "n": 3, "ok": True, "ports": [80, 81]},
        {"metadata": {"name": "b"}, "n": 5, "ports": [90]},
    ],
    "users": [{"name": "ann", "user": {"pw": "x"}}, {"name": "bob"}],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.kind}", "List"),
        ("kind is {.kind}", "kind is List"),
        ("{.items[*].metadata.name}", "a b"),
        ("{.items[0].metadata.name}", "a"),
        ("{.items[-1].metadata.name}", "b"),
        ("{.items[0:1].n}", "3"),
        ("{.items[*].ports[*]}", "80 81 90"),
        ("{.items[0].ports}", "[80,81]"),
        ("{.items[0].ok}", "true"),
        ("{..name}", "a b ann bob"),
        ('{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', "a\t3\nb\t5\n"),
        ('{.users[?(@.name=="bob")].name}', "bob"),
        ("{.items[?(@.n>3)].metadata.name}", "b"),
        ("{.items[?(@.ok)].metadata.name}", "a"),
        ("{.items[0].metadata.labels.app\\.io/x}", "1"),
        ("{.items[0].metadata.labels['app.io/x']}", "1"),
        ("{.items[0]['metadata','n']}", '{"name":"a","labels":{"app.io/x":"1"}} 3'),
        ("{.nope}", ""),
        ("{.items[9].n}", ""),
        ("{$.kind}", "List"),
    ],
)
def test_render(template: str, text: str) -> None:
    assert render(template, DATA) == text


@pytest.mark.parametrize("template", ["{.a", "{range .items[*]}x", "{end}", "{.items[x]}", "{.items[0}", "{%}"])
def test_bad_templates_are_refused(template: str) -> None:
    with pytest.raises(JsonPathError):
        render(template, DATA)


def test_missing_can_be_an_error() -> None:
    with pytest.raises(Missing, match="nope is not found"):
        render("{.nope}", DATA, allow_missing=False)


@pytest.mark.parametrize("path", ["items[0].n", ".items[0].n", "{.items[0].n}"])
def test_relaxed_paths(path: str) -> None:
    assert find(path, DATA) == [3]
