"""The diagram shows what the templates hold, all that matters, and stays small."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
from troposphere import (
    GetAtt,
    Output,
    Parameter,
    Ref,
    Sub,
    Template,
    awslambda,
    cloudformation,
    cloudwatch,
    sns,
)

import build
from templates import diagram
from templates.rendering import Definition

ARROW = re.compile(r"^ +(\w+) [-=]+>(?:\|[^|]*\|)? (\w+)$", re.M)
NODE = re.compile(r"^ +(\w+)\[\"(.*)\"\]$", re.M)


@functools.cache
def drawn() -> str:
    return diagram.render(build.definitions())


def small_set(*, alarms: int = 1, condition: str = "") -> dict[str, Definition]:
    """Return a set of two stacks: a topic, and alarms that notify it."""
    base, other, root = Template(), Template(), Template()
    base.add_resource(sns.Topic("Topic"))
    base.add_output(Output("TopicArn", Value=Ref("Topic")))
    other.add_parameter(Parameter("TopicArn", Type="String"))
    for number in range(alarms):
        alarm = cloudwatch.Alarm(
            f"Alarm{number}",
            Statistic="Sum",
            AlarmActions=[Ref("TopicArn")],
            Dimensions=[
                cloudwatch.MetricDimension(Name="F", Value=Sub("${Function.Arn}"))
            ],
        )
        if condition:
            alarm.resource["Condition"] = condition
        other.add_resource(alarm)
    code = awslambda.Code(ZipFile="pass")
    other.add_resource(
        awslambda.Function("Function", Code=code, Role="r", Runtime="python3.13")
    )
    root.add_resource(cloudformation.Stack("BaseStack", TemplateURL="base.yaml"))
    root.add_resource(
        cloudformation.Stack(
            "OtherStack",
            TemplateURL="other.yaml",
            Parameters={"TopicArn": GetAtt("BaseStack", "Outputs.TopicArn")},
        )
    )
    templates = {"root.yaml": root, "base.yaml": base, "other.yaml": other}
    return {name: template.to_dict() for name, template in templates.items()}


def test_each_resource_is_drawn_in_its_stack_or_serves_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diagram, "MOST_NAMES", 1000)
    templates = build.definitions()
    drawing = diagram.render(templates)
    for name in ("base", "workforce"):
        group = drawing.partition(f'subgraph {name}["')[2].partition("        end")[0]
        resources = templates[f"{name}.yaml"]["Resources"]
        assert {
            title for _, label in NODE.findall(group) for title in label.split("<br>")
        } == {
            title
            for title, resource in resources.items()
            if resource["Type"] not in (*diagram.LEFT_OUT, *diagram.PART_OF)
        }


def test_each_arrow_leads_from_one_thing_that_is_drawn_to_another() -> None:
    things = {node for node, _ in NODE.findall(drawn())}
    things |= set(re.findall(r"subgraph (\w+)\[", drawn()))
    things |= set(re.findall(r"^ +(\w+)\(\[", drawn(), re.M))
    arrows = re.findall(
        r"^ +(\w+)(?:\(\[.*\]\))? [-=]+>(?:\|[^|]*\|)? (\w+)$", drawn(), re.M
    )
    assert len(arrows) > 10
    assert {end for arrow in arrows for end in arrow} <= things


def test_it_can_be_read() -> None:
    """A picture of more than this is a hairball: leave out what serves another."""
    assert len(NODE.findall(drawn())) <= 30
    assert len(ARROW.findall(drawn())) <= 36
    names = [name for _, label in NODE.findall(drawn()) for name in label.split("<br>")]
    # A node is as wide as the longest logical id in it, and its stack as all nodes.
    assert [name for name in names if len(name) > 50] == []


def test_the_seam_is_in_it() -> None:
    arrows = ARROW.findall(drawn())
    assert ("workforce_Function", "base_UserPool") in arrows
    assert ("workforce_Function", "sagemaker") in arrows
    assert ("base", "workforce") in arrows
    assert ("workforce_PortalSignIn", "workforce_PrivateWorkforce") in arrows
    assert ("workforce_Rule", "workforce_Function") in arrows


def test_an_arrow_is_a_reference_and_a_thick_one_what_is_handed_on() -> None:
    text = diagram.render(small_set())
    assert "other_Alarm --> other_Function\n" in text
    assert "base ==>|TopicArn| other\n" in text
    assert "other_Function --> " not in text
    assert "optional" not in text


def test_resources_of_one_type_are_one_node_and_many_are_counted() -> None:
    text = diagram.render(small_set(alarms=6))
    assert 'other_Alarm["Alarm0<br>Alarm1<br>Alarm2<br>Alarm3<br>… and 2 more"]' in text
    assert text.count("other_Alarm --> ") == 1


def test_what_a_parameter_asks_for_is_dashed() -> None:
    assert "class other_Alarm optional" in diagram.render(small_set(condition="HasOne"))


def test_a_page_gets_the_diagram_between_its_marks() -> None:
    page = f"# A\n\n{diagram.BEGIN}\nold\n{diagram.END}\n\nmore\n"
    placed = diagram.placed("a.md", page, "flowchart LR\n")
    assert placed.startswith(
        f"# A\n\n{diagram.BEGIN}\n\n```mermaid\nflowchart LR\n```\n"
    )
    assert placed.endswith(f"{diagram.END}\n\nmore\n")
    assert "old" not in placed
    assert diagram.placed("a.md", placed, "flowchart LR\n") == placed


@pytest.mark.parametrize("page", ["# A\n", f"{diagram.END}\n{diagram.BEGIN}\n"])
def test_a_page_without_the_marks_is_named(page: str) -> None:
    with pytest.raises(diagram.DiagramError, match="a.md needs the lines"):
        diagram.placed("a.md", page, "flowchart LR\n")


def test_make_diagram_prints_what_is_in_both_pages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert build.main(["--diagram"]) == 0
    printed = capsys.readouterr().out
    assert printed == drawn()
    for page in build.PAGES_WITH_DIAGRAM:
        text = (build.PROJECT / page).read_text(encoding="utf-8")
        assert f"```mermaid\n{printed}```" in text


@pytest.mark.parametrize("page", build.PAGES_WITH_DIAGRAM)
def test_a_stale_diagram_is_refused(
    page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(["--output", str(tmp_path)])
    file = tmp_path / page
    file.write_text(file.read_text().replace('["WorkTeams"]', '["Teams"]'))
    capsys.readouterr()
    assert build.main(["--check", "--output", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert '-            workforce_WorkTeams["Teams"]' in shown
    assert "make build" in shown
