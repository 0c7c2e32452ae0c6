"""Options of requests: what is read, what is refused and with which words."""

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.options import Query, delete_options, list_options, parse_revision, write_options


def query(**pairs):
    return Query(tuple((k, v) for k, v in pairs.items()))


def refusal(call):
    with pytest.raises(ApiError) as error:
        call()
    return error.value.code, error.value.message


def test_list_defaults():
    options = list_options(Query(), watch=False)
    assert (options.limit, options.revision, options.has_revision, options.bookmarks) == (0, 0, False, False)


def test_the_first_of_repeated_parameters_counts():
    assert list_options(Query((("limit", "1"), ("limit", "2"))), watch=False).limit == 1


def test_a_negative_limit_is_none():
    assert list_options(query(limit="-1"), watch=False).limit == 0


@pytest.mark.parametrize("text", ["abc", "", "1.5", "\uff11"])
def test_a_limit_that_is_no_number(text):
    code, message = refusal(lambda: list_options(query(limit=text), watch=False))
    assert (code, message) == (400, f'strconv.ParseInt: parsing "{text}": invalid syntax')


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("true", True), ("maybe", True), ("0", False), ("false", False), ("", True)]
)
def test_flags(value, expected):
    assert query(watch=value).flag("watch") is expected


@pytest.mark.parametrize(
    ("pairs", "watch", "words"),
    [
        (
            {"resourceVersionMatch": "Exact"},
            False,
            "resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
        ({"resourceVersionMatch": "Exact", "resourceVersion": "0"}, False, 'forbidden for resourceVersion "0"'),
        ({"resourceVersionMatch": "Nope", "resourceVersion": "1"}, False, "Unsupported value"),
        ({"sendInitialEvents": "true"}, False, "sendInitialEvents is forbidden for list"),
        ({"sendInitialEvents": "true"}, True, "requires setting resourceVersionMatch to NotOlderThan"),
        ({"resourceVersionMatch": "NotOlderThan"}, True, "forbidden for watch unless sendInitialEvents is provided"),
        ({"resourceVersionMatch": "Exact"}, True, 'Unsupported value: "Exact": supported values: "NotOlderThan"'),
        (
            {"resourceVersionMatch": "NotOlderThan", "sendInitialEvents": "true", "continue": "x"},
            True,
            "resourceVersionMatch is forbidden when continue is provided",
        ),
    ],
    ids=str,
)
def test_combinations_that_are_refused(pairs, watch, words):
    code, message = refusal(lambda: list_options(query(**pairs), watch=watch))
    assert code == 422
    assert words in message
    assert message.startswith('ListOptions.meta.k8s.io "" is invalid: ')


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("0", 0), ("15", 15), ("-1", None), ("abc", None), ("1_0", None), (" 1", None)]
)
def test_revisions(text, expected):
    assert parse_revision(text) == expected


def test_write_options():
    options = write_options(query(dryRun="All", fieldManager="me", fieldValidation="Strict"), "CreateOptions")
    assert (options.dry_run, options.manager, options.validation) == (True, "me", "Strict")
    assert write_options(Query(), "CreateOptions").validation == "Warn"


@pytest.mark.parametrize(
    ("pairs", "kind", "words"),
    [
        ({"dryRun": ""}, "CreateOptions", 'dryRun: Unsupported value: [""]: supported values: "All"'),
        ({"dryRun": "yes"}, "UpdateOptions", 'dryRun: Unsupported value: ["yes"]: supported values: "All"'),
        ({"fieldManager": "a\x01b"}, "CreateOptions", "invalid character U+0001 (at position 1)"),
        ({"fieldManager": "a" * 129}, "CreateOptions", "may not be more than 128 bytes"),
        ({"fieldValidation": "Nope"}, "PatchOptions", 'fieldValidation: Unsupported value: "Nope"'),
        ({"force": "true"}, "PatchOptions", "force: Forbidden: may not be specified for non-apply patch"),
    ],
    ids=str,
)
def test_write_options_that_are_refused(pairs, kind, words):
    code, message = refusal(lambda: write_options(query(**pairs), kind))
    assert code == 422
    assert message.startswith(f'{kind}.meta.k8s.io "" is invalid: ')
    assert words in message


def test_a_body_hides_the_query_of_a_delete():
    options = delete_options(query(dryRun="All", gracePeriodSeconds="5"), {})
    assert (options.dry_run, options.grace) == (False, None)
    options = delete_options(query(dryRun="All", gracePeriodSeconds="5"), None)
    assert (options.dry_run, options.grace) == (True, 5)


def test_delete_options_of_a_body():
    body = {"gracePeriodSeconds": 0, "preconditions": {"uid": "u", "resourceVersion": "4"}, "orphanDependents": True}
    options = delete_options(Query(), body)
    assert (options.grace, options.uid, options.revision, options.propagation) == (0, "u", "4", "Orphan")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"propagationPolicy": "Nope"}, 'supported values: "Foreground", "Background", "Orphan", "nil"'),
        ({"propagationPolicy": "Orphan", "orphanDependents": True}, "cannot be both set"),
        ({"dryRun": ["Some"]}, 'dryRun: Unsupported value: ["Some"]'),
    ],
    ids=str,
)
def test_delete_options_that_are_refused(body, words):
    code, message = refusal(lambda: delete_options(Query(), body))
    assert code == 422
    assert words in message
