"""The pods of a StatefulSet by their ordinals: what each is called, what it is made of, and the claims it keeps.

Pure. A claim outlives its pod and is found again by its name; who owns it decides when it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from podwright.controllers.actions import Create, Note, Patch
from podwright.controllers.meta import Bare, Meta, Owner, Whole
from podwright.controllers.ownership import adoption, controller_owner, release
from podwright.controllers.pod_view import PodView
from podwright.controllers.resources import PERSISTENT_VOLUME_CLAIMS, PODS
from podwright.controllers.template_revisions import HASH

JSON = dict[str, Any]

POD_NAME: Final = "statefulset.kubernetes.io/pod-name"
POD_INDEX: Final = "apps.kubernetes.io/pod-index"
_ORDINAL: Final = re.compile(r"(.*)-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Slots:
    """The ordinals a set wants: `count` of them from `start` on."""

    start: int
    count: int

    def __contains__(self, ordinal: int) -> bool:
        """Tell whether an ordinal is wanted."""
        return self.start <= ordinal < self.start + self.count

    def __iter__(self) -> Iterator[int]:
        """The ordinals in order."""
        return iter(range(self.start, self.start + self.count))


def slots_of(sts: Whole) -> Slots:
    """The ordinals that a set wants."""
    replicas = sts.spec.get("replicas")
    return Slots((sts.spec.get("ordinals") or {}).get("start") or 0, 1 if replicas is None else replicas)


def ordinal_of(sts: Meta, pod: str) -> int | None:
    """The ordinal of a pod by its name; None for one that is not named after the set."""
    found = _ORDINAL.fullmatch(pod)
    return int(found[2]) if found is not None and found[1] == sts.name else None


def name_of(sts: Meta, ordinal: int) -> str:
    """The name of a pod."""
    return f"{sts.name}-{ordinal}"


def new_pod(sts: Whole, template: JSON, ordinal: int, revision: str) -> JSON:
    """Return the pod of an ordinal: it knows its own name, its service and its claims."""
    given: JSON = template.get("metadata") or {}
    meta: JSON = {key: given[key] for key in ("annotations", "finalizers") if given.get(key)}
    name = name_of(sts.meta, ordinal)
    labels = {**(given.get("labels") or {}), HASH: revision}
    meta |= {"name": name, "namespace": sts.meta.namespace, "labels": {**labels, **identity(sts.meta, ordinal)}}
    meta["ownerReferences"] = [owner_of(sts).reference()]
    spec: JSON = {**(template.get("spec") or {}), "hostname": name}
    if sts.spec.get("serviceName"):
        spec["subdomain"] = sts.spec["serviceName"]
    volumes = [_volume(claim["metadata"]["name"], name) for claim in _templates(sts)]
    if volumes:
        own = {volume["name"] for volume in volumes}
        spec["volumes"] = [*volumes, *(v for v in spec.get("volumes") or () if v["name"] not in own)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def identity(sts: Meta, ordinal: int) -> dict[str, str]:
    """The labels that say which pod of the set it is."""
    return {POD_NAME: name_of(sts, ordinal), POD_INDEX: str(ordinal)}


def renaming(sts: Meta, pod: PodView, ordinal: int) -> Patch | None:
    """Put back labels of its identity that a pod has lost; one that was adopted may never have had them."""
    wanted = identity(sts, ordinal)
    if all(pod.meta.labels.get(key) == value for key, value in wanted.items()):
        return None
    return Patch(PODS, pod.meta.namespace, pod.meta.name, {"metadata": {"uid": pod.meta.uid, "labels": wanted}})


def owner_of(sts: Whole) -> Owner:
    """The reference by which pods and claims name their set."""
    return controller_owner("apps/v1", "StatefulSet", sts.meta)


def claim_names(sts: Whole, ordinal: int) -> list[str]:
    """The names of the claims of an ordinal."""
    return [_claim_name(claim["metadata"]["name"], name_of(sts.meta, ordinal)) for claim in _templates(sts)]


def missing_claims(sts: Whole, ordinal: int, claims: Mapping[str, Bare]) -> list[Create]:
    """The claims of an ordinal that are to be made; `claims` holds those that there are, by name."""
    pod = name_of(sts.meta, ordinal)
    made: list[Create] = []
    for template in _templates(sts):
        name = _claim_name(template["metadata"]["name"], pod)
        if name in claims:
            continue
        done = Note("SuccessfulCreate", f"Create Claim {name} Pod {pod} in StatefulSet {sts.meta.name} success")
        failed = Note(
            "FailedCreate",
            f"Create Claim {name} for Pod {pod} in StatefulSet {sts.meta.name} failed error: {{error}}",
            "Warning",
        )
        body = _claim(sts, template, name)
        namespace = sts.meta.namespace
        made.append(Create(PERSISTENT_VOLUME_CLAIMS, namespace, body, done, failed, existing_is_fine=True))
    return made


def claim_owners(sts: Whole, pod: PodView, ordinal: int, claims: Mapping[str, Bare]) -> list[Patch]:
    """What makes the claims of a pod go with their set, with their pod, or stay, as the set's policy says."""
    policy: JSON = sts.spec.get("persistentVolumeClaimRetentionPolicy") or {}
    condemned = ordinal not in slots_of(sts)
    with_pod = condemned and policy.get("whenScaled") == "Delete"
    with_set = policy.get("whenDeleted") == "Delete" and not with_pod
    own = {sts.meta.uid: (owner_of(sts), with_set)}
    own[pod.meta.uid] = controller_owner("v1", "Pod", pod.meta), with_pod
    patches: list[Patch] = []
    for name in claim_names(sts, ordinal):
        claim = claims.get(name)
        if claim is None or claim.meta.deleted is not None:
            continue
        others = [o for o in claim.meta.owners if o.controller and o.uid not in own and o.kind != "Pod"]
        present = {o.uid for o in claim.meta.owners}
        stale = [o.uid for o in claim.meta.owners if o.uid not in own and (o.kind, o.name) == ("Pod", pod.meta.name)]
        gone = [*stale, *(uid for uid, (_, wanted) in own.items() if uid in present and not wanted)]
        patches += [release(PERSISTENT_VOLUME_CLAIMS, claim.meta, uid) for uid in gone]
        if not others:
            new = [owner for uid, (owner, wanted) in own.items() if wanted and uid not in present]
            patches += [adoption(PERSISTENT_VOLUME_CLAIMS, claim.meta, owner) for owner in new]
    return patches


def _templates(sts: Whole) -> Sequence[JSON]:
    return sts.spec.get("volumeClaimTemplates") or ()


def _claim_name(template: str, pod: str) -> str:
    return f"{template}-{pod}"


def _volume(template: str, pod: str) -> JSON:
    return {"name": template, "persistentVolumeClaim": {"claimName": _claim_name(template, pod)}}


def _claim(sts: Whole, template: JSON, name: str) -> JSON:
    given: JSON = template["metadata"]
    labels = {**(given.get("labels") or {}), **((sts.spec.get("selector") or {}).get("matchLabels") or {})}
    meta: JSON = {"name": name, "namespace": sts.meta.namespace, "labels": labels}
    if given.get("annotations"):
        meta["annotations"] = given["annotations"]
    if (sts.spec.get("persistentVolumeClaimRetentionPolicy") or {}).get("whenDeleted") == "Delete":
        meta["ownerReferences"] = [owner_of(sts).reference()]
    spec = template.get("spec") or {}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec}
