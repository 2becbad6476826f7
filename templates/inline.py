"""The source of an inlined Lambda function, verbatim.

CloudFormation writes ``ZipFile`` to ``index.py`` and packs nothing beside it. The
build therefore refuses what could not run there, or what a YAML literal block could
not hold as it is written.
"""

from __future__ import annotations

import ast
import functools
import sys
from pathlib import Path
from typing import Any

LAMBDA_SOURCES = Path(__file__).parent.parent / "lambda_src"

#: "ZipFile": 4 MB ("AWS::Lambda::Function Code", CloudFormation template reference);
#: the set stays far below so that the single file fits the 1 MB template limit.
MAXIMUM_BYTES = 256 * 1024

#: What the Lambda Python runtimes provide besides the standard library ("Building
#: Lambda functions with Python", Lambda Developer Guide).
_PROVIDED = frozenset({"boto3", "botocore"})


class InlineError(Exception):
    """A source that could not run once it is inlined; the message says what to do."""


def source(name: str, *, folder: Path = LAMBDA_SOURCES) -> str:
    """Return the text of ``lambda_src/<name>.py``.

    Raises:
        InlineError: the text imports what Lambda lacks, has no ``handler``, is too
            large, or has characters that a YAML literal block cannot hold.
    """
    path = folder / f"{name}.py"
    text, tree = _parsed(path)
    if foreign := sorted(_imported(tree) - _PROVIDED - sys.stdlib_module_names):
        raise InlineError(
            f"{path} imports {', '.join(foreign)}, which an inlined function does not "
            "have: use the standard library and boto3 only."
        )
    if not any(
        isinstance(node, ast.FunctionDef) and node.name == "handler"
        for node in tree.body
    ):
        raise InlineError(
            f"{path} defines no function handler, which Handler=index.handler names."
        )
    if len(text.encode()) > MAXIMUM_BYTES:
        raise InlineError(f"{path} is larger than {MAXIMUM_BYTES} bytes: shorten it.")
    for number, line in enumerate(text.splitlines(), start=1):
        if line != line.rstrip() or not all(c.isprintable() for c in line):
            raise InlineError(
                f"{path}, line {number}: tabs, control characters and trailing spaces "
                "cannot stand in a YAML literal block: remove them."
            )
    return text


def constant(name: str, constant_name: str) -> Any:
    """Return a literal that ``lambda_src/<name>.py`` assigns at its top level.

    What function and templates must agree on is written once, in the function, which
    can import nothing. It is read, not imported: importing it would cost the build
    the import of boto3.

    Raises:
        InlineError: the file assigns no such literal.
    """
    path = LAMBDA_SOURCES / f"{name}.py"
    for node in _parsed(path)[1].body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == constant_name
            for target in node.targets
        ):
            return ast.literal_eval(node.value)
    raise InlineError(f"{path} assigns no {constant_name} that the templates need.")


@functools.cache
def _parsed(path: Path) -> tuple[str, ast.Module]:
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text, filename=str(path))


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A relative import has no module name: nothing lies beside index.py.
            names.add("." if node.level else (node.module or "").partition(".")[0])
    return names
