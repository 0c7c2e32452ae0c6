"""Random bodies made from our own OpenAPI version 3 documents: what a generated client could send.

Everything follows from the document and the random numbers given; values are mostly of the declared type, sometimes
at its edges, rarely of another.
"""

from __future__ import annotations

import random
from typing import Any

JSON = dict[str, Any]
_DEPTH = 7
_STRINGS = (
    "",
    "a",
    "a-b",
    "A_b",
    "x.example.com/y",
    "1",
    "100m",
    "1Gi",
    "-1",
    "TCP",
    "10.0.0.1",
    "::1",
    "/x",
    "ü" * 3,
    "a" * 300,
)
_INTEGERS = (0, 1, -1, 2, 80, 65536, 2**31 - 1, 2**31, -(2**63), 2**63)
_TIMES = ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z", "0001-01-01T00:00:00Z", "soon")
_WRONG = (None, 0, "x", [], {}, [None], True, 1.5)


class Bodies:
    """Bodies for the operations of one document."""

    def __init__(self, document: JSON, rng: random.Random) -> None:
        self._schemas: JSON = document["components"]["schemas"]
        self._paths: JSON = document["paths"]
        self._rng = rng

    def creations(self) -> list[tuple[str, JSON]]:
        """The path and body schema of every POST on a collection."""
        found: list[tuple[str, JSON]] = []
        for path, operations in sorted(self._paths.items()):
            body = operations.get("post", {}).get("requestBody")
            if body and not path.endswith("}") and "{name}" not in path:
                found.append((path, next(iter(body["content"].values()))["schema"]))
        return found

    def make(self, schema: JSON, depth: int = 0) -> Any:
        """A value for a schema."""
        if self._rng.random() < 0.004:
            return self._rng.choice(_WRONG)
        if "allOf" in schema:
            schema = {**schema["allOf"][0], **{k: v for k, v in schema.items() if k != "allOf"}}
        if "$ref" in schema:
            return self.make(self._schemas[schema["$ref"].rpartition("/")[2]], depth)
        if "oneOf" in schema or "anyOf" in schema:
            return self.make(self._rng.choice(schema.get("oneOf") or schema["anyOf"]), depth)
        if "enum" in schema and self._rng.random() < 0.9:
            return self._rng.choice(schema["enum"])
        return getattr(self, f"_{schema.get('type', 'any')}")(schema, depth)

    def _object(self, schema: JSON, depth: int) -> JSON:
        made: JSON = {}
        required = schema.get("required") or ()
        share = 0.5 if depth < 3 else 0.25 if depth < _DEPTH else 0.0
        for name, field in (schema.get("properties") or {}).items():
            if self._rng.random() < (0.97 if name in required else share):
                made[name] = self.make(field, depth + 1)
        inner = schema.get("additionalProperties")
        if isinstance(inner, dict) and depth < _DEPTH:
            for _ in range(self._rng.randrange(3)):
                made[self._rng.choice(_STRINGS)] = self.make(inner, depth + 1)
        return made

    def _array(self, schema: JSON, depth: int) -> list[Any]:
        count = self._rng.randrange(3) if depth < _DEPTH else 0
        return [self.make(schema["items"], depth + 1) for _ in range(count)]

    def _string(self, schema: JSON, _: int) -> str:
        if schema.get("format") == "date-time":
            return self._rng.choice(_TIMES)
        return "eA==" if schema.get("format") == "byte" else self._rng.choice(_STRINGS)

    def _integer(self, _: JSON, __: int) -> int:
        return self._rng.choice(_INTEGERS)

    def _number(self, _: JSON, __: int) -> float:
        return self._rng.choice((0.5, *_INTEGERS))

    def _boolean(self, _: JSON, __: int) -> bool:
        return self._rng.random() < 0.5

    def _any(self, _: JSON, __: int) -> Any:
        return self._rng.choice(_WRONG)
