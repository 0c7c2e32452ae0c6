"""The timeout of a query: what is a duration, and which requests have one."""

from __future__ import annotations

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.options import Query
from podwright.apiserver.routes import resolve
from podwright.apiserver.time_limit import check_timeout, duration_problem

PODS = "/api/v1/namespaces/ns/pods"


@pytest.mark.parametrize("text", ["0", "-0", "1s", "+1.5h", "1m30s", ".5s", "1.s", "300ms", "2\u00b5s"])
def test_durations(text: str) -> None:
    assert duration_problem(text) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("abc", 'invalid duration "abc"'),
        ("+", 'invalid duration "+"'),
        ("s", 'invalid duration "s"'),
        (".s", 'invalid duration ".s"'),
        ("5", 'missing unit in duration "5"'),
        ("1m5", 'missing unit in duration "1m5"'),
        ("5x", 'unknown unit "x" in duration "5x"'),
        ("5 s", 'unknown unit " s" in duration "5 s"'),
        ("1m-5s", 'unknown unit "m-" in duration "1m-5s"'),
    ],
)
def test_what_is_no_duration(text: str, problem: str) -> None:
    assert duration_problem(text) == problem


@pytest.mark.parametrize(
    ("method", "path", "watch", "refused"),
    [
        ("GET", PODS, False, True),
        ("DELETE", f"{PODS}/x", False, True),
        ("GET", "/version", False, True),
        ("GET", PODS, True, False),
        ("GET", f"{PODS}/x/log", False, False),
        ("POST", f"{PODS}/x/proxy/a", False, False),
    ],
)
def test_requests_with_a_limit(method: str, path: str, watch: bool, refused: bool) -> None:
    query, target = Query((("timeout", "5"),)), resolve(method, path, watch=watch)
    if not refused:
        check_timeout(query, target)
        return
    with pytest.raises(ApiError) as error:
        check_timeout(query, target)
    text = 'invalid timeout specified in the request URL - time: missing unit in duration "5"'
    assert (error.value.code, error.value.message) == (400, text)
