"""Store URLs and etcd's errors."""

from pathlib import Path

import pytest

from podwright.store.etcd_errors import Meaning, meaning
from podwright.store.etcd_url import EtcdConfig, parse
from podwright.store.open import open_store
from podwright.store.protocol import StoreError

GOOD = {
    "etcd://h:1": EtcdConfig(endpoints=("h:1",)),
    "etcd://h": EtcdConfig(endpoints=("h:2379",)),
    "etcd://a:1,b:2,[::1]:3": EtcdConfig(endpoints=("a:1", "b:2", "[::1]:3")),
    "etcds://h:1": EtcdConfig(endpoints=("h:1",), tls=True),
    "etcd://h:1?ca=/x/ca.crt": EtcdConfig(endpoints=("h:1",), tls=True, ca=Path("/x/ca.crt")),
    "etcd://h:1/my/root/?cert=c&key=k": EtcdConfig(
        endpoints=("h:1",), tls=True, root="my/root", cert=Path("c"), key=Path("k")
    ),
    "etcd://me:p%40s%3As@h:1,i:2": EtcdConfig(endpoints=("h:1", "i:2"), user="me", password="p@s:s"),
}


@pytest.mark.parametrize("url", GOOD)
def test_good_urls(url):
    assert parse(url) == GOOD[url]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("etcd://", "must look like"),
        ("etcd:h:1", "must look like"),
        ("http://h:1", "must look like"),
        ("etcd://me@h:1", "both a user and a password"),
        ("etcd://h:1?cert=c", "both cert and key"),
        ("etcd://h:1?tls=1", "unknown option 'tls'"),
    ],
)
def test_bad_urls_say_what_is_wrong(url, why):
    with pytest.raises(StoreError, match=why):
        parse(url)


def test_the_password_is_not_shown():
    with pytest.raises(StoreError) as caught:
        parse("etcd://me:secret@h:1?what=1")
    assert "secret" not in str(caught.value)


async def test_only_known_stores_open(tmp_path):
    with pytest.raises(StoreError, match="cannot open store 'redis://h'"):
        await open_store("redis://h", tmp_path)


@pytest.mark.parametrize("url", ["sqlite", "sqlite://{}/x/y.db"])
async def test_where_the_file_is(tmp_path, url):
    store = await open_store(url.format(tmp_path), tmp_path)
    await store.close()
    assert (tmp_path / ("store/state.db" if url == "sqlite" else "x/y.db")).exists()


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted", Meaning.COMPACTED),
        ("OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision", Meaning.FUTURE),
        ("UNAUTHENTICATED", "etcdserver: invalid auth token", Meaning.LOGIN),
        ("UNAVAILABLE", "failed to connect to all addresses; last error: refused", Meaning.NOT_SENT),
        ("UNAVAILABLE", "etcdserver: request timed out", Meaning.UNKNOWN),
        ("UNAVAILABLE", "Socket closed", Meaning.UNKNOWN),
        ("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded", Meaning.FATAL),
        ("RESOURCE_EXHAUSTED", "etcdserver: too many requests", Meaning.BUSY),
        ("PERMISSION_DENIED", "etcdserver: permission denied", Meaning.FATAL),
    ],
)
def test_what_errors_mean(code, text, expected):
    assert meaning(code, text) is expected
