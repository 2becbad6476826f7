"""`make labeling-job`, `make human-review`, and `make labeling-job-clean`."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from local_aws.process import EmbeddedAws
from ops.account import Account
from ops.errors import OperatorError
from ops.labeling import examples as waiting
from ops.labeling import job
from ops.labeling.examples import Examples, Team
from ops.labeling.pictures import SHAPES, SIZE, pictures
from tests.lifecycle.deployed_set import STACK
from tests.ops.operated_set import OperatedSet, operated

EXAMPLES = f"{STACK}-examples"


@pytest.fixture(scope="module")
def labels(
    embedded_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatedSet]:
    """Give one deployment with two teams to all tests here."""
    folder = tmp_path_factory.mktemp("operator")
    with operated(embedded_aws, folder, WorkTeamNames="cats,dogs") as deployed:
        embedded_aws.control.set(labeling_job_seconds=0.0)
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(waiting, "SECONDS_BETWEEN_LOOKS", 0.05)
            yield deployed


def made(labels: OperatedSet, command: str, *arguments: str) -> dict[str, str]:
    """Run a command and return what it prints for a script."""
    ran = labels.runs(command, "--output", "json", *arguments)
    assert ran.code == 0, ran.progress
    outputs: dict[str, str] = json.loads(ran.output)
    return outputs


def stacks(labels: OperatedSet) -> list[str]:
    described = labels.cloudformation.describe_stacks()["Stacks"]
    return [stack["StackName"] for stack in described]


def test_a_job_of_six_pictures_waits_for_the_first_team(labels: OperatedSet) -> None:
    outputs = made(labels, "labeling-job")
    assert outputs["WorkTeam"] == "cats"
    assert outputs["LabelingPortalUrl"] == labels.outputs["LabelingPortalUrl"]
    listed = labels.sagemaker.list_labeling_jobs_for_workteam(
        WorkteamArn=labels.outputs["WorkTeamArn"]
    )["LabelingJobSummaryList"]
    assert [each["LabelingJobName"] for each in listed] == [outputs["LabelingJobName"]]
    assert listed[0]["LabelCounters"] == {
        "HumanLabeled": 0,
        "PendingHuman": 6,
        "Total": 6,
    }
    described = labels.sagemaker.describe_labeling_job(
        LabelingJobName=outputs["LabelingJobName"]
    )
    assert described["LabelingJobStatus"] == "InProgress"


def test_run_again_it_makes_no_second_job(labels: OperatedSet) -> None:
    labels.aws.control.clear_calls()
    first = made(labels, "labeling-job")
    assert made(labels, "labeling-job") == first
    assert "CreateLabelingJob" not in labels.made()


def test_another_team_gets_a_job_of_its_own(labels: OperatedSet) -> None:
    outputs = made(labels, "labeling-job", "--team", "dogs")
    assert outputs["WorkTeam"] == "dogs"
    assert outputs["LabelingJobName"].endswith("-2")


def test_the_review_is_active_and_says_how_to_ask_for_one(labels: OperatedSet) -> None:
    ran = labels.runs("human-review", "--output", "json")
    assert ran.code == 0, ran.progress
    outputs = json.loads(ran.output)
    assert "aws sagemaker-a2i-runtime start-human-loop" in ran.progress
    assert outputs["FlowDefinitionArn"] in ran.progress
    name = outputs["FlowDefinitionArn"].rpartition("/")[2]
    flow = labels.sagemaker.describe_flow_definition(FlowDefinitionName=name)
    assert flow["FlowDefinitionStatus"] == "Active"
    assert flow["HumanLoopConfig"]["WorkteamArn"] == labels.outputs["WorkTeamArn"]
    assert made(labels, "human-review") == outputs


def test_a_review_of_one_team_is_not_given_to_another(labels: OperatedSet) -> None:
    ran = labels.runs("human-review", "--team", "dogs")
    assert ran.code == 1
    assert "is another team's" in ran.progress


def test_a_team_that_does_not_exist_is_named_with_those_that_do(
    labels: OperatedSet,
) -> None:
    ran = labels.runs("labeling-job", "--team", "birds")
    assert ran.code == 1
    assert "There is no work team birds" in ran.progress
    assert "Its teams are cats, dogs." in ran.progress


def test_without_the_set_nothing_is_made(labels: OperatedSet) -> None:
    ran = labels.runs("labeling-job", "--stack", "elsewhere")
    assert ran.code == 1
    assert "There is no stack elsewhere" in ran.progress
    assert "elsewhere-examples" not in stacks(labels)


def test_the_role_can_write_results_and_nothing_else(labels: OperatedSet) -> None:
    """And SageMaker, which asks for each documented right, takes it."""
    (role,) = [
        role
        for role in labels.aws.client("iam").list_roles()["Roles"]
        if "ExamplesRole" in role["RoleName"]
    ]
    simulated = labels.aws.client("iam").get_role_policy(
        RoleName=role["RoleName"], PolicyName="labeling-examples"
    )["PolicyDocument"]
    writes = [
        (action, resource)
        for statement in simulated["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if action.startswith("s3:") and not re.match(r"s3:(Get|List)", action)
    ]
    assert {action for action, _ in writes} == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
    }
    assert all(resource.endswith("/output/*") for _, resource in writes)


def test_clean_ends_the_jobs_and_leaves_nothing(labels: OperatedSet) -> None:
    ran = labels.runs("labeling-job-clean")
    assert ran.code == 0, ran.progress
    assert f"Deleted: the stack {EXAMPLES}" in ran.progress
    assert EXAMPLES not in stacks(labels)
    listed = labels.sagemaker.list_labeling_jobs()["LabelingJobSummaryList"]
    assert {each["LabelingJobStatus"] for each in listed} == {"Stopped"}
    assert labels.sagemaker.list_flow_definitions()["FlowDefinitionSummaries"] == []
    assert labels.sagemaker.list_human_task_uis()["HumanTaskUiSummaries"] == []
    buckets = labels.s3.list_buckets()["Buckets"]
    assert not [each for each in buckets if "examples" in each["Name"]]
    again = labels.runs("labeling-job-clean")
    assert (again.code, "nothing to clean" in again.progress) == (0, True)


def test_then_the_set_can_be_deleted(labels: OperatedSet) -> None:
    """An open job would hold its team: the last one here."""
    assert labels.delete() == "DELETE_COMPLETE"


def documented(member: str, holder: str) -> set[str]:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape: Any = model.shape_for(holder)
    pattern = r"arn:aws:lambda:[\w-]+:\d+:function:\w+-ImageMultiClass\b"
    return set(re.findall(pattern, shape.members[member].documentation))


def test_the_functions_are_those_that_ground_truth_documents() -> None:
    """For each Region, from the API reference that the SDK carries."""
    pairs = [job.functions(region) for region in job.ACCOUNTS]
    before, after = (set(each) for each in zip(*pairs, strict=True))
    assert before == documented("PreHumanTaskLambdaArn", "HumanTaskConfig")
    assert after == documented(
        "AnnotationConsolidationLambdaArn", "AnnotationConsolidationConfig"
    )


def test_a_region_without_these_functions_is_refused() -> None:
    with pytest.raises(OperatorError, match=r"no functions in mx-central-1"):
        job.functions("mx-central-1")


def test_a_job_that_fails_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Failing:
        """A SageMaker whose job has failed."""

        def describe_labeling_job(self, **_: str) -> dict[str, str]:
            return {"LabelingJobStatus": "Failed", "FailureReason": "No space."}

    class Made:
        """Examples that are there."""

        sagemaker = Failing()

    team = Team("cats", "arn", "https://portal", "")
    monkeypatch.setattr(Team, "of", lambda *_: team)
    monkeypatch.setattr(Examples, "ensured", lambda *_: Made())
    monkeypatch.setattr(job, "jobs", lambda _: [])
    monkeypatch.setattr(job, "_create", lambda *_: "shapes-1")
    nowhere: Any = Account(None, "us-east-1")  # type: ignore[arg-type]
    with pytest.raises(OperatorError, match=r"shapes-1 is Failed: No space\."):
        job.run(nowhere, None, STACK, "")  # type: ignore[arg-type]


def test_the_pictures_are_png_files_of_shapes_that_differ() -> None:
    drawn = pictures()
    assert len(drawn) == 2 * len(SHAPES) == len(set(drawn.values()))
    for data in drawn.values():
        stream = io.BytesIO(data)
        assert stream.read(8) == b"\x89PNG\r\n\x1a\n"
        kinds = []
        while length := stream.read(4):
            kind, body = stream.read(4), stream.read(int.from_bytes(length, "big"))
            assert int.from_bytes(stream.read(4), "big") == zlib.crc32(kind + body)
            kinds.append(kind)
            if kind == b"IDAT":
                assert len(zlib.decompress(body)) == SIZE * (1 + 3 * SIZE)
        assert kinds == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize(
    ("shape", "inside", "outside"),
    [
        ("circle", (56, 56), (70, 70)),
        ("square", (70, 70), (80, 0)),
        ("triangle", (0, -70), (60, -60)),
    ],
)
def test_a_shape_is_what_it_is_called(
    shape: str, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    assert SHAPES[shape](*inside)
    assert not SHAPES[shape](*outside)
