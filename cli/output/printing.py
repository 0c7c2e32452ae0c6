"""Output formats other than tables: json, yaml, name, jsonpath, custom-columns. Pure: objects in, text out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from podwright.api import jsonpath
from podwright.cli.errors import CliError
from podwright.cli.output.tabwriter import align

JSON = dict[str, Any]
Printer = Callable[[JSON], str]
_TEXT = "tag:yaml.org,2002:str"
_LETTERS = frozenset("yYnN")  # truth values to some readers of YAML 1.1

FORMATS = (
    "json, yaml, name, wide, jsonpath=..., jsonpath-as-json=..., jsonpath-file=..., custom-columns=..., "
    "custom-columns-file=..."
)


def printer(output: str, *, managed_fields: bool = False, headers: bool = True) -> Printer:
    """A function from an object (or List) to text. Raises CliError for an unknown format, naming the known ones."""
    kind, _, argument = output.partition("=")
    if kind == "custom-columns" and not headers:
        return _custom_columns(argument, headers=False)
    make = _PRINTERS.get(kind)
    if make is None:
        msg = f'unable to match a printer suitable for the output format "{output}", allowed formats are: {FORMATS}'
        raise CliError(msg)
    show = make(argument)
    return show if managed_fields else lambda obj: show(_clean(obj))


def _json(_: str) -> Printer:
    return lambda obj: json.dumps(obj, indent=4, ensure_ascii=False, sort_keys=True) + "\n"


def _yaml(_: str) -> Printer:
    def dump(obj: JSON) -> str:
        import yaml

        return yaml.dump(obj, Dumper=_dumper(), default_flow_style=False, allow_unicode=True, sort_keys=True)

    return dump


def _dumper() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):
        """Writes multi-line text as blocks and keeps list items at their parent's indent, as kubectl does."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
            return True

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value and not any(line.endswith(" ") for line in value.split("\n")) else None
        if style is None and (value in _LETTERS or dumper.resolve(yaml.ScalarNode, value, (True, False)) != _TEXT):
            style = '"'  # "1", "true": text that would otherwise be read as something else
        return dumper.represent_scalar(_TEXT, value, style=style)

    Dumper.add_representer(str, text)
    return Dumper


def _clean(obj: JSON) -> JSON:
    """Without managedFields, which nobody wants to read."""
    if "items" in obj and isinstance(obj["items"], list):
        return {**obj, "items": [_clean(i) for i in obj["items"]]}
    metadata = obj.get("metadata")
    if isinstance(metadata, dict) and "managedFields" in metadata:
        return {**obj, "metadata": {k: v for k, v in metadata.items() if k != "managedFields"}}
    return obj


def _name(_: str) -> Printer:
    def names(obj: JSON) -> str:
        return "".join(f"{_typed_name(o)}\n" for o in items(obj))

    return names


def _typed_name(obj: JSON) -> str:
    group = str(obj.get("apiVersion", "")).rpartition("/")[0]
    return f"{str(obj.get('kind', '')).lower()}{'.' + group if group else ''}/{obj['metadata']['name']}"


def items(obj: JSON) -> Sequence[JSON]:
    """The objects of a List, or the object itself."""
    return obj["items"] if str(obj.get("kind", "")).endswith("List") and "items" in obj else [obj]


def _jsonpath(template: str) -> Printer:
    if not template:
        raise CliError("template format specified but no template given: -o jsonpath='{.metadata.name}'")
    return lambda obj: jsonpath.render(template, obj)


def _jsonpath_as_json(template: str) -> Printer:
    path = template.strip().removeprefix("{").removesuffix("}")
    return lambda obj: json.dumps(jsonpath.find(path, obj), indent=4, ensure_ascii=False) + "\n"


def _from_file(make: Callable[[str], Printer]) -> Callable[[str], Printer]:
    def read(path: str) -> Printer:
        try:
            return make(Path(path).read_text())
        except OSError as e:
            msg = f"cannot read template {path}: {e.strerror}"
            raise CliError(msg) from e

    return read


def _custom_columns(spec: str, *, headers: bool = True) -> Printer:
    columns: list[tuple[str, str]] = []
    for part in spec.split(","):
        header, colon, path = part.partition(":")
        if not colon or not path:
            msg = f"custom-columns: expected HEADER:JSONPATH, got {part!r}; for example NAME:.metadata.name"
            raise CliError(msg)
        columns.append((header, path))

    def table(obj: JSON) -> str:
        lines = ["\t".join(header for header, _ in columns)] if headers else []
        lines += ["\t".join(_cell(jsonpath.find(path, item)) for _, path in columns) for item in items(obj)]
        return align(lines, padding=3, minimum=6)

    return table


def _custom_columns_file(content: str) -> Printer:
    lines = content.splitlines()
    if len(lines) < 2:
        raise CliError("custom-columns-file: expected a line of headers and a line of paths")
    return _custom_columns(",".join(f"{h}:{p}" for h, p in zip(lines[0].split(), lines[1].split(), strict=False)))


def _cell(values: Sequence[Any]) -> str:
    if not values:
        return "<none>"
    return ",".join(v if isinstance(v, str) else json.dumps(v, separators=(",", ":")) for v in values)


_PRINTERS: Mapping[str, Callable[[str], Printer]] = {
    "json": _json,
    "yaml": _yaml,
    "name": _name,
    "jsonpath": _jsonpath,
    "jsonpath-as-json": _jsonpath_as_json,
    "jsonpath-file": _from_file(_jsonpath),
    "custom-columns": _custom_columns,
    "custom-columns-file": _from_file(_custom_columns_file),
}
