"""Text to tokens. Linear in the length of the text; what is no token is reported and skipped.

Token names are those that syntax errors list. Nothing here knows grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from podwright.api.cel.errors import Issue

MAX_LENGTH: Final = 100_000

EOF: Final = "<EOF>"
_ESCAPE = r"""\\(?:[abfnrtv"'\\?`]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})"""
_STRING = (
    rf'[rR]"""(?s:.)*?"""|[rR]\'\'\'(?s:.)*?\'\'\'|[rR]"[^"\n\r]*"|[rR]\'[^\'\n\r]*\''
    rf'|"""(?:{_ESCAPE}|[^\\])*?"""|\'\'\'(?:{_ESCAPE}|[^\\])*?\'\'\''
    rf'|"(?:{_ESCAPE}|[^\\"\n\r])*"|\'(?:{_ESCAPE}|[^\\\'\n\r])*\''
)
_TOKEN: Final = re.compile(
    rf"""(?P<SPACE>[\t \r\n\f]+|//[^\n]*)
    |(?P<BYTES>[bB](?:{_STRING}))
    |(?P<STRING>{_STRING})
    |(?P<NUM_FLOAT>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<NUM_UINT>0x[0-9a-fA-F]+[uU]|[0-9]+[uU])
    |(?P<NUM_INT>0x[0-9a-fA-F]+|[0-9]+)
    |(?P<IDENTIFIER>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<ESC_IDENTIFIER>`[A-Za-z0-9_./\- ]+`)
    |(?P<OPERATOR>==|!=|<=|>=|&&|\|\||[<>\[\]{{}}().,\-!?:+*/%])""".replace("\n    ", ""),
)
_WORDS: Final = frozenset({"in", "true", "false", "null"})
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED: Final = re.compile(r"\\([0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `kind` is the operator or word itself, or a name such as NUM_INT."""

    kind: str
    text: str
    at: int


def tokens_of(source: str, issues: list[Issue]) -> list[Token]:
    """Return the tokens of a text, the last being EOF; what is none is added to `issues`."""
    found: list[Token] = []
    at, end = 0, len(source)
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            stop = _unrecognized(source, at)
            issues.append(Issue(at, f"Syntax error: token recognition error at: '{source[at:stop]}'"))
            at = stop
            continue
        kind, text = match.lastgroup or "", match.group()
        if kind != "SPACE":
            name = text if kind == "OPERATOR" or (kind == "IDENTIFIER" and text in _WORDS) else kind
            found.append(Token(name, text, at))
        at = match.end()
    found.append(Token(EOF, EOF, end))
    return found


def _unrecognized(source: str, at: int) -> int:
    """Return the end of what a scanner reads before it notices: a lone `|` or `&` or `=` takes one more character."""
    if source[at] in "|&=":
        return min(at + 2, len(source))
    if source[at] not in "\"'":
        return at + 1
    stop = at + 1
    while stop < len(source) and source[stop] not in (source[at], "\n", "\r"):
        stop += 1
    return stop


def string_value(text: str) -> str:
    """Return the string that a literal denotes. Raises ValueError for a code point that does not exist."""
    body, raw = _body(text)
    return body if raw else _ESCAPED.sub(_character, body)


def bytes_value(text: str) -> bytes:
    """Return the bytes that a literal denotes: its octal and hexadecimal escapes are bytes. Raises ValueError."""
    body, raw = _body(text[1:])
    if raw:
        return body.encode("utf-8")
    made = bytearray()
    last = 0
    for match in _ESCAPED.finditer(body):
        made += body[last : match.start()].encode("utf-8")
        escape = match.group(1)
        if escape[0] in "uU":
            msg = "unicode escapes are not allowed in bytes"
            raise ValueError(msg)
        made.append(ord(_character(match)))
        last = match.end()
    return bytes(made + body[last:].encode("utf-8"))


def _body(text: str) -> tuple[str, bool]:
    raw = text[0] in "rR"
    text = text[1:] if raw else text
    quotes = 3 if text[:3] in {'"""', "'''"} else 1
    return text[quotes:-quotes], raw


def _character(match: re.Match[str]) -> str:
    escape = match.group(1)
    if len(escape) == 1:
        return _SIMPLE.get(escape, escape)
    code = int(escape[1:], 16) if escape[0] in "xXuU" else int(escape, 8)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        msg = "invalid unicode code point"
        raise ValueError(msg)
    return chr(code)
