"""Volume sources made of API objects: Secrets, ConfigMaps, tokens and the pod's own fields."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.references import LocalObjectReference
from podwright.api.meta import LabelSelector
from podwright.api.modeling.fields import (
    ALWAYS,
    ATOMIC,
    EMPTY,
    REQUIRED,
    REQUIRED_IF_KNOWN,
    Int32,
    Int64,
    Map,
    Quantity,
    api_type,
)


@api_type("core.v1")
class KeyToPath:
    """Puts one key into a file."""

    key: Annotated[str, REQUIRED] = ""
    """The key."""
    path: Annotated[str, REQUIRED] = ""
    """The file's path below the volume; relative, without ".."."""
    mode: Int32 | None = None
    """The file's permission bits; none takes the volume's default."""


@api_type("core.v1", atomic=True)
class ObjectFieldSelector:
    """Names a field of the pod itself."""

    api_version: str = ""
    """The version the path is written for; the default is "v1"."""
    field_path: Annotated[str, REQUIRED] = ""
    """The field's path, such as `metadata.name`."""


@api_type("core.v1", atomic=True)
class ResourceFieldSelector:
    """Names a resource limit or request of a container."""

    container_name: str = ""
    """The container; required in volumes, optional in variables."""
    resource: Annotated[str, REQUIRED] = ""
    """What to show, such as `limits.cpu`."""
    divisor: Annotated[Quantity, ALWAYS] = "0"
    """The unit to show it in; the default is "1"."""


@api_type("core.v1")
class DownwardAPIVolumeFile:
    """A file that shows a field of the pod."""

    path: Annotated[str, REQUIRED] = ""
    """The file's path below the volume; relative, without ".."."""
    field_ref: ObjectFieldSelector | None = None
    """The pod's field to show."""
    resource_field_ref: ResourceFieldSelector | None = None
    """The container's resource to show."""
    mode: Int32 | None = None
    """The file's permission bits; none takes the volume's default."""


@api_type("core.v1")
class SecretVolumeSource:
    """A Secret's keys as files."""

    secret_name: str = ""
    """The Secret's name."""
    items: Annotated[tuple[KeyToPath, ...], ATOMIC] = ()
    """The keys to show and where; none shows all by their own names."""
    default_mode: Int32 | None = None
    """The files' permission bits; the default is 0644."""
    optional: bool | None = None
    """Whether the Secret or its keys may be missing."""


@api_type("core.v1")
class ConfigMapVolumeSource(LocalObjectReference):
    """A ConfigMap's keys as files."""

    items: Annotated[tuple[KeyToPath, ...], ATOMIC] = ()
    """The keys to show and where; none shows all by their own names."""
    default_mode: Int32 | None = None
    """The files' permission bits; the default is 0644."""
    optional: bool | None = None
    """Whether the ConfigMap or its keys may be missing."""


@api_type("core.v1")
class DownwardAPIVolumeSource:
    """Fields of the pod as files."""

    items: Annotated[tuple[DownwardAPIVolumeFile, ...], ATOMIC] = ()
    """The files."""
    default_mode: Int32 | None = None
    """The files' permission bits; the default is 0644."""


@api_type("core.v1")
class SecretProjection(LocalObjectReference):
    """A Secret's keys as files of a projected volume."""

    items: Annotated[tuple[KeyToPath, ...], ATOMIC] = ()
    """The keys to show and where; none shows all by their own names."""
    optional: bool | None = None
    """Whether the Secret or its keys may be missing."""


@api_type("core.v1")
class ConfigMapProjection(LocalObjectReference):
    """A ConfigMap's keys as files of a projected volume."""

    items: Annotated[tuple[KeyToPath, ...], ATOMIC] = ()
    """The keys to show and where; none shows all by their own names."""
    optional: bool | None = None
    """Whether the ConfigMap or its keys may be missing."""


@api_type("core.v1")
class DownwardAPIProjection:
    """Fields of the pod as files of a projected volume."""

    items: Annotated[tuple[DownwardAPIVolumeFile, ...], ATOMIC] = ()
    """The files."""


@api_type("core.v1")
class ServiceAccountTokenProjection:
    """A token of the pod's service account, renewed before it expires."""

    audience: str = ""
    """Whom the token is for; none means the API server."""
    expiration_seconds: Int64 | None = None
    """How long a token is asked to be valid; the default is an hour, the least ten minutes."""
    path: Annotated[str, REQUIRED] = ""
    """The token file's path below the volume."""


@api_type("core.v1")
class ClusterTrustBundleProjection:
    """Trust anchors as one file of PEM blocks."""

    name: str | None = None
    """The one bundle to show; excludes signerName and labelSelector."""
    signer_name: str | None = None
    """Show every bundle of this signer; excludes name."""
    label_selector: LabelSelector | None = None
    """Narrows signerName; none matches nothing, an empty one everything."""
    optional: bool | None = None
    """Whether the pod may start without any bundle."""
    path: Annotated[str, REQUIRED] = ""
    """The file's path below the volume."""


@api_type("core.v1")
class PodCertificateProjection:
    """A key and certificate made for the pod, renewed before they expire."""

    signer_name: Annotated[str, REQUIRED_IF_KNOWN] = ""
    """Who is asked to sign."""
    key_type: Annotated[str, REQUIRED_IF_KNOWN] = ""
    """The kind of key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519."""
    max_expiration_seconds: Int32 | None = None
    """The longest validity to ask for; the default is a day, the least an hour."""
    credential_bundle_path: str = ""
    """The path of one file with key and certificates together."""
    key_path: str = ""
    """The path of the key's file."""
    certificate_chain_path: str = ""
    """The path of the certificates' file."""
    user_annotations: Map[str, str] = EMPTY
    """Further facts passed to the signer as they are; keys need a domain prefix."""


@api_type("core.v1")
class VolumeProjection:
    """One source of a projected volume. Exactly one field is set."""

    secret: SecretProjection | None = None
    """A Secret."""
    downward_api: DownwardAPIProjection | None = None
    """Fields of the pod."""
    config_map: ConfigMapProjection | None = None
    """A ConfigMap."""
    service_account_token: ServiceAccountTokenProjection | None = None
    """A token of the pod's service account."""
    cluster_trust_bundle: ClusterTrustBundleProjection | None = None
    """Trust anchors."""
    pod_certificate: PodCertificateProjection | None = None
    """A key and certificate made for the pod."""


@api_type("core.v1")
class ProjectedVolumeSource:
    """Several sources in one directory."""

    sources: Annotated[tuple[VolumeProjection, ...], ALWAYS, ATOMIC] = ()
    """The sources."""
    default_mode: Int32 | None = None
    """The files' permission bits; the default is 0644."""
