"""A write is remembered until the cache shows it, or something newer, or that the object is gone."""

from __future__ import annotations

import pytest

from podwright.controllers.meta import Bare, Meta
from podwright.controllers.own_writes import Newest, OwnWrites, Written


class Cache:
    """An informer's reading side, filled by hand."""

    def __init__(self):
        self.objects, self.handlers = {}, []

    def get(self, key):
        return self.objects.get(key)

    def add_handler(self, handler):
        self.handlers.append(handler)

    def show(self, name, version, uid="u", deleted=None):
        new = Bare(Meta(name, uid, "ns", str(version), deleted=deleted))
        old = self.objects.get(new.meta.key)
        self.objects[new.meta.key] = new
        for handler in self.handlers:
            handler(new.meta.key, old, new)

    def lose(self, name):
        old = self.objects.pop(f"ns/{name}")
        for handler in self.handlers:
            handler(old.meta.key, old, None)


@pytest.fixture
def cache():
    return Cache()


@pytest.fixture
def writes(cache):
    return OwnWrites({"pods": cache}, Newest({"pods": cache}))


def written(kind, name="p", version=5, uid="u", at=0.0):
    return Written(kind, "pods", f"ns/{name}", uid, version, at)


def test_a_created_object_has_to_appear(cache, writes):
    writes.note("rs", written("create"))
    assert not writes.settled("rs", 1.0)
    cache.show("other", 4)
    assert not writes.settled("rs", 1.0)
    cache.show("p", 5)
    assert writes.settled("rs", 1.0)


def test_a_created_object_may_be_gone_again(cache, writes):
    writes.note("rs", written("create"))
    cache.show("other", 6)
    assert writes.settled("rs", 1.0)


def test_a_changed_object_has_to_be_as_new(cache, writes):
    cache.show("p", 3)
    writes.note("rs", written("change"))
    assert not writes.settled("rs", 1.0)
    cache.show("p", 7)
    assert writes.settled("rs", 1.0)


def test_a_deleted_object_has_to_go_or_be_on_its_way(cache, writes):
    cache.show("p", 3)
    writes.note("rs", written("delete", version=0))
    cache.show("p", 4)
    assert not writes.settled("rs", 1.0)
    cache.show("p", 5, deleted="soon")
    assert writes.settled("rs", 1.0)


@pytest.mark.parametrize("gone", [lambda cache: cache.lose("p"), lambda cache: cache.show("p", 9, uid="other")])
def test_a_deleted_object_is_gone(cache, writes, gone):
    cache.show("p", 3)
    writes.note("rs", written("delete", version=0))
    gone(cache)
    assert writes.settled("rs", 1.0)


def test_what_is_shown_already_is_not_waited_for(cache, writes):
    cache.show("p", 5)
    writes.note("rs", written("create"))
    assert writes.waiting_for("pods", "ns/p") == ()
    assert writes.settled("rs", 0.0)


def test_all_of_several_have_to_be_shown(cache, writes):
    writes.note("rs", written("create", "a", 5))
    writes.note("rs", written("create", "b", 6))
    assert set(writes.waiting_for("pods", "ns/b")) == {"rs"}
    cache.show("a", 5)
    assert not writes.settled("rs", 1.0)
    assert writes.waiting_for("pods", "ns/a") == ()
    cache.show("b", 6)
    assert writes.settled("rs", 1.0)
    assert writes.settled("other", 1.0)


def test_nothing_is_waited_for_without_end(writes):
    writes.note("rs", written("create"))
    assert not writes.settled("rs", 59.0)
    assert writes.settled("rs", 60.0)


def test_resources_that_are_not_watched_are_not_waited_for(writes):
    writes.note("rs", Written("create", "secrets", "ns/s", "u", 5, 0.0))
    assert writes.settled("rs", 0.0)
