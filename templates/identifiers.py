"""Names and ARNs that hold a stack's UUID, and so are one stack's by construction.

The last part of a stack id is a UUID. Whatever carries the whole of it cannot be
confused with the work of another stack; parts of it have collided for others.
"""

from __future__ import annotations

from troposphere import (
    AWS_STACK_ID,
    AWSHelperFn,
    Equals,
    If,
    Not,
    Ref,
    Select,
    Split,
    Sub,
    Template,
)

from templates import parameters
from templates.wiring import Inputs, Value

_OWN_STACK_ID = Ref(AWS_STACK_ID)


def root_stack_id(template: Template, inputs: Inputs) -> Value:
    """Return the id of the root stack, or the stack's own where it stands alone."""
    return of_root(template, inputs["RootStackId"])


def of_root(template: Template, value: Value, alone: Value = _OWN_STACK_ID) -> Value:
    """Return a value that a root stack gives, or what stands for it without one.

    So whatever else is given where the stack stands alone has no effect.
    """
    if "RootStackId" not in template.parameters:
        return value
    # Not on another input, whose value is unknown when a change set is made.
    template.conditions["HasRootStackId"] = Not(Equals(Ref("RootStackId"), ""))
    return If("HasRootStackId", value, alone)


def uuid_of(stack_id: Value) -> Select:
    """Return the UUID in ``arn:…:stack/<name>/<UUID>``."""
    return Select(2, Split("/", stack_id))


def with_own_uuid(text: str, **values: Value) -> Sub:
    """Return a text in which ``${StackUuid}`` is the UUID of the stack itself."""
    return Sub(text, {"StackUuid": uuid_of(Ref(AWS_STACK_ID)), **values})


def workforce_name(template: Template) -> AWSHelperFn:
    """Return the name of the stack's private workforce (54 of 63 characters).

    Unless the operator asks to adopt one, which has its name already.
    """
    adopted = parameters.EXISTING_WORKFORCE_NAME
    return If(
        adopted.given(template),
        adopted.ref(template),
        with_own_uuid("private-workforce-${StackUuid}"),
    )


def workforce_arn(template: Template) -> AWSHelperFn:
    """Return the ARN of the stack's private workforce."""
    return Sub(
        "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}"
        ":workforce/${WorkforceName}",
        WorkforceName=workforce_name(template),
    )


def own_workforce_arn() -> AWSHelperFn:
    """Return the ARN of a workforce that only this stack can have made."""
    return with_own_uuid(
        "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}"
        ":workforce/private-workforce-${StackUuid}"
    )


def labeling_job_arns() -> AWSHelperFn:
    """Return the pattern of the ARNs of every labeling job of account and Region."""
    return Sub(
        "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}"
        ":labeling-job/*"
    )


def work_team_arns() -> AWSHelperFn:
    """Return the pattern of the ARNs of the stack's work teams.

    A team's ARN has ``private-crowd/`` in it ("Use SageMaker AI Ground Truth and
    Augmented AI with IAM", SageMaker Developer Guide), which the Service Authorization
    Reference leaves out; the asterisk takes both.
    """
    return with_own_uuid(
        "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}"
        ":workteam/*-${StackUuid}"
    )


def user_pool_arn(user_pool_id: Value) -> AWSHelperFn:
    """Return the ARN of a user pool."""
    return Sub(
        "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}"
        ":userpool/${UserPoolId}",
        UserPoolId=user_pool_id,
    )
