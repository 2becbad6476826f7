"""From where the portal and its task data can be reached."""

from __future__ import annotations

from templates.parameters.declaration import (
    HTTPS_URL,
    IPV4_CIDR,
    IPV6_CIDR,
    OperatorParameter,
    list_of,
    optional,
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
SOURCE_CIDRS = OperatorParameter(
    name="SourceCidrs",
    group="Portal access",
    label="Allowed networks",
    description=(
        "Networks from which workers may open the portal, as CIDRs separated by "
        "commas. Empty allows every network. With a VPC they close the public portal; "
        "SageMaker restricts no portal in a VPC."
    ),
    default="",
    allowed_pattern=list_of(f"({IPV4_CIDR}|{IPV6_CIDR})", at_most=10),
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
    allowed_pattern=list_of(HTTPS_URL, at_most=10),
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
    allowed_pattern=list_of(HTTPS_URL, at_most=10),
    constraint_description=(
        "Up to 10 https URLs without a fragment, separated by commas without spaces; "
        "1,024 characters in all."
    ),
    maximum_length=1024,
)
