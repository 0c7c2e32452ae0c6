"""Bytes become the same requests however they are cut, and whatever is no request is refused, never failed."""

import gzip
import itertools
import subprocess
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.http_message import Incoming
from podwright.apiserver.request_reader import HEAD_LIMIT, RequestReader

LIMIT = 1000


def read(*pieces: bytes, limit: int = LIMIT) -> tuple[list[Incoming], RequestReader, list[int]]:
    found: list[Incoming] = []
    expected: list[int] = []
    reader = RequestReader(limit, found.append, lambda: expected.append(len(found)))
    for piece in pieces:
        reader.feed(piece)
    return found, reader, expected


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({p % (len(data) + 1) for p in places}), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a < b]


names = st.from_regex(r"\Ax-[a-z]{1,8}\Z")
values = st.from_regex(r"\A[!-~]([ -~]{0,20}[!-~])?\Z")
requests = st.builds(
    lambda method, path, headers, body, chunked: (method, path, headers, body, chunked),
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
    st.from_regex(r"\A/[a-z0-9/._%-]{0,30}(\?[a-z]{1,5}=[a-z0-9]{0,5})?\Z"),
    st.lists(st.tuples(names, values), max_size=4),
    st.binary(max_size=200),
    st.booleans(),
)


def written(method, path, headers, body, chunked) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{n}: {v}" for n, v in headers)]
    if chunked:
        pieces = [body[i : i + 7] for i in range(0, len(body), 7)]
        framed = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"
        lines.append("Transfer-Encoding: chunked")
    else:
        framed = body
        if body:
            lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + framed


@given(st.lists(requests, min_size=1, max_size=4), st.lists(st.integers(0, 5000), max_size=12))
def test_requests_survive_any_cut(sent, places):
    data = b"".join(written(*one) for one in sent)
    found, reader, _ = read(*cut(data, places))
    assert [(i.method, i.url.decode(), i.body) for i in found] == [(m, p, b) for m, p, _, b, _ in sent]
    for incoming, (_, _, headers, _, _) in zip(found, sent, strict=True):
        assert [h for h in incoming.headers if h[0].startswith("x-")] == headers
        assert incoming.refusal is None
    assert not reader.stopped


@given(st.lists(requests, min_size=1, max_size=3), st.data())
def test_spoiled_requests_are_refused_or_read_never_failed(sent, data):
    text = bytearray(b"".join(written(*one) for one in sent))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        change = data.draw(st.sampled_from(["drop", "set", "add"]))
        if change == "drop" and len(text) > 1:
            del text[place]
        elif change == "set":
            text[place] = data.draw(st.integers(0, 255))
        else:
            text[place:place] = data.draw(st.binary(min_size=1, max_size=9))
    found, reader, _ = read(*cut(bytes(text), data.draw(st.lists(st.integers(0, 5000), max_size=6))))
    refused = [i for i in found if i.refusal is not None]
    assert all(i.url[:1] == b"/" or i.refusal for i in found)
    assert len(refused) <= 1
    if refused:
        assert reader.stopped
        assert found[-1] is refused[0]
        assert 400 <= refused[0].refusal.code < 500


@given(st.binary(max_size=300))
def test_noise(data):
    found, _, _ = read(data)
    assert all(i.refusal is not None or i.method for i in found)


SMUGGLED = {
    "both lengths": b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "length with sign": b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
    "space before colon": b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd",
    "odd encoding": b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "bad chunk": b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    "folded header": b"GET /a HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n\0",
    "nul in value": b"GET /a HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "no version": b"GET /a\r\n\r\n",
    "not a path": b"GET a HTTP/1.1\r\nHost: x\r\n\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("data", SMUGGLED.values(), ids=SMUGGLED)
def test_what_could_be_read_in_two_ways_is_refused(data):
    found, reader, _ = read(data)
    assert found[-1].refusal is not None
    assert found[-1].refusal.code == 400
    assert reader.stopped


def test_a_length_over_the_limit_is_refused_before_any_of_the_body():
    found, reader, expected = read(b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 100000000\r\n\r\n")
    assert found[0].refusal.code == 413
    assert reader.stopped
    assert not expected


def test_a_chunked_body_is_refused_once_it_is_over_the_limit():
    head = b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"1f4\r\n" + b"x" * 500 + b"\r\n"
    found, _, _ = read(head, piece, piece)
    assert not found
    found, reader, _ = read(head, piece, piece, piece, piece)
    assert [i.refusal.code for i in found] == [413]
    assert reader.stopped


def test_a_head_that_never_ends_is_refused():
    line = b"X-A: " + b"x" * 1000 + b"\r\n"
    found, reader, _ = read(b"GET / HTTP/1.1\r\n", *[line] * (HEAD_LIMIT // len(line) + 2))
    assert [i.refusal.code for i in found] == [431]
    assert reader.stopped


def test_headers_behind_a_body_are_ignored_and_not_endless():
    head = b"POST /a HTTP/1.1\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    found, _, _ = read(head + b"Authorization: Bearer other\r\n\r\n")
    assert found[0].headers == [("x-a", "1"), ("transfer-encoding", "chunked")]
    found, reader, _ = read(head + b"X-B: ", *[b"x" * 1000] * (HEAD_LIMIT // 1000 + 10))
    assert [i.refusal.code for i in found] == [413]
    assert reader.stopped


def test_many_small_requests_in_one_piece_are_no_long_head():
    one = b"GET / HTTP/1.1\r\n\r\n"
    data = one * (HEAD_LIMIT // len(one) + 100) + b"GET / HTTP/1.1\r\n"
    found, reader, _ = read(data, b"Host: x\r\n\r\n")
    assert not reader.stopped
    assert all(i.refusal is None for i in found)
    assert len(found) == HEAD_LIMIT // len(one) + 101


def test_a_client_that_waits_is_told_to_go_on():
    _, _, expected = read(b"POST /a HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
    assert expected == [0]


@pytest.mark.parametrize(
    ("head", "keep"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_who_wants_to_go_on(head, keep):
    found, reader, _ = read(head)
    assert (found[0].keep, reader.stopped) == (keep, not keep)


def test_absolute_urls_are_as_good_as_their_path():
    found, _, _ = read(b"GET http://host:1/a/b?c=d HTTP/1.1\r\nHost: x\r\n\r\n")
    assert found[0].url == b"/a/b?c=d"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_compressed_bodies(pack):
    def post(body: bytes, kind: bytes = b"gzip") -> Incoming:
        head = b"POST / HTTP/1.1\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
        found, _, _ = read(head + body)
        return found[0]

    assert post(pack(b'{"a":1}')).body == b'{"a":1}'
    assert post(pack(b"x" * 100_000)).refusal.code == 413
    assert post(pack(b"xyz" * 30)[:-9]).refusal.code == 400
    assert post(b"plain").refusal.code == 400
    assert post(b"plain", b"br").refusal.code == 400


def test_an_offer_to_upgrade_that_nobody_takes_up():
    head = b"GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    found, reader, _ = read(head + b"GET /b HTTP/1.1\r\n\r\n")
    assert [i.url for i in found] == [b"/a"]
    assert found[0].upgrade
    reader.resume()
    assert [i.url for i in found] == [b"/a", b"/b"]


def test_a_request_written_out_again_is_the_same():
    data = b"POST /a?b=c HTTP/1.1\r\nhost: x\r\nx-y: \xc3\xbc\r\ncontent-length: 3\r\n\r\nabc"
    found, _, _ = read(data)
    assert found[0].text() == data


def test_serving_does_not_need_aiohttp():
    code = "import sys, podwright.deploy.controlplane, podwright.deploy.parts; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"FOO /api/v1/pods HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"foo-bar /a?b=c HTTP/1.0\r\n\r\n", 405),
        (b"FOO api HTTP/1.1\r\n\r\n", 400),
        (b"FOO\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00", 400),
    ],
    ids=["unknown", "lower-case", "no-path", "no-line", "tls"],
)
def test_methods_that_nobody_has(line, code):
    found, reader, _ = read(line)
    assert [request.refusal.code for request in found] == [code]
    assert reader.stopped
