"""The parts of admission of this server, in the order in which they are asked. It must never decide anything itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podwright.apiserver.admission.certificate_signer import CertificateSigner
from podwright.apiserver.admission.certificate_subject import CertificateSubject
from podwright.apiserver.admission.chain import Plugin
from podwright.apiserver.admission.default_ingress_class import DefaultIngressClass
from podwright.apiserver.admission.default_tolerations import DefaultTolerations
from podwright.apiserver.admission.dynamic import Dynamic
from podwright.apiserver.admission.limit_ranges import LimitRanges
from podwright.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from podwright.apiserver.admission.node_restriction import NodeRestriction
from podwright.apiserver.admission.node_taint import NodeTaint
from podwright.apiserver.admission.pod_security import PodSecurity
from podwright.apiserver.admission.policies.counting import PolicyCounts
from podwright.apiserver.admission.policies.part import Policies, load_mutating, load_validating
from podwright.apiserver.admission.priority import Priority
from podwright.apiserver.admission.runtime_class import RuntimeClassAdmission
from podwright.apiserver.admission.service_account import ServiceAccountAdmission
from podwright.apiserver.admission.storage import ClaimGrowth, DefaultStorageClass, StorageProtection
from podwright.apiserver.admission.webhooks.counting import HookCounts
from podwright.apiserver.admission.webhooks.part import MutatingWebhooks, ValidatingWebhooks
from podwright.apiserver.authorization.granting import Granting
from podwright.apiserver.authorization.roles import Roles
from podwright.apiserver.hooks.owner import Hooks
from podwright.apiserver.registry.core import Registry

if TYPE_CHECKING:
    from podwright.apiserver.pod_security.configuration import Configuration


def dynamic_parts(registry: Registry, hooks: Hooks, counts: HookCounts, policies: PolicyCounts) -> tuple[Dynamic, ...]:
    """What clients configure, in the order in which it is asked: policies before programs."""
    return (
        Policies(registry, "mutating", load_mutating, policies),
        MutatingWebhooks(registry, hooks, counts),
        Policies(registry, "validating", load_validating, policies),
        ValidatingWebhooks(registry, hooks, counts),
    )


def built_in_plugins(roles: Roles, pod_security: Configuration | None) -> tuple[Plugin, ...]:
    """All of them; `roles` tells what a writer may do, `pod_security` what pods may be."""
    return (
        NamespaceLifecycle(),
        LimitRanges(),
        ServiceAccountAdmission(),
        NodeRestriction(),
        NodeTaint(),
        Priority(),
        DefaultTolerations(),
        RuntimeClassAdmission(),
        PodSecurity(pod_security),
        DefaultIngressClass(),
        CertificateSubject(),
        DefaultStorageClass(),
        StorageProtection(),
        ClaimGrowth(),
        Granting(roles),
        CertificateSigner(roles),
    )
