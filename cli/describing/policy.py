"""`pw describe` for the kinds that bound others: quotas, limit ranges, disruption budgets, priority classes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from podwright.cli.describing.page import Page, events, head, selector

JSON = Mapping[str, Any]

_LIMIT_TITLES: Final = (
    "Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio",
)  # fmt: skip
_LIMIT_LISTS: Final = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
_SCOPES: Final = {
    "BestEffort": "pods that request and limit nothing",
    "NotBestEffort": "pods that request or limit something",
    "Terminating": "pods with a deadline",
    "NotTerminating": "pods without a deadline",
    "PriorityClass": "pods by their priority class",
    "CrossNamespacePodAffinity": "pods whose affinity looks at other namespaces",
    "VolumeAttributesClass": "volume claims by their attributes class",
}


def quota(obj: JSON, _found: Sequence[JSON], _now: dt.datetime) -> str:
    """The page of a ResourceQuota."""
    page = Page()
    _name(page, obj)
    _scopes(page, obj, " ", 0)
    page.table(("Resource", "Used", "Hard"), _uses(obj), 0)
    return page.text()


def limit_range(obj: JSON, _found: Sequence[JSON], _now: dt.datetime) -> str:
    """The page of a LimitRange."""
    page = Page()
    _name(page, obj)
    page.table(_LIMIT_TITLES, _bounds(obj), 0)
    return page.text()


def budget(obj: JSON, found: Sequence[JSON], now: dt.datetime) -> str:
    """The page of a PodDisruptionBudget."""
    page = Page()
    _name(page, obj)
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    if spec.get("minAvailable") is not None:
        page.field("Min available", spec["minAvailable"])
    elif spec.get("maxUnavailable") is not None:
        page.field("Max unavailable", spec["maxUnavailable"])
    page.field("Selector", "<unset>" if spec.get("selector") is None else selector(spec["selector"]))
    page.line("Status:")
    for title, name in (
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ):
        page.field(title, status.get(name) or 0, 2)
    events(page, found, now)
    return page.text()


def priority_class(obj: JSON, found: Sequence[JSON], now: dt.datetime) -> str:
    """The page of a PriorityClass."""
    page = Page()
    page.field("Name", obj["metadata"]["name"])
    page.field("Value", obj.get("value") or 0)
    page.field("GlobalDefault", str(bool(obj.get("globalDefault"))).lower())
    page.field("PreemptionPolicy", obj.get("preemptionPolicy") or "")
    page.field("Description", obj.get("description") or "")
    held = obj["metadata"].get("annotations") or {}
    first, *more = ",".join(f"{key}={value}" for key, value in sorted(held.items())).split("\n")
    page.field("Annotations", first or "<none>")
    for line in more:
        page.line(line)
    events(page, found, now)
    return page.text()


def namespace(obj: JSON, quotas: Sequence[JSON], ranges: Sequence[JSON]) -> str:
    """The page of a Namespace, with what bounds its objects."""
    page = Page()
    head(page, obj)
    page.field("Status", (obj.get("status") or {}).get("phase", ""))
    conditions = (obj.get("status") or {}).get("conditions") or ()
    if conditions:
        page.line("Conditions:")
        page.table(
            ("Type", "Status", "Reason", "Message"),
            [(c["type"], c["status"], c.get("reason", ""), c.get("message", "")) for c in conditions],
        )
    page.line()
    page.line("Resource Quotas" if quotas else "No resource quota.")
    for one in quotas:
        page.field("Name", one["metadata"]["name"], 1)
        _scopes(page, one, "", 1)
        page.line("Resource\tUsed\tHard", 1)
        page.line("--------\t---\t---", 1)
        for row in _uses(one):
            page.line("\t".join(row), 1)
    page.line()
    page.line("Resource Limits" if ranges else "No LimitRange resource.")
    if ranges:
        page.line(" " + "\t".join(_LIMIT_TITLES))
        page.line(" " + "\t".join("-" * len(title) for title in _LIMIT_TITLES))
    for one in ranges:
        for row in _bounds(one):
            page.line(" " + "\t".join(row))
    return page.text()


def _name(page: Page, obj: JSON) -> None:
    page.field("Name", obj["metadata"]["name"])
    page.field("Namespace", obj["metadata"]["namespace"])


def _scopes(page: Page, obj: JSON, indent: str, level: int) -> None:
    scopes: Sequence[str] = (obj.get("spec") or {}).get("scopes") or ()
    if scopes:
        page.field("Scopes", ", ".join(scopes), level)
    for scope in scopes:
        page.line(f"{indent}* counts {_SCOPES.get(scope, scope)}", level)


def _uses(obj: JSON) -> Iterable[tuple[str, str, str]]:
    status: JSON = obj.get("status") or {}
    used: JSON = status.get("used") or {}
    return ((name, used.get(name, "0"), hard) for name, hard in sorted((status.get("hard") or {}).items()))


def _bounds(obj: JSON) -> Iterable[tuple[str, ...]]:
    for limit in (obj.get("spec") or {}).get("limits") or ():
        lists = [limit.get(name) or {} for name in _LIMIT_LISTS]
        for resource in sorted({name for amounts in lists for name in amounts}):
            yield limit["type"], resource, *(amounts.get(resource, "-") for amounts in lists)
