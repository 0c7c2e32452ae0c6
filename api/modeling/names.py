"""From a Python attribute to the name on the wire: `pod_ips` -> `podIPs`.

The API writes initialisms in capitals, in its own uneven way (`podIP` but `seLinuxOptions`), so the words that
are not simply capitalised stand in one table. The first word is always lower case. A name that follows no rule
at all carries `Wire("...")` instead. This module must never look at values, only at names.
"""

from __future__ import annotations

_WORDS: dict[str, str] = {
    "api": "API",
    "cidr": "CIDR",
    "cidrs": "CIDRs",
    "fqdn": "FQDN",
    "id": "ID",
    "io": "IO",
    "ip": "IP",
    "ipc": "IPC",
    "ips": "IPs",
    "pid": "PID",
    "tls": "TLS",
    "uri": "URI",
    "urls": "URLs",
    "uuid": "UUID",
    "wwns": "WWNs",
}


def json_name(attribute: str) -> str:
    """Return the wire name of a snake_case attribute; a trailing underscore only dodges a Python keyword."""
    first, *rest = attribute.removesuffix("_").split("_")
    return first + "".join(_WORDS.get(word) or word.capitalize() for word in rest)
