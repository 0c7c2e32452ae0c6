"""What is wrong with one field of an object: the values that validation returns and a 422 lists.

A FieldError is a plain value; nothing here decides whether a field is wrong.

    FieldError  type, field path, value, detail  ->  text() `spec.replicas: Invalid value: -1: must be ...`
                                                 ->  cause() one entry of a Status' details.causes
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from podwright.api.quoting import quote, show

FieldErrorType = Literal[
    "Required", "Invalid", "NotSupported", "Duplicate", "Forbidden", "TooLong", "TooMany", "NotFound", "Internal",
    "TypeInvalid",
]  # fmt: skip

# type -> (the machine-readable reason of the cause, the words that open the message, whether the value is shown)
_FORMS: dict[FieldErrorType, tuple[str, str, bool]] = {
    "Required": ("FieldValueRequired", "Required value", False),
    "Invalid": ("FieldValueInvalid", "Invalid value", True),
    "NotSupported": ("FieldValueNotSupported", "Unsupported value", True),
    "Duplicate": ("FieldValueDuplicate", "Duplicate value", True),
    "Forbidden": ("FieldValueForbidden", "Forbidden", False),
    "TooLong": ("FieldValueTooLong", "Too long", False),
    "TooMany": ("FieldValueTooMany", "Too many", True),
    "NotFound": ("FieldValueNotFound", "Not found", True),
    "Internal": ("InternalError", "Internal error", False),
    "TypeInvalid": ("FieldValueTypeInvalid", "Invalid value", True),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem. `field` is a path such as `spec.containers[0].name`; `value` is what was found there."""

    type: FieldErrorType
    field: str
    value: Any = None
    detail: str = ""

    def body(self) -> str:
        """Return the message without the path: `Invalid value: -1: must be ...`."""
        _, words, with_value = _FORMS[self.type]
        parts = [words]
        if with_value:
            parts.append(show(self.value))
        if self.detail:
            parts.append(self.detail)
        return ": ".join(parts)

    def text(self) -> str:
        """Return the message with the path."""
        return f"{self.field or '<nil>'}: {self.body()}"

    def cause(self) -> dict[str, str]:
        """Return the entry for a Status' details.causes."""
        return {"reason": _FORMS[self.type][0], "message": self.body(), "field": self.field or "<nil>"}


def join(errors: Iterable[FieldError]) -> str:
    """Return the texts as one: a single one bare, several in brackets, repeated ones once."""
    texts = list(dict.fromkeys(error.text() for error in errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def required(field: str, detail: str = "") -> FieldError:
    """Return the error of a field that must be there and is not."""
    return FieldError("Required", field, None, detail)


def invalid(field: str, value: Any, detail: str) -> FieldError:
    """Return the error of a value that breaks a rule."""
    return FieldError("Invalid", field, value, detail)


def not_supported(field: str, value: Any, valid: Sequence[str]) -> FieldError:
    """Return the error of a value outside the allowed ones, which are listed in the given order."""
    detail = f"supported values: {', '.join(map(quote, valid))}" if valid else ""
    return FieldError("NotSupported", field, value, detail)


def duplicate(field: str, value: Any) -> FieldError:
    """Return the error of a value that must be unique and is there twice."""
    return FieldError("Duplicate", field, value)


def forbidden(field: str, detail: str) -> FieldError:
    """Return the error of a field that may not be set or changed here."""
    return FieldError("Forbidden", field, None, detail)


def too_long(field: str, value: Any, limit: int) -> FieldError:
    """Return the error of a value longer than `limit` bytes."""
    return FieldError("TooLong", field, value, f"may not be more than {limit} bytes")


def too_many(field: str, count: int, limit: int) -> FieldError:
    """Return the error of a list or map with more than `limit` items."""
    return FieldError("TooMany", field, count, f"must have at most {limit} item{'' if limit == 1 else 's'}")


def not_found(field: str, value: Any, detail: str = "") -> FieldError:
    """Return the error of a reference to something that is not there."""
    return FieldError("NotFound", field, value, detail)


def internal(field: str, detail: str) -> FieldError:
    """Return the error of a field that could not be checked."""
    return FieldError("Internal", field, None, detail)


def type_invalid(field: str, value: Any, detail: str) -> FieldError:
    """Return the error of a value of the wrong type."""
    return FieldError("TypeInvalid", field, value, detail)
