"""Naming rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from podwright.api import names

LABEL = "a lowercase RFC 1123 label must consist of"
SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"


@pytest.mark.parametrize(
    ("check", "good"),
    [
        (names.dns1123_label, ["a", "a-b", "0", "a" * 63]),
        (names.dns1123_subdomain, ["a", "a.b-c.0", "a" * 253]),
        (names.dns1035_label, ["a", "a0-b"]),
        (names.wildcard_subdomain, ["*.a.b"]),
        (names.qualified_name, ["a", "A.b_c-d", "x.y/z", "a" * 63]),
        (names.label_value, ["", "a", "A_b.c-d", "0"]),
        (names.config_key, ["a", ".a", "a_b-c.d", "-", "A" * 253]),
        (names.env_var_name, ["A", "a.b", "1 2", "#"]),
        (names.c_identifier, ["A", "_a1"]),
        (names.percent, ["0%", "100%"]),
        (names.http_header_name, ["X-A"]),
        (names.port_name, ["a", "http-2", "a" * 15]),
        (names.path_segment, ["a:b", "..."]),
        (names.ip_address, ["10.0.0.1", "::1"]),
        (names.cidr, ["10.0.0.0/8", "::/0", "2001:0db8::/32"]),
        (names.fully_qualified, ["a/b"]),
    ],
)
def test_good_names(check: Callable[[str], list[str]], good: list[str]) -> None:
    assert {value: check(value) for value in good} == {value: [] for value in good}


@pytest.mark.parametrize(
    ("check", "value", "starts"),
    [
        (names.dns1123_label, "A", [LABEL]),
        (names.dns1123_label, "", [LABEL]),
        (names.dns1123_label, "a\n", [LABEL]),
        (names.dns1123_label, "ä", [LABEL]),
        (names.dns1123_label, "a" * 64, ["must be no more than 63 characters"]),
        (names.dns1123_subdomain, "a..b", [SUBDOMAIN]),
        (names.dns1123_subdomain, "a.", [SUBDOMAIN]),
        (names.dns1123_subdomain, "A" * 254, ["must be no more than 253 characters", SUBDOMAIN]),
        (names.dns1035_label, "0a", ["a DNS-1035 label must consist of"]),
        (names.wildcard_subdomain, "a.*.b", ["a wildcard DNS-1123 subdomain must start with '*.'"]),
        (names.qualified_name, "", ["name part must be non-empty", "name part must consist of"]),
        (names.qualified_name, "/a", ["prefix part must be non-empty"]),
        (names.qualified_name, "A_B/c", [f"prefix part {SUBDOMAIN}"]),
        (names.qualified_name, "a/b/c", ["a valid label key must consist of"]),
        (names.qualified_name, "é" * 32, ["name part must be no more than 63 bytes", "name part must consist of"]),
        (names.label_value, "a b", ["a valid label must be an empty string or consist of"]),
        (names.label_value, "a" * 64, ["must be no more than 63 bytes"]),
        (names.config_key, "a b", ["a valid config key must consist of"]),
        (names.config_key, "..", ["must not be '..'"]),
        (names.config_key, "..a", ["must not start with '..'"]),
        (names.env_var_name, "a=b", ["a valid environment variable name must consist only"]),
        (names.env_var_name, "", ["a valid environment variable name must consist only"]),
        (names.percent, "5", ["a valid percent string must be"]),
        (names.port_name, "80", ["must contain at least one letter (a-z)"]),
        (names.port_name, "a--b-", ["must not contain consecutive hyphens", "must not begin or end with a hyphen"]),
        (names.path_segment, "a/b%", ["may not contain '/'", "may not contain '%'"]),
        (names.path_segment, "..", ["may not be '..'"]),
        (names.ip_address, "10.0.0.256", ["must be a valid IP address"]),
        (names.ip_address, "fe80::1%eth0", ["must be a valid IP address"]),
        (names.ip_address, "1..2.3", ["must be a valid IP address"]),
        (names.ip_address, "010.1.2.3", ["must not have leading 0s"]),
        (names.ip_address, "::ffff:1.2.3.04", ["must not have leading 0s"]),
        (names.ip_address, "::ffff:1.2.3.4", ["must not be an IPv4-mapped IPv6 address"]),
        (names.cidr, "10.0.0.0", ["must be a valid CIDR value"]),
        (names.cidr, "10.0.0.0/33", ["must be a valid CIDR value"]),
        (names.cidr, "10.0.0.0/255.0.0.0", ["must be a valid CIDR value"]),
        (names.cidr, "10.0.0.0/08", ["must not have leading 0s in IP or prefix length"]),
        (names.cidr, "010.0.0.0/8", ["must not have leading 0s in IP or prefix length"]),
        (names.cidr, "::ffff:10.0.0.0/104", ["must not have an IPv4-mapped IPv6 address"]),
        (names.cidr, "10.0.0.1/8", ["must not have bits set beyond the prefix length"]),
        (names.fully_qualified, "a", ["name is neither a standard finalizer name nor"]),
    ],
)
def test_complaints(check: Callable[[str], list[str]], value: str, starts: list[str]) -> None:
    found = check(value)
    assert len(found) == len(starts), found
    assert all(text.startswith(start) for text, start in zip(found, starts, strict=True)), found


def test_examples_and_expression_are_part_of_the_text() -> None:
    assert names.dns1123_label("A")[0].endswith(
        "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    )


@pytest.mark.parametrize(("prefix", "wanted"), [("a-", "aa"), ("a.", "aa"), ("a", "a"), ("-", "-")])
def test_generated_prefixes(prefix: str, wanted: str) -> None:
    assert names.generated(prefix) == wanted


def test_numbers() -> None:
    assert names.port_number(0) == names.port_number(65536) == ["must be between 1 and 65535, inclusive"]
    assert names.port_number(1) == names.port_number(65535) == []
    assert names.in_range(5, 1, 4) == ["must be between 1 and 4, inclusive"]
