"""The custom resources of the set, as if CloudFormation had shipped them.

Their properties are those that ``lambda_src/workforce.py`` parses; a test holds the
two together.
"""

from __future__ import annotations

from troposphere import AWSObject, PropsDictType

_COMMON: PropsDictType = {
    "ServiceToken": (str, True),
    "ServiceTimeout": (int, True),
}


class PrivateWorkforce(AWSObject):
    """The one private workforce of the account and Region."""

    resource_type = "Custom::PrivateWorkforce"
    props: PropsDictType = {
        **_COMMON,
        "WorkforceName": (str, True),
        "UserPoolId": (str, True),
        "UserPoolClientId": (str, True),
        "UserPoolDomainName": (str, True),
        "SourceCidrs": (list, True),
        "VpcId": (str, True),
        "SubnetIds": (list, True),
        "SecurityGroupIds": (list, True),
        "IpAddressType": (str, True),
        "ExistingWorkforceName": (str, True),
    }


class WorkTeams(AWSObject):
    """A work team and its user pool group for each name."""

    resource_type = "Custom::WorkTeams"
    props: PropsDictType = {
        **_COMMON,
        "WorkforceName": (str, True),
        "UserPoolId": (str, True),
        "UserPoolClientId": (str, True),
        "WorkTeamNames": (list, True),
        "NotificationTopicArn": (str, True),
        "RestrictTaskDataToSourceIp": (str, True),
    }


class PortalSignIn(AWSObject):
    """The agreement of app client and invitation with the labeling portal."""

    resource_type = "Custom::PortalSignIn"
    props: PropsDictType = {
        **_COMMON,
        "UserPoolId": (str, True),
        "UserPoolClientId": (str, True),
        "WorkforceName": (str, True),
        "LabelingPortalHost": (str, True),
        "IdentityRevision": (str, True),
        "InvitationRevision": (str, True),
        "WorkforceRevision": (str, True),
    }


class Workers(AWSObject):
    """The declared workers, each invited once."""

    resource_type = "Custom::Workers"
    props: PropsDictType = {
        **_COMMON,
        "UserPoolId": (str, True),
        "BaseStackId": (str, True),
        "GroupName": (str, True),
        "WorkerEmails": (list, True),
    }
