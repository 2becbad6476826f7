"""What an operator may set, and what is refused before anything is made."""

from __future__ import annotations

import re

import pytest
from troposphere import Template, ssm

from templates import TEMPLATES, parameters, revision
from tests.templates_as_data import template

ALL = list(parameters.all_parameters())
TWENTY_SIX = "a" * 26

KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
ACL_ID = "01234567-89ab-cdef-0123-456789abcdef"
REGIONAL_ACL = f"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/mine/{ACL_ID}"
BODY = "<p>{username}: {####}\n https://{portal}</p>"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:idp/labels-AbCdEf"
CERTIFICATE = f"arn:aws:acm:us-east-1:123456789012:certificate/{ACL_ID}"
SES = "arn:aws:ses:eu-west-1:123456789012:identity/"
ACCEPTED = [
    ("OrganizationName", ["", "Ärzte ohne Grenzen", "A", "O'Neil + Co"]),
    ("InvitationSubject", ["Hi", "Willkommen – bei uns", "a" * 140]),
    ("InvitationBody", ["", BODY, BODY + "a" * (4096 - len(BODY))]),
    ("SesIdentityArn", ["", SES + "example.com", SES + "labels@example.com"]),
    ("FromEmailAddress", ["", "labels@example.com"]),
    ("IdentityProviderName", ["SingleSignOn", "Okta-2"]),
    ("IdentityProviderEmailAttribute", ["email", "http://schemas.example/claims/mail"]),
    ("IdentityProviderNameAttribute", ["name"]),
    ("SamlMetadataUrl", ["", "https://idp.example/metadata"]),
    ("SamlMetadataDocument", ["", '<?xml version="1.0"?>\n<EntityDescriptor/>\n']),
    ("OidcIssuerUrl", ["", "https://idp.example"]),
    ("OidcClientId", ["", "abc-123"]),
    ("OidcClientSecretArn", ["", SECRET]),
    ("CustomDomainName", ["", "sign-in.labels.example.com"]),
    ("CustomDomainCertificateArn", ["", CERTIFICATE]),
    ("CustomDomainHostedZoneId", ["", "Z0123456789ABCDEF"]),
    ("WebAclArn", ["", REGIONAL_ACL]),
    *(
        (f"WebAcl{list_}Ipv4Cidrs", ["", "10.0.0.0/8,192.0.2.1/32"])
        for list_ in ("Allowed", "Blocked")
    ),
    *(
        (f"WebAcl{list_}Ipv6Cidrs", ["", "2001:db8::/32,2001:db8::1/128"])
        for list_ in ("Allowed", "Blocked")
    ),
    ("LogKeyArn", ["", KEY]),
    ("VpcId", ["", "vpc-0123456789abcdef0"]),
    ("SubnetIds", ["", "subnet-0a1b", ",".join(["subnet-0123456789abcdef0"] * 16)]),
    ("SecurityGroupIds", ["", ",".join(["sg-0123456789abcdef0"] * 5)]),
    ("NotificationEmail", ["", "ada@example.com"]),
    ("ExistingWorkforceName", ["", "default", "a" * 63]),
    ("DomainPrefix", ["", "a", "labels-2", "a" * 63]),
    (
        "WorkTeamNames",
        ["labelers", "a,b", TWENTY_SIX, ",".join("abcdefghijklmnopqrstuvwxy")],
    ),
    ("WorkerEmails", ["", "ada@example.com", "ada+x@a-b.example,o'neil@example.com"]),
    (
        "SourceCidrs",
        [
            "",
            "0.0.0.0/0",
            "192.0.2.0/24,2001:db8::/32,::/0",
            ",".join(["10.0.0.0/8"] * 10),
        ],
    ),
    (
        "AdditionalCallbackUrls",
        ["", "https://example.com/a?b=c", "https://a,https://b"],
    ),
    ("AdditionalLogoutUrls", ["", "https://example.com/bye"]),
    (
        "PermissionsBoundaryArn",
        [
            "",
            "arn:aws:iam::123456789012:policy/path/boundary",
            "arn:aws:iam::aws:policy/x",
        ],
    ),
]
REFUSED = [
    ("OrganizationName", ["a" * 65, "<b>", "{username}", "a\nb", "${x}"]),
    ("InvitationSubject", ["", "a\nb", "a" * 141]),
    (
        "InvitationBody",
        [
            *(BODY.replace(hole, "") for hole in ("{username}", "{####}", "{portal}")),
            BODY + "a" * 4096,
            "Welcome",
        ],
    ),
    ("SesIdentityArn", ["example.com", SES, SES.replace("ses", "sns") + "a.com"]),
    ("FromEmailAddress", ["labels", "a@x.com,b@x.com"]),
    ("IdentityProviderName", ["", "COGNITO", "ab", "a_b", "a" * 33]),
    ("IdentityProviderEmailAttribute", ["", "two words"]),
    ("IdentityProviderNameAttribute", ["", "two words"]),
    ("SamlMetadataUrl", ["http://idp.example", "idp"]),
    ("SamlMetadataDocument", ["https://idp.example", "<" + "a" * 4096 + ">"]),
    ("OidcIssuerUrl", ["http://idp.example"]),
    ("OidcClientId", ["two words", "a" * 256]),
    ("OidcClientSecretArn", ["hunter2", SECRET.replace("secretsmanager", "ssm")]),
    ("CustomDomainName", ["example.com", "https://a.b.c", "A.b.example"]),
    ("CustomDomainCertificateArn", [CERTIFICATE.replace("us-east-1", "eu-west-1")]),
    ("CustomDomainHostedZoneId", ["/hostedzone/Z1", "z1"]),
    (
        "WebAclArn",
        [
            # Scope CLOUDFRONT, another partition, another service.
            REGIONAL_ACL.replace("regional/", "global/"),
            REGIONAL_ACL.replace("arn:aws:", "arn:aws-cn:"),
            REGIONAL_ACL.replace("wafv2", "waf-regional"),
            "mine",
        ],
    ),
    *(
        (f"WebAcl{list_}Ipv4Cidrs", ["0.0.0.0/0", "10.0.0.0", "2001:db8::/32"])
        for list_ in ("Allowed", "Blocked")
    ),
    *(
        (f"WebAcl{list_}Ipv6Cidrs", ["::/0", "10.0.0.0/8", "2001:db8::/129"])
        for list_ in ("Allowed", "Blocked")
    ),
    ("LogKeyArn", ["alias/logs", KEY.replace(":key/", ":alias/")]),
    ("VpcId", ["vpc", "vpc-", "VPC-0a1b", "subnet-0a1b"]),
    ("SubnetIds", ["subnet-", "subnet-a, subnet-b", ",".join(["subnet-a"] * 17)]),
    ("SecurityGroupIds", ["sg-", ",".join(["sg-a"] * 6), "vpc-0a1b"]),
    ("NotificationEmail", ["ada", "ada@example.com,bob@example.com"]),
    ("ExistingWorkforceName", ["-a", "a_b", "a" * 64]),
    (
        "DomainPrefix",
        [
            "My_Prefix",
            "my-aws-portal",
            "amazonian",
            "cognito",
            "-a",
            "a-",
            "a" * 64,
            "a.b",
        ],
    ),
    (
        "WorkTeamNames",
        ["", "-a", "a-", "a b", "a,,b", "a, b", TWENTY_SIX + "a", ",".join(["t"] * 26)],
    ),
    (
        "WorkerEmails",
        [
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "a@x.com, b@x.com",
            "a b@x.com",
            "a@-x.com",
        ],
    ),
    (
        "SourceCidrs",
        [
            "10.0.0.0",
            "10.0.0.256/8",
            "10.0.0.0/33",
            "2001:db8::/129",
            "10.0.0.0/8,",
            ",".join(["10.0.0.0/8"] * 11),
        ],
    ),
    (
        "AdditionalCallbackUrls",
        ["http://example.com", "https://a#b", "https://a, https://b"],
    ),
    ("AdditionalLogoutUrls", ["ftp://example.com", ",".join(["https://a"] * 11)]),
    (
        "PermissionsBoundaryArn",
        ["boundary", "arn:aws:iam::1:policy/x", "arn:aws:iam::123456789012:role/x"],
    ),
]


def matches(name: str, value: str) -> bool:
    """Tell whether CloudFormation would take the value.

    Its AllowedPattern is a Java regular expression that the whole value must match;
    these patterns mean the same to Python.
    """
    parameter = parameters.by_name()[name]
    fits = len(value) <= (parameter.maximum_length or len(value))
    return fits and re.fullmatch(parameter.allowed_pattern, value) is not None


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ACCEPTED for value in values]
)
def test_a_good_value_is_taken(name: str, value: str) -> None:
    assert matches(name, value)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in REFUSED for value in values]
)
def test_a_bad_value_is_refused(name: str, value: str) -> None:
    assert not matches(name, value)


def test_every_pattern_is_tried_with_good_and_bad_values() -> None:
    """What numbers and allowed values let through needs no try: it is as it says."""
    with_pattern = {item.name for item in ALL if item.allowed_pattern}
    for values in (ACCEPTED, REFUSED):
        assert {name for name, _ in values} == with_pattern, (
            "ACCEPTED and REFUSED are for each parameter with an allowed_pattern, and "
            "for no other."
        )


@pytest.mark.parametrize("parameter", ALL, ids=lambda item: item.name)
def test_a_parameter_is_explained_and_bounded(
    parameter: parameters.OperatorParameter,
) -> None:
    assert parameter.group in parameters.GROUPS
    assert parameter.label
    assert parameter.description.endswith(".")
    assert parameter.longest_value <= parameters.MAXIMUM_VALUE_BYTES
    bounded = parameter.allowed_pattern or parameter.maximum
    assert bool(bounded) == bool(parameter.constraint_description)
    assert bounded or parameter.allowed_values


def test_a_limit_of_zero_is_a_limit() -> None:
    counted = parameters.OperatorParameter(
        name="RetriesWanted",
        group="Operations",
        label="Retries",
        description="Number of retries.",
        default="0",
        minimum=0,
        maximum=9,
        constraint_description="A number of retries from 0 to 9.",
    )
    stack = Template()
    counted.ref(stack)
    assert stack.parameters["RetriesWanted"].to_dict() == {
        "Type": "Number",
        "Description": "Number of retries.",
        "Default": "0",
        "MinValue": 0,
        "MaxValue": 9,
        "ConstraintDescription": "A number of retries from 0 to 9.",
    }


@pytest.mark.parametrize("parameter", ALL, ids=lambda item: item.name)
def test_the_default_is_one_of_the_allowed_values(
    parameter: parameters.OperatorParameter,
) -> None:
    if parameter.allowed_pattern:
        assert matches(parameter.name, parameter.default)
    if parameter.allowed_values:
        assert parameter.default in parameter.allowed_values
    if parameter.minimum is not None and parameter.maximum is not None:
        assert parameter.minimum <= int(parameter.default) <= parameter.maximum


@pytest.mark.parametrize("name", [n for n in TEMPLATES if "Parameters" in template(n)])
def test_the_console_shows_every_parameter_once_in_a_group_with_a_label(
    name: str,
) -> None:
    interface = template(name)["Metadata"]["AWS::CloudFormation::Interface"]
    shown = [
        parameter
        for group in interface["ParameterGroups"]
        for parameter in group["Parameters"]
    ]
    assert sorted(shown) == sorted(template(name)["Parameters"])
    assert interface["ParameterLabels"].keys() == set(shown)


def test_root_and_the_single_file_take_the_same_parameters() -> None:
    nested = template("root.yaml")["Parameters"]
    assert nested == template("private-workforce.yaml")["Parameters"]


def test_a_refresh_token_always_outlives_the_other_tokens() -> None:
    """Cognito refuses a refresh token that is not longer valid than the others."""
    longest = parameters.ACCESS_TOKEN_VALIDITY_IN_MINUTES.maximum
    shortest = parameters.REFRESH_TOKEN_VALIDITY_IN_HOURS.minimum
    assert longest is not None
    assert shortest is not None
    assert shortest * 60 > longest


def test_a_revision_that_could_outgrow_a_parameter_value_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = Template()
    resource = ssm.Parameter(
        "Text", Type="String", Value=parameters.WORKER_EMAILS.ref(written)
    )
    with pytest.raises(revision.RevisionError, match=r"WorkerEmails.*maximum_length"):
        revision.revision_of(written, resource)


def test_the_longest_revision_is_counted_to_the_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def revision_with(longest: int) -> list[str]:
        monkeypatch.setattr(parameters, "longest_value", lambda name: longest)
        separator, parts = revision.revision_of(written, resource).to_dict()["Fn::Join"]
        return [separator, parts[0], *("x" * longest for _ in parts[1:])]

    written = Template()
    resource = ssm.Parameter(
        "Text", Type="String", Value=parameters.WORK_TEAM_NAMES.ref(written)
    )
    separator, digest, _ = revision_with(1)
    most = parameters.MAXIMUM_VALUE_BYTES - len(separator) - len(digest)
    separator, *parts = revision_with(most)
    assert len(separator.join(parts)) == parameters.MAXIMUM_VALUE_BYTES
    with pytest.raises(revision.RevisionError, match="could have 4097 bytes"):
        revision_with(most + 1)


@pytest.mark.parametrize("name", ["root.yaml", "private-workforce.yaml"])
def test_a_region_without_private_workforces_is_refused_by_a_rule(name: str) -> None:
    rule = template(name)["Rules"]["RegionHasPrivateWorkforces"]
    (assertion,) = rule["Assertions"]
    regions, region = assertion["Assert"]["Fn::Contains"]
    assert region == {"Ref": "AWS::Region"}
    assert len(regions) == 12
    assert "us-west-1" not in regions
    assert all(name in assertion["AssertDescription"] for name in regions)
