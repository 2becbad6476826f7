"""The roles of a pipeline that deploys the set, without stored keys.

One role deploys, from one branch only; another one shows what a pull request would
change, and can execute nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from awacs.aws import Action, Allow, Condition, Statement, StringLike
from troposphere import (
    Equals,
    Not,
    Or,
    Sub,
    Template,
)
from troposphere import iam as roles

from templates import iam, pipelines, root, wiring
from templates.accepted import accepted
from templates.deployment import boundary, grants, policies
from templates.deployment.places import Deployer
from templates.parameters import OperatorParameter
from templates.wiring import Produced, Value

DESCRIPTION = "Roles of a pipeline that deploys a private labeling workforce"

_WHERE = "What is deployed"

#: CloudFormation shortens the names that it makes, and the name of the stack in them;
#: so much stays in any case (a name has 64 characters, its random end 13).
_LONGEST_STACK_NAME = 20

#: Folder of the bucket that a pull request may write: what is deployed lies elsewhere,
#: so that nobody can put another template in its place.
PULL_REQUESTS = "pull-requests"

#: What the change sets of a pull request are called: it may not delete, or make, one
#: that looks like a deployment's.
PLANS = "private-workforce-plan-*"

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
PARAMETERS = (
    STACK_NAME,
    BUCKET_NAME,
    *pipelines.PARAMETERS,
    *grants.GRANTS,
)


#: What `make diff` and the pull request's job do to the stack: nothing that lasts.
_PLANNING = ("CreateChangeSet", "DeleteChangeSet")
_LOOKING = ("DescribeChangeSet", "DescribeStacks", "ListStackResources")
_DEPLOYING = ("DescribeStackEvents", "ExecuteChangeSet", "UpdateTerminationProtection")


def build() -> Template:
    """Return the template of the roles."""
    template = wiring.new_template(DESCRIPTION)
    for parameter in PARAMETERS:
        parameter.ref(template)
    grants.add_to(template)
    _add_rule(template)
    providers = {
        each.host: pipelines.add_provider(template, each)
        for each in pipelines.PIPELINES
    }
    stacks = root.templates()
    limit = boundary.add_to(template, stacks)
    nested = _nested_stacks(stacks)
    deployer = Deployer("${StackName}", "${StackName}-*", limit.ref(), nested)
    deploy = _add_deploy_role(template, stacks, deployer, providers)
    look = _add_plan_role(template, nested, providers)
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
    given = [
        Not(Equals(each.repository.ref(template), "")) for each in pipelines.PIPELINES
    ]
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


def _add_deploy_role(
    template: Template,
    stacks: list[Template],
    deployer: Deployer,
    providers: Mapping[str, Value],
) -> roles.Role:
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
            AssumeRolePolicyDocument=pipelines.trust(
                template, providers, deploying=True
            ),
            ManagedPolicyArns=rights,
            Policies=[
                roles.Policy(
                    PolicyName="deploy",
                    PolicyDocument=iam.policy(
                        _operate_the_stack(
                            deployer.nested, *_PLANNING, *_LOOKING, *_DEPLOYING
                        ),
                        _ask_before(),
                        *_use_the_bucket(""),
                    ),
                )
            ],
        )
    )


def _add_plan_role(
    template: Template, nested: tuple[str, ...], providers: Mapping[str, Value]
) -> roles.Role:
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
            AssumeRolePolicyDocument=pipelines.trust(
                template, providers, deploying=False
            ),
            Policies=[
                roles.Policy(
                    PolicyName="plan",
                    PolicyDocument=iam.policy(
                        _operate_the_stack(nested, *_LOOKING),
                        *_plan_changes(nested),
                        *_use_the_bucket(f"{PULL_REQUESTS}/"),
                    ),
                )
            ],
        )
    )


def _nested_stacks(stacks: list[Template]) -> tuple[str, ...]:
    """Return the names of the nested stacks, as CloudFormation makes them.

    Not all that begins with the root's name: the stack of the bucket does, too.
    """
    return tuple(
        f"${{StackName}}-{title}-*"
        for template in stacks
        for title, resource in template.resources.items()
        if resource.resource_type == "AWS::CloudFormation::Stack"
    )


def _arns(*names: str) -> list[Value]:
    prefix = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}"
    return [Sub(f"{prefix}:stack/{name}/*") for name in names]


def _operate_the_stack(nested: tuple[str, ...], *actions: str) -> Statement:
    return Statement(
        Sid="OperateTheStack",
        Effect=Allow,
        Action=[Action("cloudformation", name) for name in sorted(actions)],
        Resource=_arns("${StackName}", *nested),
    )


def _plan_changes(nested: tuple[str, ...]) -> list[Statement]:
    """Allow to make and delete the change sets of plans, and no other.

    Both actions know the condition key cloudformation:ChangeSetName ("Actions,
    resources, and condition keys for AWS CloudFormation", Service Authorization
    Reference). Those of the nested stacks CloudFormation names itself; they can be
    deleted through their root's only ("Change sets for nested stacks", CloudFormation
    User Guide), so that no condition is needed there.
    """
    actions = [Action("cloudformation", name) for name in _PLANNING]
    return [
        Statement(
            Sid="PlanChanges",
            Effect=Allow,
            Action=actions,
            Resource=_arns("${StackName}"),
            Condition=Condition(StringLike("cloudformation:ChangeSetName", PLANS)),
        ),
        Statement(
            Sid="PlanChangesOfNestedStacks",
            Effect=Allow,
            Action=actions,
            Resource=_arns(*nested),
        ),
    ]


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
