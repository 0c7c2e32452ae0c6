"""Reads manifests: files, folders, standard input; several YAML documents in one file; Lists taken apart.

Values stay what JSON knows (dates stay text). A syntax error names file, line and column; so does a repeated key.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from podwright.api.resources import Resource
from podwright.cli.errors import CliError
from podwright.cli.naming import Target, one
from podwright.cli.requests import namespace_of
from podwright.cli.session import Session
from podwright.client.transport import Transport

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Document:
    """One object and where it stands: "web.yaml" and the line its document begins at."""

    data: dict[str, Any]
    source: str
    line: int
    node: Any = None  # the parsed document, which knows where each field stands

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.data.get("kind", ""))

    @property
    def name(self) -> str:
        """Its metadata.name, "" when it has none."""
        return str((self.data.get("metadata") or {}).get("name") or "")

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f'"{self.source}" line {self.line}'

    def line_of(self, field: str) -> int:
        """The line of a field ("spec.containers[0].image"), or of the nearest one around it that is there."""
        node, rest, line = self.node, field, self.line
        while rest and isinstance(node, yaml.CollectionNode):
            found = _step(node, rest)
            if found is None:
                break
            node, line, rest = found
        return line


def _step(node: yaml.CollectionNode, path: str) -> tuple[yaml.Node, int, str] | None:
    """One step down: the value, its line, and what is left of the path. Keys may have dots in them."""
    if isinstance(node, yaml.SequenceNode):
        index, _, rest = path.removeprefix("[").partition("]")
        if not index.isdigit() or int(index) >= len(node.value):
            return None
        child: yaml.Node = node.value[int(index)]
        return child, child.start_mark.line + 1, rest.removeprefix(".")
    for key, value in node.value:
        name = str(key.value)
        if path == name or path.startswith((f"{name}.", f"{name}[")):
            return value, key.start_mark.line + 1, path[len(name) :].removeprefix(".")
    return None


class _Loader(_BASE):
    def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'key "{key.value}" already set in map', key.start_mark
                )
            seen.add(key.value)
        built: dict[Any, Any] = super().construct_mapping(node, deep)
        return {k if isinstance(k, str) else str(k).lower(): v for k, v in built.items()}


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}


async def resource_of(transport: Transport, document: Document) -> Resource:
    """The resource a document is of. Raises CliError that names the document."""
    group, _, version = str(document.data["apiVersion"]).rpartition("/")
    try:
        resource = await one(transport, f"{document.kind}.{version}.{group}")
    except CliError:
        resource = None
    if resource is None or (resource.kind, resource.group, resource.version) != (document.kind, group, version):
        msg = (
            f'resource mapping not found for name: "{document.name}" from {document.place}: '
            f'no matches for kind "{document.kind}" in version "{document.data["apiVersion"]}"'
        )
        raise CliError(msg)
    return resource


async def targets(session: Session, paths: Sequence[str], *, recursive: bool = False) -> list[Target]:
    """The objects that manifests name, those of one type and namespace together. Raises CliError."""
    found: dict[tuple[Resource, str], list[str]] = {}
    for document in read(paths, recursive=recursive):
        resource = await resource_of(session.transport, document)
        namespace = namespace_of(session, resource, document.data) or ""
        found.setdefault((resource, namespace), []).append(document.name)
    return [Target(resource, tuple(names), namespace) for (resource, namespace), names in found.items()]


def read(paths: Sequence[str], *, recursive: bool = False) -> list[Document]:
    """All documents of the given files, folders and "-". Raises CliError."""
    if not paths:
        raise CliError("must specify one of -f and a type of resource: -f FILE reads manifests (- for standard input)")
    documents = [document for path in paths for document in _read_one(path, recursive=recursive)]
    if not documents:
        raise CliError("no objects passed: the given manifests are empty")
    return documents


def _read_one(path: str, *, recursive: bool) -> Iterator[Document]:
    if path == "-":
        yield from parse(sys.stdin.buffer.read(), "STDIN")
        return
    where = Path(path)
    if where.is_dir():
        pattern = "**/*" if recursive else "*"
        for file in sorted(p for p in where.glob(pattern) if p.suffix in _ENDINGS and p.is_file()):
            yield from _read_one(str(file), recursive=False)
        return
    try:
        content = where.read_bytes()
    except FileNotFoundError:
        msg = f'the path "{path}" does not exist'
        raise CliError(msg) from None
    except OSError as e:
        msg = f'cannot read "{path}": {e.strerror}'
        raise CliError(msg) from e
    yield from parse(content, path)


def parse(content: bytes, source: str) -> Iterator[Document]:
    """Documents of one file. Raises CliError."""
    loader = _Loader(content)
    try:
        while loader.check_node():
            node = loader.get_node()
            line = node.start_mark.line + 1
            yield from _flatten(loader.construct_document(node), source, line, node)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        msg = f"error parsing {source}: {where}{e.problem}"
        raise CliError(msg) from e
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        msg = f"error parsing {source}: {e}"
        raise CliError(msg) from e
    finally:
        loader.dispose()


def _flatten(data: Any, source: str, line: int, node: Any) -> Iterator[Document]:
    if data is None:
        return
    if not isinstance(data, dict):
        msg = f"error parsing {source}: line {line}: the document is no object (it has no fields)"
        raise CliError(msg)
    if not isinstance(data.get("metadata") or {}, dict):
        msg = f'error validating "{source}": line {line}: metadata holds no fields'
        raise CliError(msg)
    for field in ("apiVersion", "kind"):
        if not isinstance(data.get(field), str) or not data[field]:
            msg = f'error validating "{source}": line {line}: {field} not set'
            raise CliError(msg)
    if data["kind"].endswith("List") and isinstance(data.get("items"), list):
        nodes = next(value for key, value in node.value if key.value == "items").value
        for item, place in zip(data["items"], nodes, strict=True):
            yield from _flatten(item, source, place.start_mark.line + 1, place)
        return
    yield Document(data, source, line, node)
