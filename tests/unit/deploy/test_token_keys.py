"""Keys of service-account tokens change in their file."""

import stat
from datetime import UTC, datetime

import pytest

from podwright.apiserver.authentication.signing_keys import load_keys
from podwright.deploy import token_keys
from podwright.deploy.pki import Authority


@pytest.fixture
def folder(tmp_path):
    Authority(tmp_path, lambda: datetime.now(UTC)).token_key()
    return tmp_path


def test_a_new_key_signs_and_those_before_stay_good_without_their_private_halves(folder):
    first = load_keys(folder / "sa.key").key_id
    second = token_keys.rotate(folder)
    third = token_keys.rotate(folder)
    assert second[1:] == [first]
    assert third[1:] == second
    found = load_keys(folder / "sa.key")
    assert (found.key_id, list(found.public)) == (third[0], third)
    assert (folder / "sa.key").read_text().count("PRIVATE KEY") == 2
    assert (folder / "sa.pub").read_text().count("BEGIN PUBLIC KEY") == 3
    assert stat.S_IMODE((folder / "sa.key").stat().st_mode) == 0o600


def test_forgetting_leaves_the_newest(folder):
    ids = token_keys.rotate(folder)
    assert token_keys.forget(folder) == ids[1:]
    assert list(load_keys(folder / "sa.key").public) == ids[:1]
