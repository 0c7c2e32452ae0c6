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


ABC = 'strconv.ParseInt: parsing "abc": invalid syntax'
HUGE = 'strconv.ParseInt: parsing "9223372036854775808": value out of range'
FAR = 'resourceVersion: Invalid value: "18446744073709551616": strconv.ParseUint: parsing "18446744073709551616": '
UNLESS = (
    "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
)
CONTINUED = "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided"
ONLY = 'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"'
EXACT_ZERO = 'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
NO_VERSION = "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
NO_LIST = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"


@pytest.mark.parametrize(
    ("text", "watch", "code", "words"),
    [
        pytest.param("limit=9223372036854775808", False, 400, HUGE, id="limit-too-large"),
        pytest.param("timeoutSeconds=abc&limit=x", False, 400, ABC, id="the-timeout-first"),
        pytest.param("resourceVersion=18446744073709551616", True, 400, f"{FAR}value out of range", id="version-too-large"),
        pytest.param("labelSelector=a b&resourceVersionMatch=Exact", False, 400, "found 'b', expected", id="labels-first"),
        pytest.param("fieldSelector=abc&sendInitialEvents=1", False, 400, "can't understand 'abc'", id="fields-first"),
        pytest.param("resourceVersionMatch=Exact&resourceVersion=0", False, 422, EXACT_ZERO, id="exact-zero"),
        pytest.param(
            "sendInitialEvents=1&resourceVersionMatch=Exact", False, 422, f"[{NO_VERSION}, {NO_LIST}]", id="list-all"
        ),
        pytest.param("resourceVersionMatch=Exact", True, 422, f"[{UNLESS}, {ONLY}]", id="watch-match"),
        pytest.param(
            "resourceVersionMatch=NotOlderThan&continue=x", True, 422, f"[{UNLESS}, {CONTINUED}]", id="watch-continued"
        ),
        pytest.param("continue=x", True, 422, CONTINUED, id="watch-continued-from-any-version"),
        pytest.param("resourceVersion=0&continue=x", True, 422, CONTINUED, id="watch-continued-from-zero"),
    ],
)  # fmt: skip
def test_lists_are_refused(text, watch, code, words):
    pairs = tuple(tuple(pair.split("=")) for pair in text.split("&"))
    found, message = refusal(lambda: list_options(Query(pairs), watch=watch))
    assert found == code
    assert message.endswith(words) if code == 422 else words in message


def test_a_watch_from_a_version_may_be_continued():
    assert list_options(query(resourceVersion="5", **{"continue": "x"}), watch=True).continue_token == "x"


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
        ({"fieldManager": "é\x01\x02"}, "UpdateOptions", "U+0002 (at position 3)"),
        ({"fieldManager": "\x01", "dryRun": "x"}, "CreateOptions", "(at position 0), dryRun: Unsupported"),
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


def test_conditions_of_a_delete_without_a_body():
    options = delete_options(query(uid="u", resourceVersion="4"), None)
    assert (options.uid, options.revision) == ("u", "4")
    options = delete_options(query(uid="", dryRun="All"), None)
    assert (options.uid, options.revision) == (None, None)


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
