"""The pure parts of subresources: Scale documents, log options, which container is meant."""

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.housekeeping import RevisionClock
from podwright.apiserver.options import Query
from podwright.apiserver.strategy import ScalePaths
from podwright.apiserver.subresources.logs import choose_container, log_options
from podwright.apiserver.subresources.scale import scale_of

POD = {
    "metadata": {"name": "p"},
    "spec": {
        "containers": [{"name": "a"}, {"name": "b"}],
        "initContainers": [{"name": "i"}],
        "ephemeralContainers": [{"name": "e"}],
    },
}
SINGLE = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "only"}]}}


def workload(replicas, selector):
    return {
        "metadata": {"name": "d", "namespace": "n", "uid": "u", "resourceVersion": "5", "labels": {"not": "shown"}},
        "spec": {"replicas": replicas, "selector": selector},
        "status": {"replicas": 2},
    }


def test_a_scale():
    scale = scale_of(workload(3, {"matchLabels": {"a": "b"}}), ScalePaths())
    assert scale == {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {"name": "d", "namespace": "n", "uid": "u", "resourceVersion": "5"},
        "spec": {"replicas": 3},
        "status": {"replicas": 2, "selector": "a=b"},
    }


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({"matchLabels": {"a": "b", "c": "d"}}, "a=b,c=d"),
        ({"matchExpressions": [{"key": "r", "operator": "In", "values": ["s", "t"]}]}, "r in (s,t)"),
        ({"a": "b"}, "a=b"),
    ],
)
def test_a_scales_selector(selector, text):
    assert scale_of(workload(1, selector), ScalePaths())["status"]["selector"] == text


def test_no_replicas_are_left_out():
    assert scale_of(workload(0, None), ScalePaths())["spec"] == {}


def options(**pairs):
    return log_options(Query(tuple(pairs.items())), "p")


def test_log_options():
    found = options(container="b", follow="true", tailLines="5", limitBytes="100", sinceSeconds="3", previous="1")
    assert (found.container, found.follow, found.previous, found.timestamps) == ("b", True, True, False)
    assert (found.tail_lines, found.limit_bytes, found.since_seconds) == (5, 100, 3)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ({"tailLines": "-1"}, "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ({"limitBytes": "0"}, "limitBytes: Invalid value: 0: must be greater than 0"),
        ({"sinceSeconds": "0"}, "sinceSeconds: Invalid value: 0: must be greater than 0"),
        ({"sinceSeconds": "1", "sinceTime": "2026-01-02T03:04:05Z"}, "at most one of `sinceTime` or `sinceSeconds`"),
        ({"stream": "Nope"}, "stream: Unsupported value"),
    ],
    ids=str,
)
def test_log_options_that_are_refused(pairs, words):
    with pytest.raises(ApiError) as error:
        options(**pairs)
    assert error.value.code == 422
    assert words in error.value.message


def test_a_log_begins_at_a_time():
    with pytest.raises(ApiError) as error:
        options(sinceTime="now")
    why = 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"'
    assert (error.value.code, error.value.message) == (400, why)


@pytest.mark.parametrize("name", ["a", "b", "i", "e"])
def test_any_kind_of_container_can_be_named(name):
    assert choose_container(POD, name) == name


def test_the_only_container_need_not_be_named():
    assert choose_container(SINGLE, "") == "only"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("zz", "container zz is not valid for pod p"),
        ("", "a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]"),
    ],
)
def test_containers_that_are_not_clear(wanted, message):
    with pytest.raises(ApiError) as error:
        choose_container(POD, wanted)
    assert (error.value.code, error.value.message) == (400, message)


def test_a_revision_clock_knows_its_past_and_forgets_what_is_older():
    clock = RevisionClock(100)
    assert clock.before(50) == 0
    for seconds, revision in ((0, 5), (60, 9), (120, 9), (180, 12)):
        clock.note(seconds, revision)
    assert clock.before(-1) == 0
    assert clock.before(80) == 9
    assert clock.before(150) == 9
    assert clock.before(1000) == 12
