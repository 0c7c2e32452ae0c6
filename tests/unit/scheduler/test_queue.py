"""Order, backoff and wake-ups of waiting pods; time is an argument."""

from __future__ import annotations

from sched_builders import pod

from podwright.scheduler.queue import PodQueue


def queue_of(*pods):
    queue = PodQueue()
    for item in pods:
        queue.put(item)
    return queue


def drain(queue, now=0.0):
    names = []
    while (item := queue.take(now)) is not None:
        names.append(item.name)
    return names


def test_priority_then_first_come():
    queue = queue_of(pod("a"), pod("b", priority=10), pod("c"), pod("d", priority=10))
    assert drain(queue) == ["b", "d", "a", "c"]


def test_a_taken_pod_is_not_given_out_twice():
    queue = queue_of(pod("a"))
    assert drain(queue) == ["a"]
    queue.put(pod("a"))
    assert drain(queue) == []


def test_a_removed_pod_is_not_given_out():
    queue = queue_of(pod("a"), pod("b"))
    queue.remove("ns/a")
    assert drain(queue) == ["b"]
    assert "ns/a" not in queue


def test_failed_pods_back_off_1_to_10_seconds():
    queue = queue_of(pod("a"))
    now, delays = 0.0, []
    for _ in range(6):
        assert drain(queue, now) == ["a"]
        queue.fail(pod("a"), now)
        ready = queue.next_ready()
        assert ready is not None
        assert drain(queue, ready - 0.01) == []
        delays.append(ready - now)
        now = ready
    assert delays == [1, 2, 4, 8, 10, 10]


def test_a_refused_pod_waits_for_a_change_that_fits():
    queue = queue_of(pod("a", {"cpu": "1"}), pod("b", {"cpu": "2"}))
    drain(queue)
    queue.refuse(pod("a"), 0.0)
    queue.refuse(pod("b"), 0.0)
    assert drain(queue, 60.0) == []
    asked = []
    assert queue.wake(lambda p: asked.append(p.name) or p.name == "b", 60.0) == 1
    assert sorted(asked) == ["a", "b"]
    assert drain(queue, 60.0) == ["b"]


def test_equal_pods_are_asked_about_once():
    queue = queue_of(*(pod(f"p{i}", {"cpu": "1"}) for i in range(50)))
    for name in drain(queue):
        queue.refuse(pod(name), 0.0)
    asked = []
    assert queue.wake(lambda p: bool(asked.append(p)) or True, 5.0) == 50
    assert len(asked) == 1
    assert len(drain(queue, 5.0)) == 50


def test_woken_too_early_it_still_backs_off():
    queue = queue_of(pod("a"))
    drain(queue)
    queue.refuse(pod("a"), 0.0)
    queue.wake(lambda _: True, 0.2)
    assert drain(queue, 0.9) == []
    assert drain(queue, 1.0) == ["a"]


def test_refused_long_ago_is_tried_again():
    queue = queue_of(pod("a"))
    drain(queue)
    queue.refuse(pod("a"), 0.0)
    assert queue.flush(299.0) == 0
    assert queue.flush(300.0) == 1
    assert drain(queue, 300.0) == ["a"]


def test_an_edited_pod_is_tried_at_once():
    queue = queue_of(pod("a", {"cpu": "9"}))
    drain(queue)
    queue.refuse(pod("a"), 0.0)
    queue.put(pod("a", {"cpu": "9"}))
    assert drain(queue, 0.1) == []
    queue.put(pod("a", {"cpu": "1"}))
    assert drain(queue, 0.1) == ["a"]
    assert queue.counts() == {"active": 0, "backoff": 0, "unschedulable": 0, "taken": 1}


def test_a_pod_of_the_same_name_is_another_pod():
    queue = queue_of(pod("a"))
    drain(queue)
    queue.refuse(pod("a"), 0.0)
    other = pod("a")
    other.uid = "other"
    queue.put(other)
    assert drain(queue, 0.1) == ["a"]


def test_news_of_an_older_namesake_does_not_touch_a_pod():
    queue = queue_of(pod("a"))
    old = queue.take(0.0)
    newer = pod("a")
    newer.uid = "newer"
    queue.put(newer)
    queue.remove("ns/a", old.uid)
    queue.fail(old, 0.0)
    queue.refuse(old, 0.0)
    assert queue.take(0.0) is newer
