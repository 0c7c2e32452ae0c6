"""The tables of kinds that have little to show: a fact or two beside name and age."""

from __future__ import annotations

from podwright.apiserver.printing.printer import AGE, NAME, Column, Printer, age, name, section

CONFIG_MAP = Printer(
    (NAME, Column("Data", "How many keys it has."), AGE),
    lambda obj, now: [name(obj), len(obj.get("data") or {}) + len(obj.get("binaryData") or {}), age(obj, now)],
)
SECRET = Printer(
    (NAME, Column("Type", "What it is for."), Column("Data", "How many keys it has."), AGE),
    lambda obj, now: [name(obj), obj.get("type") or "", len(obj.get("data") or {}), age(obj, now)],
)
SERVICE_ACCOUNT = Printer((NAME, AGE), lambda obj, now: [name(obj), age(obj, now)])
NAMESPACE = Printer(
    (NAME, Column("Status", "Active, or Terminating."), AGE),
    lambda obj, now: [name(obj), section(obj, "status").get("phase") or "", age(obj, now)],
)
LEASE = Printer(
    (NAME, Column("Holder", "Who holds it."), AGE),
    lambda obj, now: [name(obj), section(obj, "spec").get("holderIdentity") or "", age(obj, now)],
)
PRIORITY_CLASS = Printer(
    (
        NAME,
        Column("Value", "The priority.", "integer"),
        Column("Global-Default", "Whether pods that name no class get this one.", "boolean"),
        AGE,
        Column("PreemptionPolicy", "Whether its pods may push out others."),
    ),
    lambda obj, now: [
        name(obj),
        obj.get("value") or 0,
        bool(obj.get("globalDefault")),
        age(obj, now),
        obj.get("preemptionPolicy") or "",
    ],
)
SCALE = Printer(
    (
        Column(NAME.name, NAME.doc),  # of no format: clients cannot get a Scale by its name
        Column("Desired", "How many replicas are wanted.", "integer"),
        Column("Available", "How many replicas there are.", "integer"),
        AGE,
    ),
    lambda obj, now: [
        name(obj),
        section(obj, "spec").get("replicas") or 0,
        section(obj, "status").get("replicas") or 0,
        age(obj, now),
    ],
)
