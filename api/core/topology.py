"""Terms about where storage can be reached, by labels of nodes."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import ATOMIC, REQUIRED, api_type


@api_type("core.v1")
class TopologySelectorLabelRequirement:
    """A label and the values it may have; one of them is chosen."""

    key: Annotated[str, REQUIRED] = ""
    """The label's key."""
    values: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """The values, of which one must match."""


@api_type("core.v1", atomic=True)
class TopologySelectorTerm:
    """Conditions on a place that must all hold."""

    match_label_expressions: Annotated[tuple[TopologySelectorLabelRequirement, ...], ATOMIC] = ()
    """The conditions."""
