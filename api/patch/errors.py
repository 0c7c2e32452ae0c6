"""Why a patch cannot be applied, and the answer that this is.

    PatchError  kind "bad-request"     the patch is malformed                      400
                kind "unprocessable"   it does not fit the document                422
                kind "too-large"       it asks for more than the server will do    413

The message says what is wrong; no kind is worth a retry with the same patch and document.
"""

from __future__ import annotations

from typing import Literal

from podwright.api import errors

PatchErrorKind = Literal["bad-request", "unprocessable", "too-large"]
_REJECTED = "the server rejected our request due to an error in our request"


class PatchError(Exception):
    """A patch that cannot be applied."""

    def __init__(self, kind: PatchErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: PatchErrorKind = kind
        self.message = message

    def api_error(self) -> errors.ApiError:
        """Return the refusal that a client gets; a patch that does not fit is answered as clients know it."""
        if self.kind == "too-large":
            return errors.too_large(self.message)
        if self.kind == "unprocessable":
            return errors.ApiError(422, "Invalid", _REJECTED, details={})
        return errors.bad_request(self.message)


class FailedTest(PatchError):
    """A `test` operation found something else."""

    def __init__(self, path: str) -> None:
        super().__init__("unprocessable", f"testing value {path} failed")


def bad_request(message: str) -> PatchError:
    """Return the error of a malformed patch."""
    return PatchError("bad-request", message)


def unprocessable(message: str) -> PatchError:
    """Return the error of a patch that does not fit."""
    return PatchError("unprocessable", message)


def too_large(message: str) -> PatchError:
    """Return the error of a patch that asks for too much."""
    return PatchError("too-large", message)
