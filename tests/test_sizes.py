"""A module fits 400 lines and a function 60, or it is said why not."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    "benchmarks",
    "gates",
    "lambda_src",
    "local_aws",
    "ops",
    "templates",
    "tests",
)
MODULE_LINES, FUNCTION_LINES = 400, 60

#: What is longer, and why.
LONG_MODULES = {
    "lambda_src/workforce.py": "one inlined file (decision 0004)",
    "tests/deployment/test_deploy_role.py": "two roles, every job and every right",
    "tests/embedded/test_cognito_pools.py": "one topic, a test for each setting",
    "tests/function/test_private_workforce.py": "one resource type, every situation",
    "tests/ops/test_preflight.py": "one command, everything that it looks at",
    "tests/ops/test_verify.py": "one command, every promise that it looks at",
}
LONG_FUNCTIONS = {
    "templates/base.py:_add_user_pool": "one resource with all of its properties",
}


def modules() -> dict[str, str]:
    """Return the text of each module by its path."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    }


def lengths_of_functions(text: str) -> dict[str, int]:
    """Return the lines of each function of a module, the longest of a name."""
    lengths: dict[str, int] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            lengths[node.name] = max(lines, lengths.get(node.name, 0))
    return lengths


def test_what_is_long_has_a_reason_and_no_other_module_has_one() -> None:
    long = {name for name, text in modules().items() if text.count("\n") > MODULE_LINES}
    assert long == LONG_MODULES.keys(), (
        f"A module has at most {MODULE_LINES} lines: split it, or say above why not."
    )


def test_a_long_function_has_a_reason_and_no_other_has_one() -> None:
    long = {
        f"{name}:{function}"
        for name, text in modules().items()
        for function, lines in lengths_of_functions(text).items()
        if lines > FUNCTION_LINES
    }
    assert long == LONG_FUNCTIONS.keys(), (
        f"A function has at most {FUNCTION_LINES} lines: split it, or say why not."
    )


def test_the_recipes_say_the_limits() -> None:
    limits = f"No module has more than {MODULE_LINES} lines, no function more than "
    text = " ".join((ROOT / "CONTRIBUTING.md").read_text("utf-8").split())
    assert f"{limits}{FUNCTION_LINES}" in text


def test_the_lines_of_a_function_are_counted_to_its_end() -> None:
    text = "def short(): pass\n\nasync def longer():\n    a = 1\n    return a\n"
    assert lengths_of_functions(text) == {"short": 1, "longer": 3}
