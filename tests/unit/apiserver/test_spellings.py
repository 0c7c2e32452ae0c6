"""Odd spellings of addresses and ranges are warned of with the one spelling they should have."""

from __future__ import annotations

import pytest
from strategy_writes import JSON, create

from podwright.apiserver.strategies.spellings import cidr_warnings, ip_warnings


@pytest.mark.parametrize(
    ("value", "warning"),
    [
        ("10.0.0.1", ""),
        ("0.0.0.0", ""),
        ("2001:db8::1", ""),
        ("::", ""),
        ("", ""),
        ("no address", ""),
        ("2001:DB8:0:0::1", 'IPv6 address "2001:DB8:0:0::1" should be in RFC 5952 canonical format ("2001:db8::1")'),
        ("1::0:0:1:0:0:1", 'IPv6 address "1::0:0:1:0:0:1" should be in RFC 5952 canonical format ("1::1:0:0:1")'),
        ("010.2.03.4", 'non-standard IP address "010.2.03.4" is invalid: use "10.2.3.4"'),
        ("::ffff:1.2.3.4", 'non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"'),
        ("::ffff:102:304", 'non-standard IP address "::ffff:102:304" is invalid: use "1.2.3.4"'),
    ],
)
def test_addresses(value: str, warning: str) -> None:
    assert ip_warnings("p", value) == ([f"p: {warning}"] if warning else [])


@pytest.mark.parametrize(
    ("value", "warnings"),
    [
        ("10.0.0.0/8", []),
        ("0.0.0.0/0", []),
        ("2001:db8::/32", []),
        ("", []),
        ("10.0.0.0", []),
        ("10.0.0.0/33", []),
        ("10.0.0.0/x", []),
        (
            "10.0.0.1/8",
            ['CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'],
        ),
        ("010.0.0.0/8", ['non-standard CIDR value "010.0.0.0/8" is invalid: use "10.0.0.0/8"']),
        ("10.0.0.0/08", ['non-standard CIDR value "10.0.0.0/08" is invalid: use "10.0.0.0/8"']),
        ("::ffff:1.2.3.0/120", ['non-standard CIDR value "::ffff:1.2.3.0/120" is invalid: use "1.2.3.0/24"']),
        (
            "010.0.0.1/8",
            [
                'CIDR value "010.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
                'non-standard CIDR value "010.0.0.1/8" is invalid: use "10.0.0.0/8"',
            ],
        ),
        (
            "2001:DB8:0::/32",
            ['IPv6 CIDR value "2001:DB8:0::/32" should be in RFC 5952 canonical format ("2001:db8::/32")'],
        ),
    ],
)
def test_ranges(value: str, warnings: list[str]) -> None:
    assert cidr_warnings("p", value) == [f"p: {text}" for text in warnings]


_SLICE = {"addressType": "IPv6", "endpoints": [{"addresses": ["fd00::1", "FD00::1"]}]}
_SUBSETS = {"subsets": [{"addresses": [{"ip": "1.2.3.4"}], "notReadyAddresses": [{"ip": "FD00::1"}]}]}
_BLOCK = {"ipBlock": {"cidr": "FD00::/16", "except": ["fd00:0::/64"]}}
_POLICY = {
    "spec": {"podSelector": {}, "ingress": [{"from": [_BLOCK]}], "egress": [{"to": [{"podSelector": {}}, _BLOCK]}]}
}


@pytest.mark.parametrize(
    ("plural", "group", "body", "paths"),
    [
        ("endpointslices", "discovery.k8s.io", _SLICE, ["endpoints[0].addresses[1]"]),
        ("endpoints", "", _SUBSETS, ["subsets[0].notReadyAddresses[0].ip"]),
        (
            "networkpolicies",
            "networking.k8s.io",
            _POLICY,
            [
                "spec.ingress[0].from[0].ipBlock.cidr",
                "spec.ingress[0].from[0].ipBlock.except[0]",
                "spec.egress[0].to[1].ipBlock.cidr",
                "spec.egress[0].to[1].ipBlock.except[0]",
            ],
        ),
    ],
    ids=["slice", "endpoints", "policy"],
)
def test_kinds_that_name_addresses(plural: str, group: str, body: JSON, paths: list[str]) -> None:
    said = create(plural, {"metadata": {"name": "a"}, **body}, group).warnings
    assert [text.partition(": ")[0] for text in said] == paths
