"""Who signs tokens for the jobs of a pipeline, and which of them get a role.

GitHub Actions and GitLab sign a token for each job, which says repository and branch
("Create a role for OpenID Connect federation", IAM User Guide).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from troposphere import AWS_NO_VALUE, And, Condition, If, Not, Ref, Sub, Template
from troposphere import iam as roles

from templates.parameters import OperatorParameter
from templates.wiring import Value

_GITHUB = "GitHub Actions"
_GITLAB = "GitLab"

GITHUB_REPOSITORY = OperatorParameter(
    name="GitHubRepository",
    group=_GITHUB,
    label="Repository",
    description=(
        "Repository that may deploy: owner/name, or owner@id/name@id for one made "
        "since 15 July 2026, as its tokens say. Empty: no one on GitHub."
    ),
    default="",
    allowed_pattern=(
        "^([A-Za-z0-9][A-Za-z0-9-]{0,38}(@[0-9]{1,20})?"
        "/[A-Za-z0-9._-]{1,100}(@[0-9]{1,20})?)?$"
    ),
    constraint_description=(
        "Empty, or owner/name of one repository; asterisks would let others in."
    ),
    maximum_length=182,
)
GITHUB_BRANCH = OperatorParameter(
    name="GitHubBranch",
    group=_GITHUB,
    label="Branch",
    description="Branch from which it deploys.",
    default="main",
    allowed_pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$",
    constraint_description="The name of one branch; asterisks would let others in.",
    maximum_length=100,
)
GITHUB_PROVIDER = OperatorParameter(
    name="GitHubProviderArn",
    group=_GITHUB,
    label="OIDC provider",
    description=(
        "ARN of the account's OIDC provider of GitHub Actions; an account can have "
        "only one. Empty makes it."
    ),
    default="",
    allowed_pattern=(
        "^(arn:aws:iam::[0-9]{12}:oidc-provider/token.actions.githubusercontent.com)?$"
    ),
    constraint_description="Empty, or the ARN of the provider of GitHub Actions.",
    maximum_length=120,
)
GITLAB_PROJECT = OperatorParameter(
    name="GitLabProject",
    group=_GITLAB,
    label="Project",
    description="Project on gitlab.com that may deploy, with its groups. Empty: none.",
    default="",
    allowed_pattern=(
        "^([A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){1,5})?$"
    ),
    constraint_description=(
        "Empty, or group/project of one project; asterisks would let others in."
    ),
    maximum_length=300,
)
GITLAB_BRANCH = OperatorParameter(
    name="GitLabBranch",
    group=_GITLAB,
    label="Branch",
    description="Branch from which it deploys.",
    default="main",
    allowed_pattern="^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$",
    constraint_description="The name of one branch; asterisks would let others in.",
    maximum_length=100,
)
GITLAB_PROVIDER = OperatorParameter(
    name="GitLabProviderArn",
    group=_GITLAB,
    label="OIDC provider",
    description="ARN of the account's OIDC provider of gitlab.com. Empty makes it.",
    default="",
    allowed_pattern="^(arn:aws:iam::[0-9]{12}:oidc-provider/gitlab.com)?$",
    constraint_description="Empty, or the ARN of the provider of gitlab.com.",
    maximum_length=120,
)
PARAMETERS = (
    GITHUB_REPOSITORY,
    GITHUB_BRANCH,
    GITHUB_PROVIDER,
    GITLAB_PROJECT,
    GITLAB_BRANCH,
    GITLAB_PROVIDER,
)


class Pipeline(NamedTuple):
    """Somebody who signs tokens, and what they say about a job.

    Attributes:
        title: the logical id of the OIDC provider.
        host: whose tokens they are.
        audience: for whom they are.
        repository: the parameter with the one repository.
        provider: the parameter with the provider that exists already.
        deploying: the subject of a job on the branch.
        proposing: the subject of a job for a change; may hold asterisks.
    """

    title: str
    host: str
    audience: str
    repository: OperatorParameter
    provider: OperatorParameter
    deploying: str
    proposing: str


#: "Configuring OpenID Connect in Amazon Web Services" (GitHub Docs), "Configure OpenID
#: Connect in AWS to retrieve temporary credentials" (GitLab Docs).
PIPELINES = (
    Pipeline(
        "GitHubProvider",
        "token.actions.githubusercontent.com",
        "sts.amazonaws.com",
        GITHUB_REPOSITORY,
        GITHUB_PROVIDER,
        "repo:${GitHubRepository}:ref:refs/heads/${GitHubBranch}",
        "repo:${GitHubRepository}:pull_request",
    ),
    Pipeline(
        "GitLabProvider",
        "gitlab.com",
        "https://gitlab.com",
        GITLAB_PROJECT,
        GITLAB_PROVIDER,
        "project_path:${GitLabProject}:ref_type:branch:ref:${GitLabBranch}",
        "project_path:${GitLabProject}:ref_type:branch:ref:*",
    ),
)


def add_provider(template: Template, pipeline: Pipeline) -> Value:
    """Add the provider unless it is there; return its ARN."""
    used = pipeline.repository.given(template)
    there = pipeline.provider.given(template)
    made = f"Is{pipeline.title}Made"
    template.conditions[made] = And(Condition(used), Not(Condition(there)))
    provider = template.add_resource(
        roles.OIDCProvider(
            pipeline.title,
            Condition=made,
            Url=f"https://{pipeline.host}",
            ClientIdList=[pipeline.audience],
        )
    )
    return If(there, pipeline.provider.ref(template), provider.ref())


def trust(
    template: Template, providers: Mapping[str, Value], *, deploying: bool
) -> dict[str, object]:
    """Return the trust policy of a role: one repository, and what its job is for.

    Not in awacs, which takes no Fn::If in the place of a statement.
    """
    statements = []
    for pipeline in PIPELINES:
        subject = pipeline.deploying if deploying else pipeline.proposing
        operator = "StringLike" if "*" in subject else "StringEquals"
        audience = {f"{pipeline.host}:aud": pipeline.audience}
        matched: dict[str, object] = {f"{pipeline.host}:sub": Sub(subject)}
        conditions: dict[str, object] = (
            {"StringEquals": {**audience, **matched}}
            if operator == "StringEquals"
            else {"StringEquals": audience, operator: matched}
        )
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": providers[pipeline.host]},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": conditions,
        }
        given = pipeline.repository.given(template)
        statements.append(If(given, statement, Ref(AWS_NO_VALUE)))
    return {"Version": "2012-10-17", "Statement": statements}
