"""`pw explain`: what the fields of a kind mean, out of the schema that the server checks with."""

from __future__ import annotations

import textwrap

import click

from podwright.api.schema import FieldSchema, TypeSchema, schema_of
from podwright.cli.errors import CliError
from podwright.cli.naming import one
from podwright.cli.parameters import completer
from podwright.cli.session import Session, api_command


@click.command("explain")
@click.argument("path", shell_complete=completer("fields"))
@click.option("--recursive", is_flag=True, help="All fields below, without their texts.")
@api_command
async def explain(session: Session, path: str, recursive: bool) -> None:
    """Example:  pw explain pod.spec.containers.resources"""
    first, *rest = path.split(".")
    resource = await one(session.transport, first)
    if not resource.model:
        msg = f"cannot explain {resource.plural}: its schema is not built in"
        raise CliError(msg)
    schema: TypeSchema | None = schema_of(resource.cls)
    field: FieldSchema | None = None
    for name in rest:
        field = schema.fields.get(name) if schema else None
        if field is None:
            known = ", ".join(sorted(schema.fields)) if schema else "none"
            msg = f'field "{name}" does not exist in {path!r}; there are: {known}'
            raise CliError(msg)
        schema = field.ref
    lines = [f"KIND:       {resource.kind}", f"VERSION:    {resource.version}", ""]
    if resource.group:
        lines.insert(0, f"GROUP:      {resource.group}")
    if field is not None:
        lines += [f"FIELD: {field.name} <{shown_type(field)}>{' -required-' if field.required else ''}"]
        lines += [""] if not field.enum else []
        if field.enum:
            lines += ["ENUM:", *(f"    {value}" for value in sorted(map(str, field.enum))), ""]
    texts = dict.fromkeys(t for t in ((field.doc if field else ""), (schema.doc if schema else "")) if t)
    lines += ["DESCRIPTION:", *(_wrapped(text, "    ") for text in texts)]
    if schema and schema.fields:
        lines += ["", "FIELDS:", *_fields(schema, recursive=recursive, level=1, seen=(schema.name,))]
    click.echo("\n".join(lines))


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent)


def _enum(field: FieldSchema, indent: str) -> str:
    return f"{indent}enum: {', '.join(sorted(map(str, field.enum)))}"


def shown_type(field: FieldSchema) -> str:
    """The type as people write it: "[]Container", "map[string]string", "integer"."""
    if field.kind in {"list", "map"}:
        inner = field.ref.name.rpartition(".")[2] if field.ref else (shown_type(field.item) if field.item else "Object")
        return ("[]" if field.kind == "list" else "map[string]") + inner
    if field.kind == "object":
        return field.ref.name.rpartition(".")[2] if field.ref else "Object"
    return _SHOWN.get(field.kind, field.kind)


_SHOWN = {
    "any": "Object",
    "quantity": "Quantity",
    "int-or-string": "IntOrString",
    "time": "string",
    "microtime": "string",
    "bytes": "string",
}


def _fields(schema: TypeSchema, *, recursive: bool, level: int, seen: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    indent = "  " * level
    for name, field in sorted(schema.fields.items()):
        required = " -required-" if field.required else ""
        lines.append(f"{indent}{name}\t<{shown_type(field)}>{required}")
        if recursive:
            lines += [_enum(field, indent)] if field.enum else []
            if field.ref and field.ref.name not in seen:
                lines += _fields(field.ref, recursive=True, level=level + 1, seen=(*seen, field.ref.name))
        else:
            lines += [*([_enum(field, indent)] if field.enum else []), _wrapped(field.doc, indent + "  "), ""]
    return lines
