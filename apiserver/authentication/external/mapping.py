"""From the claims of a verified token to a user, or why there is none. Pure.

Claims are somebody else's words: whatever they hold, the outcome is a user or `Refused`. It must never give a user a
group that stays in this process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from podwright.api.cel import types
from podwright.api.cel.declared import Declared
from podwright.api.cel.errors import CelError
from podwright.api.cel.frame import Budget
from podwright.api.cel.program import Declarations, Program, compile_expression
from podwright.apiserver.user import AUTHENTICATED, User, outer

JSON = dict[str, Any]
Part = tuple[str, str, str]
"""A claim, what to put before it, or an expression."""
_COST: Final = 1_000_000
"""What all expressions of a token may cost."""


class Refused(Exception):
    """These claims make no user, or an expression cannot be used. The message says why, and holds no claim."""


class Mapper:
    """What becomes of one issuer's claims."""

    def __init__(
        self,
        *,
        username: Part,
        groups: Part = ("", "", ""),
        uid: Part = ("", "", ""),
        extra: Sequence[tuple[str, str]] = (),
        required: Sequence[tuple[str, str]] = (),
        claim_rules: Sequence[tuple[str, str]] = (),
        user_rules: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Raises Refused for an expression that cannot be used."""
        self._username = username
        self._groups = groups
        self._uid = uid
        self._required = required
        mappings = "claimMappings"
        self._programs = {
            name: _compiled(
                f"{mappings}.{name}.expression", part[2], _CLAIMS, types.STRING, types.list_of(types.STRING)
            )
            for name, part in (("username", username), ("groups", groups), ("uid", uid))
            if part[2]
        }
        self._extra = [
            (key, _compiled(f"{mappings}.extra[{i}].valueExpression", text, _CLAIMS, types.STRING, _TEXTS))
            for i, (key, text) in enumerate(extra)
        ]
        self._claim_rules = [
            (_compiled(f"claimValidationRules[{i}].expression", text, _CLAIMS, types.BOOL), message)
            for i, (text, message) in enumerate(claim_rules)
        ]
        self._user_rules = [
            (_compiled(f"userValidationRules[{i}].expression", text, _USER, types.BOOL), message)
            for i, (text, message) in enumerate(user_rules)
        ]

    def user(self, claims: Mapping[str, Any]) -> User:
        """The user that claims make. Raises Refused."""
        budget = Budget(_COST)
        bound = {"claims": dict(claims)}
        for name, value in self._required:
            if claims.get(name) != value:
                msg = f"the claim {name} has not the required value"
                raise Refused(msg)
        for program, message in self._claim_rules:
            _must_hold(program, bound, budget, message or "a rule for claims does not hold")
        name = self._name(claims, bound, budget)
        groups = self._list("groups", self._groups, claims, bound, budget)
        uid = self._text("uid", self._uid, claims, bound, budget)
        extra = {key: texts for key, one in self._extra if (texts := _texts(_run(one, bound, budget), key))}
        user = User(name, uid, (*outer(groups), AUTHENTICATED), extra)
        if self._user_rules:
            shown = {
                "username": name,
                "uid": uid,
                "groups": list(groups),
                "extra": {k: list(v) for k, v in extra.items()},
            }
            for program, message in self._user_rules:
                _must_hold(program, {"user": shown}, budget, message or "a rule for users does not hold")
        return user

    def _name(self, claims: Mapping[str, Any], bound: JSON, budget: Budget) -> str:
        name = self._text("username", self._username, claims, bound, budget)
        claim, prefix, _ = self._username
        if not name.removeprefix(prefix):
            msg = "the user's name is empty"
            raise Refused(msg)
        if claim == "email" and claims.get("email_verified", True) is not True:
            msg = "the e-mail address is not verified"
            raise Refused(msg)
        return name

    def _text(self, field: str, part: Part, claims: Mapping[str, Any], bound: JSON, budget: Budget) -> str:
        claim, prefix, expression = part
        if not claim and not expression:
            return ""
        value = _run(self._programs[field], bound, budget) if expression else claims.get(claim)
        if not isinstance(value, str):
            msg = f"{field}: the {'expression gives' if expression else f'claim {claim} is'} no text"
            raise Refused(msg)
        return prefix + value

    def _list(self, field: str, part: Part, claims: Mapping[str, Any], bound: JSON, budget: Budget) -> tuple[str, ...]:
        claim, prefix, expression = part
        value = _run(self._programs[field], bound, budget) if expression else claims.get(claim)
        return tuple(prefix + text for text in _texts(value, field))


def _texts(value: Any, where: str) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(text, str) for text in value):
        return tuple(text for text in value if text)
    msg = f"{where}: neither a text nor a list of texts"
    raise Refused(msg)


# -- expressions

_TEXTS: Final = types.list_of(types.STRING)


_CLAIMS: Final = Declarations({"claims": Declared(types.map_of(types.STRING, types.DYN))})
_USER: Final = Declarations({"user": Declared(types.map_of(types.STRING, types.DYN))})


def _compiled(where: str, text: str, declarations: Declarations, *wanted: types.Type) -> Program:
    try:
        program = compile_expression(text, declarations)
    except CelError as error:
        msg = f"{where}: {error}"
        raise Refused(msg) from error
    if program.type not in {*wanted, types.DYN, types.list_of(types.DYN)}:
        msg = f"{where}: must give {' or '.join(map(str, wanted))}, not {program.type}"
        raise Refused(msg)
    return program


def _run(program: Program, bound: JSON, budget: Budget) -> Any:
    try:
        return program.evaluate(bound, budget)
    except CelError as error:
        msg = "an expression fails on these claims"
        raise Refused(msg) from error


def _must_hold(program: Program, bound: JSON, budget: Budget, message: str) -> None:
    if _run(program, bound, budget) is not True:
        raise Refused(message)
