"""Manifests and image configs: what they say, in either of the two spellings in use (OCI and Docker schema 2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.ports import ImageConfig

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"

MANIFESTS = (OCI_MANIFEST, DOCKER_MANIFEST)
INDEXES = (OCI_INDEX, DOCKER_LIST)

ARCHITECTURES: Mapping[str, str] = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


class ManifestError(Exception):
    """A manifest or config is not one that this node can use."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Points at a blob; `size` in bytes."""

    media_type: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One platform's image."""

    config: Descriptor
    layers: tuple[Descriptor, ...]


def descriptor(data: Mapping[str, Any]) -> Descriptor:
    """Read one descriptor. Raises ManifestError when it has no digest."""
    try:
        return Descriptor(str(data.get("mediaType", "")), str(data["digest"]), int(data.get("size", 0)))
    except (KeyError, TypeError, ValueError) as e:
        msg = f"cannot read image manifest: a descriptor is malformed ({e!r})"
        raise ManifestError(msg) from e


def is_index(data: Mapping[str, Any]) -> bool:
    """Whether this lists manifests for several platforms."""
    return data.get("mediaType") in INDEXES or ("manifests" in data and "layers" not in data)


def parse_manifest(data: Mapping[str, Any]) -> Manifest:
    """Read an image manifest. Raises ManifestError."""
    if data.get("schemaVersion") != 2 or not isinstance(data.get("config"), Mapping):
        msg = "cannot use image manifest: only schema 2 (Docker) and OCI manifests are supported"
        raise ManifestError(msg)
    return Manifest(descriptor(data["config"]), tuple(descriptor(layer) for layer in data.get("layers") or ()))


def select_platform(index: Mapping[str, Any], machine: str) -> Descriptor:
    """Choose the manifest for linux on `machine` (as uname names it). Raises ManifestError that lists what there is."""
    wanted = ARCHITECTURES.get(machine, machine)
    offered: list[str] = []
    entries = [m for m in index.get("manifests") or () if not _is_attestation(m)]
    for entry in entries:
        platform = entry.get("platform") or {}
        if not platform and len(entries) == 1:
            return descriptor(entry)
        if platform.get("os", "linux") == "linux" and platform.get("architecture") == wanted:
            return descriptor(entry)
        offered.append(f"{platform.get('os')}/{platform.get('architecture')}")
    msg = f"no match for platform linux/{wanted} in manifest; it has {', '.join(offered) or 'none'}"
    raise ManifestError(msg)


def _is_attestation(entry: Mapping[str, Any]) -> bool:
    return (entry.get("annotations") or {}).get("vnd.docker.reference.type") == "attestation-manifest"


def diff_ids(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Digests of the uncompressed layers, bottom first."""
    return tuple(str(d) for d in (config.get("rootfs") or {}).get("diff_ids") or ())


def image_config(config: Mapping[str, Any]) -> ImageConfig:
    """What a container takes from its image."""
    run: Mapping[str, Any] = config.get("config") or {}
    return ImageConfig(
        entrypoint=tuple(run.get("Entrypoint") or ()),
        cmd=tuple(run.get("Cmd") or ()),
        env=tuple(run.get("Env") or ()),
        working_dir=str(run.get("WorkingDir") or ""),
        user=str(run.get("User") or ""),
        stop_signal=str(run.get("StopSignal") or ""),
        volumes=tuple(run.get("Volumes") or ()),
        exposed_ports=tuple(run.get("ExposedPorts") or ()),
        labels=dict(run.get("Labels") or {}),
    )
