"""What may come next on a command line, asked of the server where it knows best: names of objects, fields, contexts.

Runs while somebody waits with a finger on the tab key: whatever goes wrong or takes long completes nothing, silently.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import CompletionItem

from podwright.api.resources import RESOURCES, Resource

if TYPE_CHECKING:
    from podwright.cli.session import Session

T = TypeVar("T")
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_SECONDS = 1.5  # for everything; then the user gets nothing rather than a wait
_LIMIT = "250"  # names asked for
_FORMS = ("json", "yaml", "name", "wide", "jsonpath=", "jsonpath-as-json=", "custom-columns=")


def objects(*only: str) -> Completer:
    """TYPE, TYPE NAME..., TYPE/NAME...; `only`: plurals, where a verb takes no others."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        given = _given(ctx, param)
        if given and "/" not in given[0]:
            return _items(_names(ctx, given[0]), incomplete, taken=given[1:])
        kind, slash, _ = incomplete.partition("/")
        if slash:
            return _items((f"{kind}/{name}" for name in _names(ctx, kind)), incomplete, taken=given)
        before, comma, begun = incomplete.rpartition(",")
        head = before + comma
        rows = [r for r in _types(ctx, begun) if not only or r.plural in only]
        return [CompletionItem(head + r.plural, help=", ".join(r.short_names)) for r in rows]

    return complete


def names(plural: str) -> Completer:
    """Names of one type, without the type before them."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _items(_names(ctx, plural), incomplete, taken=_given(ctx, param))

    return complete


def one_pod(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A pod, or TYPE/NAME of what has pods; nothing once one is given."""
    if "/" in incomplete:
        return objects()(ctx, param, incomplete)
    owners = [CompletionItem(f"{t}/") for t in ("deployments", "replicasets", "services") if t.startswith(incomplete)]
    return [] if _given(ctx, param) else [*_items(_names(ctx, "pods"), incomplete), *(owners if incomplete else [])]


def containers(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The containers of the pod that was named."""
    what = str(ctx.params.get("what") or "")

    async def ask() -> Iterable[str]:
        from podwright.cli.finding import pod_of

        session = _session(ctx)
        try:
            pod = await pod_of(session, what)
        finally:
            await session.transport.close()
        keys = ("initContainers", "containers", "ephemeralContainers")
        return [c["name"] for key in keys for c in pod["spec"].get(key) or ()]

    return _items(_quietly(ask), incomplete) if what else []


def fields(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A type, then its fields: pod.spec.con..."""
    head, dot, begun = incomplete.rpartition(".")
    if not dot:
        return [CompletionItem(r.plural) for r in _types(ctx, begun) if r.model]
    from podwright.api.schema import schema_of

    kind, *path = head.split(".")
    row = next((r for r in RESOURCES if r.model and kind in {r.plural, r.singular, *r.short_names}), None)
    schema = schema_of(row.cls) if row else None
    for step in path:
        field = schema.fields.get(step) if schema else None
        schema = field.ref if field else None
    return _items((f"{head}.{name}" for name in (schema.fields if schema else ())), incomplete)


def forms(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Forms of output."""
    return _items(_FORMS, incomplete)


def contexts(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Contexts of the kubeconfig."""

    async def ask() -> Iterable[str]:
        from podwright.cli.session import kubeconfig_files
        from podwright.client.kubeconfig import load

        return load(kubeconfig_files(_option(ctx, "kubeconfig"))).contexts

    return _items(_quietly(ask), incomplete)


def _given(ctx: click.Context, param: click.Parameter) -> Sequence[str]:
    """What stands already where the parameter's values stand."""
    value = ctx.params.get(param.name or "")
    return (value,) if isinstance(value, str) else tuple(value or ())


def _items(texts: Iterable[str], incomplete: str, *, taken: Sequence[str] = ()) -> list[CompletionItem]:
    return [CompletionItem(text) for text in texts if text.startswith(incomplete) and text not in taken]


def _types(ctx: click.Context, begun: str) -> Sequence[Resource]:
    """Built-in types that begin so; the server is asked only for what is none of them."""
    known = [r for r in RESOURCES if r.plural.startswith(begun) and "list" in r.verbs]
    if known:
        return list({r.plural: r for r in reversed(known)}.values())[::-1]

    async def ask() -> Iterable[Resource]:
        from podwright.cli.naming import discover

        session = _session(ctx)
        try:
            return [r for r in await discover(session.transport) if r.plural.startswith(begun)]
        finally:
            await session.transport.close()

    return list(_quietly(ask))


def _names(ctx: click.Context, kind: str) -> Iterable[str]:
    async def ask() -> Iterable[str]:
        from podwright.cli.naming import resolve
        from podwright.cli.requests import call, namespace_of

        session = _session(ctx)
        try:
            found: dict[str, None] = {}
            for target in await resolve(session.transport, [kind]):
                path = target.resource.path(namespace_of(session, target.resource))
                items = (await call(session, "GET", path, query=[("limit", _LIMIT)]))["items"]
                found |= dict.fromkeys(i["metadata"]["name"] for i in items)
            return found
        finally:
            await session.transport.close()

    return _quietly(ask)


def _option(ctx: click.Context, name: str) -> str | None:
    """An option of the verb, or the same given before the verb."""
    own: str | None = ctx.params.get(name)
    return own or ctx.find_root().params.get(name)


def _session(ctx: click.Context) -> Session:
    from podwright.cli.session import connect

    return connect(_option(ctx, "kubeconfig"), _option(ctx, "context"), _option(ctx, "namespace"))


def _quietly(ask: Callable[[], Awaitable[Iterable[T]]]) -> Iterable[T]:
    """The answer, or nothing."""

    async def bounded() -> Iterable[T]:
        async with asyncio.timeout(_SECONDS):
            return await ask()

    try:
        return asyncio.run(bounded())
    except Exception:  # noqa: BLE001 - a completion has nowhere to report to
        return ()
