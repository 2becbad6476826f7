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
    logs,
    sns,
)
from troposphere import iam as roles

from templates import (
    custom_resources,
    iam,
    identifiers,
    inline,
    monitoring,
    notifications,
    parameters,
    repair,
)
from templates.accepted import accepted
from templates.identifiers import with_own_uuid, workforce_name
from templates.revision import digest_of
from templates.wiring import Input, Inputs, Outputs, Produced, make_last

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


def add_to(template: Template, inputs: Inputs) -> Outputs:
    """Add the function and its custom resources.

    Returns:
        LabelingPortalUrl, WorkforceName, WorkforceArn, WorkTeamArn (of the first
        team), WorkTeamArns (of all, separated by commas), NotificationTopicArn and
        DashboardUrl.
    """
    root_stack_id = identifiers.root_stack_id(template, inputs)
    topic = notifications.add_topic(template, root_stack_id)
    log_group = _add_log_group(template)
    role = _add_role(template, log_group, inputs)
    function = _add_function(template, role, log_group)
    invoke_config = _add_event_invoke_config(template, function)
    vpc_id = _add_vpc_policy(template, role)
    workforce = _add_private_workforce(
        template, function, invoke_config, vpc_id, inputs
    )
    teams = _add_work_teams(template, function, workforce, topic, inputs)
    email_right = _add_email_policy(template, role)
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


def _add_vpc_policy(template: Template, role: roles.Role) -> If:
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


def _add_event_invoke_config(
    template: Template, function: awslambda.Function
) -> awslambda.EventInvokeConfig:
    return template.add_resource(
        awslambda.EventInvokeConfig(
            "WorkforceFunctionEventInvokeConfig",
            FunctionName=function.ref(),
            Qualifier="$LATEST",
            MaximumEventAgeInSeconds=MAXIMUM_EVENT_AGE_IN_SECONDS,
            # A Create that is run again after CloudFormation gave up makes an orphan.
            # And no destination for failures: it would get the whole event, with the
            # URL that is a right to answer CloudFormation.
            MaximumRetryAttempts=0,
        )
    )


def _add_private_workforce(
    template: Template,
    function: awslambda.Function,
    invoke_config: awslambda.EventInvokeConfig,
    vpc_id: If,
    inputs: Inputs,
) -> custom_resources.PrivateWorkforce:
    return template.add_resource(
        custom_resources.PrivateWorkforce(
            "PrivateWorkforce",
            DependsOn=[invoke_config.title],
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


def _add_email_policy(template: Template, role: roles.Role) -> If:
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
