"""What an administrator says of Pod Security for the whole cluster: standards where a namespace says nothing, and
whom none of it is for.

The file is a `PodSecurityConfiguration`, by itself or as the plugin of an `AdmissionConfiguration`. It must never look
at an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from podwright.apiserver.pod_security.level import LEVELS, PRIVILEGED, Standard, minor_of
from podwright.apiserver.pod_security.policy import UNASKED, Policy

JSON = dict[str, Any]
_PLUGIN: Final = "PodSecurity"
_KIND: Final = "PodSecurityConfiguration"
_MODES: Final = ("enforce", "audit", "warn")
_EXEMPTIONS: Final = ("usernames", "namespaces", "runtimeClasses")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Defaults, and who is exempt."""

    defaults: Policy = UNASKED
    usernames: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    runtime_classes: frozenset[str] = frozenset()


UNCONFIGURED: Final = Configuration()
"""Nothing but what namespaces say."""


def read_configuration(path: Path) -> Configuration:
    """Read a file. Blocking. Raises ConfigFileError."""
    import yaml

    from podwright.apiserver.config_file import ConfigFileError, refused

    try:
        return parse(_ours(yaml.safe_load(path.read_text(encoding="utf-8"))))
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise ConfigFileError(msg) from error
    except (UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        raise refused(path, [str(error)]) from error


def _ours(document: Any) -> JSON:
    found = _object(document, "the document")
    if found.get("kind") == "AdmissionConfiguration":
        plugins = [_object(each, "plugins") for each in _list(found.get("plugins"), "plugins")]
        found = _object(next((p.get("configuration") for p in plugins if p.get("name") == _PLUGIN), None), _PLUGIN)
    if found.get("kind") != _KIND:
        msg = f"there is no {_KIND} in it"
        raise ValueError(msg)
    return found


def parse(document: Mapping[str, Any]) -> Configuration:
    """The configuration that a document says. Raises ValueError."""
    defaults = _object(document.get("defaults") or {}, "defaults")
    exemptions = _object(document.get("exemptions") or {}, "exemptions")
    _refuse_unknown("defaults", defaults, {*_MODES, *(f"{mode}-version" for mode in _MODES)})
    _refuse_unknown("exemptions", exemptions, set(_EXEMPTIONS))
    policy = Policy(**{mode: _standard(defaults, mode) for mode in _MODES})
    return Configuration(policy, *(_names(exemptions, key) for key in _EXEMPTIONS))


def _refuse_unknown(where: str, given: JSON, known: set[str]) -> None:
    for key in sorted(given.keys() - known):
        msg = f'unknown field "{where}.{key}"'
        raise ValueError(msg)


def _standard(defaults: JSON, mode: str) -> Standard:
    level = str(defaults.get(mode) or PRIVILEGED)
    minor = minor_of(str(defaults.get(f"{mode}-version") or "latest"))
    if level not in LEVELS:
        msg = f"defaults.{mode}: must be one of {', '.join(LEVELS)}"
        raise ValueError(msg)
    if minor is None:
        msg = f'defaults.{mode}-version: must be "latest" or "v1.x"'
        raise ValueError(msg)
    return Standard(level, minor)


def _names(exemptions: JSON, key: str) -> frozenset[str]:
    return frozenset(str(name) for name in _list(exemptions.get(key), f"exemptions.{key}") if name)


def _object(value: object, where: str) -> JSON:
    if isinstance(value, dict):
        return cast("JSON", value)
    msg = f"{where}: must be an object"
    raise ValueError(msg)


def _list(value: object, where: str) -> list[object]:
    if value is None:
        return []
    if isinstance(value, list):
        return cast("list[object]", value)
    msg = f"{where}: must be a list"
    raise ValueError(msg)
