"""The named strings of the admissionregistration group, with the values they may take."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import named

FailurePolicyType = Annotated[str, named("v1.FailurePolicyType", "Fail", "Ignore")]
MatchPolicyType = Annotated[str, named("v1.MatchPolicyType", "Equivalent", "Exact")]
OperationType = Annotated[str, named("v1.OperationType", "*", "CONNECT", "CREATE", "DELETE", "UPDATE")]
ParameterNotFoundActionType = Annotated[str, named("v1.ParameterNotFoundActionType")]
PatchType = Annotated[str, named("v1.PatchType", "ApplyConfiguration", "JSONPatch")]
ReinvocationPolicyType = Annotated[str, named("v1.ReinvocationPolicyType", "IfNeeded", "Never")]
ScopeType = Annotated[str, named("v1.ScopeType")]
SideEffectClass = Annotated[str, named("v1.SideEffectClass", "None", "NoneOnDryRun", "Some", "Unknown")]
ValidationAction = Annotated[str, named("v1.ValidationAction", "Audit", "Deny", "Warn")]
