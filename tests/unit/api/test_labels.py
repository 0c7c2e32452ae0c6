"""Label selectors against a naive evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.labels import Selector, SelectorError

keys = st.sampled_from(["a", "b", "c.d/e", "in", "notin", "x-y"])
values = st.sampled_from(["", "1", "2", "10", "v", "in", "9" * 20])
labels = st.dictionaries(keys, st.one_of(values, st.just("-3"), st.just("-")))


NO_INTEGER = "for 'Gt', 'Lt' operators, the value must be an integer"
TOO_LONG = "name part must be no more than 63 bytes"


def naive(key: str, operator: str, wanted: list[str], have: Mapping[str, str]) -> bool:
    if operator in ("=", "==", "in"):
        return key in have and have[key] in wanted
    if operator in ("!=", "notin"):
        return not (key in have and have[key] in wanted)
    if operator == "exists":
        return key in have
    if operator == "!":
        return key not in have
    try:
        number = int(have[key])
    except (KeyError, ValueError):
        return False
    return number > int(wanted[0]) if operator == ">" else number < int(wanted[0])


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    operator = draw(st.sampled_from(["=", "==", "!=", "in", "notin", "exists", "!", ">", "<"]))
    if operator in ("in", "notin"):
        wanted = draw(st.lists(values, min_size=1, max_size=3))
    elif operator in (">", "<"):
        wanted = [str(draw(st.integers(0, 20)))]
    else:
        wanted = [draw(values)]
    return draw(keys), operator, wanted


def written(key: str, operator: str, wanted: list[str], space: str) -> str:
    match operator:
        case "exists":
            return key
        case "!":
            return f"!{space}{key}"
        case "in" | "notin":
            return f"{key} {operator} ({space}{f'{space},'.join(wanted)}{space})"
        case _:
            return f"{key}{space}{operator}{space}{wanted[0]}"


@given(st.lists(conditions(), max_size=4), labels, st.sampled_from(["", " ", "\t "]))
def test_parsing_and_matching(given_conditions: list[tuple[str, str, list[str]]], have: dict[str, str], s: str) -> None:
    text = f"{s},{s}".join(written(*condition, s) for condition in given_conditions)
    selector = Selector.parse(text)
    wanted = all(naive(*condition, have) for condition in given_conditions)
    assert selector.matches(have) is wanted
    again = Selector.parse(str(selector))
    assert again == selector
    assert hash(again) == hash(selector)
    assert again.matches(have) is wanted


OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


@given(
    st.dictionaries(keys, values, max_size=2),
    st.lists(st.tuples(keys, st.sampled_from(list(OPERATORS)), st.lists(values, min_size=1, max_size=3)), max_size=3),
    labels,
)
def test_label_selector_objects(
    pairs: dict[str, str], expressions: list[tuple[str, str, list[str]]], have: dict[str, str]
) -> None:
    selector = {
        "matchLabels": pairs,
        "matchExpressions": [
            {"key": key, "operator": operator, **({"values": wanted} if operator in ("In", "NotIn") else {})}
            for key, operator, wanted in expressions
        ],
    }
    wanted = all(have.get(key) == value for key, value in pairs.items()) and all(
        naive(key, OPERATORS[operator], wanted, have) for key, operator, wanted in expressions
    )
    assert Selector.from_label_selector(selector).matches(have) is wanted


@dataclass
class TypedExpression:
    key: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass
class TypedSelector:
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[TypedExpression, ...] = ()


def test_the_typed_form_means_the_same() -> None:
    typed = TypedSelector({"a": "b"}, (TypedExpression("c", "NotIn", ("d", "e")),))
    plain = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["e", "d"]}]}
    assert Selector.from_label_selector(typed) == Selector.from_label_selector(plain)
    assert str(Selector.from_label_selector(typed)) == "a=b,c notin (d,e)"


def test_nothing_and_everything() -> None:
    assert not Selector.from_label_selector(None).matches({})
    assert Selector.from_label_selector({}).matches({"a": "b"})
    assert Selector.from_label_selector({}).empty
    assert Selector.parse("").matches(None)
    assert not Selector.nothing().empty
    assert Selector.nothing() != Selector.everything()


def test_a_plain_map() -> None:
    assert Selector.from_map({"a": "b"}).matches({"a": "b", "c": "d"})
    assert not Selector.from_map({"a": "b"}).matches({"a": "c"})
    assert Selector.from_map(None).matches({})


def test_exact_finds_the_demanded_value() -> None:
    selector = Selector.parse("a=b,c!=d,e in (f)")
    assert selector.exact("a") == "b"
    assert selector.exact("c") is None
    assert selector.exact("e") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("==", "found '==', expected: !, identifier, or 'end of string'"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a=b,", "found '', expected: identifier after ','"),
        ("a=!", "unable to parse requirement: found '!', expected: identifier"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a>x", f'unable to parse requirement: values[0]: Invalid value: "x": {NO_INTEGER}'),
        ("a>9223372036854775808", f'unable to parse requirement: values[0]: Invalid value: "{1 << 63}": {NO_INTEGER}'),
        ("a in (b,=)", "unable to parse requirement: found '=', expected: ',', or identifier"),
        ("a" * 64, f'unable to parse requirement: <nil>: Invalid value: "{"a" * 64}": {TOO_LONG}'),
    ],
)  # fmt: skip
def test_errors(text: str, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        Selector.parse(text)
    assert str(caught.value) == message


def test_a_bad_value_names_its_place() -> None:
    with pytest.raises(SelectorError, match=r"^unable to parse requirement: values\[0\]\[a\]: Invalid value: \"-\": a"):
        Selector.parse("a=-")


@pytest.mark.parametrize(
    "selector",
    [
        {"matchExpressions": [{"key": "a", "operator": "X"}]},
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]},
        {"matchLabels": {"a b": "c"}},
        {"matchLabels": {"a": "b c"}},
    ],
)
def test_bad_objects(selector: dict[str, object]) -> None:
    with pytest.raises(SelectorError):
        Selector.from_label_selector(selector)


@pytest.mark.parametrize(
    ("text", "have", "wanted"),
    [
        ("a in ()", {"a": ""}, True),
        ("a in ()", {"a": "b"}, False),
        ("a in (b,)", {"a": ""}, True),
        ("a in (,,b)", {"a": ""}, True),
        ("a=", {"a": ""}, True),
        ("a", {"a": ""}, True),
        ("a gt 3", {"a": "4"}, True),
        ("a lt 3", {"a": "x"}, False),
    ],
)
def test_corners(text: str, have: dict[str, str], wanted: bool) -> None:
    assert Selector.parse(text).matches(have) is wanted
