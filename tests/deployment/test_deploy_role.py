"""The roles of a pipeline: who gets them, and that they suffice for what they are for.

A job is its token: the embedded AWS reads issuer, audience and subject of it.
"""

from __future__ import annotations

import base64
import copy
import fnmatch
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local_aws.process import EmbeddedAws
from ops.changes import LOOK, PLAN
from templates.deploy_role import PLANS
from tests.conftest import SHORT_WAITS
from tests.deployment import pipeline_jobs
from tests.deployment.policies_of_roles import Policies
from tests.deployment.whole_life import ACCOUNT, denied
from tests.templates_as_data import template

BUCKET = "artifacts"
#: The template as JSON, which is read in a tenth of the time.
AS_JSON = json.dumps(template("deploy-role.yaml"))
GITHUB = ("https://token.actions.githubusercontent.com", "sts.amazonaws.com")
GITLAB = ("https://gitlab.com", "https://gitlab.com")
MAIN = "repo:acme/labeling:ref:refs/heads/main"
PULL_REQUEST = "repo:acme/labeling:pull_request"
GITLAB_MAIN = "project_path:acme/tools/labeling:ref_type:branch:ref:main"


def token(issuer: tuple[str, str], subject: str, audience: str = "") -> str:
    """Return what a pipeline gives a job, but for a signature that anybody checks."""
    claims = {"iss": issuer[0], "aud": audience or issuer[1], "sub": subject}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "RS256"}, claims)
    ]
    return ".".join([*parts, "signature"])


@dataclass
class Pipeline:
    """The roles, deployed, and what jobs do with them."""

    aws: EmbeddedAws
    outputs: dict[str, str]
    folder: Path
    steps: dict[str, tuple[int, str]] = field(default_factory=dict)
    demands: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def credentials(self, role: str, job: str) -> dict[str, str]:
        """Return the credentials that a job gets of a role.

        Raises:
            ClientError: the role is not for this job.
        """
        sts: Any = boto3.client(
            "sts",
            endpoint_url=self.aws.endpoint,
            region_name="us-east-1",
            config=Config(signature_version=UNSIGNED),
        )
        given: dict[str, str] = sts.assume_role_with_web_identity(
            RoleArn=self.outputs[role], RoleSessionName="job", WebIdentityToken=job
        )["Credentials"]
        return given

    def cloudformation(self, role: str, job: str) -> Any:
        """Return a client with the credentials that a job gets of a role."""
        given = self.credentials(role, job)
        return boto3.client(
            "cloudformation",
            endpoint_url=self.aws.endpoint,
            region_name="us-east-1",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    def creates(self, role: str, job: str, boundary: str) -> tuple[int, str]:
        """Create the nested set with a change set, as the AWS CLI does it."""
        s3 = self.aws.client("s3")
        root = copy.deepcopy(template("root.yaml"))
        for nested in root["Resources"].values():
            name = nested["Properties"]["TemplateURL"]
            s3.put_object(Bucket=BUCKET, Key=name, Body=json.dumps(template(name)))
            nested["Properties"]["TemplateURL"] = f"{self.aws.endpoint}/{BUCKET}/{name}"
        cloudformation = self.cloudformation(role, job)
        stack, change_set = "private-workforce", "first"
        key, _, value = boundary.strip().partition(": ")
        cloudformation.create_change_set(
            StackName=stack,
            ChangeSetName=change_set,
            ChangeSetType="CREATE",
            TemplateBody=json.dumps(root),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value}],
        )
        cloudformation.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=change_set
        )
        cloudformation.execute_change_set(StackName=stack, ChangeSetName=change_set)
        status = "CREATE_IN_PROGRESS"
        while status.endswith("_IN_PROGRESS"):
            (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
            status = found["StackStatus"]
            time.sleep(0.05)
        return int(status != "CREATE_COMPLETE"), status

    def runs_job(self, name: str, job: str) -> tuple[int, str]:
        """Run a job of the workflow up to its first failure; return code and output."""
        variables = {
            "PLAN_ROLE_ARN": self.outputs["PlanRoleArn"],
            "DEPLOY_ROLE_ARN": self.outputs["DeployRoleArn"],
            "ARTIFACT_BUCKET": BUCKET,
        }
        environment, steps = pipeline_jobs.workflow_job(name, variables)
        environment["GITHUB_STEP_SUMMARY"] = str(self.summary)
        said = ""
        for step in steps:
            if step.role:
                (role,) = (key for key, arn in self.outputs.items() if arn == step.role)
                given = self.credentials(role, job)
                environment |= {
                    **self._settings(),
                    "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
                    "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
                    "AWS_SESSION_TOKEN": given["SessionToken"],
                }
                continue
            ran = pipeline_jobs.run(step.script, self.folder, environment, step.shell)
            said += ran.stdout
            if ran.returncode:
                return ran.returncode, said
        return 0, said

    def runs_on_gitlab(self) -> tuple[int, str]:
        """Run the job for GitLab, whose programs exchange the token by themselves."""
        job = pipeline_jobs.gitlab_job()
        ((name, claims),) = job["id_tokens"].items()
        project = {
            "DEPLOY_ROLE_ARN": self.outputs["DeployRoleArn"],
            "ARTIFACT_BUCKET": BUCKET,
        }
        variables = {
            key: project[text.removeprefix("$")]
            for key, text in job["variables"].items()
        }
        its_token = token((GITLAB[0], claims["aud"]), GITLAB_MAIN)
        environment = {**self._settings(), **project, **variables, name: its_token}
        ran = pipeline_jobs.run("\n".join(job["script"]), self.folder, environment)
        return ran.returncode, ran.stdout

    def _settings(self) -> dict[str, str]:
        """Return what leads programs to the embedded AWS, without credentials."""
        return {
            key: value
            for key, value in self.aws.environment().items()
            if key.startswith("AWS_") and "ACCESS_KEY" not in key
        }

    @property
    def summary(self) -> Path:
        """What the jobs write into GitHub's summary."""
        return self.folder / "summary.md"

    def sets(self, parameters: str) -> None:
        """Write the parameter file of the checkout."""
        (self.folder / "parameters.yaml").write_text(parameters)


@pytest.fixture(scope="module")
def pipeline(
    embedded_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Make the roles, deploy with one and look at a change with the other."""
    aws, folder = embedded_aws, tmp_path_factory.mktemp("runner") / "checkout"
    aws.control.reset()
    aws.control.set(**SHORT_WAITS)
    aws.client("s3").create_bucket(Bucket=BUCKET)
    outputs = made(
        aws,
        GitHubRepository="acme/labeling",
        GitLabProject="acme/tools/labeling",
        ArtifactBucketName=BUCKET,
    )
    pipeline = Pipeline(aws, outputs, pipeline_jobs.check_out(folder))
    parameters = f"PermissionsBoundaryArn: {outputs['RolesBoundaryArn']}\n"
    aws.control.clear_calls()
    main = token(GITHUB, MAIN)
    pipeline.steps["create"] = pipeline.creates("DeployRoleArn", main, parameters)
    pipeline.sets(parameters + "LogRetentionInDays: 30\n")
    change = token(GITHUB, PULL_REQUEST)
    pipeline.steps["changes"] = pipeline.runs_job("changes", change)
    pipeline.steps["deploy"] = pipeline.runs_job("deploy", main)
    pipeline.sets(parameters + "LogRetentionInDays: 60\n")
    pipeline.steps["deploy on GitLab"] = pipeline.runs_on_gitlab()
    pipeline.demands = aws.control.forwarded_permissions()
    pipeline.calls = aws.control.calls(caller="client")
    yield pipeline


def made(aws: EmbeddedAws, **parameters: str) -> dict[str, str]:
    """Make the roles; return the outputs of their stack."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="pipeline",
        TemplateBody=AS_JSON,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in parameters.items()
        ],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="pipeline", WaiterConfig={"Delay": 1}
    )
    (stack,) = cloudformation.describe_stacks(StackName="pipeline")["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}


@pytest.mark.parametrize("step", ["create", "changes", "deploy", "deploy on GitLab"])
def test_a_job_deploys_and_shows_what_would_change(
    pipeline: Pipeline, step: str
) -> None:
    code, said = pipeline.steps[step]
    assert code == 0, said


def test_a_pull_request_says_what_a_merge_then_does(pipeline: Pipeline) -> None:
    summary = pipeline.summary.read_text()
    assert "LogRetentionInDays: '90' → '30'" in summary
    assert summary.count("```") == 2
    _, merged = pipeline.steps["deploy"]
    assert "UPDATE_COMPLETE            private-workforce\n" in merged


def test_the_job_on_gitlab_deploys_the_parameter_file(pipeline: Pipeline) -> None:
    (stack,) = pipeline.aws.client("cloudformation").describe_stacks(
        StackName="private-workforce"
    )["Stacks"]
    held = {
        item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]
    }
    assert held["LogRetentionInDays"] == "60"


def test_nothing_that_is_demanded_of_the_jobs_is_denied(pipeline: Pipeline) -> None:
    assert denied(pipeline.demands) == []
    refused = [
        f"{call['service']}:{call['operation']} {call['error_code']}"
        for call in pipeline.calls
        if str(call["error_code"]).startswith("AccessDenied")
    ]
    assert refused == []


def test_the_rights_are_those_of_the_launch_role_and_those_of_nested_stacks() -> None:
    def actions(file: str, policy: str) -> list[list[str]]:
        properties = template(file)["Resources"][policy]["Properties"]
        return [
            item.get("Fn::If", [None, item])[1]["Action"]
            for item in properties["PolicyDocument"]["Statement"]
        ]

    for policy in ("SignInRights", "PortalRights"):
        launch = actions("service-catalog.yaml", policy)
        deploy = actions("deploy-role.yaml", policy)
        more = [each for each in deploy if each not in launch]
        assert not [each for each in launch if each not in deploy]
        assert not any(
            action.partition(":")[0] != "cloudformation"
            for each in more
            for action in each
        )


@pytest.mark.parametrize("role", ["DeployRoleArn", "PlanRoleArn"])
def test_each_right_of_its_own_is_used(pipeline: Pipeline, role: str) -> None:
    name = pipeline.outputs[role].rpartition("/")[2]
    called = {
        f"{call['service']}:{call['operation']}"
        for call in pipeline.calls
        if f"assumed-role/{name}/" in call["principal"]
    }
    demanded = {
        each["action"]
        for each in pipeline.demands
        if f"assumed-role/{name}/" in each["principal"]
    }
    policies = Policies.of(pipeline.aws, pipeline.outputs[role])
    own = {
        action
        for action in policies.actions
        if action.startswith(("cloudformation:", "s3:", "sagemaker:"))
    }
    # Nested stacks are deleted in a rollback and in the clean-up of an update; what
    # is in the way of a first deployment is asked before one only.
    unused = own - called - demanded
    assert unused <= {"cloudformation:DeleteStack", "sagemaker:ListWorkforces"}


@pytest.mark.parametrize(
    ("role", "job"),
    [
        ("DeployRoleArn", token(GITHUB, MAIN)),
        ("DeployRoleArn", token(GITLAB, GITLAB_MAIN)),
        ("PlanRoleArn", token(GITHUB, PULL_REQUEST)),
        ("PlanRoleArn", token(GITLAB, GITLAB_MAIN.replace("ref:main", "ref:feature"))),
    ],
)
def test_a_job_of_the_repository_gets_its_role(
    pipeline: Pipeline, role: str, job: str
) -> None:
    assert pipeline.credentials(role, job)


@pytest.mark.parametrize(
    ("role", "job"),
    [
        ("DeployRoleArn", token(GITHUB, MAIN.replace("main", "feature"))),
        ("DeployRoleArn", token(GITHUB, MAIN.replace("heads/main", "tags/main"))),
        ("DeployRoleArn", token(GITHUB, MAIN.replace("acme/labeling", "acme/other"))),
        ("DeployRoleArn", token(GITHUB, MAIN.replace("acme/", "mallory/"))),
        ("DeployRoleArn", token(GITHUB, PULL_REQUEST)),
        ("DeployRoleArn", token(GITHUB, MAIN, audience="https://github.com/acme")),
        ("DeployRoleArn", token(("https://ghe.example.com", GITHUB[1]), MAIN)),
        ("DeployRoleArn", token(GITLAB, MAIN)),
        ("DeployRoleArn", token(GITLAB, GITLAB_MAIN.replace("ref:main", "ref:x"))),
        ("PlanRoleArn", token(GITHUB, MAIN)),
        ("PlanRoleArn", token(GITHUB, "repo:mallory/labeling:pull_request")),
        ("PlanRoleArn", token(GITLAB, GITLAB_MAIN.replace("acme/", "mallory/"))),
    ],
)
def test_no_other_job_gets_a_role(pipeline: Pipeline, role: str, job: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        pipeline.credentials(role, job)


def test_a_pull_request_can_execute_nothing_and_put_no_template_in_place(
    pipeline: Pipeline,
) -> None:
    rights = Policies.of(pipeline.aws, pipeline.outputs["PlanRoleArn"])
    stack = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/private-workforce/1"
    own = {"cloudformation:ChangeSetName": f"{PLAN}-1"}
    assert rights.allow("cloudformation:CreateChangeSet", stack, own)
    for action in ("ExecuteChangeSet", "CreateStack", "UpdateStack", "DeleteStack"):
        assert not rights.allow(f"cloudformation:{action}", stack, own)
    bucket = f"arn:aws:s3:::{BUCKET}"
    assert rights.allow("s3:PutObject", f"{bucket}/pull-requests/0a.template")
    assert not rights.allow("s3:PutObject", f"{bucket}/0a.template")


@pytest.mark.parametrize("purpose", ["awscli-cloudformation-package-deploy-1", LOOK])
def test_a_pull_request_can_neither_delete_nor_make_what_looks_like_a_deployment(
    pipeline: Pipeline, purpose: str
) -> None:
    deploy = pipeline.cloudformation("DeployRoleArn", token(GITHUB, MAIN))
    plan = pipeline.cloudformation("PlanRoleArn", token(GITHUB, PULL_REQUEST))
    theirs = {"StackName": "private-workforce", "ChangeSetName": purpose}
    what = {
        "UsePreviousTemplate": True,
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [{"ParameterKey": "DomainPrefix", "UsePreviousValue": True}],
    }
    made = deploy.create_change_set(**theirs, **what)
    for refused in (theirs, {"ChangeSetName": made["Id"]}):
        with pytest.raises(ClientError, match="AccessDenied"):
            plan.delete_change_set(**refused)
    with pytest.raises(ClientError, match="AccessDenied"):
        plan.create_change_set(**{**theirs, "ChangeSetName": f"{purpose}-2"}, **what)
    deploy.describe_change_set(**theirs)
    deploy.delete_change_set(**theirs)


def test_the_plans_of_pull_requests_are_called_as_their_role_demands() -> None:
    assert fnmatch.fnmatchcase(f"{PLAN}-1", PLANS)
    assert not fnmatch.fnmatchcase(f"{LOOK}-1", PLANS)


def test_the_deploy_role_reaches_its_stack_only(pipeline: Pipeline) -> None:
    rights = Policies.of(pipeline.aws, pipeline.outputs["DeployRoleArn"])
    stacks = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack"
    root, other = f"{stacks}/private-workforce/1", f"{stacks}/billing/1"
    assert rights.allow("cloudformation:ExecuteChangeSet", root)
    nested, bucket = (
        f"{stacks}/private-workforce-{name}/1" for name in ("BaseStack-1A", "artifacts")
    )
    for action in ("DeleteChangeSet", "DeleteStack", "UpdateStack"):
        assert not rights.allow(f"cloudformation:{action}", bucket)
        assert rights.allow(f"cloudformation:{action}", nested)
    assert not rights.allow("cloudformation:ExecuteChangeSet", other)
    assert not rights.allow("cloudformation:DeleteStack", root)
    assert not rights.allow("s3:PutObject", "arn:aws:s3:::others/0a.template")


REFUSED = [
    {"GitHubRepository": "*"},
    {"GitHubRepository": "acme/*"},
    {"GitHubRepository": "*/labeling"},
    {"GitHubRepository": "acme@*/labeling@*"},
    {"GitHubRepository": "acme"},
    {"GitHubRepository": "acme/labeling:ref:refs/heads/main"},
    {"GitHubRepository": "acme/labeling", "GitHubBranch": "*"},
    {"GitHubRepository": "acme/labeling", "GitHubBranch": "release-?"},
    {"GitLabProject": "*"},
    {"GitLabProject": "acme/*"},
    {"GitLabProject": "labeling"},
    {"GitLabProject": "acme/labeling", "GitLabBranch": "*"},
    {"GitHubRepository": "acme/labeling", "StackName": "*"},
    {"GitHubRepository": "acme/labeling", "StackName": "a-name-that-is-too-long-x"},
    {"GitHubRepository": "acme/labeling", "ArtifactBucketName": "*"},
    {},
]


@pytest.mark.parametrize("parameters", REFUSED, ids=str)
def test_what_would_let_others_in_is_refused_before_anything_is_made(
    pipeline: Pipeline, parameters: dict[str, str]
) -> None:
    given = {"ArtifactBucketName": BUCKET} | parameters
    with pytest.raises(ClientError, match="ValidationError") as refused:
        pipeline.aws.client("cloudformation").create_stack(
            StackName="refused",
            TemplateBody=AS_JSON,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in given.items()
            ],
        )
    wrong = list(parameters)[-1] if parameters else "Give GitHubRepository or GitLab"
    assert wrong in str(refused.value)


def test_a_repository_with_ids_in_its_tokens_can_be_named() -> None:
    """Those made since 15 July 2026 (GitHub changelog of 2026-04-23)."""
    declared = template("deploy-role.yaml")["Parameters"]["GitHubRepository"]
    pattern = re.compile(declared["AllowedPattern"])
    assert pattern.fullmatch("acme@1234567/labeling@987654321")
    assert pattern.fullmatch("acme/labeling")


def test_one_account_has_one_provider_so_another_stack_takes_the_first(
    pipeline: Pipeline,
) -> None:
    resources = template("deploy-role.yaml")["Resources"]
    assert resources["GitHubProvider"]["Condition"] == "IsGitHubProviderMade"
    providers = pipeline.aws.client("iam").list_open_id_connect_providers()
    arns = {item["Arn"] for item in providers["OpenIDConnectProviderList"]}
    assert arns == {
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com",
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com",
    }
