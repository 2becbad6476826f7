"""A private workforce behaves as on AWS, and never more kindly."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.embedded.prepared import (
    ACCOUNT,
    PLACEHOLDER,
    PLACEHOLDER_LOGOUT,
    SignIn,
    active_workforce,
    app_client,
    callbacks,
    client,
    refusal,
    settled,
    sign_in,
    until,
    user_pool,
)


@pytest.fixture
def portal(aws: Any) -> SignIn:
    aws.control.set(workforce_initializing_seconds=0.02)
    return sign_in(aws)


def create(sagemaker: Any, portal: SignIn, **further: Any) -> Any:
    return sagemaker.create_workforce(
        WorkforceName="labelers", CognitoConfig=portal.config, **further
    )


def test_creating_answers_with_the_arn_and_nothing_else(
    sagemaker: Any, portal: SignIn
) -> None:
    created = create(sagemaker, portal)
    del created["ResponseMetadata"]
    assert created == {
        "WorkforceArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workforce/labelers"
    }


def test_a_new_workforce_is_initializing_and_has_no_portal_yet(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    aws.control.set(workforce_initializing_seconds=30.0)
    create(sagemaker, portal)
    workforce = sagemaker.describe_workforce(WorkforceName="labelers")["Workforce"]
    assert workforce["Status"] == "Initializing"
    assert "SubDomain" not in workforce


def test_an_active_workforce_names_its_portal(sagemaker: Any, portal: SignIn) -> None:
    workforce = active_workforce(sagemaker, portal)
    assert workforce["Status"] == "Active"
    assert workforce["CognitoConfig"] == portal.config
    assert re.fullmatch(
        r"[a-z0-9]{10}\.labeling\.us-east-1\.sagemaker\.aws", workforce["SubDomain"]
    )


def test_a_failed_workforce_says_why_and_has_no_portal(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    aws.control.set(workforce_outcome="Failed")
    workforce = active_workforce(sagemaker, portal)
    assert workforce["Status"] == "Failed"
    assert workforce["FailureReason"]
    assert "SubDomain" not in workforce


def test_a_failed_workforce_can_be_deleted(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    aws.control.set(workforce_outcome="Failed")
    active_workforce(sagemaker, portal)
    sagemaker.delete_workforce(WorkforceName="labelers")
    until(lambda: sagemaker.list_workforces()["Workforces"], lambda found: not found)


def test_turning_active_appends_the_callback_and_leaves_everything_else(
    sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    before = describe_client(cognito, portal)
    workforce = active_workforce(sagemaker, portal)
    after = describe_client(cognito, portal)
    callback = f"https://{workforce['SubDomain']}/oauth2/idpresponse"
    assert after.pop("CallbackURLs") == [PLACEHOLDER, callback]
    assert after["LogoutURLs"] == [PLACEHOLDER_LOGOUT]
    before.pop("CallbackURLs")
    del before["LastModifiedDate"], after["LastModifiedDate"]
    assert after == before


def describe_client(cognito: Any, portal: SignIn) -> dict[str, Any]:
    return dict(
        cognito.describe_user_pool_client(
            UserPoolId=portal.user_pool_id, ClientId=portal.client_id
        )["UserPoolClient"]
    )


def test_the_client_is_edited_even_when_nobody_asks_sagemaker(
    sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    create(sagemaker, portal)
    until(lambda: callbacks(cognito, portal), lambda urls: len(urls) == 2)


def test_a_client_that_vanished_meanwhile_fails_the_workforce(
    aws: Any, sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    # Longer than a busy machine takes from one call to the next.
    aws.control.set(workforce_initializing_seconds=1.0)
    create(sagemaker, portal)
    cognito.delete_user_pool_client(
        UserPoolId=portal.user_pool_id, ClientId=portal.client_id
    )
    workforce = settled(sagemaker)
    assert workforce["Status"] == "Failed"
    assert portal.client_id in workforce["FailureReason"]


def test_a_second_workforce_is_refused_with_the_real_text(
    sagemaker: Any, portal: SignIn
) -> None:
    create(sagemaker, portal)
    assert refusal(
        sagemaker.create_workforce, WorkforceName="other", CognitoConfig=portal.config
    ) == (
        "ValidationException",
        f"Cannot create more than one workforce for account {ACCOUNT}. If you are "
        "trying to update existing workforce, please use UpdateWorkforce API",
    )


def test_a_workforce_that_is_being_deleted_still_blocks_a_new_one(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    active_workforce(sagemaker, portal)
    aws.control.set(workforce_deleting_seconds=30.0)
    sagemaker.delete_workforce(WorkforceName="labelers")
    code, message = refusal(
        sagemaker.create_workforce, WorkforceName="new", CognitoConfig=portal.config
    )
    assert "Cannot create more than one workforce" in message


def test_each_region_and_each_account_has_its_own_workforce(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    create(sagemaker, portal)
    elsewhere = client(aws, "sagemaker", "eu-west-1")
    assert elsewhere.list_workforces()["Workforces"] == []
    create(elsewhere, sign_in(aws, region="eu-west-1"))
    stranger = client(aws, "sagemaker", account="222222222222")
    assert stranger.list_workforces()["Workforces"] == []


@pytest.mark.parametrize("operation", ["describe", "update", "delete"])
def test_an_unknown_workforce_is_a_validation_error(
    sagemaker: Any, operation: str
) -> None:
    code, message = refusal(
        getattr(sagemaker, f"{operation}_workforce"), WorkforceName="labelers"
    )
    assert code == "ValidationException"
    assert "No workforce" in message


def test_a_pool_of_another_region_is_refused(aws: Any, portal: SignIn) -> None:
    elsewhere = client(aws, "sagemaker", "eu-west-1")
    code, message = refusal(
        elsewhere.create_workforce, WorkforceName="w", CognitoConfig=portal.config
    )
    assert (code, message) == (
        "ValidationException",
        f"User pool {portal.user_pool_id} does not exist.",
    )


def test_an_unknown_client_is_refused(sagemaker: Any, portal: SignIn) -> None:
    config = {**portal.config, "ClientId": "unknown"}
    code, message = refusal(
        sagemaker.create_workforce, WorkforceName="w", CognitoConfig=config
    )
    assert message.startswith("User pool client unknown does not exist")


def test_a_client_without_a_secret_is_refused(
    sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    made = app_client(cognito, portal.user_pool_id, GenerateSecret=False)
    config = {**portal.config, "ClientId": made["ClientId"]}
    code, message = refusal(
        sagemaker.create_workforce, WorkforceName="w", CognitoConfig=config
    )
    assert message.endswith("must have a client secret.")


def test_a_pool_without_a_domain_is_refused(sagemaker: Any, cognito: Any) -> None:
    user_pool_id = user_pool(cognito)
    made = app_client(cognito, user_pool_id)
    config = {"UserPool": user_pool_id, "ClientId": made["ClientId"]}
    assert refusal(
        sagemaker.create_workforce, WorkforceName="w", CognitoConfig=config
    ) == ("ValidationException", f"User pool {user_pool_id} must have a domain.")


def test_a_workforce_needs_one_way_to_sign_in(sagemaker: Any) -> None:
    code, _ = refusal(sagemaker.create_workforce, WorkforceName="w")
    assert code == "ValidationException"


def test_a_recreated_workforce_gets_a_new_portal_and_leaves_the_old_callback(
    sagemaker: Any, cognito: Any, portal: SignIn
) -> None:
    first = active_workforce(sagemaker, portal)["SubDomain"]
    sagemaker.delete_workforce(WorkforceName="labelers")
    until(lambda: sagemaker.list_workforces()["Workforces"], lambda found: not found)
    second = active_workforce(sagemaker, portal)["SubDomain"]
    assert first != second
    assert callbacks(cognito, portal) == [
        PLACEHOLDER,
        f"https://{first}/oauth2/idpresponse",
        f"https://{second}/oauth2/idpresponse",
    ]


@pytest.mark.parametrize("status", ["Initializing", "Updating", "Deleting"])
def test_only_a_settled_workforce_can_be_deleted(
    aws: Any, sagemaker: Any, portal: SignIn, status: str
) -> None:
    aws.control.set(**{f"workforce_{status.lower()}_seconds": 30.0})
    in_status(sagemaker, portal, status)
    code, message = refusal(sagemaker.delete_workforce, WorkforceName="labelers")
    assert code == "ValidationException"
    assert status in message


def in_status(sagemaker: Any, portal: SignIn, status: str) -> None:
    if status == "Initializing":
        create(sagemaker, portal)
        return
    active_workforce(sagemaker, portal)
    if status == "Updating":
        sagemaker.update_workforce(WorkforceName="labelers", IpAddressType="dualstack")
    else:
        sagemaker.delete_workforce(WorkforceName="labelers")


@pytest.mark.parametrize("status", ["Initializing", "Updating", "Deleting"])
def test_only_an_active_workforce_can_be_updated(
    aws: Any, sagemaker: Any, portal: SignIn, status: str
) -> None:
    aws.control.set(**{f"workforce_{status.lower()}_seconds": 30.0})
    in_status(sagemaker, portal, status)
    code, _ = refusal(
        sagemaker.update_workforce, WorkforceName="labelers", IpAddressType="ipv4"
    )
    assert code == "ConflictException"


def test_an_update_takes_time_and_ends_active(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    active_workforce(sagemaker, portal)
    updated = sagemaker.update_workforce(
        WorkforceName="labelers", SourceIpConfig={"Cidrs": ["10.0.0.0/8"]}
    )["Workforce"]
    assert updated["Status"] == "Updating"
    assert updated["SubDomain"]
    after = settled(sagemaker)
    assert after["Status"] == "Active"
    assert after["SourceIpConfig"] == {"Cidrs": ["10.0.0.0/8"]}


def test_ten_source_blocks_of_both_families_are_taken(
    sagemaker: Any, portal: SignIn
) -> None:
    blocks = [f"10.{number}.0.0/16" for number in range(9)] + ["2001:db8::/32"]
    create(sagemaker, portal, SourceIpConfig={"Cidrs": blocks})
    assert settled(sagemaker)["SourceIpConfig"] == {"Cidrs": blocks}


@pytest.mark.parametrize(
    "blocks",
    [
        [f"10.{number}.0.0/16" for number in range(11)],
        [],
        ["10.0.0.1"],
        ["10.0.0.0/33"],
        ["10.0.0.1/8"],
        ["2001:db8::/129"],
        ["300.0.0.0/8"],
    ],
)
def test_bad_source_blocks_are_refused(
    sagemaker: Any, portal: SignIn, blocks: list[str]
) -> None:
    active_workforce(sagemaker, portal)
    code, _ = refusal(
        sagemaker.update_workforce,
        WorkforceName="labelers",
        SourceIpConfig={"Cidrs": blocks},
    )
    assert code == "ValidationException"
    assert "SourceIpConfig" not in settled(sagemaker)


VPC = {"VpcId": "vpc-1a", "SecurityGroupIds": ["sg-1a"], "Subnets": ["subnet-1a"]}


def test_a_vpc_is_added_and_an_empty_configuration_removes_it(
    sagemaker: Any, portal: SignIn
) -> None:
    active_workforce(sagemaker, portal)
    sagemaker.update_workforce(WorkforceName="labelers", WorkforceVpcConfig=VPC)
    config = settled(sagemaker)["WorkforceVpcConfig"]
    assert config == {**VPC, "VpcEndpointId": config["VpcEndpointId"]}
    sagemaker.update_workforce(WorkforceName="labelers", WorkforceVpcConfig={})
    assert "WorkforceVpcConfig" not in settled(sagemaker)


def test_half_a_vpc_configuration_is_refused(sagemaker: Any, portal: SignIn) -> None:
    code, message = refusal(
        sagemaker.create_workforce,
        WorkforceName="w",
        CognitoConfig=portal.config,
        WorkforceVpcConfig={"VpcId": "vpc-1a"},
    )
    assert message == "WorkforceVpcConfig lacks SecurityGroupIds, Subnets."


def test_vendor_workforces_are_listed_too_and_have_no_sign_in(
    aws: Any, sagemaker: Any, portal: SignIn
) -> None:
    aws.control.set(vendor_workforces=2)
    create(sagemaker, portal)
    listed = sagemaker.list_workforces()["Workforces"]
    private = [each for each in listed if "CognitoConfig" in each]
    assert (len(listed), len(private)) == (3, 1)


def test_listing_pages_filters_and_sorts(aws: Any, sagemaker: Any) -> None:
    aws.control.set(vendor_workforces=3)
    first = sagemaker.list_workforces(MaxResults=2, SortBy="Name")
    second = sagemaker.list_workforces(
        MaxResults=2, SortBy="Name", NextToken=first["NextToken"]
    )
    names = [each["WorkforceName"] for each in first["Workforces"]]
    names += [each["WorkforceName"] for each in second["Workforces"]]
    assert names == ["vendor-1", "vendor-2", "vendor-3"]
    assert "NextToken" not in second
    found = sagemaker.list_workforces(NameContains="r-2")["Workforces"]
    assert [each["WorkforceName"] for each in found] == ["vendor-2"]
    last = sagemaker.list_workforces(SortBy="Name", SortOrder="Descending")
    assert last["Workforces"][0]["WorkforceName"] == "vendor-3"


@pytest.mark.parametrize("region", ["eu-north-1", "us-west-1", "sa-east-1"])
def test_a_region_without_private_workforces_knows_no_such_operation(
    aws: Any, region: str
) -> None:
    code, _ = refusal(client(aws, "sagemaker", region).list_workforces)
    assert code == "UnknownOperationException"


def test_tags_of_a_workforce_cannot_be_read_back(
    sagemaker: Any, portal: SignIn
) -> None:
    arn = create(sagemaker, portal, Tags=[{"Key": "a", "Value": "b"}])["WorkforceArn"]
    assert refusal(sagemaker.list_tags, ResourceArn=arn) == (
        "ValidationException",
        "Invalid resource type: workforce",
    )
