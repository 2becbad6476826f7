"""The function behind the custom resources: its code, its log, its role and rights."""

from __future__ import annotations

from typing import NamedTuple

from troposphere import If, Select, Template, awslambda, logs
from troposphere import iam as roles

from templates import iam, inline, parameters, repair
from templates.accepted import accepted
from templates.wiring import Inputs

#: The last resource of the function's own; the first custom resource waits for it.
EVENT_INVOKE_CONFIG = "WorkforceFunctionEventInvokeConfig"

#: The longest that Lambda lets a function run ("Lambda quotas", Lambda Developer
#: Guide); a workforce in a VPC can take most of it.
FUNCTION_TIMEOUT_IN_SECONDS = 900

#: An event that waited longer is dropped: a Create that runs after CloudFormation
#: has given up would make a workforce that nobody deletes.
MAXIMUM_EVENT_AGE_IN_SECONDS = 120

#: What CloudFormation waits at most for an answer: queue, run, and a minute.
SERVICE_TIMEOUT_IN_SECONDS = (
    MAXIMUM_EVENT_AGE_IN_SECONDS + FUNCTION_TIMEOUT_IN_SECONDS + 60
)


class WorkforceFunction(NamedTuple):
    """The function, and what others add to or look at."""

    function: awslambda.Function
    role: roles.Role
    log_group: logs.LogGroup


def add_to(template: Template, inputs: Inputs) -> WorkforceFunction:
    """Add the function with its log group, its role, and how it is invoked."""
    log_group = _add_log_group(template)
    role = _add_role(template, log_group, inputs)
    function = _add_function(template, role, log_group)
    _add_event_invoke_config(template, function)
    return WorkforceFunction(function, role, log_group)


def add_vpc_policy(template: Template, role: roles.Role) -> If:
    """Add the rights for a VPC; return its id, known only once they are there.

    Not in the role: CloudFormation updates the role before the workforce, so the
    rights would be gone when the workforce leaves the VPC. A resource whose condition
    turns false goes last. DependsOn cannot name one, but a value can refer to it.
    """
    vpc_id = parameters.VPC_ID
    policy = template.add_resource(
        roles.PolicyType(
            "WorkforceFunctionVpcPolicy",
            Metadata=accepted(
                {
                    "AwsSolutions-IAM5": (
                        "endpoint, subnets and groups are named by their VPC, in a "
                        "condition"
                    ),
                }
            ),
            Condition=vpc_id.given(template),
            Roles=[role.ref()],
            PolicyName="private-workforce-vpc",
            PolicyDocument=iam.policy(
                *iam.put_the_portal_into_a_vpc(vpc_id.ref(template))
            ),
        )
    )
    return If(
        vpc_id.given(template), Select(0, [vpc_id.ref(template), policy.ref()]), ""
    )


def add_email_policy(template: Template, role: roles.Role) -> If:
    """Add the right that a pool with an SES identity needs; return its id.

    Whoever updates such a pool has Cognito's role for sending made, if it is not
    there ("Using service-linked roles for Amazon Cognito", Cognito Developer Guide).
    """
    has_identity = parameters.SES_IDENTITY_ARN.given(template)
    policy = template.add_resource(
        roles.PolicyType(
            "WorkforceFunctionEmailPolicy",
            Condition=has_identity,
            Roles=[role.ref()],
            PolicyName="private-workforce-email",
            PolicyDocument=iam.policy(iam.let_cognito_send_emails()),
        )
    )
    return If(has_identity, policy.ref(), "")


def _add_log_group(template: Template) -> logs.LogGroup:
    return template.add_resource(
        logs.LogGroup(
            "WorkforceFunctionLogGroup",
            RetentionInDays=parameters.LOG_RETENTION_IN_DAYS.ref(template),
            KmsKeyId=parameters.LOG_KEY_ARN.ref_if_given(template),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )


def _add_role(
    template: Template, log_group: logs.LogGroup, inputs: Inputs
) -> roles.Role:
    user_pool_id = inputs["UserPoolId"]
    return iam.add_service_role(
        template,
        "WorkforceFunctionRole",
        "lambda.amazonaws.com",
        "private-workforce",
        [
            iam.write_log_lines(log_group.get_att("Arn")),
            iam.see_the_workforce(template),
            iam.manage_the_workforce(),
            iam.manage_the_work_teams(),
            iam.see_whether_labeling_jobs_are_over(),
            iam.see_what_is_in_the_way(),
            iam.make_sign_in_agree_with_the_portal(user_pool_id),
            iam.manage_groups_and_workers(user_pool_id),
            iam.see_whether_stacks_are_at_work(*repair.watched(template, inputs)),
        ],
        accepted(
            {
                "AwsSolutions-IAM5": (
                    "listing takes no ARN, and teams are those that end in the UUID of "
                    "the stack"
                ),
            }
        ),
    )


def _add_function(
    template: Template, role: roles.Role, log_group: logs.LogGroup
) -> awslambda.Function:
    return template.add_resource(
        awslambda.Function(
            "WorkforceFunction",
            Metadata=accepted(
                {
                    "CKV_AWS_115": (
                        "only CloudFormation and one rule call it, and reserving "
                        "would take capacity from the account"
                    ),
                    "CKV_AWS_116": (
                        "failures are answered to CloudFormation; a queue would get "
                        "the URL that is a right to answer"
                    ),
                    "CKV_AWS_117": ("it calls endpoints of AWS only"),
                    "AwsSolutions-L1": ("python3.13 is the runtime that is tested"),
                }
            ),
            Description="Makes the private workforce and keeps the sign-in right",
            Code=awslambda.Code(ZipFile=inline.source("workforce")),
            # CloudFormation calls the inlined file index.py.
            Handler="index.handler",
            Runtime="python3.13",
            Architectures=["arm64"],
            # The share of a processor comes with it, and loading an SDK needs one.
            MemorySize=512,
            Timeout=FUNCTION_TIMEOUT_IN_SECONDS,
            Role=role.get_att("Arn"),
            LoggingConfig=awslambda.LoggingConfig(LogGroup=log_group.ref()),
        )
    )


def _add_event_invoke_config(template: Template, function: awslambda.Function) -> None:
    template.add_resource(
        awslambda.EventInvokeConfig(
            EVENT_INVOKE_CONFIG,
            FunctionName=function.ref(),
            Qualifier="$LATEST",
            MaximumEventAgeInSeconds=MAXIMUM_EVENT_AGE_IN_SECONDS,
            # A Create that is run again after CloudFormation gave up makes an orphan.
            # And no destination for failures: it would get the whole event, with the
            # URL that is a right to answer CloudFormation.
            MaximumRetryAttempts=0,
        )
    )
