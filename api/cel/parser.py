"""Tokens to a tree, by operator precedence. Macros are expanded while calls are read.

The first syntax error ends the reading. Depth is bounded, so that nothing that walks the tree can exhaust the stack.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from podwright.api.cel import lexer
from podwright.api.cel.errors import CompileError, Issue
from podwright.api.cel.lexer import EOF, MAX_LENGTH, Token
from podwright.api.cel.macros import expand
from podwright.api.cel.nodes import Call, Entry, Ident, ListNode, Literal, MapNode, Node, Select, StructNode, parts_of

MAX_DEPTH: Final = 200

_ORDER: Final = (
    "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "true", "false", "null",
    "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER",
)  # fmt: skip
_STARTS: Final = frozenset(
    {"[", "{", "(", ".", "-", "!", "true", "false", "null", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES",
     "IDENTIFIER"}
)  # fmt: skip
_NAMED: Final = frozenset({"NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER"})
_RELATIONS: Final = {
    "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "==": "_==_", "!=": "_!=_", "in": "@in",
}  # fmt: skip
_SUMS: Final = {"+": "_+_", "-": "_-_"}
_PRODUCTS: Final = {"*": "_*_", "/": "_/_", "%": "_%_"}
_LEVELS: Final[dict[str, tuple[int, str]]] = {
    **{token: (1, name) for token, name in _RELATIONS.items()},
    **{token: (2, name) for token, name in _SUMS.items()},
    **{token: (3, name) for token, name in _PRODUCTS.items()},
}
_RESERVED: Final = frozenset(
    {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
     "namespace", "return", "var", "void", "while"}
)  # fmt: skip
_INT_RANGE: Final = range(-(2**63), 2**63)
_UINT_RANGE: Final = range(2**64)


_TOO_DEEP: Final = Issue(-1, f"expression recursion limit exceeded: {MAX_DEPTH}")


class _Stop(Exception):
    """A syntax error that was reported."""


def parse(source: str) -> Node:
    """Return the tree of an expression. Raises CompileError."""
    if len(source) > MAX_LENGTH:
        message = f"expression code point size exceeds limit: size: {len(source)}, limit {MAX_LENGTH}"
        raise CompileError("", [Issue(-1, message)])
    issues: list[Issue] = []
    parser = _Parser(lexer.tokens_of(source, issues), issues)
    root: Node | None = None
    try:
        root = parser.expression()
        parser.finish()
    except _Stop:
        pass
    except RecursionError:
        issues.append(_TOO_DEEP)
    if issues or root is None:
        raise CompileError(source, issues)
    if _height(root) > MAX_DEPTH:
        raise CompileError(source, [_TOO_DEEP])
    return root


def _height(root: Node) -> int:
    level, height = [root], 0
    while level:
        height += 1
        level = [part for node in level for part in parts_of(node)]
    return height


class _Parser:
    __slots__ = ("_at", "_depth", "_issues", "_tokens")

    def __init__(self, tokens: list[Token], issues: list[Issue]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._issues = issues

    def finish(self) -> None:
        """Expect the end of the text."""
        token = self._tokens[self._at]
        if token.kind != EOF:
            follows = self._tokens[self._at + 1].kind
            word = "extraneous" if follows == EOF else "mismatched"
            self._fail(token, f"{word} input '{token.text}' expecting <EOF>")

    def expression(self, *also: str) -> Node:
        """Read a whole expression; `also` are tokens that could stand here instead, for the error."""
        self._deeper()
        condition = self._either(also)
        token = self._tokens[self._at]
        if token.kind == "?":
            self._at += 1
            then = self._either(())
            self._expect(":")
            condition = Call(token.at, "_?_:_", None, [condition, then, self.expression()])
        self._depth -= 1
        return condition

    def _either(self, also: tuple[str, ...]) -> Node:
        terms = [self._both(also)]
        at = 0
        while self._tokens[self._at].kind == "||":
            at = at or self._tokens[self._at].at
            self._at += 1
            terms.append(self._both(()))
        return terms[0] if len(terms) == 1 else Call(at, "_||_", None, terms)

    def _both(self, also: tuple[str, ...]) -> Node:
        terms = [self._binary(1, also)]
        at = 0
        while self._tokens[self._at].kind == "&&":
            at = at or self._tokens[self._at].at
            self._at += 1
            terms.append(self._binary(1, ()))
        return terms[0] if len(terms) == 1 else Call(at, "_&&_", None, terms)

    def _binary(self, level: int, also: tuple[str, ...] = ()) -> Node:
        left = self._unary(also)
        height = 0
        while True:
            token = self._tokens[self._at]
            found = _LEVELS.get(token.kind)
            if found is None or found[0] < level:
                self._depth -= height
                return left
            self._at += 1
            self._deeper()
            height += 1
            left = Call(token.at, found[1], None, [left, self._binary(found[0] + 1)])

    def _unary(self, also: tuple[str, ...]) -> Node:
        token = self._tokens[self._at]
        if token.kind not in {"!", "-"}:
            return self._member(also)
        if token.kind == "-" and self._tokens[self._at + 1].kind in {"NUM_INT", "NUM_FLOAT"}:
            return self._member(also)
        count = 0
        while self._tokens[self._at].kind == token.kind:
            count += 1
            self._at += 1
        if token.kind == "-" and count > 1 and self._tokens[self._at].kind in {"NUM_INT", "NUM_FLOAT"}:
            count, self._at = count - 1, self._at - 1
        operand = self._member(())
        name = "!_" if token.kind == "!" else "-_"
        return operand if count % 2 == 0 else Call(token.at, name, None, [operand])

    def _member(self, also: tuple[str, ...]) -> Node:
        node = self._primary(also)
        height = 0
        while True:
            token = self._tokens[self._at]
            if token.kind == ".":
                node = self._selection(node, token)
            elif token.kind == "[":
                node = self._index(node, token)
            else:
                self._depth -= height
                return node
            self._deeper()
            height += 1

    def _selection(self, operand: Node, dot: Token) -> Node:
        self._at += 1
        optional = self._tokens[self._at].kind == "?"
        if optional:
            self._at += 1
        name = self._tokens[self._at]
        if name.kind == "ESC_IDENTIFIER":
            self._fail(name, "unsupported syntax: '`'", syntax=False)
        if name.kind != "IDENTIFIER":
            text = "" if name.kind == EOF else name.text
            self._fail(name, f"no viable alternative at input '.{text}'")
        self._at += 1
        opening = self._tokens[self._at]
        if optional:
            return Call(dot.at, "_?._", None, [operand, Literal(name.at, name.text)])
        if opening.kind != "(":
            return Select(dot.at, operand, name.text)
        self._at += 1
        return self._called(opening, name.text, operand)

    def _index(self, operand: Node, bracket: Token) -> Node:
        self._at += 1
        optional = self._tokens[self._at].kind == "?"
        if optional:
            self._at += 1
        index = self.expression() if optional else self.expression("?")
        self._expect("]")
        return Call(bracket.at, "_[?_]" if optional else "_[_]", None, [operand, index])

    def _called(self, opening: Token, name: str, target: Node | None) -> Node:
        args: list[Node] = []
        if self._tokens[self._at].kind != ")":
            args.append(self.expression(")"))
            while self._tokens[self._at].kind == ",":
                self._at += 1
                args.append(self.expression())
        self._expect(")")
        made = expand(opening.at, name, target, args)
        if isinstance(made, Issue):
            self._issues.append(made)
            made = None
        return made or Call(opening.at, name, target, args)

    def _primary(self, also: tuple[str, ...]) -> Node:
        token = self._tokens[self._at]
        if token.kind not in _STARTS or token.kind == "!":
            self._unexpected(token, also)
        reader = self._primaries.get(token.kind)
        if reader is not None:
            self._at += 1
            return reader(self, token)
        return self._literal(token)

    def _named(self, token: Token) -> Node:
        leading = token.kind == "."
        if leading:
            token = self._tokens[self._at]
            if token.kind != "IDENTIFIER":
                self._fail(token, f"no viable alternative at input '.{'' if token.kind == EOF else token.text}'")
            self._at += 1
        message = self._message_name(token)
        if message:
            return self._message(message)
        opening = self._tokens[self._at]
        if opening.kind == "(":
            self._at += 1
            return self._called(opening, token.text, None)
        if token.text in _RESERVED:
            self._issues.append(Issue(token.at, f"reserved identifier: {token.text}"))
        return Ident(token.at, token.text)

    def _message_name(self, token: Token) -> str:
        """Return the dotted name before a `{`, having read it, or "" and nothing read."""
        at, parts = self._at, [token.text]
        while self._tokens[at].kind == "." and self._tokens[at + 1].kind == "IDENTIFIER":
            parts.append(self._tokens[at + 1].text)
            at += 2
        if self._tokens[at].kind != "{":
            return ""
        self._at = at
        return ".".join(parts)

    def _message(self, name: str) -> Node:
        brace = self._expect("{")
        entries: list[Entry] = []
        while self._tokens[self._at].kind != "}":
            optional = self._question()
            field = self._tokens[self._at]
            if field.kind != "IDENTIFIER":
                self._unexpected(field, (), starts=frozenset({"}", ",", "?", "IDENTIFIER"}))
            self._at += 1
            colon = self._expect(":")
            entries.append(Entry(colon.at, Literal(field.at, field.text), self.expression(), optional))
            if not self._comma("}"):
                break
        self._expect("}")
        return StructNode(brace.at, name, entries)

    def _parenthesis(self, _token: Token) -> Node:
        inner = self.expression()
        self._expect(")")
        return inner

    def _list(self, token: Token) -> Node:
        items: list[Node] = []
        optional: set[int] = set()
        if self._tokens[self._at].kind == ",":
            self._at += 1
        else:
            while self._tokens[self._at].kind != "]":
                if self._question():
                    optional.add(len(items))
                items.append(self.expression("]", ",", "?"))
                if not self._comma("]"):
                    break
        self._expect("]")
        return ListNode(token.at, items, frozenset(optional))

    def _map(self, token: Token) -> Node:
        entries: list[Entry] = []
        if self._tokens[self._at].kind == ",":
            self._at += 1
        else:
            while self._tokens[self._at].kind != "}":
                optional = self._question()
                key = self.expression("}", ",", "?")
                colon = self._expect(":")
                entries.append(Entry(colon.at, key, self.expression(), optional))
                if not self._comma("}"):
                    break
        self._expect("}")
        return MapNode(token.at, entries)

    def _literal(self, token: Token) -> Node:
        self._at += 1
        negative = token.kind == "-"
        number = token
        if negative:
            number = self._tokens[self._at]
            if number.kind not in {"NUM_INT", "NUM_FLOAT"}:
                self._unexpected(token, ())
            self._at += 1
        try:
            value = _value(number, negative=negative)
        except (ValueError, OverflowError) as error:
            self._issues.append(Issue(token.at, str(error)))
            value = None
        return Literal(token.at, value)

    def _question(self) -> bool:
        if self._tokens[self._at].kind != "?":
            return False
        self._at += 1
        return True

    def _comma(self, closing: str) -> bool:
        token = self._tokens[self._at]
        if token.kind == ",":
            self._at += 1
            return True
        if token.kind != closing:
            self._fail(token, f"mismatched input '{token.text}' expecting {{'{closing}', ','}}")
        return False

    def _expect(self, kind: str) -> Token:
        token = self._tokens[self._at]
        if token.kind != kind:
            if token.kind == EOF and kind != ":":
                self._fail(token, f"missing '{kind}' at '<EOF>'")
            follows = self._tokens[min(self._at + 1, len(self._tokens) - 1)].kind
            self._fail(
                token, f"{'extraneous' if follows == kind else 'mismatched'} input '{token.text}' expecting '{kind}'"
            )
        self._at += 1
        return token

    def _unexpected(self, token: Token, also: tuple[str, ...], starts: frozenset[str] = _STARTS) -> None:
        expected = starts | set(also)
        shown = ", ".join(kind if kind in _NAMED else f"'{kind}'" for kind in _ORDER if kind in expected)
        follows = self._tokens[min(self._at + 1, len(self._tokens) - 1)].kind
        word = "extraneous" if follows in expected and token.kind != EOF else "mismatched"
        self._fail(token, f"{word} input '{token.text}' expecting {{{shown}}}")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._issues.append(_TOO_DEEP)
            raise _Stop

    def _fail(self, token: Token, message: str, *, syntax: bool = True) -> None:
        self._issues.append(Issue(token.at, f"Syntax error: {message}" if syntax else message))
        raise _Stop

    _primaries: ClassVar[dict[str, Callable[[_Parser, Token], Node]]] = {
        "IDENTIFIER": _named,
        ".": _named,
        "(": _parenthesis,
        "[": _list,
        "{": _map,
    }


def _value(token: Token, *, negative: bool) -> object:
    from podwright.api.cel.values import UInt

    if token.kind == "NUM_INT":
        number = int(token.text, 16 if token.text[:2] == "0x" else 10)
        number = -number if negative else number
        if number not in _INT_RANGE:
            msg = "invalid int literal"
            raise ValueError(msg)
        return number
    if token.kind == "NUM_UINT":
        number = int(token.text[:-1], 16 if token.text[:2] == "0x" else 10)
        if number not in _UINT_RANGE:
            msg = "invalid uint literal"
            raise ValueError(msg)
        return UInt(number)
    if token.kind == "NUM_FLOAT":
        found = float(token.text)
        if found == float("inf"):
            msg = "invalid double literal"
            raise ValueError(msg)
        return -found if negative else found
    if token.kind == "STRING":
        return lexer.string_value(token.text)
    if token.kind == "BYTES":
        return lexer.bytes_value(token.text)
    return {"true": True, "false": False, "null": None}[token.kind]
