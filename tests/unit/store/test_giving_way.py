"""The loop stands still for a thread that works, and for nobody else."""

import threading

import pytest

from podwright.store.giving_way import GivingWay


class Handle:
    def __init__(self):
        self.is_cancelled = False

    def cancel(self):
        self.is_cancelled = True


class Loop:
    """Says what was asked of it, and runs it when told."""

    def __init__(self):
        self.asked = []

    def call_soon(self, call):
        return self.call_later(0.0, call)

    def call_later(self, seconds, call):
        self.asked.append((seconds, call))
        self.handle = Handle()
        return self.handle

    def run(self):
        _, call = self.asked.pop(0)
        call()


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def way(loop):
    return GivingWay(loop)


def test_nothing_handed_over_nothing_asked(loop, way):
    way.taken()
    assert loop.asked == []


def test_work_handed_over_together_is_given_way_to_once(loop, way):
    way.handed_over("me")
    way.handed_over("me")
    assert [seconds for seconds, _ in loop.asked] == [0.0]


def test_what_is_done_at_once_is_not_waited_for(loop, way):
    way.handed_over("me")
    way.done("me")
    loop.run()
    assert loop.asked == []
    way.handed_over("me")
    assert [seconds for seconds, _ in loop.asked] == [0.0]


def test_a_pause_in_vain_doubles_the_time_until_the_next(loop, way):
    way.handed_over("me")
    waits = []
    for _ in range(4):
        loop.run()
        waits.append(loop.asked[0][0])
    assert waits == [0.0014, 0.0028, 0.0056, 0.0112]
    way.handed_over("me")
    way.done("me")
    loop.run()
    assert loop.asked[0][0] == 0.0014


def test_what_was_taken_too_late_does_not_count_for_the_next_pause(loop, way):
    way.handed_over("me")
    way._taken.put(None)
    loop.run()
    assert loop.asked[0][0] == 0.0014


def test_the_pause_ends_when_the_thread_has_what_it_needs(loop, way, monkeypatch):
    monkeypatch.setattr("podwright.store.giving_way._PAUSE", 30.0)
    way.handed_over("me")
    stop = threading.Event()

    def work():
        while not stop.wait(0.001):
            way.taken()

    thread = threading.Thread(target=work)
    thread.start()
    loop.run()
    stop.set()
    thread.join()
    assert loop.asked[0][0] == 0.0007


def test_who_waits_for_much_waits_for_themselves(loop, way):
    for _ in range(3):
        way.handed_over("busy")
    loop.run()
    assert loop.asked == []
    way.handed_over("busy")
    assert loop.asked == []
    way.handed_over("quiet")
    loop.run()
    assert [seconds for seconds, _ in loop.asked] == [0.0014]
    way.done("quiet")
    loop.run()
    assert loop.asked == []


def test_who_waited_for_much_lately_does_so_still(loop, way):
    for _ in range(5):
        way.handed_over("busy")
    loop.run()
    for _ in range(5):
        way.done("busy")
    for _ in range(2):
        way.handed_over("busy")
        assert loop.asked == []
        way.done("busy")
    way.handed_over("busy")
    assert [seconds for seconds, _ in loop.asked] == [0.0]


def test_few_clients_are_remembered(loop, way):
    way.handed_over("waiting")
    for number in range(1000):
        way.handed_over(number)
        way.done(number)
    assert len(way._wishes) <= 65
    assert "waiting" in way._wishes


def test_closing_ends_the_timer(loop, way):
    way.handed_over("me")
    way.close()
    assert loop.handle.is_cancelled
