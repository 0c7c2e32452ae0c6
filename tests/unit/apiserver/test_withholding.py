"""Refusals of Secrets and tokens say what is wrong and show no value, however a rule words it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.errors import ApiError, bad_request, invalid, invalid_field
from podwright.api.quoting import quote, show, shown
from podwright.apiserver.documents import words_of
from podwright.apiserver.withholding import text_without, withheld

VALUES = st.text(st.characters(exclude_categories=("Cs",)), min_size=6, max_size=60).filter(
    lambda text: "REDACTED" not in text
)
WORDINGS = [quote, show, lambda v: shown({"data": {"p": v}}), lambda v: quote(json.dumps({"p": v})), json.dumps, str]


def b64(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("sent", "message", "wanted"),
    [
        pytest.param({"data": {"p": "c2VjcmV0"}}, 'p: "c2VjcmV0" is odd', 'p: "REDACTED" is odd', id="as-sent"),
        pytest.param({"data": {"p": "c2VjcmV0"}}, "p: secret is odd", "p: REDACTED is odd", id="decoded"),
        pytest.param({"stringData": {"p": "secret"}}, "p: c2VjcmV0 is odd", "p: REDACTED is odd", id="encoded"),
        pytest.param({"data": {"pin": 1234}}, "map[pin:1234]", "map[pin:REDACTED]", id="number"),
        pytest.param({"data": {"p": "it"}}, 'p: "it" is within it', 'p: "REDACTED" is within it', id="short"),
        pytest.param({"data": {"p": "v"}}, 'in {\\"p\\":\\"v\\"}', 'in {\\"p\\":\\"REDACTED\\"}', id="one-letter"),
        pytest.param({"data": {"p": 12}}, "in map[p:12 q:120]", "in map[p:REDACTED q:120]", id="short-in-a-sentence"),
        pytest.param({"data": {"password": "x1y2"}}, "data.password is odd", "data.password is odd", id="keys-are-shown"),
        pytest.param({"type": "Opaque"}, "type: Opaque", "type: Opaque", id="other-fields-are-shown"),
        pytest.param([{"op": "add", "path": "/a", "value": "secret"}], "/a: secret", "/a: REDACTED", id="operation"),
        pytest.param("secret", "no object: secret", "no object: REDACTED", id="text"),
        pytest.param({"data": "secret"}, "no map: secret", "no map: REDACTED", id="in-the-place-of-a-map"),
        pytest.param(None, "cut off", "cut off", id="unreadable"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_message(sent, message, wanted):
    error = withheld(bad_request(message), "Secret", sent, None)
    assert (error.code, error.reason, error.message) == (400, "BadRequest", wanted)


def test_what_is_stored_is_not_shown_either():
    stored = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"p": "c2VjcmV0"}}
    assert withheld(bad_request("was c2VjcmV0"), "Secret", {}, stored).message == "was REDACTED"


def test_causes_are_searched_and_names_stay():
    error = invalid("", "secrets", "secret-name", [invalid_field("data[p]", "secret", "is odd")])
    found = withheld(error, "Secret", {"stringData": {"p": "secret"}}, None)
    assert found.details["name"] == "secret-name"
    assert found.details["causes"] == [
        {"reason": "FieldValueInvalid", "message": 'Invalid value: "REDACTED": is odd', "field": "data[p]"}
    ]


def test_what_is_too_long_to_search_is_not_shown_at_all():
    error = withheld(bad_request("secret" * 10_000), "Secret", {"data": {"p": "secret"}}, None)
    assert error.message == "what is wrong is not shown, as that would show confidential values"


@given(VALUES, st.sampled_from(WORDINGS), st.sampled_from(["data", "stringData", "dta", "spec"]), st.booleans())
def test_no_wording_shows_a_value(value, wording, field, encoded):
    sent = b64(value) if encoded else value
    error = ApiError(422, "Invalid", f"{field}.p: Invalid value: {wording(sent)}: must be something else")
    found = withheld(error, "Secret", {field: {"p": sent}}, None).message
    for piece in (sent, *value.split()):
        assert len(piece) < 4 or not piece.isalnum() or not piece.isprintable() or piece not in found


def test_large_yaml_is_not_read_again():
    body = b"stringData: {p: secret-of-mine}\n" + b"#" * 70_000
    sent = words_of(body, "application/yaml")
    assert isinstance(sent, str)
    assert withheld(bad_request("p: secret-of-mine} is odd"), "Secret", sent, None).message == "p: REDACTED is odd"
    assert words_of(body[:40], "application/yaml") == {"stringData": {"p": "secret-of-mine"}}


def test_a_text_for_a_log():
    stored = {"kind": "Secret", "data": {"p": "c2VjcmV0"}}
    assert text_without("was c2VjcmV0, is other", "Secret", None, stored) == "was REDACTED, is other"
    assert text_without("nothing", "Secret", stored) == "nothing"
