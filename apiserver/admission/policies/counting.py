"""What came of asking policies, in Prometheus' text form: refusals, and failures that nobody else hears of.

Labels are names from configurations, of which there are few; it must never grow with what clients ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

NO_ERROR: Final = "no_error"
_MOST: Final = 10_000
_VALIDATING: Final = "apiserver_validating_admission_policy_check_total"
_MUTATING: Final = "apiserver_mutating_admission_policy_check_total"
_HELP: Final = {
    _VALIDATING: "Findings and failures of policies by what followed.",
    _MUTATING: "Mutations of policies by how they went.",
}


class PolicyCounts:
    """What is counted of all policies of one server. Kinds of errors are those of `ExpressionError`, or no_error."""

    def __init__(self) -> None:
        self._counters: dict[str, Counter[str]] = {name: Counter() for name in _HELP}

    def found(self, policy: str, binding: str, kind: str, action: str) -> None:
        """Count what a validating policy found: `action` is deny, warn, audit or, where it was let pass, allow."""
        self._count(_VALIDATING, policy=policy, policy_binding=binding, error_type=kind, enforcement_action=action)

    def changed(self, policy: str, binding: str, kind: str) -> None:
        """Count one mutation."""
        self._count(_MUTATING, policy=policy, policy_binding=binding, error_type=kind)

    def _count(self, metric: str, **labels: str) -> None:
        counter, key = self._counters[metric], ",".join(f'{name}="{value}"' for name, value in labels.items())
        if key in counter or len(counter) < _MOST:
            counter[key] += 1

    def lines(self) -> Iterator[str]:
        """Everything as text."""
        for metric, counter in self._counters.items():
            if counter:
                yield f"# HELP {metric} {_HELP[metric]}"
                yield f"# TYPE {metric} counter"
                yield from (f"{metric}{{{labels}}} {number}" for labels, number in counter.items())
