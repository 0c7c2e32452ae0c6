"""`pw describe` for the small kinds, and a generic page for every other. Pure."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from podwright.cli.describing.page import Page, events, head

JSON = Mapping[str, Any]


def config_map(obj: JSON, found: Sequence[JSON], now: dt.datetime) -> str:
    """The page of a ConfigMap: values as they are, binary ones by size."""
    page = Page()
    head(page, obj)
    text = page.text() + "\nData\n====\n"
    for key, value in sorted((obj.get("data") or {}).items()):
        text += f"{key}:\n----\n{value}\n\n"
    text += "\nBinaryData\n====\n"
    for key, value in sorted((obj.get("binaryData") or {}).items()):
        text += f"{key}: {len(base64.b64decode(value))} bytes\n"
    return text + "\n" + _events(found, now)


def secret(obj: JSON, _found: Sequence[JSON], _now: dt.datetime) -> str:
    """The page of a Secret: sizes, never values."""
    page = Page()
    head(page, obj)
    page.line()
    page.field("Type", obj.get("type", "Opaque"))
    text = page.text() + "\nData\n====\n"
    sizes = Page()
    for key, value in sorted((obj.get("data") or {}).items()):
        sizes.field(key, f"{len(base64.b64decode(value))} bytes")
    return text + sizes.text()


def service_account(obj: JSON, found: Sequence[JSON], now: dt.datetime) -> str:
    """The page of a ServiceAccount."""
    page = Page()
    head(page, obj)
    page.rows("Image pull secrets", (s["name"] for s in obj.get("imagePullSecrets") or ()))
    events(page, found, now)
    return page.text()


def generic(obj: JSON, found: Sequence[JSON], now: dt.datetime) -> str:
    """Any other kind: every field, in words."""
    page = Page()
    head(page, obj)
    page.field("API Version", obj.get("apiVersion", ""))
    page.field("Kind", obj.get("kind", ""))
    hidden = {"name", "namespace", "labels", "annotations", "managedFields"}
    metadata = {k: v for k, v in obj["metadata"].items() if k not in hidden}
    rest = {k: v for k, v in obj.items() if k not in {"apiVersion", "kind", "metadata"}}
    _fields(page, {"metadata": metadata, **rest}, 0)
    events(page, found, now)
    return page.text()


def _fields(page: Page, value: JSON, level: int) -> None:
    for key, item in sorted(value.items()):
        title = words(key)
        if isinstance(item, Mapping):
            page.line(f"{title}:", level)
            _fields(page, item, level + 1)
        elif isinstance(item, list):
            page.line(f"{title}:", level)
            for element in item:
                if isinstance(element, Mapping):
                    _fields(page, element, level + 1)
                else:
                    page.line(str(_plain(element)), level + 1)
        else:
            page.field(title, _plain(item), level)


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else "<nil>" if value is None else value


def words(key: str) -> str:
    """ "creationTimestamp" as "Creation Timestamp", "uid" as "UID"."""
    if key in {"uid", "ip", "id"}:
        return key.upper()
    if key == "apiVersion":
        return "API Version"
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)
    return split[:1].upper() + split[1:]


def _events(found: Sequence[JSON], now: dt.datetime) -> str:
    page = Page()
    events(page, found, now)
    return page.text()
