"""The file in which clients keep servers, identities and contexts.

Read like every client of the API reads it: several files in KUBECONFIG are merged and the first to name something
wins; certificates are inline (base64) or files relative to the file that names them. Plug-ins that fetch
credentials are not supported and say so. Functions here block: call them before the loop runs.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

JSON = dict[str, Any]
_PLAIN = re.compile(r"(?!(?i:true|false|null|yes|no|on|off|y|n)$)[A-Za-z][\w./:@+=-]*(?<!:)", re.ASCII)
"""Text that needs no quotes."""
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML takes only in quotes and escaped."""


class KubeconfigError(Exception):
    """The configuration cannot be used. The message says which file or entry, and why."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What one context comes to: everything needed to talk to its server."""

    server: str
    namespace: str = "default"
    ca: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    token_file: str = ""
    username: str = ""
    password: str = ""
    server_name: str = ""
    insecure: bool = False
    context: str = ""


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """The merged content. Entries are kept as they were written; `resolve` makes sense of them."""

    clusters: Mapping[str, JSON] = field(default_factory=dict)
    users: Mapping[str, JSON] = field(default_factory=dict)
    contexts: Mapping[str, JSON] = field(default_factory=dict)
    current_context: str = ""

    def resolve(self, context: str = "") -> Connection:
        """Return the connection of a context (default: the current one). Raises KubeconfigError."""
        name = context or self.current_context
        if not name:
            msg = "cannot choose a server: the configuration has no current-context; give one with --context"
            raise KubeconfigError(msg)
        chosen = _entry(self.contexts, name, "context")
        cluster = _entry(self.clusters, str(chosen.get("cluster") or ""), "cluster")
        user_name = str(chosen.get("user") or "")
        user = _entry(self.users, user_name, "user") if user_name else {}
        for plugin in ("exec", "auth-provider"):
            if user.get(plugin):
                what = f"credential plug-ins ({plugin}) are not supported; use a certificate or a token"
                msg = f"cannot use user {user_name!r}: {what}"
                raise KubeconfigError(msg)
        server = str(cluster.get("server") or "")
        if not server.startswith(("https://", "http://")):
            msg = f"cannot use cluster {chosen.get('cluster')!r}: its server is {server!r}, not a URL"
            raise KubeconfigError(msg)
        return Connection(
            server=server,
            namespace=str(chosen.get("namespace") or "default"),
            ca=_pem(cluster, "certificate-authority"),
            certificate=_pem(user, "client-certificate"),
            key=_pem(user, "client-key"),
            token=str(user.get("token") or ""),
            token_file="" if user.get("token") else str(user.get("tokenFile") or ""),
            username=str(user.get("username") or ""),
            password=str(user.get("password") or ""),
            server_name=str(cluster.get("tls-server-name") or ""),
            insecure=bool(cluster.get("insecure-skip-tls-verify")),
            context=name,
        )


def paths(environment: Mapping[str, str], explicit: str = "") -> tuple[Path, ...]:
    """Return the files to read: one given explicitly, else those of KUBECONFIG, else ~/.kube/config."""
    if explicit:
        return (Path(explicit),)
    listed = [part for part in environment.get("KUBECONFIG", "").split(os.pathsep) if part]
    if listed:
        return tuple(map(Path, dict.fromkeys(listed)))
    return (Path(environment.get("HOME", "/root")) / ".kube" / "config",)


def load(files: Sequence[Path], *, required: bool = False) -> Kubeconfig:
    """Read and merge files; missing ones are skipped unless `required`. Raises KubeconfigError."""
    merged = Kubeconfig()
    for path in files:
        try:
            text = path.read_text()
        except FileNotFoundError as error:
            if required:
                msg = f"cannot read {path}: no such file"
                raise KubeconfigError(msg) from error
            continue
        except OSError as error:
            msg = f"cannot read {path}: {error.strerror or error}"
            raise KubeconfigError(msg) from error
        merged = _merge(merged, _parse(text, path))
    return merged


def dump(config: Kubeconfig) -> str:
    """Return the content as YAML text.

    Written without the YAML library, which would stay in the memory of a control plane that needs it for nothing else.
    """
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "current-context": config.current_context,
        "clusters": [{"name": name, "cluster": value} for name, value in config.clusters.items()],
        "contexts": [{"name": name, "context": value} for name, value in config.contexts.items()],
        "users": [{"name": name, "user": value} for name, value in config.users.items()],
    }
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(value: Any) -> Iterator[str]:
    """A mapping or list as block YAML; what is neither, and empty ones, as JSON, which is YAML too."""
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            nested = isinstance(part, Mapping | list) and part
            yield f"{_scalar(name)}:" if nested else f"{_scalar(name)}: {_scalar(part)}"
            if nested:
                yield from (f"  {line}" for line in _lines(part))
    elif isinstance(value, list) and value:
        for part in value:
            first, *others = _lines(part)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
    else:
        yield _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def write(path: Path, config: Kubeconfig) -> None:
    """Write atomically, readable by the owner alone. Raises KubeconfigError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w") as file:
            file.write(dump(config))
        Path(name).replace(path)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise KubeconfigError(msg) from error


def single(
    name: str,
    server: str,
    *,
    ca: bytes,
    certificate: bytes = b"",
    key: bytes = b"",
    token: str = "",
    user: str = "admin",
) -> Kubeconfig:
    """Return a configuration of one server and one identity, with everything inline."""
    credentials: JSON = {}
    if certificate:
        credentials |= {"client-certificate-data": _base64(certificate), "client-key-data": _base64(key)}
    if token:
        credentials["token"] = token
    context = f"{user}@{name}"
    return Kubeconfig(
        clusters={name: {"server": server, "certificate-authority-data": _base64(ca)}},
        users={user: credentials},
        contexts={context: {"cluster": name, "user": user}},
        current_context=context,
    )


def with_context(config: Kubeconfig, context: str) -> Kubeconfig:
    """Return the configuration with another current context. Raises KubeconfigError when there is no such."""
    _entry(config.contexts, context, "context")
    return replace(config, current_context=context)


def _parse(text: str, path: Path) -> Kubeconfig:
    import yaml

    try:
        document = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        msg = f"cannot read {path}: {error}"
        raise KubeconfigError(msg) from error
    if not isinstance(document, dict):
        msg = f"cannot read {path}: it holds no configuration"
        raise KubeconfigError(msg)
    return Kubeconfig(
        clusters=_named(document, "clusters", "cluster", path),
        users=_named(document, "users", "user", path),
        contexts=_named(document, "contexts", "context", path),
        current_context=str(document.get("current-context") or ""),
    )


# Entries of a file that hold paths, to be read relative to that file.
_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def _named(document: JSON, plural: str, singular: str, path: Path) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for item in document.get(plural) or ():
        if not isinstance(item, dict) or not item.get("name"):
            msg = f"cannot read {path}: an entry of {plural} has no name"
            raise KubeconfigError(msg)
        entry: JSON = dict(item.get(singular) or {})
        for key in _PATHS:
            if entry.get(key):
                entry[key] = str(path.parent / str(entry[key]))
        found.setdefault(str(item["name"]), entry)
    return found


def _merge(first: Kubeconfig, second: Kubeconfig) -> Kubeconfig:
    return Kubeconfig(
        clusters={**second.clusters, **first.clusters},
        users={**second.users, **first.users},
        contexts={**second.contexts, **first.contexts},
        current_context=first.current_context or second.current_context,
    )


def _entry(entries: Mapping[str, JSON], name: str, what: str) -> JSON:
    if name not in entries:
        known = ", ".join(entries) or "none"
        msg = f"cannot find {what} {name!r} in the configuration (there are: {known})"
        raise KubeconfigError(msg)
    return entries[name]


def _pem(entry: JSON, key: str) -> bytes:
    inline = entry.get(f"{key}-data")
    if inline:
        try:
            return base64.b64decode(str(inline), validate=True)
        except binascii.Error as error:
            msg = f"cannot read {key}-data: {error}"
            raise KubeconfigError(msg) from error
    path = entry.get(key)
    if not path:
        return b""
    try:
        return Path(str(path)).read_bytes()
    except OSError as error:
        msg = f"cannot read {key} {path}: {error.strerror or error}"
        raise KubeconfigError(msg) from error


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
