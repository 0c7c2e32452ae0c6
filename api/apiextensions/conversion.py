"""How objects of a client's kind get from one version to another."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import ATOMIC, REQUIRED, Bytes, Int32, api_type, named

ConversionStrategyType = Annotated[str, named("v1.ConversionStrategyType")]


@api_type("apiextensions.v1")
class ServiceReference:
    """Names the Service of a webhook."""

    namespace: Annotated[str, REQUIRED] = ""
    """The namespace of the Service."""
    name: Annotated[str, REQUIRED] = ""
    """The name of the Service."""
    path: str | None = None
    """The URL path to call."""
    port: Int32 | None = None
    """The port of the Service; the default is 443."""


@api_type("apiextensions.v1")
class WebhookClientConfig:
    """How to reach a webhook: by `url` or by `service`."""

    url: str | None = None
    """The address, which must begin with https://."""
    service: ServiceReference | None = None
    """The Service in this cluster."""
    ca_bundle: Bytes = b""
    """The authorities, in PEM form, by which the webhook's certificate is checked."""


@api_type("apiextensions.v1")
class WebhookConversion:
    """The webhook that converts."""

    client_config: WebhookClientConfig | None = None
    """How to reach it."""
    conversion_review_versions: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """The versions of ConversionReview it understands, best first."""


@api_type("apiextensions.v1")
class CustomResourceConversion:
    """How objects are converted between versions."""

    strategy: Annotated[ConversionStrategyType, REQUIRED] = ""
    """None (only the apiVersion changes; the default) or Webhook."""
    webhook: WebhookConversion | None = None
    """The webhook, for the strategy Webhook."""
