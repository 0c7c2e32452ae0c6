"""The rules of webhook configurations: where a web server is, what it is asked about, and what its silence means.

What an old configuration already has wrong in a way that later rules forbid (names that repeat, side effects,
versions nobody knows) is accepted again.
"""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import selectors
from podwright.apiserver.strategies.admission.expressions import checker
from podwright.apiserver.strategies.admission.matching import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    default_rules,
    one_if_given,
    validate_conditions,
    validate_rule,
)
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, raise_generation, set_generation

_REINVOCATIONS = ("IfNeeded", "Never")
_SIDE_EFFECTS = ("None", "NoneOnDryRun", "Some", "Unknown")
_NO_SIDE_EFFECTS = _SIDE_EFFECTS[:2]
_VERSIONS = ("v1", "v1beta1")
_URL_FORM = "; desired format: https://host[/path]"


@dataclass(frozen=True, slots=True)
class _Demands:
    """What is asked of new configurations, and of old ones that fulfil it."""

    no_side_effects: bool = True
    known_version: bool = True
    unique_names: bool = True


class ValidatingWebhookStrategy(Strategy):
    """Webhooks that refuse: generation counts changes of them."""

    allow_unconditional_update: ClassVar[bool] = False
    bare_finalizers: ClassVar[bool] = True
    mutating: ClassVar[bool] = False

    def default(self, obj: JSON) -> None:
        """Fill in policies, selectors, the time an answer may take and ports."""
        for hook in obj.get("webhooks") or ():
            for key, value in self._defaults():
                if hook.get(key) is None:
                    hook[key] = value
            default_rules(hook.get("rules"))
            service = (hook.get("clientConfig") or {}).get("service")
            if service is not None and service.get("port") is None:
                service["port"] = 443

    def _defaults(self) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = [("failurePolicy", "Fail"), ("matchPolicy", "Equivalent")]
        found += [("namespaceSelector", {}), ("objectSelector", {}), ("timeoutSeconds", 10)]
        return [*found, ("reinvocationPolicy", "Never")] if self.mutating else found

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start at generation 1."""
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Count changes of the webhooks."""
        changed = obj.get("webhooks") != old.get("webhooks")
        raise_generation(obj, old, changed=changed)

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with new webhooks."""
        return self._validate(obj, _Demands(), ())

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with changed webhooks."""
        before: list[JSON] = old.get("webhooks") or []
        called = [hook.get("name") for hook in before]
        demands = _Demands(
            no_side_effects=all(hook.get("sideEffects") in _NO_SIDE_EFFECTS for hook in before),
            known_version=all(
                set(hook.get("admissionReviewVersions") or _VERSIONS) & set(_VERSIONS) for hook in before
            ),
            unique_names=len(set(called)) == len(called),
        )
        known = {c.get("expression") or "" for hook in before for c in hook.get("matchConditions") or ()}
        return self._validate(obj, demands, tuple(known))

    def _validate(self, obj: JSON, demands: _Demands, known: tuple[str, ...]) -> Errors:
        errors: Errors = []
        seen: set[str] = set()
        for index, hook in enumerate(obj.get("webhooks") or ()):
            path, name = f"webhooks[{index}]", hook.get("name") or ""
            _validate_name(errors, f"{path}.name", name)
            self._validate_hook(errors, path, hook, demands, known)
            _validate_versions(errors, f"{path}.admissionReviewVersions", hook, required=demands.known_version)
            if demands.unique_names and name in seen:
                errors.append(field_errors.duplicate(f"{path}.name", name))
            seen |= {name} if name else set()
        return errors

    def _validate_hook(self, errors: Errors, path: str, hook: JSON, demands: _Demands, known: tuple[str, ...]) -> None:
        for index, rule in enumerate(hook.get("rules") or ()):
            validate_rule(errors, f"{path}.rules[{index}]", rule)
        one_if_given(errors, f"{path}.failurePolicy", hook.get("failurePolicy"), FAILURE_POLICIES)
        one_if_given(errors, f"{path}.matchPolicy", hook.get("matchPolicy"), MATCH_POLICIES)
        allowed = _NO_SIDE_EFFECTS if demands.no_side_effects else _SIDE_EFFECTS
        if hook.get("sideEffects") is None:
            detail = f"must specify one of {', '.join(allowed)}"
            errors.append(field_errors.required(f"{path}.sideEffects", detail))
        one_if_given(errors, f"{path}.sideEffects", hook.get("sideEffects"), allowed)
        seconds = hook.get("timeoutSeconds")
        if seconds is not None and not 1 <= seconds <= 30:
            detail = "the timeout value must be between 1 and 30 seconds"
            errors.append(field_errors.invalid(f"{path}.timeoutSeconds", seconds, detail))
        for key in ("namespaceSelector", "objectSelector"):
            selectors.validate(errors, f"{path}.{key}", hook.get(key))
        if self.mutating:
            one_if_given(errors, f"{path}.reinvocationPolicy", hook.get("reinvocationPolicy"), _REINVOCATIONS)
        _validate_client(errors, f"{path}.clientConfig", hook.get("clientConfig") or {})
        check = checker("bool", known=known)
        validate_conditions(errors, f"{path}.matchConditions", hook.get("matchConditions") or (), check)


class MutatingWebhookStrategy(ValidatingWebhookStrategy):
    """Webhooks that change objects."""

    mutating: ClassVar[bool] = True


def _validate_name(errors: Errors, path: str, name: str) -> None:
    if not name:
        errors.append(field_errors.required(path))
    elif problems := names.dns1123_subdomain(name):
        errors.append(field_errors.invalid(path, name, ",".join(problems)))
    elif name.count(".") < 2:
        detail = "should be a domain with at least three segments separated by dots"
        errors.append(field_errors.invalid(path, name, detail))


def _validate_versions(errors: Errors, path: str, hook: JSON, *, required: bool) -> None:
    versions: list[str] = hook.get("admissionReviewVersions") or []
    if not versions:
        errors.append(field_errors.required(path, f"must specify one of {', '.join(_VERSIONS)}"))
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            errors.append(field_errors.invalid(f"{path}[{index}]", version, "duplicate version"))
            continue
        errors.extend(
            field_errors.invalid(f"{path}[{index}]", version, problem) for problem in names.dns1035_label(version)
        )
    if required and not set(versions) & set(_VERSIONS):
        detail = f"must include at least one of {', '.join(_VERSIONS)}"
        errors.append(field_errors.invalid(path, versions, detail))


def _validate_client(errors: Errors, path: str, client: JSON) -> None:
    url, service = client.get("url"), client.get("service")
    if (url is None) is (service is None):
        errors.append(field_errors.required(path, "exactly one of url or service is required"))
    elif service is None:
        validate_url(errors, f"{path}.url", url or "")
    else:
        validate_service(errors, f"{path}.service", service)


def validate_url(errors: Errors, path: str, url: str) -> None:
    """Check the address of a web server: https, a host, and nothing but a path behind it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        errors.append(field_errors.required(path, f"url must be a valid URL: {error}{_URL_FORM}"))
        return
    if parts.scheme != "https":
        detail = f"'https' is the only allowed URL scheme{_URL_FORM}"
        errors.append(field_errors.invalid(path, parts.scheme, detail))
    user, at, host = parts.netloc.rpartition("@")
    if not host:
        errors.append(field_errors.invalid(path, host, f"host must be specified{_URL_FORM}"))
    for wrong, value, what in (
        (at, user, "user information is"),
        (parts.fragment, parts.fragment, "fragments are"),
        (parts.query, parts.query, "query parameters are"),
    ):
        if wrong:
            errors.append(field_errors.invalid(path, value, f"{what} not permitted in the URL"))


def validate_service(errors: Errors, path: str, service: JSON) -> None:
    """Check a reference to a service that answers requests."""
    for key in ("name", "namespace"):
        if not service.get(key):
            errors.append(field_errors.required(f"{path}.{key}"))
    port, where = service.get("port") or 0, service.get("path")
    if problems := names.port_number(port):
        errors.append(field_errors.invalid(f"{path}.port", port, f"port is not valid: {', '.join(problems)}"))
    if where and where != "/":
        problems = _problems_of_path(where)
        errors.extend(field_errors.invalid(f"{path}.path", where, problem) for problem in problems)


def _problems_of_path(path: str) -> list[str]:
    if path == "//":
        return ["segment[0] may not be empty"]
    problems = [] if path.startswith("/") else ["must start with a '/'"]
    for index, step in enumerate(path[1:].removesuffix("/").split("/")):
        if not step:
            problems.append(f"segment[{index}] may not be empty")
            continue
        problems += [f"segment[{index}]: {problem}" for problem in names.dns1123_subdomain(step)]
    return problems
