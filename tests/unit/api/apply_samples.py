"""A type with every way of merging, and short ways to apply and update objects of it."""

from __future__ import annotations

from podwright.api.apply.entries import APPLY, UPDATE, Entry, Writer
from podwright.api.apply.masks import NOTHING_HIDDEN
from podwright.api.apply.owning import Applied, applied, updated
from podwright.api.apply.shapes import shape_of
from podwright.api.schema import FieldSchema, TypeSchema

V1 = "example.org/v1"


def scalar(name, kind="string", default=None):
    return FieldSchema(name=name, kind=kind, default=default)


PORT = TypeSchema(
    name="Port",
    fields={"port": scalar("port", "integer"), "protocol": scalar("protocol", default="TCP"), "name": scalar("name")},
)
SPEC = TypeSchema(
    name="Spec",
    fields={
        "size": scalar("size", "integer"),
        "cpu": scalar("cpu", "quantity"),
        "labels": FieldSchema(name="labels", kind="map", item=scalar("")),
        "whole": FieldSchema(name="whole", kind="map", item=scalar(""), map_type="atomic"),
        "ports": FieldSchema(name="ports", kind="list", ref=PORT, list_type="map", list_map_keys=("port", "protocol")),
        "tags": FieldSchema(name="tags", kind="list", item=scalar(""), list_type="set"),
        "args": FieldSchema(name="args", kind="list", item=scalar("")),
        "free": scalar("free", "any"),
    },
)
META = TypeSchema(name="Meta", fields={"name": scalar("name"), "labels": SPEC.fields["labels"]})
THING = TypeSchema(
    name="Thing",
    fields={
        "kind": scalar("kind"),
        "apiVersion": scalar("apiVersion"),
        "metadata": FieldSchema(name="metadata", kind="object", ref=META),
        "spec": FieldSchema(name="spec", kind="object", ref=SPEC),
        "status": FieldSchema(name="status", kind="object", ref=SPEC),
    },
)
SHAPE = shape_of(THING)


class Single:
    """The thing is served in one version."""

    def shape(self, api_version):
        return SHAPE if api_version == V1 else None

    def convert(self, obj, api_version):
        return obj


def thing(**spec):
    return {"kind": "Thing", "apiVersion": V1, "metadata": {"name": "x"}, "spec": spec}


def owned(entries: list[Entry]):
    """Manager -> its set."""
    return {entry.writer.manager: entry.fields for entry in entries}


def apply(live, entries, manager, config, *, force=False, now="2", versions=None) -> Applied:
    writer = Writer(manager, APPLY, V1)
    return applied(
        entries, writer, versions or Single(), live, config, mask=NOTHING_HIDDEN, now=now, force=lambda _: force
    )


def update(old, entries, manager, new, *, now="2", mask=NOTHING_HIDDEN, subresource="") -> list[Entry]:
    return updated(entries, Writer(manager, UPDATE, V1, subresource), Single(), old, new, mask=mask, now=now)


def created(manager, obj, now="1") -> list[Entry]:
    return update({"metadata": {}, "spec": {}, "status": {}}, [], manager, obj, now=now)
