"""The kinds that have admission ask a web server."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.admissionregistration.matching import MatchCondition, RuleWithOperations
from podwright.api.admissionregistration.values import (
    FailurePolicyType,
    MatchPolicyType,
    ReinvocationPolicyType,
    SideEffectClass,
)
from podwright.api.meta import LabelSelector, ObjectMeta
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, Bytes, Int32, api_type, merge_by


@api_type("admissionregistration.v1")
class ServiceReference:
    """A service that answers."""

    namespace: Annotated[str, REQUIRED] = ""
    """The service's namespace."""
    name: Annotated[str, REQUIRED] = ""
    """The service's name."""
    path: str | None = None
    """The path of the request."""
    port: Int32 | None = None
    """The service's port; the default is 443."""


@api_type("admissionregistration.v1")
class WebhookClientConfig:
    """Where the web server is: at a URL, or behind a service of the cluster."""

    url: str | None = None
    """The address, as `https://host/path`."""
    service: ServiceReference | None = None
    """The service."""
    ca_bundle: Bytes = b""
    """The authorities whose certificates are trusted, in PEM, base64-encoded; none means those of the system."""


@api_type("admissionregistration.v1")
class ValidatingWebhook:
    """A web server that may refuse requests."""

    name: Annotated[str, REQUIRED] = ""
    """The name, as a domain of three labels at least."""
    client_config: Annotated[WebhookClientConfig, REQUIRED] = field(default_factory=WebhookClientConfig)
    """Where it is."""
    rules: Annotated[tuple[RuleWithOperations, ...], ATOMIC] = ()
    """Which requests it is asked about; one of them must fit."""
    failure_policy: FailurePolicyType | None = None
    """What happens when it does not answer: Fail (the default) refuses the request, Ignore lets it pass."""
    match_policy: MatchPolicyType | None = None
    """Whether a rule also means other versions of its resource (Equivalent, the default) or not (Exact)."""
    namespace_selector: LabelSelector | None = None
    """Limits it to objects in namespaces with these labels."""
    object_selector: LabelSelector | None = None
    """Limits it to objects with these labels, before or after the change."""
    side_effects: Annotated[SideEffectClass | None, ALWAYS] = None
    """Whether asking it changes something elsewhere: None or NoneOnDryRun."""
    timeout_seconds: Int32 | None = None
    """How long its answer may take, in seconds, 1 to 30; the default is 10."""
    admission_review_versions: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """The versions of the question it understands, the best one first."""
    match_conditions: Annotated[tuple[MatchCondition, ...], merge_by("name")] = ()
    """Further conditions on requests, at most 64; all must hold."""


@api_type("admissionregistration.v1")
class MutatingWebhook:
    """A web server that may change objects on their way, or refuse requests."""

    name: Annotated[str, REQUIRED] = ""
    """The name, as a domain of three labels at least."""
    client_config: Annotated[WebhookClientConfig, REQUIRED] = field(default_factory=WebhookClientConfig)
    """Where it is."""
    rules: Annotated[tuple[RuleWithOperations, ...], ATOMIC] = ()
    """Which requests it is asked about; one of them must fit."""
    failure_policy: FailurePolicyType | None = None
    """What happens when it does not answer: Fail (the default) refuses the request, Ignore lets it pass."""
    match_policy: MatchPolicyType | None = None
    """Whether a rule also means other versions of its resource (Equivalent, the default) or not (Exact)."""
    namespace_selector: LabelSelector | None = None
    """Limits it to objects in namespaces with these labels."""
    object_selector: LabelSelector | None = None
    """Limits it to objects with these labels, before or after the change."""
    side_effects: Annotated[SideEffectClass | None, ALWAYS] = None
    """Whether asking it changes something elsewhere: None or NoneOnDryRun."""
    timeout_seconds: Int32 | None = None
    """How long its answer may take, in seconds, 1 to 30; the default is 10."""
    admission_review_versions: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """The versions of the question it understands, the best one first."""
    reinvocation_policy: ReinvocationPolicyType | None = None
    """Whether it is asked again when others changed the object after it: IfNeeded, or Never (the default)."""
    match_conditions: Annotated[tuple[MatchCondition, ...], merge_by("name")] = ()
    """Further conditions on requests, at most 64; all must hold."""


@api_type("admissionregistration.v1")
class ValidatingWebhookConfiguration:
    """Web servers that are asked whether a request may go on."""

    kind: str = "ValidatingWebhookConfiguration"
    """The kind of this object."""
    api_version: str = "admissionregistration.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    webhooks: Annotated[tuple[ValidatingWebhook, ...], merge_by("name")] = ()
    """The web servers, all asked at once."""


@api_type("admissionregistration.v1")
class MutatingWebhookConfiguration:
    """Web servers that may change an object before it is stored."""

    kind: str = "MutatingWebhookConfiguration"
    """The kind of this object."""
    api_version: str = "admissionregistration.k8s.io/v1"
    """The group and version of the schema this object is written in."""
    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    """Standard object metadata."""
    webhooks: Annotated[tuple[MutatingWebhook, ...], merge_by("name")] = ()
    """The web servers, asked one after another."""
