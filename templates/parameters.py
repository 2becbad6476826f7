"""Every operator parameter of the set, each declared once.

A stack uses a parameter by asking for its reference (``DOMAIN_PREFIX.ref(template)``).
The parameter then appears in that template, in root, in the console's parameter page
and in docs/parameters.md; nothing else has to be edited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troposphere import Equals, Not, Parameter, Ref, Template

#: The groups of the console's parameter page, in the order a person reads them.
GROUPS = (
    "Labeling teams",
    "Sign-in domain",
    "Sign-in sessions and passwords",
    "Portal access",
    "Operations",
)

#: The longest value of a parameter ("CloudFormation quotas", User Guide).
MAXIMUM_VALUE_BYTES = 4096


def optional(item: str) -> str:
    """Return the pattern of a parameter that is either empty or one item."""
    return f"^({item})?$"


def list_of(item: str, *, at_most: int, at_least: int = 0) -> str:
    """Return the pattern of a comma-separated list that counts its items.

    A CommaDelimitedList has no count, checks items only and cannot be handed to a
    nested stack, so lists are String parameters, split in the template.
    """
    pattern = f"{item}(,{item}){{0,{at_most - 1}}}"
    return f"^({pattern})?$" if at_least == 0 else f"^{pattern}$"


@dataclass(frozen=True)
class OperatorParameter:
    """A parameter that an operator sets, the same through every way in."""

    name: str
    group: str
    label: str
    description: str
    default: str
    allowed_values: tuple[str, ...] = ()
    allowed_pattern: str = ""
    constraint_description: str = ""
    minimum: int | None = None
    maximum: int | None = None
    maximum_length: int | None = None

    def ref(self, template: Template) -> Ref:
        """Return a reference to this parameter, declaring it in the template."""
        if self.name not in template.parameters:
            template.add_parameter(self._declaration())
        return Ref(self.name)

    def given(self, template: Template) -> str:
        """Return the name of the condition that this parameter is not empty."""
        condition = f"Has{self.name}"
        template.conditions[condition] = Not(Equals(self.ref(template), ""))
        return condition

    @property
    def longest_value(self) -> int:
        """The number of bytes of the longest value that the constraints let through."""
        if self.allowed_values:
            return max(len(value.encode()) for value in self.allowed_values)
        if self.maximum is not None:
            return len(str(self.maximum))
        return self.maximum_length or MAXIMUM_VALUE_BYTES

    def _declaration(self) -> Parameter:
        constraints = {
            "AllowedValues": list(self.allowed_values),
            "AllowedPattern": self.allowed_pattern,
            "ConstraintDescription": self.constraint_description,
            "MinValue": self.minimum,
            "MaxValue": self.maximum,
            "MaxLength": self.maximum_length,
        }
        return Parameter(
            self.name,
            Type="String" if self.maximum is None else "Number",
            Description=self.description,
            Default=self.default,
            **{name: value for name, value in constraints.items() if value},
        )


_TEAM_NAME = "[A-Za-z0-9]([A-Za-z0-9-]{0,24}[A-Za-z0-9])?"
_DOMAIN_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = (
    r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}"
    rf"@{_DOMAIN_LABEL}(\.{_DOMAIN_LABEL}){{1,8}}"
)
_HTTPS_URL = r"https://[^\s,#]{1,1000}"
_IPV4_CIDR = (
    r"((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}"
    r"(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])/(3[0-2]|[12]?[0-9])"
)
_IPV6_CIDR = r"[0-9A-Fa-f:]{2,39}/(12[0-8]|1[01][0-9]|[1-9]?[0-9])"

WORK_TEAM_NAMES = OperatorParameter(
    name="WorkTeamNames",
    group="Labeling teams",
    label="Work teams",
    description=(
        "Names of the work teams, separated by commas. Workers join the first team. "
        "Removing a name deletes that team and its group, never an account."
    ),
    default="labelers",
    allowed_pattern=list_of(_TEAM_NAME, at_least=1, at_most=25),
    constraint_description=(
        "1 to 25 team names separated by commas without spaces, each 1 to 26 letters, "
        "digits or inner hyphens."
    ),
    maximum_length=700,
)
WORKER_EMAILS = OperatorParameter(
    name="WorkerEmails",
    group="Labeling teams",
    label="Workers",
    description=(
        "E-mail addresses of the workers to invite, separated by commas; may be empty. "
        "Removing an address disables the account that was made for it, and deletes "
        "nothing."
    ),
    default="",
    # Cognito's own sender sends 50 e-mails a day.
    allowed_pattern=list_of(_EMAIL, at_most=50),
    constraint_description=(
        "Up to 50 e-mail addresses separated by commas without spaces, for example "
        "ada@example.com,alan@example.com."
    ),
    maximum_length=MAXIMUM_VALUE_BYTES,
)
DOMAIN_PREFIX = OperatorParameter(
    name="DomainPrefix",
    group="Sign-in domain",
    label="Domain prefix",
    description=(
        "First label of the sign-in domain, unique in the Region. Empty derives one "
        "from the stack's id. It cannot be changed while the stack lives."
    ),
    default="",
    allowed_pattern=optional(
        "(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    ),
    constraint_description=(
        "Empty, or 1 to 63 lower-case letters, digits or inner hyphens that do not "
        "contain the reserved words aws, amazon or cognito."
    ),
    maximum_length=63,
)
PASSWORD_MINIMUM_LENGTH = OperatorParameter(
    name="PasswordMinimumLength",
    group="Sign-in sessions and passwords",
    label="Minimum length of a password",
    description="Number of characters that a worker's password must have.",
    default="14",
    minimum=8,
    maximum=99,
    constraint_description="A number of characters from 8 to 99.",
)
TEMPORARY_PASSWORD_VALIDITY_DAYS = OperatorParameter(
    name="TemporaryPasswordValidityDays",
    group="Sign-in sessions and passwords",
    label="Days that an invitation is valid",
    description=(
        "Number of days after which the temporary password of an invitation expires."
    ),
    default="7",
    minimum=1,
    maximum=365,
    constraint_description="A number of days from 1 to 365.",
)
ACCESS_TOKEN_VALIDITY_IN_MINUTES = OperatorParameter(
    name="AccessTokenValidityInMinutes",
    group="Sign-in sessions and passwords",
    label="Minutes that a token is valid",
    description=(
        "Number of minutes that the access and ID tokens of a worker are valid."
    ),
    default="60",
    minimum=5,
    maximum=1440,
    constraint_description="A number of minutes from 5 to 1440.",
)
REFRESH_TOKEN_VALIDITY_IN_HOURS = OperatorParameter(
    name="RefreshTokenValidityInHours",
    group="Sign-in sessions and passwords",
    label="Hours until a worker signs in again",
    description=(
        "Number of hours after which a worker must sign in again; longer than the "
        "validity of a token."
    ),
    default="25",
    minimum=25,
    maximum=8760,
    constraint_description="A number of hours from 25 to 8760.",
)
IP_ADDRESS_TYPE = OperatorParameter(
    name="IpAddressType",
    group="Portal access",
    label="IP addresses of the portal",
    description="Whether the portal takes IPv4 only, or IPv4 and IPv6 (dualstack).",
    default="ipv4",
    allowed_values=("ipv4", "dualstack"),
)
VPC_ID = OperatorParameter(
    name="VpcId",
    group="Portal access",
    label="VPC",
    description=(
        "VPC through which workers reach the portal, with SubnetIds and "
        "SecurityGroupIds. SageMaker makes two interface endpoints there. Empty uses "
        "the internet."
    ),
    default="",
    allowed_pattern=optional("vpc-[0-9a-z]{1,28}"),
    constraint_description="Empty, or the id of a VPC such as vpc-0123456789abcdef0.",
    maximum_length=32,
)
SUBNET_IDS = OperatorParameter(
    name="SubnetIds",
    group="Portal access",
    label="Subnets",
    description="Subnets of the VPC for the portal's endpoints, separated by commas.",
    default="",
    allowed_pattern=list_of("subnet-[0-9a-z]{1,25}", at_most=16),
    constraint_description=(
        "Up to 16 subnet ids separated by commas without spaces, for example "
        "subnet-0a1b2c3d,subnet-1a2b3c4d."
    ),
    maximum_length=600,
)
SECURITY_GROUP_IDS = OperatorParameter(
    name="SecurityGroupIds",
    group="Portal access",
    label="Security groups",
    description=(
        "Security groups of the portal's endpoints in the VPC, separated by commas."
    ),
    default="",
    allowed_pattern=list_of("sg-[0-9a-z]{1,29}", at_most=5),
    constraint_description=(
        "Up to 5 security group ids separated by commas without spaces, for example "
        "sg-0a1b2c3d,sg-1a2b3c4d."
    ),
    maximum_length=200,
)
RESTRICT_TASK_DATA_TO_SOURCE_IP = OperatorParameter(
    name="RestrictTaskDataToSourceIp",
    group="Portal access",
    label="Bind task data to the worker's IP address",
    description=(
        "true makes the links to task data in S3 work only from the IP address that "
        "the worker opened the task from."
    ),
    default="false",
    allowed_values=("true", "false"),
)
NOTIFICATION_EMAIL = OperatorParameter(
    name="NotificationEmail",
    group="Operations",
    label="E-mail address for notifications",
    description=(
        "Address that gets alarms, and news of work that is available to the teams. "
        "It must confirm the subscription. Empty subscribes nobody."
    ),
    default="",
    allowed_pattern=optional(_EMAIL),
    constraint_description="Empty, or one e-mail address.",
    maximum_length=320,
)
EXISTING_WORKFORCE_NAME = OperatorParameter(
    name="ExistingWorkforceName",
    group="Operations",
    label="Workforce to adopt",
    description=(
        "For the workforce stack on a user pool that exists already: name of the "
        "workforce that uses that pool and app client, to adopt instead of making "
        "one. It is never changed or deleted. Empty makes one. It cannot be changed "
        "while the stack lives."
    ),
    default="",
    allowed_pattern=optional("[A-Za-z0-9][A-Za-z0-9-]{0,62}"),
    constraint_description="Empty, or the name of a workforce.",
    maximum_length=63,
)
USER_POOL_DELETION_PROTECTION = OperatorParameter(
    name="UserPoolDeletionProtection",
    group="Operations",
    label="Deletion protection of the user pool",
    description=(
        "ACTIVE refuses the deletion of the user pool and with it every account. Set "
        "it after the first success: a protected pool cannot be rolled back."
    ),
    default="INACTIVE",
    allowed_values=("INACTIVE", "ACTIVE"),
)
SOURCE_CIDRS = OperatorParameter(
    name="SourceCidrs",
    group="Portal access",
    label="Allowed networks",
    description=(
        "Networks from which workers may open the portal, as CIDRs separated by "
        "commas. Empty allows every network."
    ),
    default="",
    allowed_pattern=list_of(f"({_IPV4_CIDR}|{_IPV6_CIDR})", at_most=10),
    constraint_description=(
        "Up to 10 IPv4 or IPv6 CIDRs with a prefix length, separated by commas without "
        "spaces, for example 192.0.2.0/24,2001:db8::/32."
    ),
    maximum_length=512,
)
ADDITIONAL_CALLBACK_URLS = OperatorParameter(
    name="AdditionalCallbackUrls",
    group="Portal access",
    label="Additional callback URLs",
    description=(
        "Callback URLs that the app client accepts besides the portal's, separated by "
        "commas."
    ),
    default="",
    allowed_pattern=list_of(_HTTPS_URL, at_most=10),
    constraint_description=(
        "Up to 10 https URLs without a fragment, separated by commas without spaces; "
        "1,024 characters in all."
    ),
    maximum_length=1024,
)
ADDITIONAL_LOGOUT_URLS = OperatorParameter(
    name="AdditionalLogoutUrls",
    group="Portal access",
    label="Additional logout URLs",
    description=(
        "Logout URLs that the app client accepts besides the portal's, separated by "
        "commas."
    ),
    default="",
    allowed_pattern=list_of(_HTTPS_URL, at_most=10),
    constraint_description=(
        "Up to 10 https URLs without a fragment, separated by commas without spaces; "
        "1,024 characters in all."
    ),
    maximum_length=1024,
)
LOG_RETENTION_IN_DAYS = OperatorParameter(
    name="LogRetentionInDays",
    group="Operations",
    label="Days that logs are kept",
    description="Number of days after which CloudWatch Logs deletes log lines.",
    default="90",
    allowed_values=(
        *("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365"),
        *("400", "545", "731", "1096", "1827", "2192", "2557", "2922", "3288", "3653"),
    ),
)
PERMISSIONS_BOUNDARY_ARN = OperatorParameter(
    name="PermissionsBoundaryArn",
    group="Operations",
    label="Permissions boundary",
    description=(
        "ARN of the managed policy to set as permissions boundary on every role of the "
        "set. Empty sets none."
    ),
    default="",
    allowed_pattern=optional(
        r"arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]{1,512}"
    ),
    constraint_description="Empty, or the ARN of a managed policy.",
    maximum_length=600,
)


def all_parameters() -> Iterator[OperatorParameter]:
    """Yield every operator parameter, grouped as the console shows them."""
    declared = [
        value for value in globals().values() if isinstance(value, OperatorParameter)
    ]
    for group in GROUPS:
        yield from (parameter for parameter in declared if parameter.group == group)


def by_name() -> dict[str, OperatorParameter]:
    """Return every operator parameter by its name."""
    return {parameter.name: parameter for parameter in all_parameters()}


def longest_value(name: str) -> int:
    """Return the most bytes that a parameter of any template can have."""
    operator = by_name()
    return operator[name].longest_value if name in operator else MAXIMUM_VALUE_BYTES


def console_interface(template: Template) -> dict[str, object]:
    """Return the ``AWS::CloudFormation::Interface`` of a template's parameters."""
    present = [item for item in all_parameters() if item.name in template.parameters]
    return {
        "ParameterGroups": [
            {
                "Label": {"default": group},
                "Parameters": [item.name for item in present if item.group == group],
            }
            for group in GROUPS
            if any(item.group == group for item in present)
        ],
        "ParameterLabels": {item.name: {"default": item.label} for item in present},
    }
