"""Long bodies as pieces: together they are the whole, and none is long."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver import compression
from podwright.apiserver.http_message import LAST_CHUNK, chunks
from podwright.apiserver.pieces import PIECE, Joined, cut, joined, pieces
from podwright.client.transport import Response, whole

SIZES = {"tiny": 1, "below": PIECE - 1, "equal": PIECE, "above": PIECE + 1, "twice": 2 * PIECE, "many": 5 * PIECE + 7}


def plain(head, parts, tail, between, skip):
    """The same in the simplest way."""
    return head + between.join(part[skip:] for part in parts) + tail


@st.composite
def bodies(draw):
    sizes = draw(st.lists(st.integers(3, 40) | st.integers(PIECE // 3, 3 * PIECE), min_size=1, max_size=8))
    parts = [bytes([65 + n % 26]) * size for n, size in enumerate(sizes)]
    return b"<head>", parts, b"<tail>", draw(st.sampled_from([b"", b",", b",{"])), draw(st.integers(0, 3))


@given(bodies())
def test_pieces_together_are_the_whole(body):
    head, parts, tail, between, skip = body
    made = Joined(head, parts, tail, between=between, skip=skip)
    found = list(made)
    assert b"".join(found) == plain(*body)
    assert len(made) == len(plain(*body))
    assert max(map(len, found)) < 2 * PIECE
    assert b"".join(made) == plain(*body)  # once more


@given(bodies())
def test_only_long_bodies_come_in_pieces(body):
    head, parts, tail, between, skip = body
    content = joined(head, parts, tail, between=between, skip=skip)
    assert whole(content) == Response(200, {}, content).body == plain(*body)
    assert isinstance(content, bytes) == (len(content) <= PIECE)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_bytes_are_cut(size):
    data = b"0123456789" * (size // 10 + 1)
    assert b"".join(cut(data[:size])) == data[:size]
    assert max(map(len, cut(data[:size]))) < 2 * PIECE


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_pieces_are_compressed_as_one_stream(size):
    data = (b"%d," * size) % tuple(range(size)) if size < 100 else b"".join(b"%d," % n for n in range(size // 6))
    packed = list(compression.gzip(pieces(data)))
    assert gzip.decompress(b"".join(packed)) == data


def test_a_chunk_without_bytes_is_the_last():
    assert list(chunks([b"", b"ab", b"", b"c"])) == [b"", b"2\r\nab\r\n", b"", b"1\r\nc\r\n", LAST_CHUNK]
