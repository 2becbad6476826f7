"""Custom::PrivateWorkforce: made, changed, deleted, and nobody else's touched."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src import workforce as function
from local_aws.process import EmbeddedAws
from tests.function.cloudformation_requests import (
    UUID,
    WORKFORCE_NAME,
    Context,
    request,
)
from tests.function.function_on_embedded_aws import (
    Function,
    SignIn,
    make_guest_team,
    make_sign_in,
)

pytestmark = pytest.mark.local_aws

SENTINEL = "not-created"


def workforces(aws: EmbeddedAws) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.client("sagemaker").list_workforces()[
        "Workforces"
    ]
    return found


def make_foreign_workforce(aws: EmbeddedAws, name: str = "theirs") -> None:
    theirs = make_sign_in(aws, domain="theirs")
    sagemaker = aws.client("sagemaker")
    sagemaker.create_workforce(
        WorkforceName=name,
        CognitoConfig={"UserPool": theirs.pool_id, "ClientId": theirs.client_id},
    )
    while sagemaker.describe_workforce(WorkforceName=name)["Workforce"]["Status"] != (
        "Active"
    ):
        time.sleep(0.02)


def test_a_create_waits_for_the_portal_and_returns_its_address(
    aws: EmbeddedAws, call: Function
) -> None:
    made = call.succeeds("Create", "PrivateWorkforce", call.workforce())
    (workforce,) = workforces(aws)
    assert workforce["Status"] == "Active"
    assert made["PhysicalResourceId"] == WORKFORCE_NAME
    assert made["Data"] == {
        "WorkforceName": WORKFORCE_NAME,
        "WorkforceArn": workforce["WorkforceArn"],
        "LabelingPortalHost": workforce["SubDomain"],
        "LabelingPortalUrl": f"https://{workforce['SubDomain']}",
    }


def test_the_name_holds_the_whole_uuid_of_the_stack(
    aws: EmbeddedAws, call: Function
) -> None:
    call.succeeds("Create", "PrivateWorkforce", call.workforce())
    assert workforces(aws)[0]["WorkforceName"].endswith(f"-{UUID}")


def test_source_cidrs_are_set_at_once(aws: EmbeddedAws, call: Function) -> None:
    cidrs = ["192.0.2.0/24", "2001:db8::/32"]
    call.succeeds("Create", "PrivateWorkforce", call.workforce(SourceCidrs=cidrs))
    assert workforces(aws)[0]["SourceIpConfig"]["Cidrs"] == cidrs
    assert aws.control.calls(operation="UpdateWorkforce") == []


def test_address_type_and_vpc_are_set_at_once(
    aws: EmbeddedAws, call: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    made = call.workforce(IpAddressType="dualstack", **VPC)
    call.succeeds("Create", "PrivateWorkforce", made)
    (workforce,) = workforces(aws)
    assert workforce["IpAddressType"] == "dualstack"
    assert workforce["WorkforceVpcConfig"]["VpcId"] == VPC["VpcId"]
    assert aws.control.calls(operation="UpdateWorkforce") == []
    line = f'{{"event": "created", "workforce": "{WORKFORCE_NAME}"}}'
    assert line in capsys.readouterr().out.splitlines()


def test_a_create_that_is_delivered_twice_makes_one_workforce(
    aws: EmbeddedAws, call: Function
) -> None:
    first = call.succeeds("Create", "PrivateWorkforce", call.workforce())
    second = call.succeeds("Create", "PrivateWorkforce", call.workforce())
    assert first["Data"] == second["Data"]
    assert len(workforces(aws)) == 1


def test_a_create_whose_answer_is_lost_on_the_way_succeeds(
    aws: EmbeddedAws, call: Function
) -> None:
    """The SDK repeats the call, and AWS refuses the repetition."""
    aws.control.add_fault(operation="CreateWorkforce", kind="cut_after")
    made = call.succeeds("Create", "PrivateWorkforce", call.workforce())
    assert made["PhysicalResourceId"] == WORKFORCE_NAME
    assert len(aws.control.calls(operation="CreateWorkforce")) == 2


def test_vendor_workforces_are_not_in_the_way(aws: EmbeddedAws, call: Function) -> None:
    aws.control.set(vendor_workforces=2)
    call.succeeds("Create", "PrivateWorkforce", call.workforce())
    assert len(workforces(aws)) == 3


def test_a_workforce_of_somebody_else_is_named_with_the_ways_out(
    aws: EmbeddedAws, call: Function
) -> None:
    make_foreign_workforce(aws)
    before = workforces(aws)
    reason = call.fails("Create", "PrivateWorkforce", call.workforce())
    assert reason.startswith("A private workforce already exists in this Region")
    assert "theirs" in reason
    assert "another Region or account" in reason
    assert workforces(aws) == before


@pytest.mark.parametrize("physical_id", [SENTINEL, "generated", "theirs"])
def test_a_workforce_of_somebody_else_survives_our_rollback(
    aws: EmbeddedAws, call: Function, physical_id: str
) -> None:
    make_foreign_workforce(aws)
    before = workforces(aws)
    call.fails("Create", "PrivateWorkforce", call.workforce())
    call.succeeds(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=physical_id,
    )
    assert workforces(aws) == before
    assert aws.control.calls(operation="DeleteWorkforce") == []


def test_a_create_that_made_nothing_answers_with_the_sentinel(
    aws: EmbeddedAws, call: Function
) -> None:
    make_foreign_workforce(aws)
    answer = call.answer_to("Create", "PrivateWorkforce", call.workforce())
    assert answer["PhysicalResourceId"] == SENTINEL
    aws.control.clear_calls()
    call.succeeds(
        "Delete", "PrivateWorkforce", call.workforce(), PhysicalResourceId=SENTINEL
    )
    assert aws.control.calls() == []


def test_a_create_that_aws_refuses_answers_with_the_sentinel(
    aws: EmbeddedAws, call: Function
) -> None:
    aws.control.add_fault(operation="CreateWorkforce", kind="ValidationException")
    answer = call.answer_to("Create", "PrivateWorkforce", call.workforce())
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == SENTINEL


def test_a_create_that_fails_later_answers_with_the_real_id_for_its_rollback(
    aws: EmbeddedAws, call: Function
) -> None:
    aws.control.set(workforce_outcome="Failed")
    answer = call.answer_to("Create", "PrivateWorkforce", call.workforce())
    assert answer["Status"] == "FAILED"
    assert "failed: " in answer["Reason"]
    assert answer["PhysicalResourceId"] == WORKFORCE_NAME
    call.succeeds(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=answer["PhysicalResourceId"],
    )
    assert workforces(aws) == []


def test_a_workforce_whose_create_was_never_answered_is_deleted(
    aws: EmbeddedAws, call: Function
) -> None:
    """CloudFormation makes up a physical id then."""
    call.succeeds("Create", "PrivateWorkforce", call.workforce())
    call.succeeds(
        "Delete", "PrivateWorkforce", call.workforce(), PhysicalResourceId="stack-X1Y2"
    )
    assert workforces(aws) == []


def test_a_new_role_is_given_time_to_work(
    aws: EmbeddedAws, call: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.control.add_fault(
        operation="ListWorkforces", kind="AccessDeniedException", times=3
    )
    call.succeeds("Create", "PrivateWorkforce", call.workforce())


def test_a_role_without_the_right_is_said_with_the_action(
    aws: EmbeddedAws, call: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function, "NEW_ROLE_SECONDS", 0.3)
    aws.control.add_fault(
        operation="ListWorkforces", kind="AccessDeniedException", times=0
    )
    reason = call.fails("Create", "PrivateWorkforce", call.workforce())
    assert reason.startswith("ListWorkforces failed with AccessDeniedException")
    assert "Allow the action to the function's role" in reason


def test_a_pool_without_a_domain_is_said_before_anything_is_made(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    sign_in.cognito.delete_user_pool_domain(Domain="labels", UserPoolId=sign_in.pool_id)
    reason = call.fails("Create", "PrivateWorkforce", call.workforce())
    assert "has no domain" in reason
    assert aws.control.calls(operation="CreateWorkforce") == []


def test_a_region_without_private_workforces_is_refused_by_the_function_too(
    aws: EmbeddedAws, call: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    reason = call.fails("Create", "PrivateWorkforce", call.workforce())
    assert reason.startswith("SageMaker has no private workforces in eu-north-1")


def test_source_cidrs_change_in_place_and_back(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    cidrs = ["198.51.100.0/24"]
    updated = call.succeeds(
        "Update",
        "PrivateWorkforce",
        call.workforce(SourceCidrs=cidrs),
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=call.workforce(),
    )
    assert updated["PhysicalResourceId"] == WORKFORCE_NAME
    assert updated["Data"]["LabelingPortalHost"] == portal
    assert workforces(aws)[0]["SourceIpConfig"]["Cidrs"] == cidrs
    call.succeeds(
        "Update",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=call.workforce(SourceCidrs=cidrs),
    )
    assert workforces(aws)[0]["SourceIpConfig"]["Cidrs"] == ["0.0.0.0/0"]


def test_an_opened_portal_counts_as_one_without_a_restriction(
    aws: EmbeddedAws, call: Function
) -> None:
    cidrs = ["0.0.0.0/0"]
    call.succeeds("Create", "PrivateWorkforce", call.workforce(SourceCidrs=cidrs))
    call.succeeds(
        "Update",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=call.workforce(SourceCidrs=cidrs),
    )
    assert aws.control.calls(operation="UpdateWorkforce") == []


def test_an_update_that_changes_nothing_calls_nothing_that_writes(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    call.succeeds(
        "Update",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=call.workforce(UserPoolDomainName="other"),
    )
    assert aws.control.calls(operation="UpdateWorkforce") == []


def test_another_pool_is_refused_and_the_living_workforce_stays(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    before = workforces(aws)
    other = make_sign_in(aws, domain="other")
    reason = call.fails(
        "Update",
        "PrivateWorkforce",
        call.workforce(**other.ids),
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=call.workforce(),
    )
    assert reason.startswith("AWS cannot move a workforce")
    assert workforces(aws) == before


def test_another_name_is_refused_and_the_living_workforce_stays(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    before = workforces(aws)
    reason = call.fails(
        "Update",
        "PrivateWorkforce",
        call.workforce(WorkforceName=f"other-{UUID}"),
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=call.workforce(),
    )
    assert reason.startswith("A workforce cannot be renamed")
    assert workforces(aws) == before


def test_an_update_of_a_workforce_that_somebody_deleted_says_so(
    aws: EmbeddedAws, call: Function
) -> None:
    reason = call.fails(
        "Update",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=call.workforce(),
    )
    assert "is gone: somebody deleted it" in reason


def test_a_delete_waits_until_the_workforce_is_gone(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    call.succeeds(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
    )
    assert workforces(aws) == []


def test_a_delete_waits_until_the_status_allows_it(
    aws: EmbeddedAws, call: Function, sign_in: SignIn
) -> None:
    aws.client("sagemaker").create_workforce(
        WorkforceName=WORKFORCE_NAME,
        CognitoConfig={"UserPool": sign_in.pool_id, "ClientId": sign_in.client_id},
    )
    call.succeeds(
        "Delete", "PrivateWorkforce", call.workforce(), PhysicalResourceId="generated"
    )
    assert workforces(aws) == []


def test_a_delete_of_what_is_gone_succeeds(aws: EmbeddedAws, call: Function) -> None:
    call.succeeds(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
    )


@pytest.mark.parametrize("operation", ["DescribeWorkforce", "DeleteWorkforce"])
def test_a_delete_that_aws_refuses_is_not_passed_over(
    aws: EmbeddedAws, call: Function, portal: str, operation: str
) -> None:
    aws.control.add_fault(operation=operation, kind="AccessDeniedException", times=0)
    reason = call.fails(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
    )
    assert reason.startswith(f"{operation} failed with AccessDenied")
    assert len(workforces(aws)) == 1


def test_a_delete_does_not_depend_on_properties_of_an_older_version(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    call.succeeds(
        "Delete",
        "PrivateWorkforce",
        {"Older": "x"},
        PhysicalResourceId=WORKFORCE_NAME,
    )
    assert workforces(aws) == []


def test_a_team_that_is_not_ours_is_named_and_stops_the_delete(
    aws: EmbeddedAws, call: Function, sign_in: SignIn, portal: str
) -> None:
    make_guest_team(aws, sign_in)
    sagemaker = aws.client("sagemaker")
    reason = call.fails(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
    )
    assert "guests" in reason
    assert "Delete them, then delete the stack again" in reason
    assert [
        team["WorkteamName"] for team in sagemaker.list_workteams()["Workteams"]
    ] == ["guests"]
    sagemaker.delete_workteam(WorkteamName="guests")
    call.succeeds(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
    )


class SageMakerWithTeams:
    """SageMaker with a page of work teams, by their names and their workforces."""

    def __init__(self, **workforces: str | None) -> None:
        """Remember the teams."""
        self.workforces = workforces

    def get_paginator(self, method: str) -> SageMakerWithTeams:
        """Return what pages through the teams."""
        assert method == "list_workteams"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        """Return the one page."""
        teams = [
            {"WorkteamName": name.replace("UUID", UUID)}
            | (
                {"WorkforceArn": f"arn:aws:x:workforce/{workforce}"}
                if workforce
                else {}
            )
            for name, workforce in self.workforces.items()
        ]
        return [{"Workteams": teams}]


def test_only_teams_of_others_in_our_own_workforce_are_in_the_way() -> None:
    """Where a workforce is adopted, there are those of its owner."""

    def refuse(**workforces: str | None) -> None:
        aws: Any = SimpleNamespace(sagemaker=SageMakerWithTeams(**workforces))
        event = request("Delete", "Custom::Workers", {})
        function.PrivateWorkforce.refuse_teams_in_the_way(
            aws, function.Request.parse(event)
        )

    elsewhere: dict[str, str | None] = {
        **{"labelers-UUID": WORKFORCE_NAME, "owners": "theirs", "nobodys": None},
        **{"graders-UUID": "theirs", "others": f"other-{WORKFORCE_NAME}"},
    }
    refuse(**elsewhere)
    with pytest.raises(function.Failure, match=r"does not own: guests, visitors\. "):
        refuse(visitors=WORKFORCE_NAME, guests=WORKFORCE_NAME, **elsewhere)


def test_a_workforce_that_never_gets_active_is_said_with_its_status(
    aws: EmbeddedAws, call: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.control.set(workforce_initializing_seconds=60)
    monkeypatch.setattr(function, "SECONDS_WITHOUT_CALLS", 0)
    monkeypatch.setattr(function, "SECONDS_FOR_THE_ANSWER", 0)
    call.make_context = lambda: Context(seconds=3)
    reason = call.fails("Create", "PrivateWorkforce", call.workforce())
    assert "time was over" in reason
    assert "in status Initializing" in reason


def test_an_address_type_that_is_none_is_said_before_any_call(
    aws: EmbeddedAws, call: Function
) -> None:
    aws.control.clear_calls()
    reason = call.fails(
        "Create", "PrivateWorkforce", call.workforce(IpAddressType="ipv6")
    )
    assert reason.startswith("IpAddressType is ipv4 or dualstack, not ipv6. ")
    assert aws.control.calls() == []


def test_properties_that_do_not_fit_are_said_before_any_call(
    aws: EmbeddedAws, call: Function
) -> None:
    aws.control.clear_calls()
    reason = call.fails("Create", "PrivateWorkforce", {"WorkforceName": "x"})
    assert reason.startswith("PrivateWorkforce takes the properties Existing")
    assert "the template gives WorkforceName" in reason
    assert aws.control.calls() == []


VPC = {
    "VpcId": "vpc-0a1b2c3d",
    "SubnetIds": ["subnet-1a1b2c3d", "subnet-0a1b2c3d"],
    "SecurityGroupIds": ["sg-0a1b2c3d"],
}


def update(
    call: Function, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    return call.succeeds(
        "Update",
        "PrivateWorkforce",
        after,
        PhysicalResourceId=WORKFORCE_NAME,
        OldResourceProperties=before,
    )


def test_a_portal_is_made_in_a_vpc_and_leaves_it(
    aws: EmbeddedAws, call: Function
) -> None:
    inside, outside = call.workforce(**VPC), call.workforce()
    call.succeeds("Create", "PrivateWorkforce", inside)
    config = workforces(aws)[0]["WorkforceVpcConfig"]
    assert config["VpcId"] == VPC["VpcId"]
    assert sorted(config["Subnets"]) == sorted(VPC["SubnetIds"])
    assert config["SecurityGroupIds"] == VPC["SecurityGroupIds"]
    update(call, inside, outside)
    assert "VpcId" not in workforces(aws)[0].get("WorkforceVpcConfig", {})


def test_a_living_portal_moves_into_a_vpc_and_to_other_subnets(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    inside = call.workforce(**VPC)
    moved = update(call, call.workforce(), inside)
    assert moved["Data"]["LabelingPortalHost"] == portal
    fewer = call.workforce(**{**VPC, "SubnetIds": ["subnet-0a1b2c3d"]})
    update(call, inside, fewer)
    assert workforces(aws)[0]["WorkforceVpcConfig"]["Subnets"] == ["subnet-0a1b2c3d"]


def test_the_order_of_subnets_is_no_change(aws: EmbeddedAws, call: Function) -> None:
    inside = call.workforce(**VPC)
    call.succeeds("Create", "PrivateWorkforce", inside)
    turned = call.workforce(**{**VPC, "SubnetIds": VPC["SubnetIds"][::-1]})
    update(call, inside, turned)
    assert aws.control.calls(operation="UpdateWorkforce") == []


def test_the_address_type_changes_in_place_and_back(
    aws: EmbeddedAws, call: Function, portal: str
) -> None:
    dual = call.workforce(IpAddressType="dualstack")
    update(call, call.workforce(), dual)
    assert workforces(aws)[0]["IpAddressType"] == "dualstack"
    update(call, dual, call.workforce())
    assert workforces(aws)[0]["IpAddressType"] == "ipv4"


def adopting(call: Function, name: str = "theirs", **changes: Any) -> dict[str, Any]:
    return call.workforce(WorkforceName=name, ExistingWorkforceName=name, **changes)


@pytest.fixture
def existing(aws: EmbeddedAws, sign_in: SignIn) -> dict[str, Any]:
    """Return a workforce of our pool and client that somebody else made."""
    sagemaker = aws.client("sagemaker")
    sagemaker.create_workforce(
        WorkforceName="theirs",
        CognitoConfig={"UserPool": sign_in.pool_id, "ClientId": sign_in.client_id},
        SourceIpConfig={"Cidrs": ["192.0.2.0/24"]},
    )
    while True:
        (workforce,) = workforces(aws)
        if workforce["Status"] == "Active":
            return workforce
        time.sleep(0.02)


def test_a_workforce_is_adopted_on_request_as_it_is(
    aws: EmbeddedAws, call: Function, existing: dict[str, Any]
) -> None:
    made = call.succeeds("Create", "PrivateWorkforce", adopting(call))
    assert made["PhysicalResourceId"] == "adopted/theirs"
    assert made["Data"]["LabelingPortalHost"] == existing["SubDomain"]
    assert workforces(aws) == [existing]


def test_without_a_request_it_is_not_adopted(
    aws: EmbeddedAws, call: Function, existing: dict[str, Any]
) -> None:
    reason = call.fails("Create", "PrivateWorkforce", call.workforce())
    assert "already exists in this Region" in reason


@pytest.mark.parametrize("physical_id", ["adopted/theirs", "generated-1X2Y"])
def test_an_adopted_workforce_is_never_deleted(
    aws: EmbeddedAws, call: Function, existing: dict[str, Any], physical_id: str
) -> None:
    call.succeeds("Create", "PrivateWorkforce", adopting(call))
    call.succeeds(
        "Delete", "PrivateWorkforce", adopting(call), PhysicalResourceId=physical_id
    )
    assert workforces(aws) == [existing]


def test_an_update_leaves_an_adopted_workforce_as_it_is(
    aws: EmbeddedAws, call: Function, existing: dict[str, Any]
) -> None:
    call.succeeds("Create", "PrivateWorkforce", adopting(call))
    call.succeeds(
        "Update",
        "PrivateWorkforce",
        adopting(call, UserPoolDomainName="other"),
        PhysicalResourceId="adopted/theirs",
        OldResourceProperties=adopting(call),
    )
    assert workforces(aws) == [existing]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "absent"}, "There is no workforce absent to adopt"),
        ({"UserPoolClientId": "another"}, "uses another user pool or app client"),
        ({"SourceCidrs": ["192.0.2.0/24"]}, "keeps its own networks"),
        (VPC, "keeps its own networks"),
    ],
    ids=["absent", "client", "cidrs", "vpc"],
)
def test_what_cannot_be_adopted_is_said_and_not_touched(
    aws: EmbeddedAws,
    call: Function,
    existing: dict[str, Any],
    changes: dict[str, Any],
    complaint: str,
) -> None:
    answer = call.answer_to("Create", "PrivateWorkforce", adopting(call, **changes))
    assert complaint in answer["Reason"]
    assert answer["PhysicalResourceId"] == SENTINEL
    assert workforces(aws) == [existing]


def test_a_workforce_that_is_not_active_is_not_adopted(
    call: Function, existing: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = {**existing, "Status": "Failed"}
    monkeypatch.setattr(function, "wait_until_settled", lambda aws, name: failed)
    reason = call.fails("Create", "PrivateWorkforce", adopting(call))
    assert reason.startswith("The workforce theirs is Failed, not Active: mend it")


@pytest.mark.parametrize("adopted_now", [True, False])
def test_a_living_workforce_is_not_exchanged_for_another_one(
    aws: EmbeddedAws, call: Function, portal: str, adopted_now: bool
) -> None:
    before, after = call.workforce(), adopting(call, "other")
    physical_id = WORKFORCE_NAME
    if adopted_now:
        before, after, physical_id = after, before, "adopted/other"
    reason = call.fails(
        "Update",
        "PrivateWorkforce",
        after,
        PhysicalResourceId=physical_id,
        OldResourceProperties=before,
    )
    name = physical_id.removeprefix("adopted/")
    assert reason.startswith(
        f"The workforce is {name}, and a living one can be neither"
    )
    assert len(workforces(aws)) == 1


def test_networks_that_aws_writes_in_another_way_are_no_change() -> None:
    assert function.networks(["10.1.2.3/8", "2001:DB8:0::/32"]) == {
        "10.0.0.0/8",
        "2001:db8::/32",
    }


def test_a_network_that_is_none_is_said_before_any_call(
    aws: EmbeddedAws, call: Function
) -> None:
    odd = call.workforce(SourceCidrs=["::::/1"])
    aws.control.clear_calls()
    reason = call.fails("Create", "PrivateWorkforce", odd)
    assert reason.startswith("SourceCidrs has a bad network")
    assert aws.control.calls() == []


def test_a_delete_that_is_delivered_twice_succeeds_twice(
    aws: EmbeddedAws, call: Function, portal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one may find the first at work."""
    aws.control.set(workforce_deleting_seconds=1)
    settled = function.wait_until_settled

    def both_see_it_active(found: Any, name: str) -> Any:
        workforce = settled(found, name)
        aws.client("sagemaker").delete_workforce(WorkforceName=name)
        return workforce

    monkeypatch.setattr(function, "wait_until_settled", both_see_it_active)
    call.succeeds(
        "Delete",
        "PrivateWorkforce",
        call.workforce(),
        PhysicalResourceId=WORKFORCE_NAME,
    )
    assert workforces(aws) == []
