"""Continue tokens survive the way to the client and back, and nothing else is taken for one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.api.errors import ApiError
from podwright.apiserver.registry.continuing import INCONSISTENT, Token, decode_token

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.", min_size=1, max_size=40).filter(lambda n: ".." not in n)


@given(st.integers(1, 2**60), NAMES, NAMES)
def test_round_trip(revision, namespace, name):
    token = Token(revision, f"{namespace}/{name}")
    assert decode_token(token.encode()) == token


def test_an_inconsistent_token_may_be_written_by_hand():
    raw = base64.urlsafe_b64encode(b'{"v":"meta.k8s.io/v1","rv":-1,"start":"c2\\u0000"}').rstrip(b"=").decode()
    assert decode_token(raw) == Token(INCONSISTENT, "c2")


def encoded(**fields):
    whole = {"v": "meta.k8s.io/v1", "rv": 5, "start": "x"} | fields
    return base64.urlsafe_b64encode(json.dumps(whole).encode()).decode()


@pytest.mark.parametrize(
    "text",
    ["abc", "!!", encoded(v="meta.k8s.io/v9"), encoded(rv=0), encoded(rv=-2), encoded(start="/../x"), encoded(start=""),
     base64.urlsafe_b64encode(b"[1]").decode(), encoded(rv="x")],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(ApiError) as error:
        decode_token(text)
    assert error.value.code == 400
    assert error.value.message.startswith("invalid continue token: ")
