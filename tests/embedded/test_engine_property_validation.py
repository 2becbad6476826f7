from __future__ import annotations

from typing import Any

import pytest

from local_aws.process import EmbeddedAws
from tests.embedded.probe_stacks import Probes, Stack, parameter, probe, template


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


REFUSED = {
    "unknown": (
        resource("Cognito::UserPool", Colour="red"),
        "#: extraneous key [Colour] is not permitted",
    ),
    "unknown_inside": (
        resource("Cognito::UserPool", Policies={"PasswordPolicy": {"Colour": 1}}),
        "#/Policies/PasswordPolicy: extraneous key [Colour] is not permitted",
    ),
    "missing": (
        resource("SSM::Parameter", Type="String"),
        "#: required key [Value] not found",
    ),
    "enum": (
        resource("Cognito::UserPool", MfaConfiguration="SOMETIMES"),
        "#/MfaConfiguration: SOMETIMES is not a valid enum value",
    ),
    "number_enum": (
        resource("Logs::LogGroup", RetentionInDays=31),
        "#/RetentionInDays: 31 is not a valid enum value",
    ),
    "range": (
        resource("Lambda::EventInvokeConfig", MaximumRetryAttempts=3),
        "#/MaximumRetryAttempts: 3 is greater than the maximum of 2",
    ),
    "pattern": (
        resource("Logs::LogGroup", LogGroupName="no blanks"),
        "does not match pattern",
    ),
    "line_end_after_pattern": (
        resource("Events::Rule", Name="fine\n", ScheduleExpression="rate(1 day)"),
        "does not match pattern",
    ),
    "read_only": (
        resource("Logs::LogGroup", Arn="arn:aws:logs:us-east-1:1:log-group:a"),
        "#: extraneous key [Arn] is not permitted",
    ),
    "not_a_number": (
        resource("Logs::LogGroup", RetentionInDays="many"),
        "#/RetentionInDays:",
    ),
    "no_service_token": (
        {"Type": "Custom::Probe", "Properties": {}},
        "#: required key [ServiceToken] not found",
    ),
    "long_service_timeout": (
        {
            "Type": "Custom::Probe",
            "Properties": {"ServiceToken": "a", "ServiceTimeout": 3601},
        },
        "#/ServiceTimeout: 3601 is greater than the maximum of 3600",
    ),
}


@pytest.mark.parametrize(("wrong", "reason"), REFUSED.values(), ids=REFUSED)
def test_properties_that_do_not_fit_the_registry_fail_the_resource(
    aws: EmbeddedAws, wrong: dict[str, Any], reason: str
) -> None:
    stack = Stack(aws)
    assert stack.create(template({"Wrong": wrong})) == "ROLLBACK_COMPLETE"
    assert reason in stack.reason("Wrong", "CREATE_FAILED")


def test_an_update_is_validated_too(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    stack.create(template({"Group": resource("Logs::LogGroup", RetentionInDays=30)}))
    wrong = resource("Logs::LogGroup", RetentionInDays=31)
    assert stack.update(template({"Group": wrong})) == "UPDATE_ROLLBACK_COMPLETE"
    assert "is not a valid enum value" in stack.reason("Group", "UPDATE_FAILED")


def test_a_number_may_come_as_text(aws: EmbeddedAws) -> None:
    stack = Stack(aws)
    body = template(
        {
            "Pool": resource(
                "Cognito::UserPool",
                Policies={
                    "PasswordPolicy": {
                        "MinimumLength": {"Ref": "Length"},
                        "RequireSymbols": "false",
                    }
                },
            )
        },
        Parameters={"Length": {"Type": "String", "Default": "14"}},
        Outputs={"Pool": {"Value": {"Ref": "Pool"}}},
    )
    assert stack.create(body) == "CREATE_COMPLETE", stack.reasons()
    pool = aws.client("cognito-idp").describe_user_pool(
        UserPoolId=stack.outputs()["Pool"]
    )["UserPool"]
    policy = pool["Policies"]["PasswordPolicy"]
    assert (policy["MinimumLength"], policy["RequireSymbols"]) == (14, False)


def test_a_change_of_a_create_only_property_replaces_the_resource(
    aws: EmbeddedAws,
) -> None:
    stack = Stack(aws)
    pool = resource("Cognito::UserPool")

    def user(name: str) -> dict[str, Any]:
        return resource(
            "Cognito::UserPoolUser", UserPoolId={"Ref": "Pool"}, Username=name
        )

    stack.create(template({"Pool": pool, "User": user("ada")}))
    stack.update(template({"Pool": pool, "User": user("bob")}))
    users = aws.client("cognito-idp").list_users(UserPoolId=stack.physical_id("Pool"))
    assert [each["Username"] for each in users["Users"]] == ["bob"]
    assert stack.reason("User", "UPDATE_IN_PROGRESS") == (
        "Requested update requires the creation of a new physical resource; "
        "hence creating one."
    )


def test_further_properties_of_a_custom_resource_are_free(
    aws: EmbeddedAws, tmp_path: Any
) -> None:
    Probes(aws, tmp_path)
    stack = Stack(aws)
    body = template({"Probe": probe(Anything={"at": ["all"]}), "Kept": parameter()})
    assert stack.create(body) == "CREATE_COMPLETE"
