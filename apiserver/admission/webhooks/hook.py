"""One webhook of a configuration, read once: what it is asked about, where it is, and what its silence means.

Pure. It must never keep anything of a write.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from podwright.apiserver.admission.rule_matching import Matching
from podwright.apiserver.hooks.target import HookTarget, target_of

if TYPE_CHECKING:
    from podwright.apiserver.admission.conditions import Conditions

JSON = dict[str, Any]
_NO_SIDE_EFFECTS: Final = frozenset(("None", "NoneOnDryRun"))
_SECONDS: Final = 10


@dataclass(frozen=True)
class Hook:
    """A webhook. `place` tells it from others, also from those of the same name."""

    configuration: str
    place: str
    spec: JSON

    @cached_property
    def name(self) -> str:
        """Its name."""
        return self.spec.get("name") or ""

    @cached_property
    def matching(self) -> Matching:
        """Which writes it is asked about."""
        return Matching(self.spec, rules="rules")

    @cached_property
    def target(self) -> HookTarget:
        """Where it is. Raises ValueError."""
        return target_of(self.spec.get("clientConfig") or {})

    @property
    def ignored(self) -> bool:
        """Whether a write goes on when it does not answer."""
        return self.spec.get("failurePolicy") == "Ignore"

    @property
    def seconds(self) -> float:
        """How long its answer may take."""
        return float(self.spec.get("timeoutSeconds") or _SECONDS)

    @property
    def versions(self) -> list[str]:
        """The versions of reviews that it reads, the best first."""
        return self.spec.get("admissionReviewVersions") or []

    @property
    def again(self) -> bool:
        """Whether it is asked again when others changed the object after it."""
        return self.spec.get("reinvocationPolicy") == "IfNeeded"

    @property
    def harmless(self) -> bool:
        """Whether asking it changes nothing when nothing is to be stored."""
        return self.spec.get("sideEffects") in _NO_SIDE_EFFECTS

    @cached_property
    def compiled(self) -> Conditions:
        """Its conditions."""
        from podwright.api.cel.admission import declarations
        from podwright.apiserver.admission.conditions import Conditions

        return Conditions(self.conditions, declarations())

    @property
    def conditions(self) -> list[JSON]:
        """Expressions that a write must fulfil besides."""
        return self.spec.get("matchConditions") or []


def hooks_of(configuration: JSON) -> list[Hook]:
    """The webhooks of a configuration, in their order."""
    name: str = configuration["metadata"]["name"]
    seen: dict[str, int] = {}
    found: list[Hook] = []
    for spec in configuration.get("webhooks") or ():
        number = seen[spec.get("name") or ""] = seen.get(spec.get("name") or "", -1) + 1
        found.append(Hook(name, f"{name}/{spec.get('name') or ''}/{number}", spec))
    return found
