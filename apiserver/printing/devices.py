"""The tables of device classes, claims and slices."""

from __future__ import annotations

from podwright.apiserver.printing.printer import AGE, JSON, NAME, Column, Printer, age, meta, name, section


def _state(claim: JSON) -> str:
    """What has become of a claim so far."""
    status = section(claim, "status")
    states = ["deleted"] if meta(claim).get("deletionTimestamp") else []
    if status.get("allocation"):
        states += ["allocated", "reserved"] if status.get("reservedFor") else ["allocated"]
    return ",".join(states) or "pending"


PLAIN = Printer((NAME, AGE), lambda obj, now: [name(obj), age(obj, now)])
CLAIM = Printer(
    (NAME, Column("State", "Pending, allocated, reserved: what has become of it."), AGE),
    lambda obj, now: [name(obj), _state(obj), age(obj, now)],
)
SLICE = Printer(
    (
        NAME,
        Column("Node", "The node the devices are on."),
        Column("Driver", "The driver that publishes them."),
        Column("Pool", "The pool they belong to."),
        AGE,
    ),
    lambda obj, now: [
        name(obj),
        section(obj, "spec").get("nodeName") or "",
        section(obj, "spec").get("driver") or "",
        (section(obj, "spec").get("pool") or {}).get("name") or "",
        age(obj, now),
    ],
)
