"""The workforce stack: the labeling portal, its teams, its workers.

One inlined function stands behind four custom resources. It makes the workforce,
then the teams (SageMaker edits the app client for each of them), then makes the app
client and the invitation agree with the portal, and invites the workers last.
Deletion goes the other way.
"""

from __future__ import annotations

from troposphere import (
    If,
    Join,
    Select,
    Split,
    Template,
    awslambda,
    sns,
)

from templates import (
    custom_resources,
    identifiers,
    inline,
    monitoring,
    notifications,
    parameters,
    repair,
    workforce_function,
)
from templates.identifiers import with_own_uuid, workforce_name
from templates.revision import digest_of
from templates.wiring import Input, Inputs, Outputs, Produced, make_last
from templates.workforce_function import (
    EVENT_INVOKE_CONFIG,
    SERVICE_TIMEOUT_IN_SECONDS,
)

DESCRIPTION = "Private labeling workforce: portal, work teams, workers"

_OF_YOURS = "User pool and app client"

INPUTS: tuple[Input, ...] = (
    Input(
        "UserPoolId",
        "User pool",
        "Id of the user pool of the workers",
        group=_OF_YOURS,
    ),
    Input(
        "UserPoolClientId",
        "App client",
        "Id of the app client of the labeling portal",
        group=_OF_YOURS,
    ),
    Input(
        "UserPoolDomainName",
        "Host of the sign-in pages",
        "Host of the sign-in pages of the user pool, for example "
        "labels.auth.us-east-1.amazoncognito.com",
        group=_OF_YOURS,
    ),
    Input(
        "IdentityRevision",
        "Revision",
        "Differs whenever user pool or app client is written. Where the stack stands "
        "alone, another value puts the portal into the app client again",
        default="",
        group=_OF_YOURS,
    ),
    Input(
        "BaseStackId",
        "Base stack",
        "Id of the stack that writes user pool and app client; empty where this stack "
        "stands alone",
        default="",
    ),
    Input(
        "RootStackId",
        "Root stack",
        "Id of the root stack; empty where this stack stands alone",
        default="",
    ),
)


def add_to(template: Template, inputs: Inputs) -> Outputs:
    """Add the function and its custom resources; return the outputs."""
    root_stack_id = identifiers.root_stack_id(template, inputs)
    topic = notifications.add_topic(template, root_stack_id)
    function, role, log_group = workforce_function.add_to(template, inputs)
    vpc_id = workforce_function.add_vpc_policy(template, role)
    workforce = _add_private_workforce(template, function, vpc_id, inputs)
    teams = _add_work_teams(template, function, workforce, topic, inputs)
    email_right = workforce_function.add_email_policy(template, role)
    _add_portal_sign_in(template, function, workforce, teams, email_right, inputs)
    _add_workers(template, function, inputs)
    repair.add_to(template, function, inputs)
    monitoring.add_portal_alarms(template, function, log_group, topic, root_stack_id)
    dashboard_url = monitoring.add_dashboard(template, function, log_group, inputs)
    # An invitation that is sent earlier would name the placeholder; and a deletion
    # that a protected user pool stops has then deleted nothing yet.
    make_last(template, "Workers")
    return {
        "LabelingPortalUrl": Produced(
            "Address of the labeling portal", workforce.get_att("LabelingPortalUrl")
        ),
        "WorkforceName": Produced(
            "Name of the private workforce", workforce.get_att("WorkforceName")
        ),
        "WorkforceArn": Produced(
            "ARN of the private workforce", workforce.get_att("WorkforceArn")
        ),
        "WorkTeamArn": Produced(
            "ARN of the first work team, for labeling jobs",
            Select(0, Split(",", teams.get_att("WorkTeamArns"))),
        ),
        "WorkTeamArns": Produced(
            "ARNs of all work teams, separated by commas",
            teams.get_att("WorkTeamArns"),
        ),
        "NotificationTopicArn": Produced(
            "SNS topic of alarms and of work for the teams", topic.ref()
        ),
        "DashboardUrl": dashboard_url,
    }


def _add_private_workforce(
    template: Template,
    function: awslambda.Function,
    vpc_id: If,
    inputs: Inputs,
) -> custom_resources.PrivateWorkforce:
    return template.add_resource(
        custom_resources.PrivateWorkforce(
            "PrivateWorkforce",
            DependsOn=[EVENT_INVOKE_CONFIG],
            ServiceToken=function.get_att("Arn"),
            ServiceTimeout=SERVICE_TIMEOUT_IN_SECONDS,
            WorkforceName=workforce_name(template),
            UserPoolId=inputs["UserPoolId"],
            UserPoolClientId=inputs["UserPoolClientId"],
            # The function asks for it so that a pool without a domain is said early.
            UserPoolDomainName=inputs["UserPoolDomainName"],
            SourceCidrs=Split(",", parameters.SOURCE_CIDRS.ref(template)),
            VpcId=vpc_id,
            SubnetIds=Split(",", parameters.SUBNET_IDS.ref(template)),
            SecurityGroupIds=Split(",", parameters.SECURITY_GROUP_IDS.ref(template)),
            IpAddressType=parameters.IP_ADDRESS_TYPE.ref(template),
            ExistingWorkforceName=parameters.EXISTING_WORKFORCE_NAME.ref(template),
        )
    )


def _add_work_teams(
    template: Template,
    function: awslambda.Function,
    workforce: custom_resources.PrivateWorkforce,
    topic: sns.Topic,
    inputs: Inputs,
) -> custom_resources.WorkTeams:
    return template.add_resource(
        custom_resources.WorkTeams(
            "WorkTeams",
            # SageMaker looks whether it may publish to the topic.
            DependsOn=[notifications.POLICY],
            ServiceToken=function.get_att("Arn"),
            ServiceTimeout=SERVICE_TIMEOUT_IN_SECONDS,
            WorkforceName=workforce.get_att("WorkforceName"),
            UserPoolId=inputs["UserPoolId"],
            UserPoolClientId=inputs["UserPoolClientId"],
            WorkTeamNames=Split(",", parameters.WORK_TEAM_NAMES.ref(template)),
            NotificationTopicArn=topic.ref(),
            RestrictTaskDataToSourceIp=(
                parameters.RESTRICT_TASK_DATA_TO_SOURCE_IP.ref(template)
            ),
        )
    )


def _add_portal_sign_in(
    template: Template,
    function: awslambda.Function,
    workforce: custom_resources.PrivateWorkforce,
    teams: custom_resources.WorkTeams,
    email_right: If,
    inputs: Inputs,
) -> custom_resources.PortalSignIn:
    return template.add_resource(
        custom_resources.PortalSignIn(
            "PortalSignIn",
            DependsOn=[teams.title],
            ServiceToken=function.get_att("Arn"),
            ServiceTimeout=SERVICE_TIMEOUT_IN_SECONDS,
            UserPoolId=inputs["UserPoolId"],
            UserPoolClientId=inputs["UserPoolClientId"],
            WorkforceName=workforce.get_att("WorkforceName"),
            LabelingPortalHost=workforce.get_att("LabelingPortalHost"),
            IdentityRevision=inputs["IdentityRevision"],
            # Too long to be a part of the former.
            InvitationRevision=parameters.INVITATION_BODY.ref(template),
            # SageMaker may edit the app client whenever the workforce or a team
            # changes, and a new function may know better.
            WorkforceRevision=Join(
                "|",
                [
                    digest_of(inline.source("workforce")),
                    email_right,
                    *(
                        parameter.ref(template)
                        for parameter in (
                            parameters.SOURCE_CIDRS,
                            parameters.VPC_ID,
                            parameters.SUBNET_IDS,
                            parameters.SECURITY_GROUP_IDS,
                            parameters.IP_ADDRESS_TYPE,
                            parameters.WORK_TEAM_NAMES,
                            parameters.RESTRICT_TASK_DATA_TO_SOURCE_IP,
                        )
                    ),
                ],
            ),
        )
    )


def _add_workers(
    template: Template,
    function: awslambda.Function,
    inputs: Inputs,
) -> custom_resources.Workers:
    return template.add_resource(
        custom_resources.Workers(
            "Workers",
            ServiceToken=function.get_att("Arn"),
            ServiceTimeout=SERVICE_TIMEOUT_IN_SECONDS,
            UserPoolId=inputs["UserPoolId"],
            BaseStackId=identifiers.of_root(template, inputs["BaseStackId"], alone=""),
            GroupName=with_own_uuid(
                "${FirstTeam}-${StackUuid}",
                FirstTeam=Select(
                    0, Split(",", parameters.WORK_TEAM_NAMES.ref(template))
                ),
            ),
            WorkerEmails=Split(",", parameters.WORKER_EMAILS.ref(template)),
        )
    )
