"""The roles of a pipeline that deploys the set, without stored keys.

GitHub Actions and GitLab sign a token for each job, which says repository and branch
("Create a role for OpenID Connect federation", IAM User Guide). One role deploys, from
one branch only; another one shows what a pull request would change, and can execute
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from awacs.aws import Action, Allow, Statement
from troposphere import (
    AWS_NO_VALUE,
    And,
    Condition,
    Equals,
    If,
    Not,
    Or,
    Ref,
    Sub,
    Template,
)
from troposphere import iam as roles

from templates import iam, root, wiring
from templates.accepted import accepted
from templates.deployment import boundary, grants, policies
from templates.deployment.places import Deployer
from templates.parameters import OperatorParameter
from templates.wiring import Produced, Value

DESCRIPTION = "Roles of a pipeline that deploys a private labeling workforce"

_WHERE = "What is deployed"
_GITHUB = "GitHub Actions"
_GITLAB = "GitLab"

#: CloudFormation shortens the names that it makes, and the name of the stack in them;
#: so much stays in any case (a name has 64 characters, its random end 13).
_LONGEST_STACK_NAME = 20

#: Folder of the bucket that a pull request may write: what is deployed lies elsewhere,
#: so that nobody can put another template in its place.
PULL_REQUESTS = "pull-requests"

STACK_NAME = OperatorParameter(
    name="StackName",
    group=_WHERE,
    label="Stack",
    description=(
        "Name of the stack that may be deployed. No other stack's name may begin with "
        "it and a hyphen."
    ),
    default="private-workforce",
    allowed_pattern="^[A-Za-z][A-Za-z0-9-]{0,19}$",
    constraint_description="1 to 20 letters, digits and hyphens, a letter first.",
    maximum_length=_LONGEST_STACK_NAME,
)
BUCKET_NAME = OperatorParameter(
    name="ArtifactBucketName",
    group=_WHERE,
    label="Artifact bucket",
    description="Bucket for the packaged templates (BUCKET= of make deploy).",
    default="",
    allowed_pattern="^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    constraint_description="The name of a bucket.",
    maximum_length=63,
    is_required=True,
)
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
    STACK_NAME,
    BUCKET_NAME,
    GITHUB_REPOSITORY,
    GITHUB_BRANCH,
    GITHUB_PROVIDER,
    GITLAB_PROJECT,
    GITLAB_BRANCH,
    GITLAB_PROVIDER,
    *grants.GRANTS,
)


@dataclass(frozen=True)
class Pipeline:
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

#: What `make diff` and the pull request's job do to the stack: nothing that lasts.
_LOOKING = (
    "CreateChangeSet",
    "DeleteChangeSet",
    "DescribeChangeSet",
    "DescribeStacks",
    "ListStackResources",
)
_DEPLOYING = ("DescribeStackEvents", "ExecuteChangeSet", "UpdateTerminationProtection")


def build() -> Template:
    """Return the template of the roles."""
    template = wiring.new_template(DESCRIPTION)
    for parameter in PARAMETERS:
        parameter.ref(template)
    grants.add_to(template)
    _add_rule(template)
    providers = {each.host: _add_provider(template, each) for each in PIPELINES}
    stacks = root.templates()
    limit = boundary.add_to(template, stacks)
    deploy = _add_deploy_role(template, stacks, limit, providers)
    look = _add_plan_role(template, providers)
    return wiring.finish(
        template,
        {
            "DeployRoleArn": Produced(
                "Role of the job that deploys", deploy.get_att("Arn")
            ),
            "PlanRoleArn": Produced(
                "Role of the job that shows a change", look.get_att("Arn")
            ),
            "RolesBoundaryArn": Produced(
                "PermissionsBoundaryArn in the parameter file", limit.ref()
            ),
        },
        PARAMETERS,
    )


def _add_rule(template: Template) -> None:
    given = [Not(Equals(each.repository.ref(template), "")) for each in PIPELINES]
    template.add_rule(
        "SomebodyDeploys",
        {
            "Assertions": [
                {
                    "Assert": Or(*given),
                    "AssertDescription": "Give GitHubRepository or GitLabProject.",
                }
            ]
        },
    )


def _add_provider(template: Template, pipeline: Pipeline) -> Value:
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


def _trust(
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


def _add_deploy_role(
    template: Template,
    stacks: list[Template],
    limit: roles.ManagedPolicy,
    providers: Mapping[str, Value],
) -> roles.Role:
    deployer = Deployer("${StackName}", "${StackName}-*", limit.ref())
    rights = policies.add_rights(template, policies.types_of(stacks), deployer)
    return template.add_resource(
        roles.Role(
            "DeployRole",
            Metadata=accepted(
                {
                    "AwsSolutions-IAM5": (
                        "nested stacks and objects get names with random ends; "
                        "validating takes no ARN"
                    ),
                }
            ),
            Description="Deploys a private labeling workforce from one branch",
            AssumeRolePolicyDocument=_trust(template, providers, deploying=True),
            ManagedPolicyArns=rights,
            Policies=[
                roles.Policy(
                    PolicyName="deploy",
                    PolicyDocument=iam.policy(
                        _operate_the_stack(*_LOOKING, *_DEPLOYING),
                        _ask_before(),
                        *_use_the_bucket(""),
                    ),
                )
            ],
        )
    )


def _add_plan_role(template: Template, providers: Mapping[str, Value]) -> roles.Role:
    return template.add_resource(
        roles.Role(
            "PlanRole",
            Metadata=accepted(
                {
                    "AwsSolutions-IAM5": (
                        "nested stacks and objects get names with random ends; "
                        "validating takes no ARN"
                    ),
                }
            ),
            Description="Shows what a change would do, and executes nothing",
            AssumeRolePolicyDocument=_trust(template, providers, deploying=False),
            Policies=[
                roles.Policy(
                    PolicyName="plan",
                    PolicyDocument=iam.policy(
                        _operate_the_stack(*_LOOKING),
                        *_use_the_bucket(f"{PULL_REQUESTS}/"),
                    ),
                )
            ],
        )
    )


def _operate_the_stack(*actions: str) -> Statement:
    prefix = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}"
    return Statement(
        Sid="OperateTheStack",
        Effect=Allow,
        Action=[Action("cloudformation", name) for name in sorted(actions)],
        Resource=[
            Sub(f"{prefix}:stack/${{StackName}}/*"),
            Sub(f"{prefix}:stack/${{StackName}}-*/*"),
        ],
    )


def _ask_before() -> Statement:
    """Allow what `make deploy` asks before it makes anything; none takes a resource."""
    return Statement(
        Sid="AskBefore",
        Effect=Allow,
        Action=[
            Action("cloudformation", "GetTemplateSummary"),
            Action("sagemaker", "ListWorkforces"),
        ],
        Resource=["*"],
    )


def _use_the_bucket(folder: str) -> list[Statement]:
    bucket = "arn:${AWS::Partition}:s3:::${ArtifactBucketName}"
    return [
        Statement(
            Sid="UseTheBucket",
            Effect=Allow,
            Action=[Action("s3", "GetObject"), Action("s3", "PutObject")],
            Resource=[Sub(f"{bucket}/{folder}*")],
        ),
        Statement(
            Sid="SeeTheBucket",
            Effect=Allow,
            Action=[Action("s3", "ListBucket")],
            Resource=[Sub(bucket)],
        ),
    ]
