"""The query of a request as typed options, checked the way clients know it: bad numbers are 400, bad choices 422.

Pure. One dataclass per kind of request; it must never look at objects or at the store.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from podwright.api.errors import (
    FieldError,
    bad_request,
    forbidden_field,
    invalid,
    invalid_field,
    not_supported,
    required,
)
from podwright.api.fields import FieldSelector, FieldSelectorError
from podwright.api.labels import Selector, SelectorError
from podwright.api.managers import manager_problems
from podwright.api.quoting import quote

JSON = dict[str, Any]
_META = "meta.k8s.io"
_MATCH = "resourceVersionMatch"
_FALSE = frozenset(("false", "0"))
_PROPAGATION = ("Foreground", "Background", "Orphan", "nil")
_BESIDE = ("", "Metadata", "Object", "None")
_VALIDATION = ("", "Ignore", "Strict", "Warn")
_LONGEST = 4000
"""Digits that Python turns into a number without complaint."""
_NUMBERS = {
    True: ("ParseInt", re.compile(r"[+-]?[0-9]+"), -(1 << 63), (1 << 63) - 1),
    False: ("ParseUint", re.compile(r"[0-9]+"), 0, (1 << 64) - 1),
}
"""Whether signed -> how the reader is called, what it reads, and from where to where."""


class Query:
    """The decoded pairs of a query string."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self.pairs = pairs

    def get(self, key: str, default: str = "") -> str:
        """The first value of a key."""
        for k, v in self.pairs:
            if k == key:
                return v
        return default

    def all(self, key: str) -> list[str]:
        """All values of a key."""
        return [v for k, v in self.pairs if k == key]

    def has(self, key: str) -> bool:
        """Tell whether the key is there at all."""
        return any(k == key for k, _ in self.pairs)

    def flag(self, key: str) -> bool:
        """A boolean: anything but "false" and "0" counts as true, as does a bare key."""
        return self.has(key) and self.get(key).lower() not in _FALSE

    def integer(self, key: str) -> int | None:
        """A whole number, None when the key is absent. Raises ApiError 400."""
        if not self.has(key):
            return None
        text = self.get(key)
        why = number_problem(text, signed=True)
        if why:
            raise bad_request(why)
        return int(text)


def number_problem(text: str, *, signed: bool) -> str:
    """Say why a text is no decimal of 64 bits, with a sign or without; "" when it is one."""
    function, wanted, lowest, highest = _NUMBERS[signed]
    if not wanted.fullmatch(text):
        why = "invalid syntax"
    elif len(text) > _LONGEST or not lowest <= int(text) <= highest:
        why = "value out of range"
    else:
        return ""
    return f"strconv.{function}: parsing {quote(text)}: {why}"


def parse_revision(text: str) -> int | None:
    """A resourceVersion; None when it is no unsigned decimal of 64 bits ("" and "0" are 0)."""
    if not text:
        return 0
    return None if number_problem(text, signed=False) else int(text)


def revision_problem(text: str) -> str:
    """Say what is wrong with the resourceVersion of a query that `parse_revision` cannot read."""
    return f"resourceVersion: Invalid value: {quote(text)}: {number_problem(text, signed=False)}"


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list or watch asks for. `revision` is 0 for "0" and for none: `has_revision` tells them apart."""

    labels: str = ""
    fields: str = ""
    limit: int = 0
    continue_token: str = ""
    revision: int = 0
    has_revision: bool = False
    match: str = ""
    bookmarks: bool = False
    send_initial: bool | None = None
    timeout: int | None = None


def check_table(query: Query) -> None:
    """Check what shall stand beside the cells of a table's rows. Raises ApiError 400."""
    wanted = query.get("includeObject")
    if wanted not in _BESIDE:
        error = invalid_field("includeObject", wanted, "must be 'Metadata', 'Object', 'None', or empty")
        raise bad_request(f"Unable to convert to Table as requested: {error.text()}")


def list_options(query: Query, *, watch: bool) -> ListOptions:
    """Read and check the options of a list or watch. Raises ApiError."""
    if not query.pairs:
        return ListOptions()
    text = query.get("resourceVersion")
    revision = parse_revision(text)
    timeout = query.integer("timeoutSeconds")
    limit = query.integer("limit") or 0
    options = ListOptions(
        labels=query.get("labelSelector"),
        fields=query.get("fieldSelector"),
        limit=max(limit, 0),
        continue_token=query.get("continue"),
        revision=revision or 0,
        has_revision=bool(text),
        match=query.get("resourceVersionMatch"),
        bookmarks=query.flag("allowWatchBookmarks"),
        send_initial=query.flag("sendInitialEvents") if query.has("sendInitialEvents") else None,
        timeout=timeout,
    )
    _check_selectors(options)
    errors = _watch_errors(options) if watch else _list_errors(options, text)
    if errors:
        raise invalid(_META, "ListOptions", "", errors)
    if revision is None:
        why = revision_problem(text)
        raise bad_request(why if watch else f"invalid resource version: {why}")
    return options


def _check_selectors(o: ListOptions) -> None:
    """A selector that cannot be read is refused before options that do not go together."""
    try:
        if o.labels:
            Selector.parse(o.labels)
        if o.fields:
            FieldSelector.parse(o.fields)
    except (SelectorError, FieldSelectorError) as error:
        raise bad_request(str(error)) from error


def _watch_errors(o: ListOptions) -> list[FieldError]:
    errors: list[FieldError] = []
    match = o.match
    if o.send_initial is None:
        if match:
            errors.append(
                forbidden_field(_MATCH, f"{_MATCH} is forbidden for watch unless sendInitialEvents is provided")
            )
        elif not o.revision:  # a watch from no version in particular begins with what is there
            match = "NotOlderThan"
    elif match != "NotOlderThan":
        errors.append(forbidden_field(_MATCH, f"sendInitialEvents requires setting {_MATCH} to NotOlderThan"))
    if match and match != "NotOlderThan":
        errors.append(not_supported(_MATCH, match, ("NotOlderThan",)))
    if match and o.continue_token:
        errors.append(forbidden_field(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
    return errors


def _list_errors(o: ListOptions, revision: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if o.match:
        if not o.has_revision:
            errors.append(forbidden_field(_MATCH, f"{_MATCH} is forbidden unless resourceVersion is provided"))
        if o.continue_token:
            errors.append(forbidden_field(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
        if o.match not in {"Exact", "NotOlderThan"}:
            errors.append(not_supported(_MATCH, o.match, ("Exact", "NotOlderThan", "")))
        if o.match == "Exact" and revision == "0":
            errors.append(forbidden_field(_MATCH, f'{_MATCH} "exact" is forbidden for resourceVersion "0"'))
    if o.send_initial is not None:
        errors.append(forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return errors


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Options of create, update and patch. `validation` is "Ignore", "Warn" or "Strict"."""

    dry_run: bool = False
    manager: str = ""
    validation: str = "Warn"
    force: bool = False


_DEFAULT_WRITE = WriteOptions()


def write_options(query: Query, kind: str, *, apply: bool = False) -> WriteOptions:
    """Read and check the options of a write. Raises ApiError.

    `kind` is CreateOptions, UpdateOptions or PatchOptions.
    """
    if not query.pairs and not apply:
        return _DEFAULT_WRITE
    dry_run = query.all("dryRun")
    manager = query.get("fieldManager")
    validation = query.get("fieldValidation")
    errors: list[FieldError] = []
    if apply and not manager:
        errors.append(required("fieldManager", "is required for apply patch"))
    if kind == "PatchOptions" and query.has("force") and not apply:
        errors.append(forbidden_field("force", "may not be specified for non-apply patch"))
    errors += [*manager_problems("fieldManager", manager), *dry_run_errors(dry_run)]
    if validation not in _VALIDATION:
        errors.append(not_supported("fieldValidation", validation, _VALIDATION))
    if errors:
        raise invalid(_META, kind, "", errors)
    return WriteOptions(bool(dry_run), manager, validation or "Warn", query.flag("force"))


def dry_run_errors(values: list[str]) -> list[FieldError]:
    """Check the values of dryRun: only "All" is known."""
    if not values or all(v == "All" for v in values):
        return []
    return [not_supported("dryRun", values, ("All",))]


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """How to delete. `propagation` is "" when the kind's default applies."""

    grace: int | None = None
    propagation: str = ""
    uid: str | None = None
    revision: str | None = None
    dry_run: bool = False
    raw: JSON = field(default_factory=dict[str, Any])


def delete_options(query: Query, body: JSON | None) -> DeleteOptions:
    """Read DeleteOptions from a body or, only without a body, from the query. Raises ApiError."""
    raw = body if body is not None else _query_delete(query)
    grace = raw.get("gracePeriodSeconds")
    propagation = raw.get("propagationPolicy")
    orphan = raw.get("orphanDependents")
    preconditions: JSON = raw.get("preconditions") or {}
    dry_run: list[str] = raw.get("dryRun") or []
    errors = _delete_errors(propagation, orphan, dry_run)
    if errors:
        raise invalid(_META, "DeleteOptions", "", errors)
    if orphan is not None:
        propagation = "Orphan" if orphan else "Background"
    return DeleteOptions(
        grace=grace,
        propagation=propagation or "",
        uid=preconditions.get("uid"),
        revision=preconditions.get("resourceVersion"),
        dry_run=bool(dry_run),
        raw=raw,
    )


def _query_delete(query: Query) -> JSON:
    raw: JSON = {}
    if not query.pairs:
        return raw
    grace = query.integer("gracePeriodSeconds")
    if grace is not None:
        raw["gracePeriodSeconds"] = grace
    if query.has("propagationPolicy"):
        raw["propagationPolicy"] = query.get("propagationPolicy")
    if query.has("orphanDependents"):
        raw["orphanDependents"] = query.flag("orphanDependents")
    if query.has("dryRun"):
        raw["dryRun"] = query.all("dryRun")
    conditions = {name: query.get(name) for name in ("uid", "resourceVersion") if query.get(name)}
    if conditions:
        raw["preconditions"] = conditions
    return raw


def _delete_errors(propagation: str | None, orphan: bool | None, dry_run: list[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    if propagation is not None and orphan is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(invalid_field("propagationPolicy", propagation, detail))
    if propagation is not None and propagation not in _PROPAGATION[:3]:
        errors.append(not_supported("propagationPolicy", propagation, _PROPAGATION))
    return errors + dry_run_errors(dry_run)
