"""The macros over lists and maps, as loops.

They do what their folds say (see `macros`), with the cost that the public model gives every turn of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from podwright.api.cel.costs import LIST_BASE, MAP_BASE
from podwright.api.cel.errors import EvaluationError, no_such_overload
from podwright.api.cel.frame import Frame
from podwright.api.cel.values import is_list, is_map, key_value, map_key

Step = Callable[[Frame], Any]


class Variables(NamedTuple):
    """The slots of a loop's variables; `second` is -1 for loops with one."""

    first: int
    second: int


Loop = Callable[[Step, Variables, Sequence[Step]], Step]


def _turns(value: Any, variables: Variables, slots: list[Any]) -> Iterator[None]:
    """Set the variables for every turn."""
    first, second = variables
    if is_list(value):
        if second < 0:
            for item in value:
                slots[first] = item
                yield
            return
        for index, item in enumerate(value):
            slots[first], slots[second] = index, item
            yield
        return
    if not is_map(value):
        raise no_such_overload()
    for key in value:
        slots[first] = key_value(key)
        if second >= 0:
            slots[second] = value[key]
        yield


def _quantifier(*, stops: bool, cost: int) -> Loop:
    def loop(ranged: Step, variables: Variables, body: Sequence[Step]) -> Step:
        predicate = body[0]

        def run(frame: Frame) -> bool:
            failure: EvaluationError | None = None
            for _ in _turns(ranged(frame), variables, frame.slots):
                frame.turn(cost)
                try:
                    value = predicate(frame)
                except EvaluationError as error:
                    failure = failure or error
                    continue
                if value is stops:
                    frame.cost += cost
                    return stops
                if type(value) is not bool:
                    failure = failure or no_such_overload()
            frame.cost += 1
            if failure is not None:
                raise failure
            return not stops

        return run

    return loop


def _holds(predicate: Step, frame: Frame) -> bool:
    value = predicate(frame)
    if type(value) is not bool:
        raise no_such_overload()
    return value


def _exists_one(ranged: Step, variables: Variables, body: Sequence[Step]) -> Step:
    predicate = body[0]

    def run(frame: Frame) -> bool:
        count = 0
        for _ in _turns(ranged(frame), variables, frame.slots):
            frame.turn(1)
            if _holds(predicate, frame):
                frame.cost += 1
                count += 1
        frame.cost += 2
        return count == 1

    return run


def _map(ranged: Step, variables: Variables, body: Sequence[Step]) -> Step:
    predicate = body[0] if len(body) == 2 else None
    transform = body[-1]

    def run(frame: Frame) -> list[Any]:
        frame.cost += LIST_BASE + 1
        made: list[Any] = []
        for _ in _turns(ranged(frame), variables, frame.slots):
            frame.turn(1)
            if predicate is None or _holds(predicate, frame):
                frame.cost += LIST_BASE + 1
                made.append(transform(frame))
        return made

    return run


def _filter(ranged: Step, variables: Variables, body: Sequence[Step]) -> Step:
    predicate = body[0]
    slot = variables.first

    def run(frame: Frame) -> list[Any]:
        frame.cost += LIST_BASE + 1
        made: list[Any] = []
        for _ in _turns(ranged(frame), variables, frame.slots):
            frame.turn(1)
            item = frame.slots[slot]
            if _holds(predicate, frame):
                frame.cost += LIST_BASE + 2
                made.append(item)
        return made

    return run


def _map_building(enter: Callable[[dict[Any, Any], Any, Any], None]) -> Loop:
    def loop(ranged: Step, variables: Variables, body: Sequence[Step]) -> Step:
        predicate = body[0] if len(body) == 2 else None
        transform = body[-1]
        slot = variables.first

        def run(frame: Frame) -> dict[Any, Any]:
            frame.cost += MAP_BASE + 1
            made: dict[Any, Any] = {}
            for _ in _turns(ranged(frame), variables, frame.slots):
                frame.turn(1)
                if predicate is None or _holds(predicate, frame):
                    frame.cost += 2
                    enter(made, frame.slots[slot], transform(frame))
            return made

        return run

    return loop


def _enter(made: dict[Any, Any], key: Any, value: Any) -> None:
    found = map_key(key)
    if found in made:
        msg = f"insert failed: key {key} already exists"
        raise EvaluationError(msg)
    made[found] = value


def _enter_all(made: dict[Any, Any], _key: Any, entries: Any) -> None:
    if not is_map(entries):
        raise no_such_overload()
    for key in entries:
        _enter(made, key_value(key), entries[key])


LOOPS: Final[dict[str, Loop]] = {
    "all": _quantifier(stops=False, cost=3),
    "exists": _quantifier(stops=True, cost=4),
    "existsOne": _exists_one,
    "map": _map,
    "filter": _filter,
    "transformMap": _map_building(_enter),
    "transformMapEntry": _map_building(_enter_all),
}
