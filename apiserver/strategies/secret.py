"""The rules of Secrets: what each type must contain. Messages never show contents."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import ClassVar

from podwright.api import field_errors, names
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta
from podwright.apiserver.strategies.configmap import MAX_SIZE, decoded_size, sealed
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.selectable import path_getters
from podwright.apiserver.strategy import JSON, Strategy, WriteContext

_REDACTED = "<secret contents redacted>"
_ACCOUNT = "kubernetes.io/service-account.name"
_DOCKER_KEYS = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}
_TLS = "kubernetes.io/tls"


class SecretStrategy(Strategy):
    """Secrets: `stringData` is a way of writing only; it is never stored or shown."""

    selectable_fields: ClassVar[Mapping[str, Callable[[JSON], str]]] = path_getters("type")

    def default(self, obj: JSON) -> None:
        """Fill in the type, and move plain strings to where contents are kept."""
        if not obj.get("type"):
            obj["type"] = "Opaque"
        plain = obj.pop("stringData", None)
        if plain:
            encoded = {key: base64.b64encode((value or "").encode()).decode() for key, value in plain.items()}
            obj["data"] = {**(obj.get("data") or {}), **encoded}

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the contents."""
        errors: Errors = []
        data: JSON = obj.get("data") or {}
        formats.config_keys(errors, "data", data)
        if sum(map(decoded_size, data.values())) > MAX_SIZE:
            errors.append(field_errors.too_long("data", "", MAX_SIZE))
        check = _TYPES.get(obj.get("type") or "")
        if check is not None:
            check(errors, obj, data)
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with the contents, and what may not change."""
        errors = meta.repeated_on_update(obj, old, creations=1, name_rule=names.dns1123_subdomain)
        if obj.get("type") != old.get("type"):
            errors.append(field_errors.invalid("type", obj.get("type") or "", "field is immutable"))
        return [*errors, *sealed(obj, old, "data"), *self.validate_create(obj, ctx)]

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return why a TLS secret will not be usable."""
        data: JSON = obj.get("data") or {}
        if obj.get("type") != _TLS or not data.get("tls.crt") or not data.get("tls.key"):
            return []
        from podwright.apiserver.strategies.key_pairs import problem_of_pair

        problem = problem_of_pair(base64.b64decode(data["tls.crt"]), base64.b64decode(data["tls.key"]))
        return [problem] if problem else []


def _token(errors: Errors, obj: JSON, _data: JSON) -> None:
    if not (obj["metadata"].get("annotations") or {}).get(_ACCOUNT):
        errors.append(field_errors.required(f"metadata.annotations[{_ACCOUNT}]"))


def _docker(errors: Errors, obj: JSON, data: JSON) -> None:
    key = _DOCKER_KEYS[obj["type"]]
    if key not in data:
        errors.append(field_errors.required(f"data[{key}]"))
        return
    problem = _not_an_object(base64.b64decode(data[key] or ""))
    if problem:
        errors.append(field_errors.invalid(f"data[{key}]", _REDACTED, problem))


def _basic(errors: Errors, _obj: JSON, data: JSON) -> None:
    if "username" not in data and "password" not in data:
        errors.extend((field_errors.required("data[username]"), field_errors.required("data[password]")))


def _ssh(errors: Errors, _obj: JSON, data: JSON) -> None:
    if not data.get("ssh-privatekey"):
        errors.append(field_errors.required("data[ssh-privatekey]"))


def _tls(errors: Errors, _obj: JSON, data: JSON) -> None:
    errors.extend(field_errors.required(f"data[{key}]") for key in ("tls.crt", "tls.key") if key not in data)


def _not_an_object(content: bytes) -> str:
    """Say why bytes are not a JSON object, in the words of the API; "" when they are."""
    text = content.decode(errors="replace")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()):
            return "unexpected end of JSON input"
        where = "looking for beginning of value"
        if error.msg.startswith("Expecting property name"):
            where = "looking for beginning of object key string"
        elif error.msg.startswith("Expecting ':'"):
            where = "after object key"
        elif error.msg.startswith("Expecting ','"):
            where = "after object key:value pair"
        elif error.msg.startswith("Extra data"):
            where = "after top-level value"
        return f"invalid character {text[error.pos]!r} {where}"
    if isinstance(value, dict) or value is None:
        return ""
    kind = "string" if isinstance(value, str) else "array" if isinstance(value, list) else "number"
    kind = "bool" if isinstance(value, bool) else kind
    return f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"


_TYPES: dict[str, Callable[[Errors, JSON, JSON], None]] = {
    "kubernetes.io/service-account-token": _token,
    "kubernetes.io/dockercfg": _docker,
    "kubernetes.io/dockerconfigjson": _docker,
    "kubernetes.io/basic-auth": _basic,
    "kubernetes.io/ssh-auth": _ssh,
    _TLS: _tls,
}
