"""The descriptions of fields, read from the source of the module that declares them.

Python keeps no string that follows an attribute, so start-up and memory pay nothing for documentation. The first
question about a class parses its module once. This module must never be used on the path of a request that does
not ask for documentation.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache


@cache
def _module_docs(module: str) -> dict[str, dict[str, str]]:
    """Class name -> attribute -> description, for every class of a module."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _class_docs(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _class_docs(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, after in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            found[line.target.id] = inspect.cleandoc(after.value.value)
    return found


def field_doc(cls: type, attribute: str) -> str:
    """The description of an attribute, looked up along the class's bases; "" if it has none."""
    for base in cls.__mro__:
        if base is not object:
            text = _module_docs(base.__module__).get(base.__name__, {}).get(attribute)
            if text is not None:
                return text
    return ""
