"""What is wrong with a Job's status: counters that cannot be, and ends that do not fit together.

A rule that an update did not touch is not checked again: a status that was bad before can still be written on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from podwright.api import field_errors, indexes
from podwright.api.batch.job import UncountedTerminatedPods
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategies.job.spec import indexed

JSON = dict[str, Any]

_COUNTS = ("active", "succeeded", "failed", "ready", "terminating")
_TERMINAL = ("Complete", "Failed", "SuccessCriteriaMet", "FailureTarget")


def validate(job: JSON, old: JSON) -> Errors:
    """List what is wrong with the changed status of `job`."""
    errors: Errors = []
    status, before, spec = job.get("status") or {}, old.get("status") or {}, job.get("spec") or {}
    for name in _COUNTS:
        formats.not_negative(errors, f"status.{name}", status.get(name))
    _validate_uncounted(errors, "status.uncountedTerminatedPods", status.get("uncountedTerminatedPods") or {})
    errors.extend(_ends(status, before))
    errors.extend(_indexes(status, before, spec))
    ready = status.get("ready")
    if ready is not None and ready > (status.get("active") or 0) and _changed(status, before, "ready", "active"):
        errors.append(_invalid("ready", ready, "cannot set more ready pods than active"))
    errors.extend(_steps_back(job, status, before))
    return errors


def has(status: JSON, kind: str) -> bool:
    """Tell whether a condition is True."""
    return any(c.get("type") == kind and c.get("status") == "True" for c in status.get("conditions") or ())


def _changed(status: JSON, before: JSON, *names: str) -> bool:
    return any((status.get(name) or 0) != (before.get(name) or 0) for name in names)


def _invalid(name: str, value: Any, detail: str) -> FieldError:
    return field_errors.invalid(f"status.{name}", value, detail)


def _conditions(detail: str) -> FieldError:
    return shown.ShownError("Invalid", "status.conditions", detail)


def _validate_uncounted(errors: Errors, path: str, uncounted: JSON) -> None:
    seen: set[str] = set()
    for kind in ("succeeded", "failed"):
        for index, uid in enumerate(uncounted.get(kind) or ()):
            where = f"{path}.{kind}[{index}]"
            if not uid:
                errors.append(field_errors.invalid(where, uid, "must not be empty"))
            elif uid in seen:
                errors.append(field_errors.duplicate(where, uid))
            seen.add(uid)


def _ends(status: JSON, before: JSON) -> Iterator[FieldError]:
    """Conditions that end a Job, against each other and what must come with them."""
    new = {kind: has(status, kind) for kind in _TERMINAL}
    fresh = {kind: new[kind] and not has(before, kind) for kind in _TERMINAL}
    if new["Complete"] and new["Failed"]:
        yield _conditions("cannot set Complete=True and Failed=true conditions")
    if new["Complete"] and new["FailureTarget"]:
        yield _conditions("cannot set Complete=True and FailureTarget=true conditions")
    completed, started = status.get("completionTime"), status.get("startTime")
    if completed and not new["Complete"] and _changed(status, before, "completionTime"):
        detail = "cannot set completionTime when there is no Complete=True condition"
        yield _invalid("completionTime", completed, detail)
    if not completed and fresh["Complete"]:
        yield field_errors.required("status.completionTime", "completionTime is required for Complete jobs")
    if completed and started and completed < started and _changed(status, before, "completionTime", "startTime"):
        yield _invalid("completionTime", completed, "completionTime cannot be set before startTime")
    if fresh["Failed"] and not new["FailureTarget"]:
        yield _conditions("cannot set Failed=True condition without the FailureTarget=true condition")
    if fresh["Complete"] and not new["SuccessCriteriaMet"]:
        yield _conditions("cannot set Complete=True condition without the SuccessCriteriaMet=true condition")
    if new["SuccessCriteriaMet"] and new["FailureTarget"]:
        yield _conditions("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")
    if not (fresh["Complete"] or fresh["Failed"]):
        return
    if not started:
        yield field_errors.required("status.startTime", "startTime is required for finished job")
    for name in ("active", "terminating"):
        if (status.get(name) or 0) > 0:
            yield _invalid(name, status[name], f"{name}>0 is invalid for finished job")
    uncounted: JSON = status.get("uncountedTerminatedPods") or {}
    if any(uncounted.values()):
        detail = "uncountedTerminatedPods needs to be empty for finished job"
        text = internal_text(UncountedTerminatedPods, uncounted)
        yield shown.ShownError("Invalid", "status.uncountedTerminatedPods", text, detail)


def _indexes(status: JSON, before: JSON, spec: JSON) -> Iterator[FieldError]:
    """Indexes that are there only for some Jobs, are well formed, and are not of both kinds."""
    done, given_up = status.get("completedIndexes") or "", status.get("failedIndexes")
    if not _changed(status, before, "completedIndexes", "failedIndexes"):
        return
    if done and not indexed(spec):
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        yield _invalid("completedIndexes", done, detail)
    if given_up is not None and spec.get("backoffLimitPerIndex") is None:
        yield _invalid("failedIndexes", given_up, "cannot set non-null failedIndexes when backoffLimitPerIndex is null")
    if not indexed(spec):
        return
    read: dict[str, list[tuple[int, int]]] = {}
    for name, text in (("completedIndexes", done), ("failedIndexes", given_up or "")):
        try:
            read[name] = indexes.parse_intervals(text, spec.get("completions") or 0)
        except indexes.IndexTextError as error:
            yield _invalid(name, text, f"error parsing {name}: {error}")
    if len(read) == 2 and any(
        first <= last2 and first2 <= last
        for first, last in read["completedIndexes"]
        for first2, last2 in read["failedIndexes"]
    ):
        yield _invalid("failedIndexes", given_up, "failedIndexes and completedIndexes overlap")


def _steps_back(job: JSON, status: JSON, before: JSON) -> Iterator[FieldError]:
    """What only goes one way: counters of ended pods, ends, and the times of start and end."""
    reset = (job.get("spec") or {}).get("suspend") and not status.get("startTime")
    for name in ("succeeded", "failed"):
        if (status.get(name) or 0) < (before.get(name) or 0) and not reset:
            yield _invalid(name, status.get(name) or 0, f"cannot decrease the {name} counter")
    for kind in _TERMINAL:
        if has(before, kind) and not has(status, kind):
            yield _conditions(f"cannot disable the terminal {kind}=True condition")
    for name, guarded in _TIMES:
        was, now = before.get(name), status.get(name)
        if was and was != now and guarded(job, before):
            if now:
                yield _invalid(name, now, f"{name} cannot be mutated")
            else:
                yield field_errors.required(f"status.{name}", f"{name} cannot be removed")


_TIMES: tuple[tuple[str, Callable[[JSON, JSON], bool]], ...] = (
    ("startTime", lambda job, before: not (job.get("spec") or {}).get("suspend") and not has(before, "Suspended")),
    ("completionTime", lambda job, before: has(before, "Complete")),  # noqa: ARG005 - one signature
)
