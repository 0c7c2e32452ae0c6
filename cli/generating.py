"""Objects from a few words: what `pw create KIND NAME ...` sends. Pure but for reading the named files."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from podwright.cli.errors import CliError

JSON = dict[str, Any]


def generate(what: Sequence[str], options: Mapping[str, Any]) -> JSON:
    """Build the object. Raises CliError that lists what can be made."""
    words = list(what)
    if words[:1] == ["secret"] and len(words) == 3:
        words.pop(1)  # "generic": the one type that is made from literals and files
    kind = {"ns": "namespace", "deploy": "deployment", "cm": "configmap", "sa": "serviceaccount", "cj": "cronjob"}
    wanted = kind.get(words[0], words[0]) if words else ""
    if wanted in _COMMANDED and len(words) >= 2:
        return _COMMANDED[wanted](words[1], words[2:], options)
    maker = _MAKERS.get(wanted)
    if maker is None or len(words) != 2:
        msg = f"expected -f FILE, or one of {', '.join(sorted({**_MAKERS, **_COMMANDED}))} and a name"
        raise CliError(msg)
    return maker(words[1], options)


def _namespace(name: str, _: Mapping[str, Any]) -> JSON:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _service_account(name: str, _: Mapping[str, Any]) -> JSON:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}


def _deployment(name: str, options: Mapping[str, Any]) -> JSON:
    images: Sequence[str] = options["image"]
    if not images:
        raise CliError("required flag --image not set: pw create deployment NAME --image IMAGE")
    labels = {"app": name}
    containers = [
        {"name": i.rpartition("/")[2].split("@")[0].split(":")[0].replace("_", "-"), "image": i} for i in images
    ]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": options["replicas"],
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
    }


def job_of(cron_job: JSON, name: str) -> JSON:
    """The Job that a CronJob would start, started by hand: owned by it, and marked."""
    template: JSON = cron_job["spec"]["jobTemplate"]
    given: JSON = template.get("metadata") or {}
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": cron_job["metadata"]["name"],
        "uid": cron_job["metadata"]["uid"],
        "controller": True,
    }
    annotations = {**(given.get("annotations") or {}), "cronjob.kubernetes.io/instantiate": "manual"}
    metadata: JSON = {"name": name, "annotations": annotations, "ownerReferences": [owner]}
    if given.get("labels"):
        metadata["labels"] = given["labels"]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]}


def _job(name: str, command: Sequence[str], options: Mapping[str, Any]) -> JSON:
    spec = _job_spec("job", name, command, {**options, "restart": options.get("restart") or "Never"})
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


def _cron_job(name: str, command: Sequence[str], options: Mapping[str, Any]) -> JSON:
    if not options.get("schedule"):
        raise CliError("required flag --schedule not set: pw create cronjob NAME --image IMAGE --schedule '0 3 * * *'")
    job = _job_spec("cronjob", name, command, {**options, "restart": options.get("restart") or "OnFailure"})
    template = {"metadata": {"name": name}, "spec": job}
    spec = {"schedule": options["schedule"], "jobTemplate": template}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def _job_spec(kind: str, name: str, command: Sequence[str], options: Mapping[str, Any]) -> JSON:
    images: Sequence[str] = options["image"]
    if len(images) != 1:
        msg = f"expected one --image: pw create {kind} NAME --image IMAGE -- COMMAND"
        raise CliError(msg)
    container: JSON = {"name": name, "image": images[0]}
    if command:
        container["command"] = list(command)
    return {"template": {"spec": {"containers": [container], "restartPolicy": options["restart"]}}}


def _config_map(name: str, options: Mapping[str, Any]) -> JSON:
    text: JSON = {}
    binary: JSON = {}
    for key, value in _values(options).items():
        try:
            text[key] = value.decode()
        except UnicodeDecodeError:
            binary[key] = base64.b64encode(value).decode()
    found: JSON = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    return {**found, **({"data": text} if text else {}), **({"binaryData": binary} if binary else {})}


def _secret(name: str, options: Mapping[str, Any]) -> JSON:
    data = {key: base64.b64encode(value).decode() for key, value in _values(options).items()}
    found: JSON = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "Opaque"}
    return {**found, **({"data": data} if data else {})}


def _values(options: Mapping[str, Any]) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    for literal in options["from_literal"]:
        key, equals, value = str(literal).partition("=")
        if not equals or not key:
            msg = f"invalid literal {literal!r}, expected key=value"
            raise CliError(msg)
        values[key] = value.encode()
    for given in options["from_file"]:
        key, equals, path = str(given).rpartition("=")
        try:
            values[key if equals else Path(path).name] = Path(path).read_bytes()
        except OSError as e:
            msg = f"cannot read {path}: {e.strerror}"
            raise CliError(msg) from e
    return values


_MAKERS: Mapping[str, Callable[[str, Mapping[str, Any]], JSON]] = {
    "namespace": _namespace,
    "serviceaccount": _service_account,
    "deployment": _deployment,
    "configmap": _config_map,
    "secret": _secret,
}
_COMMANDED: Mapping[str, Callable[[str, Sequence[str], Mapping[str, Any]], JSON]] = {"job": _job, "cronjob": _cron_job}
