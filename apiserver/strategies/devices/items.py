"""Lists and maps of limited size, and the names that devices, pools and attributes may have."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from podwright.api import field_errors, names
from podwright.apiserver.strategies import drivers, formats
from podwright.apiserver.strategies.formats import Errors

JSON = dict[str, Any]
Check = Callable[[Errors, str, Any], None]

_POOL_LIMIT = 253
_ID_LIMIT = 32
_ATTRIBUTE_KEY_LIMIT = 63 + 1 + _ID_LIMIT
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def each(errors: Errors, path: str, items: Sequence[Any] | None, limit: int, check: Check) -> bool:
    """Check every item; of a list that is too long nothing but that is said. Returns whether it was not."""
    items = items or ()
    if 0 <= limit < len(items):
        errors.append(field_errors.too_many(path, len(items), limit))
        return False
    for index, item in enumerate(items):
        check(errors, f"{path}[{index}]", item)
    return True


def unique(
    errors: Errors, path: str, items: Sequence[Any] | None, limit: int, check: Check, key: Callable[[Any], Hashable]
) -> None:
    """Check every item as `each` does, and that no key comes twice."""
    if each(errors, path, items, limit, check):
        seen: set[Hashable] = set()
        for index, item in enumerate(items or ()):
            name = key(item)
            if name in seen:
                errors.append(field_errors.duplicate(f"{path}[{index}]", name))
            seen.add(name)


def mapping(
    errors: Errors, path: str, items: Mapping[str, Any] | None, limit: int, key_check: Check, check: Check
) -> None:
    """Check the keys and values of a map of at most `limit` entries (-1: any number)."""
    items = items or {}
    if 0 <= limit < len(items):
        errors.append(field_errors.too_many(path, len(items), limit))
        return
    for key, item in items.items():
        key_check(errors, path, key)
        check(errors, f"{path}[{_shortened(key)}]", item)


def _shortened(key: str) -> str:
    if len(key) <= _ATTRIBUTE_KEY_LIMIT:
        return key
    left = _ATTRIBUTE_KEY_LIMIT - 3
    return f"{key[: (left + 1) // 2]}...{key[len(key) - left // 2 :]}"


def same(item: Any) -> Any:
    """An item is its own key."""
    return item


def name_of(item: JSON) -> str:
    """An item's key is its name."""
    return item.get("name") or ""


def label(errors: Errors, path: str, value: str | None) -> None:
    """Check a name that is a DNS label."""
    formats.dns_label(errors, path, value or "")


def label_key(errors: Errors, path: str, value: str) -> None:
    """Check a name that is a label's key."""
    formats.complain(errors, path, value, names.label_key(value))


def pool_name(errors: Errors, path: str, value: str | None) -> None:
    """Check the name of a pool: subdomains with slashes between."""
    if not value:
        errors.append(field_errors.required(path))
        return
    if len(value) > _POOL_LIMIT:
        errors.append(field_errors.too_long(path, "", _POOL_LIMIT))
    for part in value.split("/"):
        formats.complain(errors, path, part, names.dns1123_subdomain(part))


def qualified(errors: Errors, path: str, value: str) -> None:
    """Check the name of an attribute or capacity: an identifier, perhaps with a domain and a slash before it."""
    domain, slash, name = value.partition("/")
    if not slash:
        _identifier(errors, path, domain)
        return
    if "/" in name:
        errors.append(field_errors.invalid(path, value, "must not contain more than one slash"))
        return
    if not domain:
        errors.append(field_errors.invalid(path, "", "the domain must not be empty"))
    else:
        drivers.driver_name(errors, path, domain)
    if not name:
        errors.append(field_errors.invalid(path, "", "the name must not be empty"))
    else:
        _identifier(errors, path, name)


def fully_qualified(errors: Errors, path: str, value: str) -> None:
    """Check the name of an attribute with its domain."""
    qualified(errors, path, value)
    if "/" not in value:
        detail = "a fully qualified name must be a domain and a name separated by a slash"
        errors.append(field_errors.invalid(path, value, detail))


def _identifier(errors: Errors, path: str, value: str) -> None:
    if len(value) > _ID_LIMIT:
        errors.append(field_errors.too_long(path, "", _ID_LIMIT))
    formats.complain(errors, path, value, names.c_identifier(value))


def share_id(errors: Errors, path: str, value: str | None) -> None:
    """Check the id of a share."""
    if value is None or _UUID.fullmatch(value):
        return
    if _UUID.fullmatch(value.lower()):
        detail = (
            "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal"
            " characters"
        )
    else:
        detail = f"error validating uid: invalid UUID length: {len(value)}"
        if len(value) == 36:
            detail = "error validating uid: invalid UUID format"
    errors.append(field_errors.invalid(path, value, detail))
