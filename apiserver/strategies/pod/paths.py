"""Paths inside volumes: relative, and never climbing out with `..`."""

from __future__ import annotations

from podwright.api import field_errors
from podwright.apiserver.strategies.formats import Errors


def no_backsteps(errors: Errors, field: str, path: str) -> None:
    """Check that no element of a path is `..`."""
    if ".." in path and ".." in path.split("/"):
        errors.append(field_errors.invalid(field, path, "must not contain '..'"))


def descending(errors: Errors, field: str, path: str) -> None:
    """Check a relative path that stays below its root."""
    if path.startswith("/"):
        errors.append(field_errors.invalid(field, path, "must be a relative path"))
    no_backsteps(errors, field, path)


def not_reserved(errors: Errors, field: str, path: str) -> None:
    """Check a relative path that does not use the names volumes keep for themselves (`..data`)."""
    descending(errors, field, path)
    if path.startswith("..") and path != ".." and not path.startswith("../"):
        errors.append(field_errors.invalid(field, path, "must not start with '..'"))


def file_mode(errors: Errors, field: str, mode: int | None) -> None:
    """Check permission bits."""
    if mode is not None and not 0 <= mode <= 0o777:
        errors.append(field_errors.invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive"))
