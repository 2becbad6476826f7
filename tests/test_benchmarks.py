"""What `make bench` compares is the same set, and a broken limit is said.

Nothing is measured here: that takes minutes and a quiet machine.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks import builds, page, workers
from benchmarks.build_steps import LIBRARIES
from benchmarks.cdk_app import different, in_cdk_spelling, spelled
from benchmarks.deployments import Deployments, Seen
from benchmarks.measuring import Measured, in_turn

TOPIC = {"Type": "AWS::SNS::Topic", "DependsOn": ["A", "B"], "Properties": {"X": 1}}


@pytest.mark.parametrize(
    ("name", "in_the_cdk"),
    [
        ("UserPoolId", "userPoolId"),
        ("CallbackURLs", "callbackUrLs"),
        ("TemplateURL", "templateUrl"),
        ("IPSetReferenceStatement", "ipSetReferenceStatement"),
        ("S3Key", "s3Key"),
    ],
)
def test_a_property_has_the_cdks_name(name: str, in_the_cdk: str) -> None:
    assert spelled(name) == in_the_cdk


def test_intrinsic_functions_and_the_language_of_policies_stay_as_they_are() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}]}
    chosen = {"Fn::If": ["IsIt", {"KmsKeyId": "one"}, {"Ref": "AWS::NoValue"}]}
    assert in_cdk_spelling({"PolicyDocument": policy, "Rules": [chosen]}) == {
        "policyDocument": policy,
        "rules": [chosen],
    }


@pytest.mark.parametrize(
    "theirs",
    [
        {},
        {"Topic": {**TOPIC, "Properties": {"X": 2}}},
        {"Topic": {**TOPIC, "DependsOn": "A"}},
        {"Topic": {**TOPIC, "Condition": "IsIt"}},
        {"Topic": TOPIC, "Other": TOPIC},
    ],
)
def test_a_resource_that_the_cdk_makes_otherwise_is_named(
    theirs: dict[str, Any],
) -> None:
    assert different({"Resources": {"Topic": TOPIC}}, {"Resources": theirs}) in (
        ["Topic"],
        ["Other"],
    )


def test_what_the_cdk_only_writes_otherwise_is_the_same() -> None:
    turned = {"Properties": {"X": 1}, "DependsOn": ["B", "A"], "Type": TOPIC["Type"]}
    ours = {"Topic": TOPIC, "One": {"DependsOn": ["A"]}}
    theirs = {"One": {"DependsOn": "A"}, "Topic": turned}
    assert different({"Resources": ours}, {"Resources": theirs}) == []


def test_tasks_run_in_turn_and_the_first_run_of_each_is_not_counted() -> None:
    ran: list[str] = []
    tasks = {name: (lambda name=name: ran.append(name)) for name in "ab"}
    measured = in_turn(tasks, runs=2)
    assert ran == ["a", "b"] * 3
    assert [len(each.seconds) for each in measured.values()] == [2, 2]


def test_the_floor_imports_what_a_build_imports_of_its_libraries() -> None:
    build, floor = (
        builds.run(
            "-c",
            f"import sys, {modules}; print(*sorted(name for name in sys.modules "
            "if name.startswith(('awacs.', 'troposphere.', 'yaml'))))",
        )
        for modules in ("build", ", ".join(LIBRARIES))
    )
    assert build == floor


def test_the_steps_of_a_build_are_those_of_the_build() -> None:
    steps = json.loads(builds.run("-m", "benchmarks.build_steps"))
    assert len(steps) == 6
    assert min(steps.values()) > 0


@pytest.mark.parametrize(
    ("limit", "holds", "reaches_aim"),
    [
        (page.Limit("ratio", 2.0, most=2.5, aim=1.4), True, False),
        (page.Limit("ratio", 1.3, most=2.5, aim=1.4), True, True),
        (page.Limit("ratio", 2.6, most=2.5, aim=1.4), False, False),
        (page.Limit("ratio", 15.0, least=11.0, aim=20.0), True, False),
        (page.Limit("ratio", 21.0, least=11.0, aim=20.0), True, True),
        (page.Limit("ratio", 0.9, most=1.0), True, True),
    ],
)
def test_a_limit_can_hold_while_the_aim_is_missed(
    limit: page.Limit, *, holds: bool, reaches_aim: bool
) -> None:
    assert (limit.holds, limit.reaches_aim) == (holds, reaches_aim)


def test_the_page_has_every_number_and_says_which_limit_is_broken() -> None:
    seconds = (0.1, 0.1, 0.13, 0.2, 0.6, 1.2)
    names = (builds.PYTHON, *page.DRAWN)
    built = {
        name: Measured((each, each, 2 * each))
        for name, each in zip(names, seconds, strict=True)
    }
    seen = Seen([3.0, 1.0, 2.0], [0.5], [4, 4], [18, 19], [61.0])
    deployed = Deployments(Measured((1.5,)), {"create": seen}, 180.0)
    found = page.limits(built, deployed)
    steps = {"emit them as YAML": 0.05}
    text = page.render(built, steps, deployed, found, (0.2, 1.1), "2 processors")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert "| build | 130 ms | 130 ms | 260 ms |" in rows
    assert (
        "| create | 2,000 ms (1,000–3,000) | 500 ms (500–500) | 4 | 18–19 | 61 MB |"
        in rows
    )
    assert "bar [100, 130, 200, 600, 1200]" in text
    assert "| emit them as YAML | 50 ms |" in rows
    broken = [row for row in rows if "**broken**" in row]
    assert [row.split(" | ")[0] for row in broken] == [
        "| CDK app, default / build",
        "| start of the embedded AWS, s",
    ]
    missed = [row.split(" | ")[0] for row in rows if row.endswith("| missed |")]
    assert missed == ["| CDK app, default / build"]


def test_workers_at_scale_stand_side_by_side_and_a_broken_limit_is_said() -> None:
    costs = {
        1_000: {"invite": workers.Cost(10.0, 4.0, 60.0, 0.01)},
        10_000: {"invite": workers.Cost(110.0, 60.0, 61.0, 0.4)},
    }
    told = workers.render(costs, {1_000: 10.0, 10_000: 13.0}, load=0.5)
    assert "|  | 1,000 workers | 10,000 workers | ratio | limit |  |" in told
    assert "| invite: elapsed | 10.0 s | 110.0 s | 11.00 |  |  |" in told
    assert "| invite: memory | 60.0 MB | 61.0 MB | 1.02 | at most 1.2 | holds |" in told
    assert "invite: processor of the embedded AWS |" not in told
    assert "| 15.00 | at most 12 | **broken** |" in told
    assert "| 10.0 ms | 13.0 ms | 1.30 | at most 1.2 | **broken** |" in told
    assert told.count(workers.BROKEN) == 2
