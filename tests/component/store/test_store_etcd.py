"""What only etcd brings: several members, logins, certificates, others writing beside us."""

import asyncio
import datetime as dt
import ipaddress
import json
import signal
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from podwright.store import etcd_calls
from podwright.store.open import open_store
from podwright.store.protocol import Compacted, Compare, Delete, Put, StoreError, StoreUnavailable

pytestmark = pytest.mark.etcd


def etcdctl(member, *arguments, user=""):
    command = ["etcdctl", f"--endpoints={member.endpoint}", *([f"--user={user}"] if user else []), *arguments]
    return subprocess.run(command, env={"ETCDCTL_API": "3"}, check=True, capture_output=True, text=True).stdout


async def write(store, key, value=b"x"):
    """Write though members come and go: look when the outcome is unknown."""
    async with asyncio.timeout(60):
        while True:
            try:
                return (await store.txn([Compare(key, 0)], [Put(key, value)])).revision
            except StoreUnavailable:
                if (now := await read(store, key)) is not None:
                    return now.mod_revision


async def read(store, key):
    async with asyncio.timeout(60):
        while True:
            try:
                return await store.get(key)
            except StoreUnavailable:
                await asyncio.sleep(0.05)


async def test_a_member_that_dies_is_replaced_by_another(start_etcd, tmp_path, follow_on):
    """Kill each of three in turn, those we talk to included: no write is lost, no event missed or repeated."""
    members = await start_etcd(3)
    store = await open_store("etcd://" + ",".join(member.endpoint for member in members), tmp_path)
    follower = follow_on(store, from_revision=1)
    revisions = []
    for member in members:
        for i in range(10):
            revisions.append(await write(store, f"{member.name}/{i}"))
            if i == 3:
                await member.kill()
        await member.start()
    revisions.append(await write(store, "last"))
    async with asyncio.timeout(60):
        events = await follower.until(revisions[-1])
    assert [event.mod_revision for event in events] == revisions
    assert (await store.range("")).count == 31
    await follower.stop()
    await store.close()


async def test_a_member_that_hangs_is_left(start_etcd, tmp_path, follow_on):
    members = await start_etcd(3)
    store = await open_store("etcd://" + ",".join(member.endpoint for member in members), tmp_path)
    follower = follow_on(store, from_revision=1)
    revisions = [await write(store, "before")]
    await follower.until(revisions[-1])
    members[0].process.send_signal(signal.SIGSTOP)
    try:
        revisions.append(await write(store, "meanwhile"))
        async with asyncio.timeout(60):
            events = await follower.until(revisions[-1])
    finally:
        members[0].process.send_signal(signal.SIGCONT)
    assert [event.key for event in events] == ["before", "meanwhile"]
    await follower.stop()
    await store.close()


async def test_an_unknown_outcome_is_said_to_be_unknown(start_etcd, tmp_path, monkeypatch):
    monkeypatch.setattr(etcd_calls, "CALL_SECONDS", 0.5)
    (member,) = await start_etcd()
    store = await open_store(member.url, tmp_path)
    member.process.send_signal(signal.SIGSTOP)
    with pytest.raises(StoreUnavailable, match="cannot tell whether a write happened"):
        await store.txn([Compare("a", 0)], [Put("a", b"1")])
    with pytest.raises(StoreUnavailable, match="cannot reach etcd"):
        await store.get("a")
    member.process.send_signal(signal.SIGCONT)
    assert (await read(store, "b")) is None
    await store.close()


async def test_nobody_there(start_etcd, tmp_path, monkeypatch):
    monkeypatch.setattr(etcd_calls, "CALL_SECONDS", 0.3)
    (member,) = await start_etcd()
    await member.kill()
    with pytest.raises(StoreUnavailable, match=rf"cannot reach etcd at {member.endpoint}: .*does not answer"):
        await open_store(member.url, tmp_path)


async def test_roots_are_separate_and_pass_each_others_revisions(start_etcd, tmp_path, follow_on):
    """Revisions made elsewhere in the same etcd must not leave a watch behind for ever."""
    (member,) = await start_etcd()
    ours = await open_store(f"{member.url}/one", tmp_path)
    other = await open_store(f"{member.url}/one0", tmp_path)
    follower = follow_on(ours)
    await ours.txn([], [Put("a", b"ours")])
    await other.txn([], [Put("a", b"theirs")])
    assert (await ours.get("a")).value == b"ours"
    for key in ("x", "y"):
        etcdctl(member, "put", f"/elsewhere/{key}", "1")
        revision = await ours.current_revision()
        async with asyncio.timeout(30):
            await follower.until(revision)
    assert [event.value for event in follower.events] == [b"ours"]
    assert (await ours.range("")).count == 1
    keys = etcdctl(member, "get", "--prefix", "", "--keys-only").split()
    assert {"one/a", "one0/a"} <= set(keys)
    await follower.stop()
    await ours.close()
    await other.close()


async def test_two_control_planes_see_each_others_writes(start_etcd, tmp_path, follow_on):
    (member,) = await start_etcd()
    one, two = [await open_store(member.url, tmp_path) for _ in range(2)]
    follower = follow_on(two, "a", from_revision=1)
    first = (await one.txn([Compare("a", 0)], [Put("a", b"1")])).revision
    assert not (await two.txn([Compare("a", 0)], [Put("a", b"2")])).succeeded
    second = (await two.txn([Compare("a", first)], [Delete("a")])).revision
    assert await one.current_revision() == second
    assert [event.mod_revision for event in await follower.until(second)] == [first, second]
    await follower.stop()
    await one.close()
    await two.close()


async def test_a_watch_that_missed_compacted_history_is_told(start_etcd, tmp_path, follow_on):
    (member,) = await start_etcd()
    store = await open_store(member.url, tmp_path)
    follower = follow_on(store)
    await follower.until(await store.current_revision())
    await member.kill()
    await member.start()
    for i in range(20):  # before the store's stream is back, most likely; then the gap cannot be filled
        etcdctl(member, "put", "podwright/a", str(i))
    revision = json.loads(etcdctl(member, "get", "x", "--write-out=json"))["header"]["revision"]
    etcdctl(member, "compact", str(revision))
    async with asyncio.timeout(30):
        (outcome,) = await asyncio.gather(follower.until(revision), return_exceptions=True)
    assert isinstance(outcome, Compacted) or len(outcome) == 20
    later = follow_on(store, from_revision=revision + 1)
    last = (await store.txn([], [Put("b", b"")])).revision
    async with asyncio.timeout(30):
        assert [event.mod_revision for event in await later.until(last)] == [last]
    await later.stop()
    await follower.stop()
    await store.close()


def issue(name, *, ca=None, authority=False):
    """Make a key and a certificate, self-signed or by `ca`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, issuer_key = (subject, key) if ca is None else (ca[0].subject, ca[1])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    )
    return builder.sign(issuer_key, hashes.SHA256()), key


def save(folder, name, pair):
    certificate, key = pair
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


async def test_tls_with_client_certificates(start_etcd, tmp_path, monkeypatch):
    monkeypatch.setattr(etcd_calls, "CALL_SECONDS", 3.0)
    ca = issue("ca", authority=True)
    save(tmp_path, "ca", ca)
    save(tmp_path, "server", issue("server", ca=ca))
    save(tmp_path, "client", issue("client", ca=ca))
    save(tmp_path, "other", issue("other", authority=True))
    (member,) = await start_etcd(
        tls=(
            f"--cert-file={tmp_path}/server.crt",
            f"--key-file={tmp_path}/server.key",
            f"--trusted-ca-file={tmp_path}/ca.crt",
            "--client-cert-auth",
        )
    )
    mine = f"cert={tmp_path}/client.crt&key={tmp_path}/client.key"
    store = await open_store(f"{member.url}?ca={tmp_path}/ca.crt&{mine}", tmp_path)
    revision = (await store.txn([], [Put("a", b"1")])).revision
    assert (await store.get("a")).mod_revision == revision
    await store.close()
    for wrong in (f"?ca={tmp_path}/other.crt&{mine}", f"?ca={tmp_path}/ca.crt", ""):
        with pytest.raises(StoreUnavailable):
            await open_store(member.url + wrong, tmp_path)
    with pytest.raises(StoreError, match="cannot read /nowhere"):
        await open_store(f"{member.url}?ca=/nowhere", tmp_path)


async def test_user_and_password(start_etcd, tmp_path, follow_on):
    """The user may be confined to the root; a restarted server has forgotten our token."""
    (member,) = await start_etcd()
    for words in (
        "user add root:secret",
        "user grant-role root root",
        "role add pw",
        "role grant-permission --prefix=true pw readwrite podwright/",
        "user add pw:p@ss",
        "user grant-role pw pw",
        "auth enable",
    ):
        etcdctl(member, *words.split())
    address = member.endpoint
    store = await open_store(f"etcd://pw:p%40ss@{address}", tmp_path)
    follower = follow_on(store, from_revision=1)
    revisions = [await write(store, "a")]
    await follower.until(revisions[-1])
    await member.kill()
    await member.start()
    revisions.append(await write(store, "b"))
    async with asyncio.timeout(60):
        events = await follower.until(revisions[-1])
    assert [event.mod_revision for event in events] == revisions
    await store.compact(revisions[0])
    await follower.stop()
    await store.close()
    with pytest.raises(StoreError, match="invalid user ID or password"):
        await open_store(f"etcd://pw:wrong@{address}", tmp_path)
    with pytest.raises(StoreError, match="permission denied"):
        await open_store(f"etcd://pw:p%40ss@{address}/elsewhere", tmp_path)
    with pytest.raises(StoreError, match=r"user name is empty|without user and password"):
        await open_store(member.url, tmp_path)


@pytest.fixture
async def follow_on(follower_class):
    started = []

    def start(store, prefix="", *, from_revision=0):
        started.append(follower_class(store, prefix, from_revision))
        return started[-1]

    yield start
    for follower in started:
        await follower.stop()
