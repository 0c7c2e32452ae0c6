"""What a kind's table is made of. A printer reads one object and the time, and must never fail on a sparse object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podwright.apiserver.printing.ages import since

JSON = dict[str, Any]
Cells = list[Any]

NONE = "<none>"
UNSET = "<unset>"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Clients show priority 0 always, and more only when asked for wide output."""

    name: str
    doc: str
    type: str = "string"
    format: str = ""
    priority: int = 0

    def definition(self) -> JSON:
        """The column's JSON."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.doc,
            "priority": self.priority,
        }


@dataclass(frozen=True, slots=True)
class Printer:
    """The columns of a kind, the cells of an object, and (for kinds that end) what is said of a whole row.

    `order` is what rows are sorted by, where that is not the order of the objects.
    """

    columns: tuple[Column, ...]
    cells: Callable[[JSON, datetime], Cells]
    conditions: Callable[[JSON], list[JSON]] | None = None
    order: Callable[[JSON], Any] | None = None


NAME = Column("Name", "The object's name.", format="name")
CONTAINERS = Column("Containers", "The containers' names.", priority=1)
IMAGES = Column("Images", "The containers' images.", priority=1)
SELECTOR = Column("Selector", "Which pods belong to it.", priority=1)
AGE = Column("Age", "How long ago the object was created.")


def meta(obj: JSON) -> JSON:
    """The object's metadata."""
    return obj.get("metadata") or {}


def name(obj: JSON) -> str:
    """The object's name."""
    return meta(obj).get("name", "")


def age(obj: JSON, now: datetime) -> str:
    """How long ago the object was created."""
    return since(meta(obj).get("creationTimestamp"), now)


def section(obj: JSON, key: str) -> JSON:
    """An object's `spec` or `status`, or an empty one."""
    return obj.get(key) or {}


def pairs(labels: Mapping[str, str] | None) -> str:
    """`a=b,c=d`, sorted; `<none>` without any."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def first_few(items: Sequence[str], empty: str, *, most: int = 3) -> str:
    """The first items; how many more there are, if any."""
    if len(items) > most:
        return f"{','.join(items[:most])} + {len(items) - most} more..."
    return ",".join(items) or empty


def container_cells(template: JSON | None) -> tuple[str, str]:
    """The names and the images of a pod template's containers."""
    containers = ((template or {}).get("spec") or {}).get("containers") or []
    return ",".join(c.get("name", "") for c in containers), ",".join(c.get("image", "") for c in containers)


def label_selector(selector: JSON | None) -> str:
    """A label selector in its text form."""
    from podwright.api.labels import Selector

    return str(Selector.from_label_selector(selector)) if selector else ""
