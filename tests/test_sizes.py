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
    "templates/monitoring.py": "alarms and the dashboard that shows the same metrics",
    "templates/workforce.py": "one stack, read from top to bottom in the order made",
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


def test_a_long_module_has_a_reason() -> None:
    long = {name for name, text in modules().items() if text.count("\n") > MODULE_LINES}
    assert long - LONG_MODULES.keys() == set()


def test_a_reason_is_about_a_module_or_a_function_that_is_there() -> None:
    assert LONG_MODULES.keys() - modules().keys() == set()
    for name in LONG_FUNCTIONS:
        module, _, function = name.partition(":")
        assert function in lengths_of_functions(modules()[module])


def test_a_long_function_has_a_reason() -> None:
    long = {
        f"{name}:{function}"
        for name, text in modules().items()
        for function, lines in lengths_of_functions(text).items()
        if lines > FUNCTION_LINES
    }
    assert long - LONG_FUNCTIONS.keys() == set()


def test_the_lines_of_a_function_are_counted_to_its_end() -> None:
    text = "def short(): pass\n\nasync def longer():\n    a = 1\n    return a\n"
    assert lengths_of_functions(text) == {"short": 1, "longer": 3}
