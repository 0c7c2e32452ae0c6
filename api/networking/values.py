"""The named strings of the networking group, with the values they may take."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import named

PathType = Annotated[str, named("v1.PathType", "Exact", "ImplementationSpecific", "Prefix")]
PolicyType = Annotated[str, named("v1.PolicyType", "Egress", "Ingress")]
