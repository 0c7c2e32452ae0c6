"""The query of a request as typed options, checked the way clients know it: bad numbers are 400, bad choices 422.

Pure. One dataclass per kind of request; it must never look at objects or at the store.
"""

from __future__ import annotations

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

JSON = dict[str, Any]
_META = "meta.k8s.io"
_FALSE = frozenset(("false", "0"))
_PROPAGATION = ("Foreground", "Background", "Orphan", "nil")
_BESIDE = ("", "Metadata", "Object", "None")
_VALIDATION = ("", "Ignore", "Strict", "Warn")
FIELD_MANAGER_MAX = 128


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
        try:
            return _decimal(text)
        except ValueError as error:
            msg = f'strconv.ParseInt: parsing "{text}": invalid syntax'
            raise bad_request(msg) from error


def _decimal(text: str) -> int:
    if not text.removeprefix("-").removeprefix("+").isascii() or not text.lstrip("+-").isdigit():
        raise ValueError(text)
    return int(text)


def parse_revision(text: str) -> int | None:
    """A resourceVersion; None when it is no unsigned decimal ("" and "0" are 0)."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() else None


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
        timeout=query.integer("timeoutSeconds"),
    )
    errors = _list_errors(options, watch=watch)
    if errors:
        raise invalid(_META, "ListOptions", "", errors)
    if revision is None:
        why = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise bad_request(why if watch else f"invalid resource version: {why}")
    return options


def _list_errors(o: ListOptions, *, watch: bool) -> list[FieldError]:
    name = "resourceVersionMatch"
    errors: list[FieldError] = []
    known = ("NotOlderThan",) if watch else ("Exact", "NotOlderThan")
    if watch and o.send_initial is not None and o.match != "NotOlderThan":
        errors.append(forbidden_field(name, f"sendInitialEvents requires setting {name} to NotOlderThan"))
    if o.match:
        if watch and o.send_initial is None:
            detail = f"{name} is forbidden for watch unless sendInitialEvents is provided"
            errors.append(forbidden_field(name, detail))
        if not watch and not o.has_revision:
            errors.append(forbidden_field(name, f"{name} is forbidden unless resourceVersion is provided"))
        unknown = [not_supported(name, o.match, known if watch else (*known, ""))] if o.match not in known else []
        continued = forbidden_field(name, f"{name} is forbidden when continue is provided")
        both = [continued] if o.continue_token else []
        errors += [*unknown, *both] if watch else [*both, *unknown]
        if not watch and o.match == "Exact" and o.revision == 0 and o.has_revision:
            errors.append(forbidden_field(name, f'{name} "exact" is forbidden for resourceVersion "0"'))
    if not watch and o.send_initial is not None:
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
    _check_timeout(query.get("timeout"))
    dry_run = query.all("dryRun")
    manager = query.get("fieldManager")
    validation = query.get("fieldValidation")
    errors = [*dry_run_errors(dry_run), *_manager_errors(manager)]
    if apply and not manager:
        errors.append(required("fieldManager", "is required for apply patch"))
    if kind == "PatchOptions" and query.has("force") and not apply:
        errors.append(forbidden_field("force", "may not be specified for non-apply patch"))
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


def _manager_errors(manager: str) -> list[FieldError]:
    if len(manager.encode()) > FIELD_MANAGER_MAX:
        return [FieldError("TooLong", "fieldManager", manager, f"may not be more than {FIELD_MANAGER_MAX} bytes")]
    for position, char in enumerate(manager):
        if not char.isprintable():
            detail = f"invalid character U+{ord(char):04X} (at position {position})"
            return [invalid_field("fieldManager", manager, detail)]
    return []


def _check_timeout(text: str) -> None:
    if not text:
        return
    number = text.rstrip("hmsuµn")
    try:
        float(number or "x")
    except ValueError as error:
        if not any(c.isdigit() for c in text):
            msg = f'invalid timeout specified in the request URL - time: invalid duration "{text}"'
            raise bad_request(msg) from error


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
    return raw


def _delete_errors(propagation: str | None, orphan: bool | None, dry_run: list[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    if propagation is not None and orphan is not None:
        detail = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(invalid_field("propagationPolicy", propagation, detail))
    if propagation is not None and propagation not in _PROPAGATION[:3]:
        errors.append(not_supported("propagationPolicy", propagation, _PROPAGATION))
    return errors + dry_run_errors(dry_run)
