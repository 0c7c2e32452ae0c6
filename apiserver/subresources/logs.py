"""pods/log: the options of a log request, and which container is meant. The bytes come from the node gateway."""

from __future__ import annotations

from typing import Any

from podwright.api.errors import (
    ApiError,
    FieldError,
    bad_request,
    forbidden_field,
    invalid,
    invalid_field,
    not_supported,
)
from podwright.api.modeling.gotime import time_problem
from podwright.apiserver.options import Query
from podwright.apiserver.streams import LogOptions

JSON = dict[str, Any]
_STREAMS = ("All", "Stdout", "Stderr")
_CONTAINER_FIELDS = ("containers", "initContainers", "ephemeralContainers")


def log_options(query: Query, name: str) -> LogOptions:
    """Read and check the options of a request for the log of a pod, but for the container. Raises ApiError."""
    since, tail, limit = query.integer("sinceSeconds"), query.integer("tailLines"), query.integer("limitBytes")
    errors: list[FieldError] = []
    if tail is not None and tail < 0:
        errors.append(invalid_field("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        errors.append(invalid_field("limitBytes", limit, "must be greater than 0"))
    since_time = query.get("sinceTime") or None
    if since_time is not None and (problem := time_problem(since_time, micro=False)):
        raise bad_request(problem)
    if since is not None and since_time is not None:
        text = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        errors.append(forbidden_field("[]", text))
    elif since is not None and since < 1:
        errors.append(invalid_field("sinceSeconds", since, "must be greater than 0"))
    stream = query.get("stream") or "All"
    if stream not in _STREAMS:
        errors.append(not_supported("stream", stream, _STREAMS))
    elif stream != "All" and tail is not None:
        errors.append(forbidden_field("tailLines", "`tailLines` and specific `stream` are mutually exclusive for now"))
    if errors:
        raise invalid("", "PodLogOptions", name, errors)
    return LogOptions(
        container=query.get("container"),
        follow=query.flag("follow"),
        previous=query.flag("previous"),
        timestamps=query.flag("timestamps"),
        since_seconds=since,
        since_time=since_time,
        tail_lines=tail,
        limit_bytes=limit,
        stream=stream,
    )


def choose_container(pod: JSON, wanted: str) -> str:
    """The container a request means; a pod's only one when it names none. Raises ApiError 400."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    by_field = {f: [c["name"] for c in spec.get(f) or ()] for f in _CONTAINER_FIELDS}
    if wanted:
        if any(wanted in found for found in by_field.values()):
            return wanted
        raise bad_request(f"container {wanted} is not valid for pod {name}")
    if len(by_field["containers"]) == 1:
        return by_field["containers"][0]
    raise _ambiguous(name, by_field)


def _ambiguous(name: str, by_field: dict[str, list[str]]) -> ApiError:
    text = f"a container name must be specified for pod {name}, choose one of: [{' '.join(by_field['containers'])}]"
    if by_field["initContainers"]:
        text += f" or one of the init containers: [{' '.join(by_field['initContainers'])}]"
    return bad_request(text)
