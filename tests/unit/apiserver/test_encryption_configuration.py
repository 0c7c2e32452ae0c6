"""EncryptionConfigurations: what is understood, what is refused, and that no refusal shows a key."""

import base64

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.config_file import ConfigFileError
from podwright.apiserver.encryption.configuration import KeyChoice, Storing, read_encryption
from podwright.apiserver.encryption.keyring import Keyring
from podwright.apiserver.encryption.sealing import Sealing
from podwright.store.sealed import Unreadable

KEY = base64.b64encode(b"sixteen byte key").decode()
LONG = base64.b64encode(b"a key that has thirty-two bytes!").decode()


def document(*entries):
    made = [{"resources": list(names), "providers": list(providers)} for names, *providers in entries]
    return {"kind": "EncryptionConfiguration", "apiVersion": "apiserver.config.k8s.io/v1", "resources": made}


def aesgcm(**keys):
    return {"aesgcm": {"keys": [{"name": name, "secret": secret} for name, secret in keys.items()]}}


def read(tmp_path, content):
    path = tmp_path / "encryption.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return read_encryption(path)


def test_the_first_provider_seals_and_all_open(tmp_path):
    config = document((["secrets"], aesgcm(a=KEY, b=LONG), {"identity": {}}), (["*.apps"], {"identity": {}}))
    first, second = read(tmp_path, config)
    assert [key.name for key in first.keys] == ["a", "b"]
    assert (first.resources, first.plain, first.open_plain) == (("secrets",), False, True)
    assert (second.resources, second.plain, second.open_plain) == (("*.apps",), True, True)


def test_a_resource_that_is_another_view_is_sealed_where_it_is_stored(tmp_path):
    (storing,) = read(tmp_path, document((["events.events.k8s.io"], aesgcm(a=KEY))))
    assert storing.resources == ("events",)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        pytest.param({"kind": "Pod"}, "it must say kind: EncryptionConfiguration", id="kind"),
        pytest.param("kind: [", "it is neither YAML nor JSON", id="not-yaml"),
        pytest.param(document(), "resources: Required value", id="empty"),
        pytest.param(document((["secrets"],)), "resources[0].providers: Required value", id="no-provider"),
        pytest.param(document(([], aesgcm(a=KEY))), "resources[0].resources: Required value", id="no-resource"),
        pytest.param(document((["secret"], aesgcm(a=KEY))), 'resources[0]: Invalid value: "secret"', id="no-such"),
        pytest.param(document((["pods.apps"], aesgcm(a=KEY))), "there is no such resource", id="not-in-that-group"),
        pytest.param(document((["*"], aesgcm(a=KEY))), "must be a plural name", id="bare-star"),
        pytest.param(
            document((["secrets"], aesgcm(a=KEY)), (["secrets"], aesgcm(a=KEY))), "is stored as the same", id="twice"
        ),
        pytest.param(document((["secrets"], aesgcm())), "aesgcm.keys: Required value", id="no-key"),
        pytest.param(document((["secrets"], {})), "must have exactly one of", id="no-cipher"),
        pytest.param(
            document((["secrets"], {**aesgcm(a=KEY), "identity": {}})), "must have exactly one of", id="two-ciphers"
        ),
        pytest.param(document((["secrets"], {"aescbc": aesgcm(a=KEY)["aesgcm"]})), "aescbc: not served", id="aescbc"),
        pytest.param(document((["secrets"], {"kms": {"name": "x"}})), "kms: not served", id="kms"),
        pytest.param(document((["secrets"], {"rot13": {}})), "unknown field", id="unknown-cipher"),
        pytest.param(document((["secrets"], aesgcm(a="c2hvcnQ="))), "must be 16 or 24 or 32 bytes", id="short"),
        pytest.param(
            document((["secrets"], {"secretbox": aesgcm(a=KEY)["aesgcm"]})), "must be 32 bytes", id="short-secretbox"
        ),
        pytest.param(document((["secrets"], aesgcm(a=KEY + "!"))), "illegal base64", id="not-base64"),
        pytest.param(document((["secrets"], aesgcm(**{"a:b": KEY}))), "text without colons", id="colon"),
        pytest.param(
            document((["secrets"], aesgcm(a=KEY), aesgcm(a=LONG))), 'Duplicate value: "a"', id="repeated-name"
        ),
        pytest.param(document((["secrets"], aesgcm(a=[KEY]))), "cannot unmarshal", id="wrong-type"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, config, why):
    with pytest.raises(ConfigFileError) as caught:
        read(tmp_path, config)
    assert why in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("wrong", ["!", "*", "{", "!!int ", "'", "%"], ids=repr)
def test_no_refusal_shows_a_key(tmp_path, wrong):
    text = yaml.safe_dump(document((["secrets"], aesgcm(a=KEY)))).replace(KEY, wrong + KEY)
    with pytest.raises(ConfigFileError) as caught:
        read(tmp_path, text)
    assert KEY.rstrip("=") not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("/registry/secrets/ns/x", "secrets"),
        ("/registry/configmaps/ns/x", None),
        ("/registry/deployments.apps/ns/x", "*.apps"),
        ("/registry/statefulsets.apps/ns/x", "statefulsets.apps"),
        ("/registry/widgets.example.com/ns/x", None),
    ],
)
def test_a_name_counts_before_what_stands_for_more(key, name):
    choice = (KeyChoice("aesgcm", "k", bytes(16)),)
    storings = [Storing((each,), choice, False, False) for each in ("*.apps", "secrets", "statefulsets.apps")]
    sealer = Keyring(storings).sealer_of(key)
    assert (sealer._storing.resources if sealer else None) == ((name,) if name else None)


@given(st.binary(max_size=300), st.text(max_size=40), st.sampled_from(["aesgcm", "secretbox"]), st.data())
def test_what_was_sealed_opens_and_nothing_else_does(value, key, cipher, data):
    sealing = Sealing(Storing(("x",), (KeyChoice(cipher, "k", bytes(range(32))),), False, False))
    sealed = sealing.seal(f"/registry/x/{key}", value)
    assert sealing.open(f"/registry/x/{key}", sealed) == (value, False)
    assert sealing.seal(f"/registry/x/{key}", value) != sealed
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    own = f"/registry/x/{key}"
    for where, what in ((f"{own}.", sealed), (own, changed), (own, sealed[:-1]), (own, sealed + b"x")):
        with pytest.raises(Unreadable):
            sealing.open(where, what)
