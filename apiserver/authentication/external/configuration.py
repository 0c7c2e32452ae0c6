"""The AuthenticationConfiguration file: issuers whose tokens are taken, what becomes of claims, and who may be nobody.

Read strictly and checked whole, expressions included: what is wrong is said when the file is read, never when a token
comes. It must never fetch anything.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Annotated, Final

from podwright.api.modeling.fields import REQUIRED, Wire, api_type
from podwright.apiserver.authentication.external.mapping import Mapper, Refused
from podwright.apiserver.config_file import read_config, refused

KIND: Final = "AuthenticationConfiguration"
API_VERSION: Final = "apiserver.config.k8s.io/v1"
_MATCH_ANY: Final = "MatchAny"
_MOST_ISSUERS: Final = 64


@api_type("apiserver.v1")
class Issuer:
    """Who signs tokens."""

    url: Annotated[str, REQUIRED] = ""
    """The `iss` of its tokens; where its discovery document is, unless `discovery_url` says so. HTTPS."""
    discovery_url: Annotated[str, Wire("discoveryURL")] = ""
    """Where the discovery document is."""
    certificate_authority: str = ""
    """CAs (PEM) that its servers are verified by; "" for those of the machine."""
    audiences: Annotated[tuple[str, ...], REQUIRED] = ()
    """For whom tokens must be: one of these."""
    audience_match_policy: str = ""
    """MatchAny, needed for more than one audience."""


@api_type("apiserver.v1")
class ClaimRule:
    """What must be true of claims: one has a value, or an expression holds."""

    claim: str = ""
    """A claim."""
    required_value: str = ""
    """Its value."""
    expression: str = ""
    """An expression over `claims`."""
    message: str = ""
    """What to log when it is not true."""


@api_type("apiserver.v1")
class Prefixed:
    """A user's name or groups: a claim with a prefix, or an expression."""

    claim: str = ""
    """The claim."""
    prefix: str | None = None
    """What to put before it; may be "", but has to be said."""
    expression: str = ""
    """An expression over `claims`."""


@api_type("apiserver.v1")
class Plain:
    """A user's uid: a claim or an expression."""

    claim: str = ""
    """The claim."""
    expression: str = ""
    """An expression over `claims`."""


@api_type("apiserver.v1")
class Extra:
    """Something else to remember of a user."""

    key: Annotated[str, REQUIRED] = ""
    """Its name: lower case, with a domain: `example.org/team`."""
    value_expression: Annotated[str, REQUIRED] = ""
    """An expression over `claims` that gives a text or a list of texts."""


@api_type("apiserver.v1")
class Mappings:
    """What becomes of claims."""

    username: Annotated[Prefixed, REQUIRED] = field(default_factory=Prefixed)
    """The user's name."""
    groups: Prefixed = field(default_factory=Prefixed)
    """The user's groups."""
    uid: Plain = field(default_factory=Plain)
    """The user's uid."""
    extra: tuple[Extra, ...] = ()
    """Anything else."""


@api_type("apiserver.v1")
class UserRule:
    """What must be true of a user."""

    expression: Annotated[str, REQUIRED] = ""
    """An expression over `user`."""
    message: str = ""
    """What to log when it is not true."""


@api_type("apiserver.v1")
class JwtAuthenticator:
    """One issuer and its rules."""

    issuer: Annotated[Issuer, REQUIRED] = field(default_factory=Issuer)
    """Who signs."""
    claim_validation_rules: tuple[ClaimRule, ...] = ()
    """What must be true of claims."""
    claim_mappings: Annotated[Mappings, REQUIRED] = field(default_factory=Mappings)
    """What becomes of them."""
    user_validation_rules: tuple[UserRule, ...] = ()
    """What must be true of the user they make."""


@api_type("apiserver.v1")
class Condition:
    """Where somebody may be nobody."""

    path: Annotated[str, REQUIRED] = ""
    """The path, exactly."""


@api_type("apiserver.v1")
class Anonymous:
    """Whether requests without a credential are taken."""

    enabled: bool = False
    """Whether they are."""
    conditions: tuple[Condition, ...] = ()
    """Where; nowhere in particular is everywhere."""


@api_type("apiserver.v1")
class AuthenticationConfiguration:
    """The whole file."""

    kind: str = KIND
    """The kind of this document."""
    api_version: str = API_VERSION
    """Its version."""
    jwt: tuple[JwtAuthenticator, ...] = ()
    """The issuers."""
    anonymous: Anonymous | None = None
    """Requests without a credential; unless it says so they are taken."""


def read_configuration(path: Path, own_issuer: str) -> tuple[AuthenticationConfiguration, tuple[Mapper, ...]]:
    """Read a file, with what its issuers' claims become. Blocking. Raises ConfigFileError."""
    found = read_config(path, KIND, API_VERSION, AuthenticationConfiguration)
    problems = list(_problems(found, own_issuer))
    if problems:
        raise refused(path, problems)
    mappers: list[Mapper] = []
    for index, one in enumerate(found.jwt):
        try:
            mappers.append(mapper_of(one))
        except Refused as error:
            raise refused(path, [f"jwt[{index}].{error}"]) from None
    return found, tuple(mappers)


def mapper_of(one: JwtAuthenticator) -> Mapper:
    """What becomes of an issuer's claims. Raises Refused for an expression that cannot be used."""
    mappings = one.claim_mappings
    return Mapper(
        username=(mappings.username.claim, mappings.username.prefix or "", mappings.username.expression),
        groups=(mappings.groups.claim, mappings.groups.prefix or "", mappings.groups.expression),
        uid=(mappings.uid.claim, "", mappings.uid.expression),
        extra=tuple((extra.key, extra.value_expression) for extra in mappings.extra),
        required=tuple((rule.claim, rule.required_value) for rule in one.claim_validation_rules if rule.claim),
        claim_rules=tuple((rule.expression, rule.message) for rule in one.claim_validation_rules if not rule.claim),
        user_rules=tuple((rule.expression, rule.message) for rule in one.user_validation_rules),
    )


def _problems(found: AuthenticationConfiguration, own_issuer: str) -> Iterator[str]:
    if len(found.jwt) > _MOST_ISSUERS:
        yield f"jwt: at most {_MOST_ISSUERS} are served"
    seen = {own_issuer: "the server's own"}
    for index, one in enumerate(found.jwt):
        where = f"jwt[{index}]"
        if one.issuer.url in seen:
            yield f"{where}.issuer.url: it is {seen[one.issuer.url]} already"
        seen[one.issuer.url] = f"jwt[{index}]'s"
        yield from (f"{where}.{problem}" for problem in _issuer_problems(one.issuer))
        yield from (f"{where}.{problem}" for problem in _claim_problems(one))
    if found.anonymous is not None and found.anonymous.conditions and not found.anonymous.enabled:
        yield "anonymous.conditions: may only be given where anonymous requests are enabled"
    for index, condition in enumerate(found.anonymous.conditions if found.anonymous is not None else ()):
        if not condition.path.startswith("/"):
            yield f"anonymous.conditions[{index}].path: must begin with /"


def _issuer_problems(issuer: Issuer) -> Iterator[str]:
    for name, url in (("url", issuer.url), ("discoveryURL", issuer.discovery_url)):
        if (url or name == "url") and not url.startswith("https://"):
            yield f"issuer.{name}: must begin with https://"
    if issuer.discovery_url and issuer.discovery_url.rstrip("/") == issuer.url.rstrip("/"):
        yield "issuer.discoveryURL: must not be the issuer's url"
    if not issuer.audiences or not all(issuer.audiences):
        yield "issuer.audiences: at least one is needed, none may be empty"
    wanted = _MATCH_ANY if len(issuer.audiences) > 1 else issuer.audience_match_policy
    if issuer.audience_match_policy != wanted or issuer.audience_match_policy not in {"", _MATCH_ANY}:
        yield f"issuer.audienceMatchPolicy: must be {_MATCH_ANY} for several audiences"
    if issuer.certificate_authority:
        try:
            ssl.create_default_context(cadata=issuer.certificate_authority)
        except (ssl.SSLError, ValueError):
            yield "issuer.certificateAuthority: it is not a PEM certificate"


def _claim_problems(one: JwtAuthenticator) -> Iterator[str]:
    mappings = one.claim_mappings
    if bool(mappings.username.claim) is bool(mappings.username.expression):
        yield "claimMappings.username: either claim or expression is needed"
    for name, part in (("username", mappings.username), ("groups", mappings.groups)):
        if part.claim and part.expression:
            yield f"claimMappings.{name}: either claim or expression may be given"
        if part.claim and part.prefix is None:
            yield f'claimMappings.{name}.prefix: must be said for a claim; it may be ""'
        if part.prefix is not None and not part.claim:
            yield f"claimMappings.{name}.prefix: is for a claim"
    if mappings.uid.claim and mappings.uid.expression:
        yield "claimMappings.uid: either claim or expression may be given"
    keys = [extra.key for extra in mappings.extra]
    for index, key in enumerate(keys):
        if not key or key != key.lower() or "/" not in key or key in keys[:index]:
            yield f"claimMappings.extra[{index}].key: must be lower case, with a domain before a slash, and given once"
        if key.partition("/")[0].endswith(("kubernetes.io", "k8s.io")):
            yield f"claimMappings.extra[{index}].key: this domain is not yours"
    for index, rule in enumerate(one.claim_validation_rules):
        if bool(rule.claim) is bool(rule.expression):
            yield f"claimValidationRules[{index}]: either claim or expression is needed"
    for index, rule in enumerate(one.user_validation_rules):
        if not rule.expression:
            yield f"userValidationRules[{index}].expression: is needed"
