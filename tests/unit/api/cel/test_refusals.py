"""How expressions are refused: the message, and where in the text it points."""

from __future__ import annotations

import pytest

from .engine import refusal

STARTS = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)
ARGUMENTS = STARTS.replace("'(', ", "'(', ')', ")

REFUSALS: list[tuple[str, int, str]] = [
    ("self.nope > 1", 5, "undefined field 'nope'"),
    ("has(self.spec.nope)", 4, "undefined field 'nope'"),
    ("self.metadata.labels", 14, "undefined field 'labels'"),
    ("foo.bar", 1, "undeclared reference to 'foo' (in container '')"),
    ("foo(1)", 4, "undeclared reference to 'foo' (in container '')"),
    ("self.spec.name.nope()", 20, "undeclared reference to 'nope' (in container '')"),
    ("1 == 'a'", 3, "found no matching overload for '_==_' applied to '(int, string)'"),
    ("self.spec.size == 3.0", 16, "found no matching overload for '_==_' applied to '(int, double)'"),
    ("self.spec.name.startsWith(3)", 26, "found no matching overload for 'startsWith' applied to 'string.(int)'"),
    ("1 in self.spec.list", 3, "found no matching overload for '@in' applied to '(int, list(string))'"),
    ("self.spec.name[0]", 15, "found no matching overload for '_[_]' applied to '(string, int)'"),
    ("!self.spec.size", 1, "found no matching overload for '!_' applied to '(int)'"),
    ("1 ? 2 : 3", 3, "found no matching overload for '_?_:_' applied to '(int, int, int)'"),
    (
        "{'a': 1} + {'b': 2}",
        10,
        "found no matching overload for '_+_' applied to '(map(string, int), map(string, int))'",
    ),
    ("1 && true", 1, "expected type 'bool' but found 'int'"),
    ("[1, 'a']", 5, "expected type 'int' but found 'string'"),
    ("{'a': 1, 2: 3}", 10, "expected type 'string' but found 'int'"),
    ("[1].all(x, x)", 12, "expected type 'bool' but found 'int'"),
    (
        "self.spec.size.all(x, true)",
        10,
        "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ),
    ("self.spec.size.x", 15, "type 'int' does not support field selection"),
    ("[?1]", 3, "expected type 'optional_type(int)' but found 'int'"),
    ("Thing{}", 6, "undeclared reference to 'Thing' (in container '')"),
    ("has(self)", 5, "invalid argument to has() macro"),
    ("[1].all(1, true)", 9, "argument must be a simple name"),
    ("[1].map(a.b, true)", 10, "argument is not an identifier"),
    ("[1].map(__result__, true)", 9, "iteration variable overwrites accumulator variable"),
    ("[1].all(x, x, true)", 12, "duplicate variable name: x"),
    ("if == 1", 1, "reserved identifier: if"),
    ("9223372036854775808", 1, "invalid int literal"),
    ("18446744073709551616u", 1, "invalid uint literal"),
    ("1e999", 1, "invalid double literal"),
    ("'a'.matches('(')", 13, "invalid matches argument"),
    ("duration('a')", 10, "invalid duration argument"),
    ("timestamp('a')", 11, "invalid timestamp argument"),
    ("foo(", 5, f"Syntax error: mismatched input '<EOF>' expecting {ARGUMENTS}"),
    ("1 +", 4, f"Syntax error: mismatched input '<EOF>' expecting {STARTS}"),
    ("", 1, f"Syntax error: mismatched input '<EOF>' expecting {STARTS}"),
    ("(1", 3, "Syntax error: missing ')' at '<EOF>'"),
    ("a b", 3, "Syntax error: extraneous input 'b' expecting <EOF>"),
    ("1 2 +", 3, "Syntax error: mismatched input '2' expecting <EOF>"),
    ("self.", 6, "Syntax error: no viable alternative at input '.'"),
    ("{'a': 1}.'a'", 10, "Syntax error: no viable alternative at input '.'a''"),
    ("'abc", 1, "Syntax error: token recognition error at: ''abc'"),
]


@pytest.mark.parametrize(("source", "column", "message"), REFUSALS, ids=[row[0] or "empty" for row in REFUSALS])
def test_refusal(source: str, column: int, message: str) -> None:
    first = refusal(source).split("\nERROR: ")[0]
    dots = "." * (column - 1)
    assert first == f"ERROR: <input>:1:{column}: {message}\n | {source}\n | {dots}^"


def test_every_finding_is_listed_in_order() -> None:
    lines = refusal("foo + bar").split("\n")
    assert [line for line in lines if line.startswith("ERROR")] == [
        "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')",
        "ERROR: <input>:1:7: undeclared reference to 'bar' (in container '')",
    ]


def test_what_is_no_token_is_reported_and_skipped() -> None:
    lines = [line for line in refusal("1 + $").split("\n") if line.startswith("ERROR")]
    assert lines[0] == "ERROR: <input>:1:5: Syntax error: token recognition error at: '$'"
    assert lines[1].startswith("ERROR: <input>:1:6: Syntax error: mismatched input '<EOF>'")


def test_the_line_of_a_longer_text_is_shown() -> None:
    assert refusal("1 == 1 &&\n\tfoo") == (
        "ERROR: <input>:2:2: undeclared reference to 'foo' (in container '')\n |  foo\n | .^"
    )


def test_wide_characters_are_pointed_at() -> None:
    assert refusal("'é' + 1").endswith("\n | .\uff0e..^")


@pytest.mark.parametrize(
    "source",
    [
        "(" * 3000 + "1" + ")" * 3000,
        "[" * 3000 + "]" * 3000,
        "-" * 5001 + "a.b",
        "1" + " + 1" * 3000,
        "a" + ".b" * 3000,
        "a" + "[0]" * 3000,
        "[1]" + ".map(x, x)" * 1000,
        "true ? 1 : " * 1000 + "1",
        "optional.of(1)" + ".optMap(x, x)" * 1000,
        "1" * 200_000,
    ],
    ids=["parentheses", "lists", "minus", "sum", "fields", "indices", "macros", "conditions", "optMap", "long"],
)
def test_deep_or_long_expressions_are_refused(source: str) -> None:
    assert "ERROR: <input>:" in refusal(source)
