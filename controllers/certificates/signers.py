"""Which requests our signers sign: what each of them allows for subjects, names and usages. Pure.

It must never let a client's certificate carry what a server's does, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from podwright.controllers.certificates.requests import DNS, EMAIL, IP, URI, Asked

CLIENT: Final = "kubernetes.io/kube-apiserver-client"
NODE_CLIENT: Final = "kubernetes.io/kube-apiserver-client-kubelet"
NODE_SERVING: Final = "kubernetes.io/kubelet-serving"
_NODES: Final = "system:nodes"
_NODE: Final = "system:node:"
_CLIENT_AUTH: Final = "client auth"
_SERVER_AUTH: Final = "server auth"
_PLAIN: Final = ("digital signature", "key encipherment")


def problem(signer: str, asked: Asked, usages: Sequence[str]) -> str:
    """Say why one of our signers does not sign this; "" when it does."""
    return _RULES[signer](asked, usages)


def is_ours(signer: str) -> bool:
    """Tell whether a signer is one of ours."""
    return signer in _RULES


def _client(_asked: Asked, usages: Sequence[str]) -> str:
    for usage in usages:
        if usage != _CLIENT_AUTH and usage not in _PLAIN:
            return f"invalid usage for client certificate: {usage}"
    return "" if _CLIENT_AUTH in usages else f"missing required usage for client certificate: {_CLIENT_AUTH}"


def _node_client(asked: Asked, usages: Sequence[str]) -> str:
    if asked.organizations != (_NODES,):
        return "subject organization is not system:nodes"
    for kind in (DNS, EMAIL, IP, URI):
        if asked.names[kind]:
            return f"{kind} subjectAltNames are not allowed"
    return _node_name(asked) or _usages(usages, _CLIENT_AUTH)


def _node_serving(asked: Asked, usages: Sequence[str]) -> str:
    if asked.organizations != (_NODES,):
        return "subject organization is not system:nodes"
    if not asked.names[DNS] and not asked.names[IP]:
        return "DNS or IP subjectAltName is required"
    for kind in (EMAIL, URI):
        if asked.names[kind]:
            return f"{kind} subjectAltNames are not allowed"
    return _usages(usages, _SERVER_AUTH) or _node_name(asked)


def _node_name(asked: Asked) -> str:
    named = asked.common_name.startswith(_NODE)
    return "" if named else f"subject common name does not begin with {_NODE}"


def _usages(usages: Sequence[str], purpose: str) -> str:
    wanted = {*_PLAIN, purpose}
    if set(usages) in (wanted, wanted - {"key encipherment"}):
        return ""
    return f"usages did not match [{' '.join(sorted(wanted))}]"


_RULES: Final[Mapping[str, Callable[[Asked, Sequence[str]], str]]] = {
    CLIENT: _client,
    NODE_CLIENT: _node_client,
    NODE_SERVING: _node_serving,
}
