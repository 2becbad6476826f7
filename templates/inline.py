"""The source of an inlined Lambda function, verbatim.

CloudFormation writes ``ZipFile`` to ``index.py`` and packs nothing beside it. The
build therefore refuses what could not run there, or what a YAML literal block could
not hold as it is written.
"""

from __future__ import annotations

import ast
import functools
import re
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

_LINES = re.MULTILINE | re.DOTALL
_IMPORT = re.compile(r"^\s*(?:import|from(?=.* import ))\s+([\w.]+)", re.MULTILINE)


class InlineError(Exception):
    """A source that could not run once it is inlined; the message says what to do."""


@functools.cache
def source(name: str, *, folder: Path = LAMBDA_SOURCES) -> str:
    """Return the text of ``lambda_src/<name>.py``.

    The text is searched, not parsed: parsing it would be a third of the build, and
    that it is Python is known from its tests.

    Raises:
        InlineError: the text imports what Lambda lacks, has no ``handler``, is too
            large, or has characters that a YAML literal block cannot hold.
    """
    path = folder / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    imported = {found.split(".")[0] or "." for found in _IMPORT.findall(text)}
    if foreign := sorted(imported - _PROVIDED - sys.stdlib_module_names):
        raise InlineError(
            f"{path} imports {', '.join(foreign)}, which an inlined function does not "
            "have: use the standard library and boto3 only."
        )
    if "\ndef handler(" not in f"\n{text}":
        raise InlineError(
            f"{path} defines no function handler, which Handler=index.handler names."
        )
    if len(text.encode()) > MAXIMUM_BYTES:
        raise InlineError(f"{path} is larger than {MAXIMUM_BYTES} bytes: shorten it.")
    for number, line in enumerate(text.splitlines(), start=1):
        if line != line.rstrip() or not line.isprintable():
            raise InlineError(
                f"{path}, line {number}: tabs, control characters and trailing spaces "
                "cannot stand in a YAML literal block: remove them."
            )
    return text


@functools.cache
def constant(name: str, constant_name: str) -> Any:
    """Return a literal that ``lambda_src/<name>.py`` assigns at its top level.

    What function and templates must agree on is written once, in the function, which
    can import nothing. It is read, not imported: importing it would cost the build
    the import of boto3.

    Raises:
        InlineError: the file assigns no such literal.
    """
    found = re.search(rf"^{constant_name} = (.*?)(?=^[^\s)])", source(name), _LINES)
    if found is None or found[1].isspace():
        raise InlineError(
            f"lambda_src/{name}.py assigns no {constant_name} that the templates need."
        )
    return ast.literal_eval(found[1].strip())
