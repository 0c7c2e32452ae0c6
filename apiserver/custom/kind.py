"""One served version of a definition, as the registry sees a kind."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from podwright.api.apiextensions.rows import row
from podwright.apiserver.custom import definition
from podwright.apiserver.custom.codec import CustomCodec
from podwright.apiserver.custom.rules import NO_RULES, Rules
from podwright.apiserver.custom.strategy import CustomStrategy

if TYPE_CHECKING:
    from podwright.apiserver.printing.printer import Printer

JSON = dict[str, Any]


class CustomKind:
    """Made for one state of a definition; another state is another kind."""

    has_class = False

    def __init__(self, crd: JSON, version: JSON, *, ending: bool) -> None:
        self.resource = row(crd, version, ending=ending)
        self.codec = CustomCodec(self.resource, definition.schema(version))
        self.warning = definition.deprecation(crd, version)
        self.published_schema: JSON = self.codec.raw if version.get("schema") else {}
        self._version = version
        self._ending = ending

    @cached_property
    def _rules(self) -> CustomStrategy:
        return CustomStrategy(self.codec, self._version, self._compiled, ending=self._ending)

    def _compiled(self) -> Rules:
        """The schema's conditions; who speaks their language is loaded only where there are any."""
        if b'"x-kubernetes-validations"' not in orjson.dumps(self.codec.raw):
            return NO_RULES
        from podwright.apiserver.custom.rule_walk import SchemaRules

        return SchemaRules(self.codec.node)

    @property
    def strategy(self) -> CustomStrategy:
        """The kind's rules."""
        return self._rules

    @cached_property
    def _printer(self) -> Printer:
        from podwright.apiserver.custom.columns import printer

        return printer(self._version.get("additionalPrinterColumns") or [])

    @property
    def printer(self) -> Printer:
        """The kind's tables."""
        return self._printer
