"""The repair: after every operation on the set's stacks, the sign-in is looked at.

CloudFormation writes the placeholder back in a rolled-back update, and calls no custom
resource afterwards. It does tell EventBridge when an operation ends, durably ("AWS
services that generate events", EventBridge User Guide), and the function then does
what Custom::PortalSignIn does.
"""

from __future__ import annotations

from troposphere import (
    AWS_STACK_ID,
    Join,
    Ref,
    Sub,
    Template,
    awslambda,
    events,
)

from templates import parameters
from templates.identifiers import of_root, workforce_name
from templates.wiring import Inputs, Value

#: The ends of operations that may have written the user pool or the app client.
STATUSES = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)


def watched(template: Template, inputs: Inputs) -> list[Value]:
    """Return the ids of root, base and the stack itself.

    All are one in the single file, and where the workforce stack stands alone. That a
    nested stack sends events of its own is not documented; root's come anyway.
    """
    others = (inputs["RootStackId"], inputs["BaseStackId"])
    return [*(of_root(template, other) for other in others), Ref(AWS_STACK_ID)]


def add_to(
    template: Template, function: awslambda.Function, inputs: Inputs
) -> awslambda.Permission:
    """Add the rule that calls the function, and its right to do so.

    Returns:
        The right, which is the last to be made.
    """
    rule = template.add_resource(
        events.Rule(
            "SignInRepairRule",
            Description="Calls the repair when an operation on the set's stacks ends",
            EventPattern={
                "source": ["aws.cloudformation"],
                "detail-type": ["CloudFormation Stack Status Change"],
                "detail": {
                    "stack-id": watched(template, inputs),
                    "status-details": {"status": list(STATUSES)},
                },
            },
            Targets=[
                events.Target(
                    Id="WorkforceFunction",
                    Arn=function.get_att("Arn"),
                    Input=_request(template, inputs),
                )
            ],
        )
    )
    return template.add_resource(
        awslambda.Permission(
            "SignInRepairPermission",
            FunctionName=function.ref(),
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule.get_att("Arn"),
        )
    )


def _request(template: Template, inputs: Inputs) -> Sub:
    """Return the JSON that the function takes as a repair request."""
    return Sub(
        '{"Repair": {"StackId": "${AWS::StackId}", "UserPoolId": "${UserPoolId}", '
        '"UserPoolClientId": "${UserPoolClientId}", '
        '"WorkforceName": "${WorkforceName}", "WorkTeamNames": "${WorkTeamNames}", '
        '"StackIds": ["${StackIds}"]}}',
        UserPoolId=inputs["UserPoolId"],
        UserPoolClientId=inputs["UserPoolClientId"],
        WorkforceName=workforce_name(template),
        WorkTeamNames=parameters.WORK_TEAM_NAMES.ref(template),
        StackIds=Join('", "', watched(template, inputs)),
    )
