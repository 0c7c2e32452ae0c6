"""Random expressions: what is written wrongly is refused, what is written well agrees with Python, nothing else ever."""

from __future__ import annotations

import contextlib
import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.api.cel.errors import CelError, EvaluationError
from podwright.api.cel.escaping import escape, unescape
from podwright.api.cel.frame import Budget

from .engine import DOCUMENT, compiled

PIECES = [
    "self", "oldSelf", "any", ".spec", ".size", ".list", ".labels", ".rows", ".name", "[0]", "[?0]", ".?x", "(", ")", "[", "]",
    "{", "}", ",", ":", "?", "+", "-", "*", "/", "%", "==", "!=", "<", "&&", "||", "!", " in ", "1", "2u", "1.5", "'a'",
    "b'a'", "null", "true", "x", "y", ".all(x, ", ".map(x, ", ".exists(x, ", ".optMap(x, ", "has(", "size(", "dyn(",
    "type(", "string(", "int(", ".matches(", ".split(", ".join(", "duration('1s')", "quantity('1')", ".sort()", ".sum()",
    "optional.of(", ".orValue(", ".format([", "lists.range(", "sets.contains(", ".transformMap(x, y, ", "\n", "é", "'", '"',
]  # fmt: skip


EVERYTHING = {"self": DOCUMENT, "oldSelf": DOCUMENT, "any": DOCUMENT}


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_nothing_but_our_errors(pieces: list[str]) -> None:
    with contextlib.suppress(CelError):
        compiled("".join(pieces)).evaluate(EVERYTHING, Budget(), limit=10_000)


@given(st.text(max_size=40))
def test_any_text_is_refused_or_evaluated(text: str) -> None:
    with contextlib.suppress(CelError):
        compiled(text).evaluate(EVERYTHING, Budget(), limit=10_000)


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
ANY = [
    "any.x", "any[0]", "any['a']", "any.all(x, x == any)", "any + any", "any < any", "any == any", "size(any)", "any in any",
    "any.map(x, x)", "has(any.x)", "any.?x", "any[?0]", "string(any)", "int(any)", "any.matches(any)", "any.sum()",
    "any.sort()", "any.distinct()", "any.join()", "'%s'.format([any])", "any ? 1 : 2", "any && any", "-any", "!any",
    "any.flatten(3)", "sets.contains(any, any)", "any.indexOf(any)", "{any: any}", "optional.ofNonZeroValue(any)",
    "any.transformMapEntry(x, y, {x: y})", "any.getFullYear()", "any.split(any)", "lists.range(any)", "any.max()",
]  # fmt: skip


@pytest.mark.parametrize("source", ANY)
@given(document=documents)
@settings(max_examples=40)
def test_values_of_any_type(source: str, document: Any) -> None:
    with contextlib.suppress(CelError):
        compiled(source).evaluate({"any": document}, Budget(), limit=10_000)


NUMBERS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
LIMIT = 2**63
ints = st.integers(-LIMIT, LIMIT - 1)
trees = st.recursive(
    st.integers(-100, 100) | ints,
    lambda inner: st.tuples(st.sampled_from(sorted(NUMBERS)), inner, inner),
    max_leaves=8,
)


def written(tree: Any) -> str:
    return f"({written(tree[1])} {tree[0]} {written(tree[2])})" if isinstance(tree, tuple) else f"({tree})"


def calculated(tree: Any) -> int:
    if not isinstance(tree, tuple):
        return tree
    found = NUMBERS[tree[0]](calculated(tree[1]), calculated(tree[2]))
    if not -LIMIT <= found < LIMIT:
        raise OverflowError
    return found


@given(trees)
def test_arithmetic_is_python_s_within_64_bits(tree: Any) -> None:
    try:
        expected: int | None = calculated(tree)
    except OverflowError:
        expected = None
    if expected is None:
        with pytest.raises(EvaluationError, match="integer overflow"):
            compiled(written(tree)).evaluate({}, Budget())
    else:
        assert compiled(written(tree)).evaluate({}, Budget()) == expected


@given(st.lists(st.integers(0, 5), max_size=8), st.integers(0, 5))
def test_macros_are_python_s_comprehensions(items: list[int], bound: int) -> None:
    bindings = {"any": items}
    for source, expected in (
        (f"any.all(x, x < {bound})", all(x < bound for x in items)),
        (f"any.exists(x, x < {bound})", any(x < bound for x in items)),
        (f"any.exists_one(x, x < {bound})", sum(x < bound for x in items) == 1),
        (f"any.filter(x, x < {bound})", [x for x in items if x < bound]),
        (f"any.map(x, x < {bound}, x * 2)", [x * 2 for x in items if x < bound]),
        (f"any.transformMap(i, x, x < {bound}, x)", {i: x for i, x in enumerate(items) if x < bound}),
    ):
        assert compiled(source).evaluate(bindings, Budget()) == expected


@given(st.text(alphabet="ab_-./0", max_size=12))
def test_escaped_names_come_back(name: str) -> None:
    escaped = escape(name)
    if escaped is not None:
        assert escaped.isidentifier()
        assert unescape(escaped) == name
