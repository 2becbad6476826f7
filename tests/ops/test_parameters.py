"""The parameter file: flat, taken as written, checked before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops import parameters
from ops.errors import OperatorError

ROOT = Path(__file__).resolve().parents[2]
FILE = Path("parameters.yaml")
DECLARED = parameters.declared_in(ROOT / "dist" / "root.yaml")


def read(tmp_path: Path, text: str) -> dict[str, str]:
    file = tmp_path / "parameters.yaml"
    file.write_text(text, encoding="utf-8")
    return parameters.read(file)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A: 60", "60"),
        ("A: 012", "012"),
        ("A: yes", "yes"),
        ("A: 2026-11-24", "2026-11-24"),
        ("A: 1.50", "1.50"),
        ("A: ''", ""),
        ("A:", ""),
        ("A: [ada@example.com, alan@example.com]", "ada@example.com,alan@example.com"),
        ("A: []", ""),
        ("A: >-\n  one\n  line", "one line"),
    ],
)
def test_a_value_is_taken_as_it_is_written(
    tmp_path: Path, text: str, value: str
) -> None:
    assert read(tmp_path, text) == {"A": value}


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing yet\n") == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("A: 1\nA: 2", r"names A twice \(line 2\)"),
        ("- A", "is not a mapping"),
        ("A: {B: 1}", r"A is neither a value nor a list of values \(line 1\)"),
        ("A: [[1]]", "A is neither a value nor a list"),
        ("A: [1", r"is not YAML \(line 1\)"),
        ("A: !!python/name:os.system ''\nB: @", r"is not YAML \(line 2\)"),
    ],
)
def test_what_is_not_a_flat_mapping_is_refused(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(OperatorError, match=complaint):
        read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        parameters.read(tmp_path / "missing.yaml")


def test_a_template_that_was_not_built_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="`make build` writes it"):
        parameters.declared_in(tmp_path / "root.yaml")


def test_the_example_is_accepted_by_the_template() -> None:
    example = parameters.read(ROOT / "parameters.example.yaml")
    assert parameters.problems(example, DECLARED, FILE) == []


@pytest.mark.parametrize(
    "values",
    [
        {"DomainPrefix": "My_Prefix"},
        {"DomainPrefix": "my-aws-portal"},
        {"WorkerEmails": "ada@example"},
        {"SourceCidrs": ",".join(["192.0.2.0/24"] * 11)},
        {"AccessTokenValidityInMinutes": "4"},
        {"LogRetentionInDays": "31"},
    ],
)
def test_what_cloudformation_would_refuse_is_said_with_what_is_allowed(
    values: dict[str, str],
) -> None:
    (problem,) = parameters.problems(values, DECLARED, FILE)
    (name,) = values
    assert name in problem.fact
    said = DECLARED[name].get("ConstraintDescription", "It must be one of 1, 3, 5")
    assert problem.mend.startswith(said)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    (problem,) = parameters.problems({"DomainPrefx": "a"}, DECLARED, FILE)
    assert "DomainPrefx" in problem.fact
    assert "DomainPrefix" in problem.mend


def test_a_value_over_4096_bytes_is_refused_and_bytes_are_counted() -> None:
    declared = {"A": {"Type": "String"}}
    assert parameters.problems({"A": "é" * 2048}, declared, FILE) == []
    (problem,) = parameters.problems({"A": "é" * 2048 + "e"}, declared, FILE)
    assert "4097 bytes" in problem.mend


def test_a_pattern_holds_for_the_whole_value() -> None:
    declared = {"A": {"Type": "String", "AllowedPattern": "[a-z]+"}}
    assert parameters.problems({"A": "abc"}, declared, FILE) == []
    for value in ("abc1", "1abc", "abc\n"):
        (problem,) = parameters.problems({"A": value}, declared, FILE)
        assert problem.mend == "It must match [a-z]+."


def test_all_problems_are_found_at_once() -> None:
    values = {"Unknown": "", "DomainPrefix": "My_Prefix", "SourceCidrs": "1"}
    assert len(parameters.problems(values, DECLARED, FILE)) == 3


def test_what_the_stack_keeps_is_what_the_file_leaves_out_and_no_default() -> None:
    declared: dict[str, dict[str, Any]] = {
        "A": {"Default": "1"},
        "B": {"Default": 2},
        "C": {},
    }
    deployed = {"A": "9", "B": "2", "C": "x", "Removed": "y"}
    assert parameters.kept({}, declared, deployed) == {"A": "9", "C": "x"}
    assert parameters.kept({"A": "9", "C": ""}, declared, deployed) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "A: new\n"),
        ("# ours\nB: 1", "# ours\nB: 1\nA: new\n"),
        ("A: old # why\nB: [1, 2]\n", "A: new # why\nB: [1, 2]\n"),
        ("A:\nB: 1\n", "A: new\nB: 1\n"),
        ('B: 1\n"A": "old"\n', 'B: 1\n"A": new\n'),
        ("{A: old, B: 1}\n", "{A: new, B: 1}\n"),
        ("# ours\nA: new  # kept\n", "# ours\nA: new  # kept\n"),
    ],
)
def test_a_value_is_written_and_everything_else_stays(
    tmp_path: Path, before: str, after: str
) -> None:
    file = tmp_path / "parameters.yaml"
    file.write_text(before)
    parameters.write(file, "A", "new")
    assert file.read_text() == after
    assert parameters.read(file)["A"] == "new"


def test_a_parameter_file_that_is_missing_is_made(tmp_path: Path) -> None:
    parameters.write(tmp_path / "parameters.yaml", "A", "new")
    assert parameters.read(tmp_path / "parameters.yaml") == {"A": "new"}


@pytest.mark.parametrize("before", ["{B: 1}\n", "B: 1\n...\n"])
def test_a_file_in_another_style_is_left_alone(tmp_path: Path, before: str) -> None:
    file = tmp_path / "parameters.yaml"
    file.write_text(before)
    with pytest.raises(OperatorError, match="Write `A: new` into it yourself"):
        parameters.write(file, "A", "new")
    assert file.read_text() == before


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be written"):
        parameters.write(tmp_path / "missing" / "parameters.yaml", "A", "new")
