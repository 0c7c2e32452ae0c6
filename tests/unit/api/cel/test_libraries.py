"""The functions of the libraries, one row each, and how they fail."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.cel import types
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import EvaluationError
from podwright.api.cel.frame import Budget
from podwright.api.cel.library.authorization import Question, Verdict, authorizer
from podwright.api.cel.program import Declarations, compile_expression
from podwright.api.cel.values import UInt

from .engine import value

VALUES: list[tuple[str, Any]] = [
    # conversions
    ("int('-5')", -5),
    ("int(5.9)", 5),
    ("int(-5.9)", -5),
    ("int(timestamp('1970-01-01T00:01:00Z'))", 60),
    ("uint(5)", UInt(5)),
    ("double('1.5')", 1.5),
    ("string(1.5)", "1.5"),
    ("string(1e21)", "1e+21"),
    ("string(0.00001)", "1e-05"),
    ("string(1234567.0)", "1.234567e+06"),
    ("string(true)", "true"),
    ("string(b'abc')", "abc"),
    ("string(duration('1h'))", "3600s"),
    ("string(duration('-1500ms'))", "-1.5s"),
    ("string(timestamp('2020-01-02T03:04:05.5+01:00'))", "2020-01-02T02:04:05.5Z"),
    ("bytes('é')", "é".encode()),
    ("bool('true')", True),
    # strings
    ("'hello'.charAt(4)", "o"),
    ("'hello'.charAt(5)", ""),
    ("'hello'.indexOf('l')", 2),
    ("'hello'.indexOf('l', 3)", 3),
    ("'hello'.indexOf('z')", -1),
    ("'hello'.lastIndexOf('l')", 3),
    ("'hello'.lastIndexOf('l', 2)", 2),
    ("'Hello É'.lowerAscii()", "hello É"),
    ("'Hello é'.upperAscii()", "HELLO é"),
    ("'aaa'.replace('a', 'b')", "bbb"),
    ("'aaa'.replace('a', 'b', 2)", "bba"),
    ("'ab'.replace('', '-')", "-a-b-"),
    ("'a,b,c'.split(',')", ["a", "b", "c"]),
    ("'a,b,c'.split(',', 2)", ["a", "b,c"]),
    ("'a,b'.split(',', 0)", []),
    ("'abc'.split('')", ["a", "b", "c"]),
    ("'hello'.substring(1)", "ello"),
    ("'hello'.substring(1, 3)", "el"),
    ("' \\t a b '.trim()", "a b"),
    ("['a', 'b'].join()", "ab"),
    ("['a', 'b'].join('-')", "a-b"),
    ("'hello'.contains('ell')", True),
    ("'hello'.startsWith('he')", True),
    ("'hello'.endsWith('lo')", True),
    ("strings.quote('a\"b\\n')", '"a\\"b\\n"'),
    ("'%s is %d%% of %.1f'.format(['a', 5, 2.25])", "a is 5% of 2.2"),
    ("'%s %s'.format([[1, 'a'], {'k': 1.5}])", '[1, "a"] {"k":1.500000}'),
    ("'%x %X %o %b %e'.format([255, 'hi', 8, true, 1500.0])", "ff 6869 10 1 1.500000\u00d710\u2070\u00b3"),
    ("'%s'.format([null])", "null"),
    ("jsonpatch.escapeKey('a/b~c')", "a~1b~0c"),
    # patterns
    ("'abc'.matches('^a.c$')", True),
    ("matches('abc', 'b')", True),
    ("'abc 123 45'.find('[0-9]+')", "123"),
    ("'abc'.find('[0-9]+')", ""),
    ("'1 22 333'.findAll('[0-9]+')", ["1", "22", "333"]),
    ("'1 22 333'.findAll('[0-9]+', 2)", ["1", "22"]),
    ("('a' + 'a' + 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa!').matches('^(a+)+$')", False),
    # lists and sets
    ("[1, 2, 2].isSorted()", True),
    ("['b', 'a'].isSorted()", False),
    ("[1, 2, 3].sum()", 6),
    ("[0.5, 1.5].sum()", 2.0),
    ("[duration('1s'), duration('2s')].sum() == duration('3s')", True),
    ("[3, 1, 2].max()", 3),
    ("['b', 'a'].min()", "a"),
    ("[1, 2, 1].indexOf(1)", 0),
    ("[1, 2, 1].lastIndexOf(1)", 2),
    ("[3, 1, 2].sort()", [1, 2, 3]),
    ("['bb', 'a'].sortBy(x, x.size())", ["a", "bb"]),
    ("[1, 2, 1].distinct()", [1, 2]),
    ("[1, 2, 3].slice(1, 3)", [2, 3]),
    ("[[1], [2, 3]].flatten()", [1, 2, 3]),
    ("[[[1]], [[2]]].flatten(2)", [1, 2]),
    ("[1, 2].reverse()", [2, 1]),
    ("lists.range(3)", [0, 1, 2]),
    ("[1, 2].first().value()", 1),
    ("[1, 2].last().value()", 2),
    ("sets.contains([1, 2], [2])", True),
    ("sets.equivalent([1, 2, 2], [2, 1])", True),
    ("sets.intersects([1], [2])", False),
    # quantities
    ("quantity('1Gi').isGreaterThan(quantity('500M'))", True),
    ("quantity('500m').isLessThan(quantity('1'))", True),
    ("quantity('1k').compareTo(quantity('1000'))", 0),
    ("quantity('1k') == quantity('1000')", True),
    ("quantity('50k').add(20).asInteger()", 50020),
    ("quantity('50k').sub(quantity('1k')).asInteger()", 49000),
    ("quantity('1500m').isInteger()", False),
    ("quantity('1500m').asApproximateFloat()", 1.5),
    ("quantity('-1').sign()", -1),
    ("isQuantity('1.5Gi')", True),
    ("isQuantity('1.5Zi')", False),
    # URLs
    ("url('https://User@example.com:80/a%20b/c?k=1&k=2&v=#f').getHost()", "example.com:80"),
    ("url('https://example.com:80/').getHostname()", "example.com"),
    ("url('https://[::1]:80/').getHostname()", "::1"),
    ("url('https://[::1]:80/').getPort()", "80"),
    ("url('HTTPS://example.com').getScheme()", "https"),
    ("url('https://example.com/a%20b').getEscapedPath()", "/a%20b"),
    ("url('https://example.com/?k=1&k=2&v=').getQuery()", {"k": ["1", "2"], "v": [""]}),
    ("url('/path').getHost()", ""),
    ("isURL('https://example.com')", True),
    ("isURL('../relative')", False),
    ("isURL('')", False),
    # addresses
    ("ip('127.0.0.1').family()", 4),
    ("ip('::1').family()", 6),
    ("ip('127.0.0.1').isLoopback()", True),
    ("ip('0.0.0.0').isUnspecified()", True),
    ("ip('169.254.1.1').isLinkLocalUnicast()", True),
    ("ip('224.0.0.1').isLinkLocalMulticast()", True),
    ("ip('10.0.0.1').isGlobalUnicast()", True),
    ("ip('255.255.255.255').isGlobalUnicast()", False),
    ("ip('::1') == ip('0:0:0:0:0:0:0:1')", True),
    ("ip.isCanonical('2001:DB8::1')", False),
    ("string(ip('2001:DB8::1'))", "2001:db8::1"),
    ("isIP('::ffff:1.2.3.4')", False),
    ("isIP('fe80::1%eth0')", False),
    ("cidr('10.0.0.0/8').containsIP('10.1.2.3')", True),
    ("cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))", False),
    ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", True),
    ("cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", False),
    ("cidr('10.1.2.3/8').ip() == ip('10.1.2.3')", True),
    ("cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", True),
    ("cidr('10.1.2.3/8').prefixLength()", 8),
    ("string(cidr('10.0.0.0/8'))", "10.0.0.0/8"),
    ("isCIDR('10.0.0.0/33')", False),
    ("isCIDR('10.0.0.0/08')", False),
    # versions
    ("semver('1.2.3').isLessThan(semver('1.10.0'))", True),
    ("semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))", True),
    ("semver('1.0.0-rc.2').isLessThan(semver('1.0.0-rc.10'))", True),
    ("semver('1.0.0+a') == semver('1.0.0+b')", True),
    ("semver('v1.2', true).minor()", 2),
    ("semver('01.02.03', true).patch()", 3),
    ("isSemver('v1.0')", False),
    ("isSemver('v1.0', true)", True),
    # formats
    ("format.dns1123Label().validate('ab-c').hasValue()", False),
    ("format.dns1123Label().validate('Ab').hasValue()", True),
    ("format.dns1123LabelPrefix().validate('ab-').hasValue()", False),
    ("format.named('uuid').value().validate('x').value()", ["does not match the UUID format"]),
    ("format.named('nope').hasValue()", False),
    ("format.date().validate('2020-02-30').hasValue()", True),
    ("format.byte().validate('YWJj').hasValue()", False),
    ("format.uri().validate('x y').hasValue()", True),
]


@pytest.mark.parametrize(("source", "expected"), VALUES, ids=[source for source, _ in VALUES])
def test_value(source: str, expected: Any) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected)


FAILURES: list[tuple[str, str]] = [
    ("'abc'.charAt(4)", "index out of range: 4"),
    ("'abc'.substring(2, 1)", "invalid substring range. start: 2, end: 1"),
    ("'abc'.substring(4)", "index out of range: 4"),
    ("'%d'.format(['a'])", "error during formatting: decimal clause can only be used on integers, was given string"),
    ("'%d %d'.format([1])", "index 1 out of range"),
    ("'%y'.format([1])", 'could not parse formatting clause: unrecognized formatting clause "y"'),
    ("[1].slice(0, 2)", "cannot slice(0, 2), list is length 1"),
    ("[1].filter(x, x > 1).max()", "max called on empty list"),
    ("[9223372036854775807, 1].sum()", "integer overflow"),
    ("'a'.find('(' + '')", "Illegal regex: error parsing regexp: missing ): ("),
    ("quantity('x')", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
    ("quantity('1500m').asInteger()", "cannot convert value to integer"),
    ("url('nope')", 'URL parse error during conversion from string: parse "nope": invalid URI for request'),
    (
        "ip('1.2.3')",
        'IP Address "1.2.3" parse error during conversion from string: ParseAddr("1.2.3"): unable to parse IP',
    ),
    ("ip('::ffff:1.2.3.4')", 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'),
    ("semver('1')", 'Invalid semantic version "1"'),
]


@pytest.mark.parametrize(("source", "message"), FAILURES, ids=[source for source, _ in FAILURES])
def test_failure(source: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value(source)
    assert str(caught.value) == message


def test_asking_for_permission() -> None:
    asked: list[Question] = []

    def answer(question: Question) -> Verdict:
        asked.append(question)
        return Verdict(question.verb == "get", "because")

    declarations = Declarations({"authorizer": Declared(types.AUTHORIZER)})
    source = (
        "authorizer.serviceAccount('ns', 'sa').group('apps').resource('deployments').subresource('scale')"
        ".namespace('ns').name('web').labelSelector('a=b').check('get').allowed()"
        " && authorizer.path('/healthz').check('put').reason() == 'because'"
    )
    program = compile_expression(source, declarations)
    assert program.cost.low > 350_000
    assert program.evaluate({"authorizer": authorizer(answer)}, Budget()) is True
    assert asked[0] == Question(
        verb="get", group="apps", resource="deployments", subresource="scale", namespace="ns", name="web",
        label_selector="a=b", account=("ns", "sa"),
    )  # fmt: skip
    assert asked[1].path == "/healthz"
