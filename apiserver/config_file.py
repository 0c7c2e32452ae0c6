"""Reads the server's configuration files: one YAML or JSON document of one kind, checked as strictly as a request body.

What is wrong is said with the path of the field. It must never repeat a file's values in an error: some are keys.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import orjson

from podwright.api.model import DecodeError, Problem, check, decode

JSON = dict[str, Any]
_QUOTED = re.compile("'[^']{2,}'")
"""What a parser found, in its words; a single character gives nothing away."""
T = TypeVar("T")


class ConfigFileError(Exception):
    """The file cannot be read or used. The message names it and what is wrong; trying again cannot help."""


def read_config(path: Path, kind: str, api_version: str, cls: type[T]) -> T:
    """Read a file as a document of a kind. Blocking. Raises ConfigFileError."""
    try:
        text = path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise ConfigFileError(msg) from error
    try:
        document, problems = _parse(text)
    except ValueError as error:
        raise refused(path, [f"it is neither YAML nor JSON: {_first_line(error)}"]) from None
    found = (document.get("kind"), document.get("apiVersion"))
    if found != (kind, api_version):
        raise refused(path, [f"it must say kind: {kind} and apiVersion: {api_version}"])
    problems += check(cls, document)
    if problems:
        raise refused(path, [problem.message for problem in problems])
    try:
        return decode(cls, document)
    except DecodeError as error:
        raise refused(path, [str(error)]) from None


def refused(path: Path, why: Sequence[str]) -> ConfigFileError:
    """The error for a file that was read and cannot be used."""
    return ConfigFileError(f"cannot use {path}: {'; '.join(why)}")


def _parse(text: bytes) -> tuple[JSON, list[Problem]]:
    if text.lstrip()[:1] == b"{":  # what the server writes itself: YAML need not be loaded for it
        try:
            return orjson.loads(text), []
        except orjson.JSONDecodeError:
            pass
    from podwright.apiserver.registry.yaml_body import load_yaml

    return load_yaml(text)


def _first_line(error: ValueError) -> str:
    return _QUOTED.sub("'...'", str(error).partition("\n")[0])
