"""The watch cache of one resource against a dumb model: a dict, and watchers that look at every event."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.apiserver.cache.item import encode_value
from podwright.apiserver.cache.resource_cache import ResourceCache, TooOld
from podwright.apiserver.cache.watcher import Filter, Watcher
from podwright.store.protocol import KeyValue

PREFIX = "/registry/pods/"
FIELDS = {
    "metadata.name": lambda o: o["metadata"]["name"],
    "metadata.namespace": lambda o: o["metadata"]["namespace"],
    "spec.nodeName": lambda o: (o.get("spec") or {}).get("nodeName", ""),
}
NAMESPACES = ("a", "a-b", "b")
NAMES = ("x", "y")
NODES = ("", "n1", "n2")


class Words:
    """Lines that tell what happened in a way that is easy to compare."""

    def added(self, change, item):
        return f"+{item.key}@{change.revision} ".encode()

    def modified(self, change, item):
        return f"~{item.key}@{change.revision} ".encode()

    def deleted(self, change, prev):
        return f"-{prev.key}@{change.revision} ".encode()

    def initial(self, item):
        return f"+{item.key} ".encode()

    def bookmark(self, revision, initial_end):
        return f"={revision} ".encode()


class Matches:
    """Labels that must hold one pair."""

    def __init__(self, key, value):
        self.pair = key, value

    def matches(self, labels):
        return labels.get(self.pair[0]) == self.pair[1]


def make(window=100):
    return ResourceCache(PREFIX, "Pod", "v1", namespaced=True, fields=lambda: FIELDS, window=window)


def value(namespace, name, node="", label=""):
    metadata = {"name": name, "namespace": namespace}
    if label:
        metadata["labels"] = {"app": label}
    return encode_value({"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": {"nodeName": node}})


def watcher(cache, **kwargs):
    made = Watcher(Filter(**kwargs), Words(), limit=1000, bookmarks=False)
    cache.attach(made)
    return made


WRITES = st.lists(
    st.tuples(
        st.sampled_from(NAMESPACES),
        st.sampled_from(NAMES),
        st.none() | st.tuples(st.sampled_from(NODES), st.sampled_from(("", "l1", "l2"))),
    ),
    max_size=30,
)
FILTERS = st.fixed_dictionaries(
    {
        "namespace": st.sampled_from(("", *NAMESPACES)),
        "name": st.sampled_from(("", *NAMES)),
        "labels": st.none() | st.sampled_from(("l1", "l2")).map(lambda v: Matches("app", v)),
        "fields": st.lists(st.tuples(st.just(2), st.sampled_from(NODES), st.booleans()), max_size=2).map(tuple),
    }
)


@settings(max_examples=200)
@given(WRITES, st.lists(FILTERS, min_size=1, max_size=4), st.integers(0, 10))
def test_watchers_see_exactly_what_a_dumb_one_would(writes, filters, begin):
    cache = make()
    watchers = []
    dumb = [""] * len(filters)
    state = {}
    for revision, (namespace, name, new) in enumerate(writes, 1):
        if revision == begin + 1:
            watchers = [watcher(cache, **f) for f in filters]
        key = f"{PREFIX}{namespace}/{name}"
        before = state.get(key)
        cache.apply(key, None if new is None else value(namespace, name, *new), revision, set())
        after = None if new is None else (namespace, name, *new)
        if after is None:
            state.pop(key, None)
        else:
            state[key] = after
        if not watchers:
            continue
        for i, f in enumerate(filters):
            was, now = (selected(f, s) for s in (before, after))
            if now:
                dumb[i] += f"{'~' if was else '+'}{key}@{revision} "
            elif was:
                dumb[i] += f"-{key}@{revision} "
    assert [b"".join(w.take()).decode() for w in watchers] == (dumb if watchers else [])
    assert [i.key for i in cache.iterate()] == sorted(state)
    assert len(cache) == len(state)


def selected(f, state):
    if state is None:
        return False
    namespace, name, node, label = state
    if (f["namespace"] and namespace != f["namespace"]) or (f["name"] and name != f["name"]):
        return False
    if any((node == wanted) is not equal for _, wanted, equal in f["fields"]):
        return False
    return f["labels"] is None or label == f["labels"].pair[1]


@given(st.sets(st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(("x", "x-1", "x.a", "xa", "y"))), max_size=12))
def test_iteration_is_in_key_order_from_any_place(names):
    cache = make()
    for revision, (namespace, name) in enumerate(sorted(names), 1):
        cache.apply(f"{PREFIX}{namespace}/{name}", value(namespace, name), revision, set())
    keys = sorted(f"{n}/{m}" for n, m in names)
    assert [i.key.removeprefix(PREFIX) for i in cache.iterate()] == keys
    for key in keys:
        behind = key + "\0"
        assert [i.key.removeprefix(PREFIX) for i in cache.iterate(start=behind)] == [k for k in keys if k > key]
        namespace = key.partition("/")[0]
        mine = [k for k in keys if k.startswith(f"{namespace}/") and k > key]
        assert [i.key.removeprefix(PREFIX) for i in cache.iterate(namespace, behind)] == mine
        assert cache.count(start=behind) == len([k for k in keys if k > key])
        assert cache.count(namespace, behind) == len(mine)
    assert cache.count() == len(cache) == len(keys)


def test_a_watcher_of_one_node_is_not_asked_about_others():
    cache = make()
    asked = []

    class Counting(Watcher):
        __slots__ = ()

        def offer(self, change):
            asked.append(change.revision)
            return super().offer(change)

    for node in range(50):
        cache.attach(Counting(Filter(fields=((2, f"n{node}", True),)), Words(), limit=10, bookmarks=False))
    cache.apply(PREFIX + "a/x", value("a", "x", "n7"), 1, set())
    assert asked == [1]
    cache.apply(PREFIX + "a/x", value("a", "x", "n8"), 2, set())
    assert asked == [1, 2, 2]


def test_history_reaches_back_as_far_as_the_window():
    cache = make(window=3)
    for revision in range(1, 6):
        cache.apply(PREFIX + "a/x", value("a", "x", str(revision)), revision, set())
    assert [c.revision for c in cache.history(2)] == [3, 4, 5]
    with pytest.raises(TooOld) as error:
        list(cache.history(1))
    assert error.value.oldest == 2
    assert list(cache.history(9)) == []


@pytest.mark.parametrize(("mebibytes", "kept"), [(1, [1, 2, 3, 4, 5]), (12, [4, 5]), (40, [5])])
def test_history_holds_no_more_than_its_bytes(mebibytes, kept):
    cache = make()
    large = value("a", "x", "n" * mebibytes * 1024 * 1024)
    for revision in range(1, 6):
        cache.apply(PREFIX + "a/x", large if revision % 2 else None, revision, set())
    assert [c.revision for c in cache.history(kept[0] - 1)] == kept
    if kept[0] > 1:
        with pytest.raises(TooOld):
            list(cache.history(kept[0] - 2))
    for revision in range(6, 106):  # small changes drive the large ones out
        cache.apply(PREFIX + "a/y", value("a", "y"), revision, set())
    assert [c.revision for c in cache.history(5)] == list(range(6, 106))


def test_loading_again_ends_all_watches_and_forgets_history():
    cache = make()
    old = watcher(cache)
    cache.apply(PREFIX + "a/x", value("a", "x"), 1, set())
    cache.load([KeyValue(PREFIX + "a/y", value("a", "y"), 5, 5)], 9)
    assert old.closed
    assert [i.name for i in cache.iterate()] == ["y"]
    with pytest.raises(TooOld):
        list(cache.history(8))
    assert list(cache.history(9)) == []


def test_a_prepared_write_is_not_parsed_again():
    cache = make()
    obj = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x", "namespace": "a", "labels": {"app": "l"}}}
    data = encode_value(obj)
    key = PREFIX + "a/x"
    cache.prepare(key, data, {**obj, "spec": {"nodeName": "told"}})
    cache.apply(key, data, 4, set())
    item = cache.get("a", "x")
    assert item is not None
    assert (item.revision, item.labels, item.fields) == (4, {"app": "l"}, ("x", "a", "told"))
    assert orjson.loads(item.wire)["metadata"]["resourceVersion"] == "4"


class Parsed:
    """Lines that note what a change has at hand while watchers are told."""

    def added(self, change, item):
        return change.parsed

    def modified(self, change, item):
        return change.parsed


def test_watchers_are_told_of_the_object_that_was_written_and_nobody_keeps_it():
    cache = make()
    told = [Watcher(Filter(), Parsed(), limit=9, bookmarks=False) for _ in range(2)]
    for each in told:
        cache.attach(each)
    obj = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x", "namespace": "a"}, "spec": {"nodeName": "n"}}
    key = PREFIX + "a/x"
    cache.prepare(key, encode_value(obj), obj)
    cache.apply(key, encode_value(obj), 4, set())
    cache.apply(key, value("a", "x", "theirs"), 5, set())
    (ours, theirs), (same, _) = (each.take() for each in told)
    assert ours["spec"] is obj["spec"]
    assert ours["metadata"] == {"name": "x", "namespace": "a", "resourceVersion": "4"}
    assert same is ours
    assert (theirs["spec"], theirs["metadata"]["resourceVersion"]) == ({"nodeName": "theirs"}, "5")
    assert "resourceVersion" not in obj["metadata"]
    assert [change.parsed for change in cache.history(0)] == [None, None]


def test_what_comes_together_counts_as_one_that_lags():
    slow = Watcher(Filter(), Words(), limit=2, bookmarks=False)
    slow.push(*b"many")
    slow.push(b"next")
    assert (slow.closed, len(slow.take())) == (False, 5)
    for line in (b"1", b"2", b"3"):
        slow.push(line)
    assert slow.closed


def test_another_writers_value_is_parsed_even_when_one_was_prepared():
    cache = make()
    key = PREFIX + "a/x"
    cache.prepare(key, value("a", "x", "mine"), {"metadata": {"name": "x", "namespace": "a"}})
    cache.apply(key, value("a", "x", "theirs"), 4, set())
    item = cache.get("a", "x")
    assert item is not None
    assert item.fields[2] == "theirs"


def test_deleting_what_is_not_there_is_no_event():
    cache = make()
    seen = watcher(cache)
    cache.apply(PREFIX + "a/x", None, 3, set())
    assert seen.take() == []
    assert cache.changed == 0


def test_a_watcher_that_lags_is_dropped():
    cache = make()
    slow = Watcher(Filter(), Words(), limit=2, bookmarks=False)
    cache.attach(slow)
    woken = []
    slow.wake = lambda: woken.append(slow.closed)
    for revision in range(1, 5):
        dirty = set()
        cache.apply(PREFIX + "a/x", value("a", "x", str(revision)), revision, dirty)
        for w in dirty:
            w.flush()
    assert woken == [False, False, True]
    assert slow.closed
