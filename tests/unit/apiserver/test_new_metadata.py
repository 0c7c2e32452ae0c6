"""Identity of new objects, and what updates keep."""

import re
import uuid
from datetime import UTC, datetime

from podwright.apiserver.registry.metadata import (
    fill_create,
    generated_name,
    keep_system_fields,
    new_uid,
    random_suffix,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_uids_are_random_version_4():
    made = {new_uid() for _ in range(500)}
    assert len(made) == 500
    for text in made:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)


def test_suffixes_form_no_words():
    assert all(re.fullmatch("[bcdfghjklmnpqrstvwxz2456789]{5}", random_suffix()) for _ in range(200))


def test_a_long_prefix_is_cut():
    assert len(generated_name("x" * 100)) == 63
    assert generated_name("abc-").startswith("abc-")


def test_a_new_object():
    obj = {"metadata": {"name": "x", "uid": "mine", "resourceVersion": "5", "selfLink": "/", "generation": 7}}
    fill_create(obj, "ns", NOW)
    metadata = obj["metadata"]
    assert metadata["uid"] != "mine"
    assert metadata["creationTimestamp"] == "2026-01-02T03:04:05Z"
    assert (metadata["namespace"], metadata["generation"]) == ("ns", 7)
    assert not metadata.keys() & {"resourceVersion", "selfLink"}


def test_a_cluster_wide_object_has_no_namespace():
    obj = {"metadata": {"name": "x", "namespace": "ns"}}
    fill_create(obj, "", NOW)
    assert "namespace" not in obj["metadata"]


def test_an_update_keeps_what_is_the_servers():
    old = {
        "name": "x", "uid": "u", "creationTimestamp": "2026-01-02T03:04:05Z", "generation": 3, "namespace": "ns",
        "deletionTimestamp": "2026-01-03T00:00:00Z", "deletionGracePeriodSeconds": 5,
    }  # fmt: skip
    new = {"name": "x", "creationTimestamp": "2001-01-01T00:00:00Z", "generation": 9, "selfLink": "/x"}
    keep_system_fields(new, {**old, "generateName": "x-"})
    assert new == old


def test_what_an_update_may_try_to_change_is_left_for_validation():
    new = {"name": "x", "uid": "other", "deletionGracePeriodSeconds": 1}
    keep_system_fields(new, {"name": "x", "uid": "u", "creationTimestamp": "t", "deletionGracePeriodSeconds": 5})
    assert (new["uid"], new["deletionGracePeriodSeconds"]) == ("other", 1)
