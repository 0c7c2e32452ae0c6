"""The audit policy: which requests are recorded, how fully, and at which of their stages.

The first rule that a request fits decides; a request that fits none is not recorded. Pure apart from reading the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final

from podwright.api.meta import ObjectMeta
from podwright.api.modeling.fields import REQUIRED, Wire, api_type
from podwright.apiserver.config_file import read_config, refused
from podwright.apiserver.routes import Target
from podwright.apiserver.user import User

KIND: Final = "Policy"
API_VERSION: Final = "audit.k8s.io/v1"
RECEIVED: Final = "RequestReceived"
STARTED: Final = "ResponseStarted"
COMPLETE: Final = "ResponseComplete"
PANIC: Final = "Panic"
STAGES: Final = (RECEIVED, STARTED, COMPLETE, PANIC)
_ALL: Final = "*"


class Level(IntEnum):
    """How much of a request is recorded."""

    NONE = 0
    METADATA = 1
    REQUEST = 2
    REQUEST_RESPONSE = 3


LEVELS: Final = {
    "None": Level.NONE,
    "Metadata": Level.METADATA,
    "Request": Level.REQUEST,
    "RequestResponse": Level.REQUEST_RESPONSE,
}
NAMES: Final = {level: name for name, level in LEVELS.items()}


@api_type("audit.v1")
class GroupResources:
    """Resources of one API group."""

    group: str = ""
    """The group; empty is the core one."""
    resources: tuple[str, ...] = ()
    """Plural names with or without a subresource: `pods`, `pods/log`, `pods/*`, `*/scale`, `*`; none means all."""
    resource_names: tuple[str, ...] = ()
    """Names of objects; none means all."""


@api_type("audit.v1")
class PolicyRule:
    """What requests it is for, and how they are recorded. A list that is empty fits everything."""

    level: Annotated[str, REQUIRED] = ""
    """None, Metadata, Request or RequestResponse."""
    users: tuple[str, ...] = ()
    """Names of users."""
    user_groups: tuple[str, ...] = ()
    """Groups, of which the user must be in one."""
    verbs: tuple[str, ...] = ()
    """Verbs."""
    resources: tuple[GroupResources, ...] = ()
    """Resources; with any, the rule is for requests to resources alone."""
    namespaces: tuple[str, ...] = ()
    """Namespaces; the empty one is that of objects in none."""
    non_resource_urls: Annotated[tuple[str, ...], Wire("nonResourceURLs")] = ()
    """Paths outside the resources; a `*` at the end stands for any rest."""
    omit_stages: tuple[str, ...] = ()
    """Stages that are not recorded, beside those of the policy."""
    omit_managed_fields: bool | None = None
    """Whether managedFields are left out of recorded objects; unset: as the policy says."""


@api_type("audit.v1")
class Policy:
    """Which requests are recorded."""

    kind: str = KIND
    """The kind of this document."""
    api_version: str = API_VERSION
    """The version of its form."""
    metadata: ObjectMeta | None = None
    """Not used."""
    rules: Annotated[tuple[PolicyRule, ...], REQUIRED] = ()
    """The first one that fits counts."""
    omit_stages: tuple[str, ...] = ()
    """Stages that are not recorded."""
    omit_managed_fields: bool = False
    """Whether managedFields are left out of recorded objects."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one request is recorded."""

    level: Level
    omitted: frozenset[str] = frozenset()
    managed_fields: bool = True


SILENT: Final = Verdict(Level.NONE)


class Rules:
    """A policy, ready to be asked."""

    def __init__(self, policy: Policy) -> None:
        everywhere = frozenset(policy.omit_stages)
        self._rules = [(rule, _verdict(policy, rule, everywhere)) for rule in policy.rules]

    def verdict(self, user: User, target: Target) -> Verdict:
        """What becomes of a request of a user."""
        return next((verdict for rule, verdict in self._rules if _fits(rule, user, target)), SILENT)


def read_policy(path: Path) -> Rules:
    """Read a policy. Blocking. Raises ConfigFileError."""
    policy = read_config(path, KIND, API_VERSION, Policy)
    problems = list(_problems(policy))
    if problems:
        raise refused(path, problems)
    return Rules(policy)


def _verdict(policy: Policy, rule: PolicyRule, everywhere: frozenset[str]) -> Verdict:
    omit = policy.omit_managed_fields if rule.omit_managed_fields is None else rule.omit_managed_fields
    return Verdict(LEVELS[rule.level], everywhere | frozenset(rule.omit_stages), managed_fields=not omit)


def _fits(rule: PolicyRule, user: User, target: Target) -> bool:
    if rule.users and user.name not in rule.users:
        return False
    if rule.user_groups and not any(group in rule.user_groups for group in user.groups):
        return False
    if rule.verbs and target.verb not in rule.verbs and _ALL not in rule.verbs:
        return False
    if rule.namespaces or rule.resources:
        return target.resource and _fits_resource(rule, target)
    if rule.non_resource_urls:
        return not target.resource and any(_fits_path(url, target.path) for url in rule.non_resource_urls)
    return True


def _fits_resource(rule: PolicyRule, target: Target) -> bool:
    if rule.namespaces and target.namespace not in rule.namespaces:
        return False
    return not rule.resources or any(
        each.group == target.group
        and (
            not each.resources
            or (
                (not each.resource_names or target.name in each.resource_names)
                and any(_names(resource, target) for resource in each.resources)
            )
        )
        for each in rule.resources
    )


def _names(resource: str, target: Target) -> bool:
    plural, slash, part = resource.partition("/")
    if not slash:
        return resource == _ALL or (resource == target.plural and not target.subresource)
    return (plural in {_ALL, target.plural} and part == target.subresource) or (
        part == _ALL and plural == target.plural
    )


def _fits_path(url: str, path: str) -> bool:
    return path.startswith(url[:-1]) if url.endswith(_ALL) else url == path


def _problems(policy: Policy) -> Iterator[str]:
    if not policy.rules:
        yield "rules: Required value: a policy without rules records nothing"
    yield from _stage_problems("omitStages", policy.omit_stages)
    for number, rule in enumerate(policy.rules):
        where = f"rules[{number}]"
        if rule.level not in LEVELS:
            yield f'{where}.level: Unsupported value: "{rule.level}": supported values: {_listed(LEVELS)}'
        yield from _stage_problems(f"{where}.omitStages", rule.omit_stages)
        if rule.non_resource_urls and (rule.resources or rule.namespaces):
            yield f"{where}.nonResourceURLs: rules cannot be for both resources and other paths"
        for index, url in enumerate(rule.non_resource_urls):
            if url != _ALL and (not url.startswith("/") or _ALL in url[:-1]):
                what = 'must be "*" or begin with "/", and have no "*" before its end'
                yield f'{where}.nonResourceURLs[{index}]: Invalid value: "{url}": {what}'
        for index, each in enumerate(rule.resources):
            yield from _resource_problems(f"{where}.resources[{index}]", each)


def _resource_problems(where: str, each: GroupResources) -> Iterator[str]:
    if "/" in each.group or each.group == _ALL:
        yield f'{where}.group: Invalid value: "{each.group}": must be an API group without its version'
    if each.resource_names and not each.resources:
        yield f"{where}.resourceNames: must be used with at least one resource"
    for index, resource in enumerate(each.resources):
        if not resource or resource.count("/") > 1 or resource.startswith("/") or resource.endswith("/"):
            what = "must be a plural name, or PLURAL/SUBRESOURCE"
            yield f'{where}.resources[{index}]: Invalid value: "{resource}": {what}'


def _stage_problems(where: str, stages: tuple[str, ...]) -> Iterator[str]:
    for index, stage in enumerate(stages):
        if stage not in STAGES:
            yield f'{where}[{index}]: Unsupported value: "{stage}": supported values: {_listed(STAGES)}'


def _listed(names: object) -> str:
    return ", ".join(f'"{name}"' for name in names)  # type: ignore[attr-defined]
