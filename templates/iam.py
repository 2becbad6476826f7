"""The rights of the set's roles, as statements that say what they are for.

CreateWorkforce and CreateWorkteam act on Cognito with the credentials of their
caller, so the role holds what SageMaker does as well as what the function does. The
only statement of what SageMaker does is the list of permissions of the handlers of
AWS::SageMaker::Workforce and AWS::SageMaker::Workteam in the CloudFormation registry.
"""

from __future__ import annotations

from collections.abc import Sequence

import awacs.cloudformation
import awacs.cognito_idp
import awacs.ec2
import awacs.iam
import awacs.logs
import awacs.sagemaker
import awacs.sns
import awacs.sts
from awacs.aws import (
    Allow,
    ArnLike,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import AWS_ACCOUNT_ID, GetAtt, Ref, Sub, Template, iam

from templates import identifiers, parameters
from templates.accepted import Metadata
from templates.wiring import Value

#: Where the set's roles are, so that a policy can be about them.
ROLE_PATH = "/private-workforce/"


def assumed_by(service: str) -> PolicyDocument:
    """Return the trust policy of a role that one AWS service assumes."""
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(
                Effect=Allow,
                Principal=Principal("Service", service),
                Action=[awacs.sts.AssumeRole],
            )
        ],
    )


def policy(*statements: Statement) -> PolicyDocument:
    """Return a permission policy."""
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def add_service_role(
    template: Template,
    title: str,
    service: str,
    policy_name: str,
    statements: Sequence[Statement],
    metadata: Metadata,
) -> iam.Role:
    """Add a role that an AWS service assumes, where and as every role of ours is.

    Who deploys may make and change the roles of this path only, and only under the
    boundary where one is given. The policy is inline: one of its own could be deleted
    before the custom resources, whose deletion needs it.
    """
    return template.add_resource(
        iam.Role(
            title,
            Metadata=metadata,
            Path=ROLE_PATH,
            AssumeRolePolicyDocument=assumed_by(service),
            PermissionsBoundary=parameters.PERMISSIONS_BOUNDARY_ARN.ref_if_given(
                template
            ),
            Policies=[
                iam.Policy(PolicyName=policy_name, PolicyDocument=policy(*statements))
            ],
        )
    )


def write_log_lines(log_group_arn: GetAtt) -> Statement:
    """Allow writing to one log group, given its ARN (which ends in ``:*``)."""
    return Statement(
        Sid="WriteLogLines",
        Effect=Allow,
        Action=[awacs.logs.CreateLogStream, awacs.logs.PutLogEvents],
        Resource=[log_group_arn],
    )


def see_the_workforce(template: Template) -> Statement:
    """Allow looking at the stack's workforce, be it made or adopted."""
    return Statement(
        Sid="SeeTheWorkforce",
        Effect=Allow,
        Action=[
            awacs.sagemaker.DescribeWorkforce,
            # SageMaker reads tags in its own calls.
            awacs.sagemaker.ListTags,
        ],
        Resource=[identifiers.workforce_arn(template)],
    )


def manage_the_workforce() -> Statement:
    """Allow everything on the one workforce whose name holds the stack's UUID.

    An adopted workforce has another name, so not even a fault could change it.
    """
    return Statement(
        Sid="ManageTheWorkforce",
        Effect=Allow,
        Action=[
            awacs.sagemaker.CreateWorkforce,
            awacs.sagemaker.DescribeWorkforce,
            awacs.sagemaker.UpdateWorkforce,
            awacs.sagemaker.DeleteWorkforce,
            # SageMaker reads and writes tags in its own calls.
            awacs.sagemaker.AddTags,
            awacs.sagemaker.ListTags,
            awacs.sagemaker.DeleteTags,
        ],
        Resource=[identifiers.own_workforce_arn()],
    )


def manage_the_work_teams() -> Statement:
    """Allow everything on the teams whose names end in the stack's UUID."""
    return Statement(
        Sid="ManageTheWorkTeams",
        Effect=Allow,
        Action=[
            awacs.sagemaker.CreateWorkteam,
            awacs.sagemaker.DescribeWorkteam,
            awacs.sagemaker.UpdateWorkteam,
            awacs.sagemaker.DeleteWorkteam,
            awacs.sagemaker.ListLabelingJobsForWorkteam,
            # SageMaker reads and writes tags in its own calls.
            awacs.sagemaker.AddTags,
            awacs.sagemaker.ListTags,
            awacs.sagemaker.DeleteTags,
        ],
        Resource=[identifiers.work_team_arns()],
    )


def see_whether_labeling_jobs_are_over() -> Statement:
    """Allow looking at the labeling jobs, of which any may use a work team."""
    return Statement(
        Sid="SeeWhetherLabelingJobsAreOver",
        Effect=Allow,
        Action=[awacs.sagemaker.DescribeLabelingJob],
        Resource=[identifiers.labeling_job_arns()],
    )


def see_what_is_in_the_way() -> Statement:
    """Allow listing workforces and teams, and finding a domain's pool.

    None of these actions takes a resource (Service Authorization Reference).
    """
    return Statement(
        Sid="SeeWhatIsInTheWay",
        Effect=Allow,
        Action=[
            awacs.sagemaker.ListWorkforces,
            awacs.sagemaker.ListWorkteams,
            awacs.cognito_idp.DescribeUserPoolDomain,
        ],
        Resource=["*"],
    )


def see_whether_stacks_are_at_work(*stack_ids: Value) -> Statement:
    """Allow looking at the set's own stacks, so that a repair waits for them."""
    return Statement(
        Sid="SeeWhetherStacksAreAtWork",
        Effect=Allow,
        Action=[awacs.cloudformation.DescribeStacks],
        Resource=list(stack_ids),
    )


def put_the_portal_into_a_vpc(vpc_id: Value) -> list[Statement]:
    """Allow the endpoints that SageMaker makes in the VPC, as its caller.

    Which ids the endpoints get is SageMaker's. A VPC can be another account's, shared
    with this one.
    """
    ec2 = "arn:${AWS::Partition}:ec2:${AWS::Region}"
    endpoints = Sub(f"{ec2}:${{AWS::AccountId}}:vpc-endpoint/*")
    return [
        Statement(
            Sid="MakeEndpointsInTheVpc",
            Effect=Allow,
            Action=[awacs.ec2.CreateVpcEndpoint],
            Resource=[
                endpoints,
                Sub(f"{ec2}:*:vpc/${{VpcId}}", VpcId=vpc_id),
                Sub(f"{ec2}:*:subnet/*"),
                Sub(f"{ec2}:*:security-group/*"),
            ],
        ),
        Statement(
            Sid="ManageEndpoints",
            Effect=Allow,
            Action=[awacs.ec2.ModifyVpcEndpoint, awacs.ec2.DeleteVpcEndpoints],
            Resource=[endpoints],
        ),
        Statement(
            Sid="SeeTheVpc",
            Effect=Allow,
            # None of these takes a resource (Service Authorization Reference).
            Action=[
                awacs.ec2.DescribeVpcEndpoints,
                awacs.ec2.DescribeSecurityGroups,
                awacs.ec2.DescribeSubnets,
                awacs.ec2.DescribeVpcs,
            ],
            Resource=["*"],
        ),
    ]


def let_cognito_send_emails() -> Statement:
    """Allow making the one role with which Cognito sends e-mails through SES."""
    return Statement(
        Sid="LetCognitoSendEmails",
        Effect=Allow,
        Action=[awacs.iam.CreateServiceLinkedRole],
        Resource=[
            Sub(
                "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role"
                "/email.cognito-idp.amazonaws.com"
                "/AWSServiceRoleForAmazonCognitoIdpEmailService"
            )
        ],
    )


def publish_to(topic_arn: Value) -> list[Statement]:
    """Allow SageMaker and CloudWatch of this account to publish to a topic.

    The conditions keep either service from being used by another account ("Create
    and manage Amazon SNS topics for your work teams", SageMaker Developer Guide).
    """
    return [
        Statement(
            Sid=sid,
            Effect=Allow,
            Principal=Principal("Service", service),
            Action=[awacs.sns.Publish],
            Resource=[topic_arn],
            Condition=Condition(
                [
                    ArnLike("aws:SourceArn", Sub(source)),
                    StringEquals("aws:SourceAccount", Ref(AWS_ACCOUNT_ID)),
                ]
            ),
        )
        for sid, service, source in (
            (
                "WorkForTheTeams",
                "sagemaker.amazonaws.com",
                "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}"
                ":workteam/*",
            ),
            (
                "Alarms",
                "cloudwatch.amazonaws.com",
                "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}"
                ":alarm:*",
            ),
        )
    ]


def make_sign_in_agree_with_the_portal(user_pool_id: Value) -> Statement:
    """Allow rewriting the app client and the invitation of one user pool."""
    return Statement(
        Sid="MakeSignInAgreeWithThePortal",
        Effect=Allow,
        Action=[
            awacs.cognito_idp.DescribeUserPool,
            awacs.cognito_idp.UpdateUserPool,
            awacs.cognito_idp.DescribeUserPoolClient,
            awacs.cognito_idp.UpdateUserPoolClient,
        ],
        Resource=[identifiers.user_pool_arn(user_pool_id)],
    )


def manage_groups_and_workers(user_pool_id: Value) -> Statement:
    """Allow making the teams' groups and inviting and disabling workers in one pool."""
    return Statement(
        Sid="ManageGroupsAndWorkers",
        Effect=Allow,
        Action=[
            awacs.cognito_idp.CreateGroup,
            awacs.cognito_idp.DeleteGroup,
            awacs.cognito_idp.ListGroups,
            awacs.cognito_idp.ListUsers,
            awacs.cognito_idp.AdminCreateUser,
            awacs.cognito_idp.AdminGetUser,
            awacs.cognito_idp.AdminAddUserToGroup,
            awacs.cognito_idp.AdminRemoveUserFromGroup,
            awacs.cognito_idp.AdminListGroupsForUser,
            awacs.cognito_idp.AdminDisableUser,
            awacs.cognito_idp.AdminEnableUser,
            awacs.cognito_idp.AdminUserGlobalSignOut,
        ],
        Resource=[identifiers.user_pool_arn(user_pool_id)],
    )
