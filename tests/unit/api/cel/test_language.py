"""What expressions evaluate to, operator by operator and macro by macro."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.cel.errors import CostExceeded, EvaluationError
from podwright.api.cel.frame import Budget
from podwright.api.cel.values import NONE, Duration, Optional, UInt

from .engine import DOCUMENT, compiled, value

VALUES: list[tuple[str, Any]] = [
    ("self.spec.size <= self.spec.max", True),
    ("self.spec.size + 1", 4),
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("-7 % 2", -1),
    ("7 % -2", 1),
    ("7.0 / 2.0", 3.5),
    ("1.0 / 0.0 > 1e308", True),
    ("0.0 / 0.0 == 0.0 / 0.0", False),
    ("5u - 3u", UInt(2)),
    ("- -1", 1),
    ("!!true", True),
    ("-9223372036854775808", -(2**63)),
    ("0xff", 255),
    ("1 < 2.5", True),
    ("1u < 2", True),
    ("dyn(1) == 1.0", True),
    ("dyn(1u) == 1", True),
    ("dyn(true) == 1", False),
    ("dyn([true]) == [1]", False),
    ("[1, 2] == [1, 2]", True),
    ("{'a': 1} == {'a': 1}", True),
    ("{'a': 1} == {'a': 2}", False),
    ("null == null", True),
    ("'a' + 'b'", "ab"),
    ("b'a' + b'\\xff'", b"a\xff"),
    ("[1] + [2]", [1, 2]),
    ("'a' < 'b'", True),
    ("false < true", True),
    ("true ? 1 : 2", 1),
    ("1 in [1, 2]", True),
    ("'a' in {'a': 1}", True),
    ("true in {true: 1}", True),
    ("1 in {true: 1}.map(k, dyn(k))", False),
    ("{1: 'a', 2: 'b'}[2]", "b"),
    ("{true: 'a'}[true]", "a"),
    ("size('héllo')", 5),
    ("size(b'h\\303\\251')", 3),
    ("[1, 2, 3].size()", 3),
    ("'\\u00e9\\x41\\101\\n'", "éAA\n"),
    ("r'\\n'", "\\n"),
    ("'''a\nb'''", "a\nb"),
    ("[1, 2, 3].all(x, x > 0)", True),
    ("[1, 2, 3].all(x, x > 1)", False),
    ("[].all(x, x > 0)", True),
    ("[1, 2, 3].exists(x, x == 2)", True),
    ("[1, 2, 2].exists_one(x, x == 2)", False),
    ("[1, 2].existsOne(x, x == 2)", True),
    ("[1, 2].map(x, x * 2)", [2, 4]),
    ("[1, 2].map(x, x > 1, x * 2)", [4]),
    ("[1, 2].filter(x, x > 1)", [2]),
    ("{'a': 1}.map(k, k)", ["a"]),
    ("{'a': 1}.exists(k, v, v == 1)", True),
    ("[5, 6].all(i, v, v == i + 5)", True),
    ("[1, 2].existsOne(i, v, v == 2)", True),
    ("[5, 6].transformList(i, v, i + v)", [5, 7]),
    ("[5, 6].transformList(i, v, i > 0, v)", [6]),
    ("{'a': 1}.transformMap(k, v, v + 1)", {"a": 2}),
    ("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v)", {"b": 2}),
    ("[5].transformMapEntry(i, v, {v: i})", {5: 0}),
    ("[[1, 2], [3]].map(x, x.map(y, y + 1))", [[2, 3], [4]]),
    ("[1].map(x, [2].map(x, x))", [[2]]),
    ("true || 1 / 0 == 1", True),
    ("1 / 0 == 1 || true", True),
    ("1 / 0 == 1 && false", False),
    ("[0, 1].exists(x, 1 / x == 1)", True),
    ("[0, 1].all(x, 1 / x == 2)", False),
    ("has(self.spec.name)", True),
    ("has(self.spec.absent)", False),
    ("has(any.spec.nope)", False),
    ("has(any.spec.size.nope)", False),
    ("has(dyn(null).nope)", False),
    ("any.spec.size.?nope.hasValue()", False),
    ("dyn(null)[?'nope'].hasValue()", False),
    ("self.spec.x__dash__prop", "q"),
    ("self.spec.__namespace__", "n"),
    ("self.spec.ratio / 4.0", 0.5),
    ("self.spec.when.getFullYear()", 2020),
    ("self.spec.when.getMilliseconds()", 6),
    ("self.spec.when.getHours('+02:00')", 5),
    ("self.spec.when.getDayOfWeek('Europe/Berlin')", 4),
    ("self.spec.day < self.spec.when", True),
    ("self.spec.wait == duration('1m30s')", True),
    ("self.spec.wait.getSeconds()", 90),
    ("self.spec.when - self.spec.day", Duration((3 * 3600 + 4 * 60 + 5) * 10**9 + 6_000_000)),
    ("self.spec.data == b'abc'", True),
    ("type(self.spec.port) == int ? self.spec.port < 100 : false", True),
    ("self.spec.set == ['y', 'x']", True),
    ("['y', 'x'] == self.spec.set", True),
    ("self.spec.set == ['y', 'z']", False),
    ("self.spec.list == ['b', 'a']", False),
    ("self.spec.set + ['y', 'z']", ["x", "y", "z"]),
    ("self.spec.rows == oldSelf.spec.rows", True),
    ("(self.spec.rows + oldSelf.spec.rows).size()", 2),
    ("self.spec.rows[1].value", 2.5),
    ("self.spec.rows.filter(r, r.value > 2.0).map(r, r.key)", ["b"]),
    ("self == oldSelf", True),
    ("self.metadata.name", "thing"),
    ("any.spec.rows[0].key", "a"),
    ("any.spec.labels.all(k, any.spec.labels[k] == 1)", True),
    ("type(1) == int", True),
    ("type(self.spec.when) == google.protobuf.Timestamp", True),
    ("type(type(1)) == type", True),
    ("optional.of(1).hasValue()", True),
    ("optional.none().orValue(2)", 2),
    ("optional.of(1).or(optional.of(2)).value()", 1),
    ("optional.ofNonZeroValue('').hasValue()", False),
    ("self.spec.?absent.orValue('none')", "none"),
    ("self.spec.?name.orValue('none')", "bob"),
    ("any.?spec.?nope.?deeper.hasValue()", False),
    ("self.spec.list[?5].orValue('x')", "x"),
    ("self.spec.list[?1].value()", "b"),
    ("self.spec.labels[?'b'].hasValue()", False),
    ("optional.of(2).optMap(x, x * 2).value()", 4),
    ("optional.of(2).optFlatMap(x, optional.none()).hasValue()", False),
    ("[1, ?optional.none(), ?optional.of(3)]", [1, 3]),
    ("{'a': 1, ?'b': optional.none()}", {"a": 1}),
    ("optional.unwrap([optional.of(1), optional.none()])", [1]),
    ("maybe.hasValue()", False),
    ("!maybe.hasValue() || maybe.value().spec.size == 1", True),
]


@pytest.mark.parametrize(("source", "expected"), VALUES, ids=[source for source, _ in VALUES])
def test_value(source: str, expected: Any) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected)


FAILURES: list[tuple[str, str]] = [
    ("1 / 0", "division by zero"),
    ("1 % 0", "modulus by zero"),
    ("9223372036854775807 + 1", "integer overflow"),
    ("-9223372036854775808 - 1", "integer overflow"),
    ("4611686018427387904 * 2", "integer overflow"),
    ("-(-9223372036854775808)", "integer overflow"),
    ("0u - 1u", "unsigned integer overflow"),
    ("self.spec.labels['b']", "no such key: b"),
    ("self.spec.absent", "no such key: absent"),
    ("any.nope", "no such key: nope"),
    ("self.spec.list[2]", "index out of bounds: 2"),
    ("self.spec.list[-1]", "index out of bounds: -1"),
    ("{1: 2}[3]", "no such key: 3"),
    ("{true: 2}[false]", "no such key: false"),
    ("{'a': 1, 'a': 2}", "Failed with repeated key: a"),
    ("dyn(1) + 'a'", "no such overload"),
    ("self.spec.port.startsWith('a')", "no such overload"),
    ("dyn(1) ? 1 : 2", "no such overload"),
    ("dyn(1) && true", "no such overload"),
    ("dyn(1).x", "no such key: x"),
    ("dyn(1)[0]", "no such key: 0"),
    ("dyn(null).x", "no such key: x"),
    ("any.spec.list.x", "unsupported index type 'string' in list"),
    ("has(any.spec.list.x)", "unsupported index type 'string' in list"),
    ("any.spec.list['x']", "unsupported index type 'string' in list"),
    ("dyn(1).all(x, true)", "no such overload"),
    ("[0, 1].map(x, 1 / x)", "division by zero"),
    ("[0, 1].all(x, 1 / x == 1)", "division by zero"),
    ("optional.none().value()", "optional.none() dereference"),
    ("int('x')", "type conversion error from 'string' to 'int'"),
    ("int(1e30)", "integer overflow"),
    ("timestamp(self.spec.name)", "type conversion error from 'string' to 'google.protobuf.Timestamp'"),
    ("string(b'\\xff')", "invalid UTF-8 in bytes, cannot convert to string"),
    ("['a', 'a'].transformMapEntry(i, v, {v: i})", "insert failed: key a already exists"),
]


@pytest.mark.parametrize(("source", "message"), FAILURES, ids=[source for source, _ in FAILURES])
def test_failure(source: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value(source)
    assert str(caught.value) == message


def test_a_missing_binding_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="no such attribute"):
        compiled("oldSelf.spec.size == 1").evaluate({"self": DOCUMENT}, Budget())


def test_an_optional_binding() -> None:
    assert value("maybe.value().spec.size", maybe=DOCUMENT) == 3


def test_a_program_says_what_it_uses() -> None:
    assert compiled("self.spec.size == 1").uses == {"self"}
    assert compiled("self == oldSelf").uses == {"self", "oldSelf"}
    assert compiled("[1].all(self, self == 1)").uses == frozenset()


def test_costs_are_taken_from_the_budget() -> None:
    budget = Budget(100)
    compiled("self.spec.size == 3").evaluate({"self": DOCUMENT}, budget)
    assert budget.remaining == 96


def test_too_much_is_stopped() -> None:
    nested = "1 == 1"
    for name in "abcde":
        nested = f"[{','.join(['1'] * 50)}].all({name}, {nested})"
    budget = Budget()
    with pytest.raises(CostExceeded) as caught:
        compiled(nested).evaluate({}, budget)
    assert str(caught.value) == "operation cancelled: actual cost limit exceeded"
    assert budget.remaining < 10_000_000


def test_what_takes_too_long_is_stopped() -> None:
    moments = iter(range(10**6))
    budget = Budget(seconds=1, clock=lambda: float(next(moments)))
    with pytest.raises(CostExceeded):
        compiled("lists.range(5000).all(x, x >= 0)").evaluate({}, budget)


@pytest.mark.parametrize(
    "source",
    [
        "'aaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaa')" * 12,
        "[[0]]" + ".map(x, x + x)" * 40,
        "lists.range(9223372036854775807)",
        "'%s'.format([lists.range(500000)])",
        "lists.range(1000000).map(x, 'abcdefghij').join()",
        "('aaaaaaaaaa' + '').replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaa').replace('a', 'aaaaaaaaaaaa').replace('a', 'aaaaaa').findAll('a')",
    ],
    ids=["replace", "doubling", "range", "format", "join", "findAll"],
)
def test_no_expression_makes_much_of_little(source: str) -> None:
    with pytest.raises((CostExceeded, EvaluationError)):
        compiled(source).evaluate({}, Budget())


def test_an_empty_optional_is_shared() -> None:
    assert value("optional.none()") is NONE
    assert isinstance(value("optional.of(1)"), Optional)
