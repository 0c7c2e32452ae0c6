"""The query parameters of each action.

Clients look for `fieldValidation` and `dryRun` here before they rely on them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter; `type` is its JSON type."""

    name: str
    doc: str
    type: str = "string"


_ALL = (
    Parameter("pretty", "Whether the answer is laid out for people: `true`."),
    Parameter("dryRun", "`All` runs every check and changes nothing."),
    Parameter("fieldManager", "Who makes the change: at most 128 printable characters."),
    Parameter("fieldValidation", "What unknown and repeated fields do: `Ignore`, `Warn` (the default) or `Strict`."),
    Parameter("force", "Whether an apply takes over fields that others own.", "boolean"),
    Parameter("allowWatchBookmarks", "Whether the watch may send BOOKMARK events.", "boolean"),
    Parameter("continue", "The token of the list's previous part."),
    Parameter("fieldSelector", "Return only objects with these fields: `a=b,c!=d`."),
    Parameter("labelSelector", "Return only objects with these labels: `a=b,c in (d,e),!f`."),
    Parameter("limit", "The most objects to return in one part.", "integer"),
    Parameter("resourceVersion", "The version to read at or to watch from."),
    Parameter("resourceVersionMatch", "How `resourceVersion` is meant: `Exact` or `NotOlderThan`."),
    Parameter("sendInitialEvents", "Whether the watch begins with all objects there are.", "boolean"),
    Parameter("shardSelector", "Return only one shard of the collection."),
    Parameter("timeoutSeconds", "The seconds after which the request ends.", "integer"),
    Parameter("watch", "Stream changes instead of returning a list.", "boolean"),
    Parameter("gracePeriodSeconds", "The seconds to allow for a clean end; 0 removes at once.", "integer"),
    Parameter("orphanDependents", "Outdated form of `propagationPolicy`.", "boolean"),
    Parameter("propagationPolicy", "What becomes of owned objects: `Orphan`, `Background` or `Foreground`."),
    Parameter(
        "ignoreStoreReadErrorWithClusterBreakingPotential",
        "Remove an object that cannot be read, skipping every check. Dangerous.",
        "boolean",
    ),
    Parameter("container", "The container; may be left out if there is only one."),
    Parameter("command", "The program and its arguments, one parameter each."),
    Parameter("stdin", "Whether to connect standard input.", "boolean"),
    Parameter("stdout", "Whether to connect standard output.", "boolean"),
    Parameter("stderr", "Whether to connect standard error.", "boolean"),
    Parameter("tty", "Whether to use a terminal.", "boolean"),
    Parameter("ports", "The ports to forward.", "integer"),
    Parameter("path", "The path to pass on."),
    Parameter("follow", "Whether to go on as the log grows.", "boolean"),
    Parameter("previous", "Whether to read the container's previous run.", "boolean"),
    Parameter("sinceSeconds", "Return only what is at most so many seconds old.", "integer"),
    Parameter("sinceTime", "Return only what is from this time or later."),
    Parameter("tailLines", "Return only the last lines.", "integer"),
    Parameter("limitBytes", "The most bytes to return.", "integer"),
    Parameter("timestamps", "Whether each line begins with its time.", "boolean"),
    Parameter("stream", "Which stream to return: `All` (the default), `Stdout` or `Stderr`."),
    Parameter("insecureSkipTLSVerifyBackend", "Whether the node's certificate is taken unseen.", "boolean"),
)
_BY_NAME = {parameter.name: parameter for parameter in _ALL}

_LIST = (
    "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
    "resourceVersionMatch", "sendInitialEvents", "shardSelector", "timeoutSeconds", "watch",
)  # fmt: skip
_WRITE = ("dryRun", "fieldManager", "fieldValidation")
_DELETE = (
    "dryRun", "gracePeriodSeconds", "ignoreStoreReadErrorWithClusterBreakingPotential", "orphanDependents",
    "propagationPolicy",
)  # fmt: skip

_OF_ACTION: dict[str, tuple[str, ...]] = {
    "list": _LIST,
    "get": (),
    "post": _WRITE,
    "put": _WRITE,
    "patch": (*_WRITE, "force"),
    "delete": _DELETE,
    "deletecollection": tuple(dict.fromkeys((*_LIST[1:-2], "timeoutSeconds", *_DELETE))),
    "connect": (),
}
_OF_SUBRESOURCE: dict[str, tuple[str, ...]] = {
    "log": (
        "container", "follow", "insecureSkipTLSVerifyBackend", "limitBytes", "previous", "sinceSeconds", "sinceTime",
        "stream", "tailLines", "timestamps",
    ),
    "exec": ("command", "container", "stderr", "stdin", "stdout", "tty"),
    "attach": ("container", "stderr", "stdin", "stdout", "tty"),
    "portforward": ("ports",),
}  # fmt: skip


def parameters(action: str, subresource: str = "") -> list[Parameter]:
    """The query parameters of an action on an object or one of its subresources, by name."""
    pretty = () if action == "connect" else ("pretty",)
    names = (*_OF_ACTION[action], *_OF_SUBRESOURCE.get(subresource, ()), *pretty)
    return [_BY_NAME[name] for name in sorted(names)]
