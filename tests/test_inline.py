"""What is tested is what ships: the template holds the function as its file does."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from templates import inline
from tests.templates_as_data import rendered, resources_of_type, template

SOURCE = inline.LAMBDA_SOURCES / "workforce.py"
WITH_FUNCTION = ["workforce.yaml", "private-workforce.yaml"]


def zip_file(name: str) -> str:
    (function,) = resources_of_type(name, "AWS::Lambda::Function").values()
    text: str = function["Properties"]["Code"]["ZipFile"]
    return text


@pytest.mark.parametrize("name", WITH_FUNCTION)
def test_the_inlined_function_is_the_file_to_the_byte(name: str) -> None:
    assert zip_file(name) == SOURCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", WITH_FUNCTION)
def test_the_template_shows_the_function_as_readable_lines(name: str) -> None:
    assert "ZipFile: |\n" in rendered()[name]
    assert "          def handler(event: Any, context: Any)" in rendered()[name]


@pytest.mark.parametrize("name", WITH_FUNCTION)
def test_the_handler_is_in_the_file_that_cloudformation_names_index(name: str) -> None:
    (function,) = resources_of_type(name, "AWS::Lambda::Function").values()
    assert function["Properties"]["Handler"] == "index.handler"


def test_the_inlined_text_runs_as_a_module_called_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = types.ModuleType("index")
    # A dataclass looks its module up by name.
    monkeypatch.setitem(sys.modules, "index", index)
    code = compile(zip_file("workforce.yaml"), "index.py", "exec")
    exec(code, index.__dict__)  # noqa: S102 (what Lambda does with it)
    assert callable(index.handler)
    custom = {
        resource["Type"]
        for resource in template("workforce.yaml")["Resources"].values()
        if resource["Type"].startswith("Custom::")
    }
    assert index.RESOURCES.keys() == custom


HANDLER = "def handler(event, context):\n    pass\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"import requests\n{HANDLER}", "imports requests"),
        (f"from lambda_src import other\n{HANDLER}", "imports lambda_src"),
        (f"from . import other\n{HANDLER}", r"imports \."),
        (f"def lazily():\n    import requests\n{HANDLER}", "imports requests"),
        (f"try:\n    pass\nfinally:\n    import requests\n{HANDLER}", "requests"),
        ("def other():\n    pass\n", "defines no function handler"),
        (f"{HANDLER}# tab:\there\n", "line 3: tabs"),
        (f"{HANDLER}# trailing \n", "line 3: tabs"),
        (f"{HANDLER}# {'x' * inline.MAXIMUM_BYTES}\n", "larger than"),
    ],
)
def test_a_source_that_could_not_run_inlined_is_refused(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "broken.py").write_text(text)
    with pytest.raises(inline.InlineError, match=complaint):
        inline.source("broken", folder=tmp_path)


def test_a_constant_that_the_function_lacks_is_said() -> None:
    with pytest.raises(inline.InlineError, match="assigns no NO_SUCH_CONSTANT"):
        inline.constant("workforce", "NO_SUCH_CONSTANT")
