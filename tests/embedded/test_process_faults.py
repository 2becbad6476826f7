"""A fault that the embedded AWS is told to have looks to an SDK as it does on AWS."""

from __future__ import annotations

import contextlib
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)

from local_aws.control import ControlError
from local_aws.process import EmbeddedAws

ONCE = Config(retries={"total_max_attempts": 1})
IMPATIENT = Config(retries={"total_max_attempts": 1}, read_timeout=0.5)
TWICE = Config(retries={"total_max_attempts": 2, "mode": "standard"})


def error_of(call: Any, **parameters: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    answer = caught.value.response
    return (
        answer["Error"]["Code"],
        answer["Error"]["Message"],
        answer["ResponseMetadata"]["HTTPStatusCode"],
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "status"),
    [
        ("sagemaker", "ListWorkforces", {}, "ThrottlingException", 400),
        (
            *("cognito-idp", "ListUserPools", {"MaxResults": 1}),
            *("TooManyRequestsException", 400),
        ),
        ("cloudformation", "DescribeStacks", {}, "Throttling", 400),
        ("iam", "ListRoles", {}, "Throttling", 400),
        (
            *("lambda", "GetFunction", {"FunctionName": "f"}),
            *("TooManyRequestsException", 429),
        ),
        ("s3", "ListBuckets", {}, "SlowDown", 503),
    ],
)
def test_throttling_is_the_error_of_the_service_in_its_own_protocol(
    aws: EmbeddedAws,
    service: str,
    operation: str,
    parameters: dict[str, Any],
    code: str,
    status: int,
) -> None:
    aws.control.add_fault(f"{service}:.*", "throttle")
    client = aws.client(service, config=ONCE)
    method = {
        "ListWorkforces": "list_workforces",
        "ListUserPools": "list_user_pools",
        "DescribeStacks": "describe_stacks",
        "ListRoles": "list_roles",
        "GetFunction": "get_function",
        "ListBuckets": "list_buckets",
    }[operation]
    found = error_of(getattr(client, method), **parameters)
    assert (found[0], found[2]) == (code, status)


@pytest.mark.parametrize(
    ("service", "method", "parameters", "code"),
    [
        ("sagemaker", "list_workforces", {}, "InternalFailure"),
        (
            *("cognito-idp", "list_user_pools", {"MaxResults": 1}),
            "InternalErrorException",
        ),
        ("cloudformation", "describe_stacks", {}, "InternalFailure"),
        ("s3", "list_buckets", {}, "InternalError"),
    ],
)
def test_an_internal_error_is_a_500(
    aws: EmbeddedAws,
    service: str,
    method: str,
    parameters: dict[str, Any],
    code: str,
) -> None:
    aws.control.add_fault(".*", "500", message="out of order")
    found = error_of(getattr(aws.client(service, config=ONCE), method), **parameters)
    assert found == (code, "out of order", 500)


def test_any_error_code_can_be_asked_for(aws: EmbeddedAws) -> None:
    aws.control.add_fault("CreateWorkforce", "AccessDeniedException", message="not you")
    client = aws.client("sagemaker", config=ONCE)
    found = error_of(
        client.create_workforce,
        WorkforceName="w",
        CognitoConfig={"UserPool": "us-east-1_abcdefghi", "ClientId": "client"},
    )
    assert found == ("AccessDeniedException", "not you", 400)


def test_an_error_that_the_operation_declares_has_its_own_http_status(
    aws: EmbeddedAws,
) -> None:
    aws.control.add_fault("GetFunction", "ResourceNotFoundException")
    client = aws.client("lambda", config=ONCE)
    code, _, status = error_of(client.get_function, FunctionName="f")
    assert (code, status) == ("ResourceNotFoundException", 404)


def test_a_time_out_is_no_answer_until_the_client_gives_up(aws: EmbeddedAws) -> None:
    aws.control.add_fault("CreateGroup|CreateUserPool", "timeout")
    client = aws.client("cognito-idp", config=IMPATIENT)
    started = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        client.create_user_pool(PoolName="never")
    assert time.monotonic() - started >= 0.5
    assert client.list_user_pools(MaxResults=1)["UserPools"] == []
    (call,) = aws.control.calls(operation="CreateUserPool")
    assert (call["status"], call["fault"]) == (None, "timeout")


def test_a_connection_cut_before_the_call_leaves_no_effect(aws: EmbeddedAws) -> None:
    aws.control.add_fault("CreateUserPool", "cut_before")
    client = aws.client("cognito-idp", config=ONCE)
    with pytest.raises(ConnectionClosedError):
        client.create_user_pool(PoolName="cut")
    assert client.list_user_pools(MaxResults=1)["UserPools"] == []


def test_a_connection_cut_after_the_call_leaves_its_effect(aws: EmbeddedAws) -> None:
    aws.control.add_fault("CreateUserPool", "cut_after")
    client = aws.client("cognito-idp", config=ONCE)
    with pytest.raises(ConnectionClosedError):
        client.create_user_pool(PoolName="cut")
    (pool,) = client.list_user_pools(MaxResults=1)["UserPools"]
    assert pool["Name"] == "cut"


def test_an_sdk_that_retries_gets_over_one_throttled_call(aws: EmbeddedAws) -> None:
    aws.control.add_fault("ListUserPools", "throttle")
    client = aws.client("cognito-idp", config=TWICE)
    assert client.list_user_pools(MaxResults=1)["UserPools"] == []
    assert [call["status"] for call in aws.control.calls()] == [400, 200]


def outcomes(aws: EmbeddedAws, calls: int) -> list[bool]:
    """Return for each of some calls whether it succeeds."""
    client = aws.client("cognito-idp", config=ONCE)
    succeeded = []
    for _ in range(calls):
        try:
            client.list_user_pools(MaxResults=1)
        except ClientError:
            succeeded.append(False)
        else:
            succeeded.append(True)
    return succeeded


def test_nth_and_times_say_which_calls_are_hit(aws: EmbeddedAws) -> None:
    aws.control.add_fault("ListUserPools", "500", nth=2, times=2)
    assert outcomes(aws, 5) == [True, False, False, True, True]


def test_times_zero_hits_every_call_from_the_nth_on(aws: EmbeddedAws) -> None:
    aws.control.add_fault("ListUserPools", "500", nth=2, times=0)
    assert outcomes(aws, 4) == [True, False, False, False]


def test_a_fault_for_the_function_spares_the_client(aws: EmbeddedAws) -> None:
    aws.control.add_fault("ListUserPools", "500", caller="function")
    assert outcomes(aws, 1) == [True]
    in_lambda = Config(
        retries={"total_max_attempts": 1},
        user_agent_extra="exec-env/AWS_Lambda_python3.13",
    )
    client = aws.client("cognito-idp", config=in_lambda)
    assert error_of(client.list_user_pools, MaxResults=1)[2] == 500
    assert [call["caller"] for call in aws.control.calls()] == ["client", "function"]


def test_faults_can_be_taken_back(aws: EmbeddedAws) -> None:
    aws.control.add_fault("ListUserPools", "500", times=0)
    aws.control.clear_faults()
    assert outcomes(aws, 1) == [True]


def put_answer(aws: EmbeddedAws) -> None:
    request = urllib.request.Request(
        f"{aws.endpoint}/_ministack/cfn-response/token",
        method="PUT",
        data=b'{"Status": "SUCCESS"}',
    )
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request).close()


def test_the_answer_of_a_custom_resource_is_a_call_that_faults_can_hit(
    aws: EmbeddedAws,
) -> None:
    aws.control.add_fault("cloudformation-response:PUT", "500")
    put_answer(aws)
    put_answer(aws)
    hit, spared = aws.control.calls(operation="PUT", caller="function")
    assert (hit["status"], hit["fault"]) == (500, "500")
    assert (spared["status"], spared["fault"]) != (500, "500")
    assert hit["parameters"] == {"Status": "SUCCESS"}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"operation": "(", "kind": "500"}, "no regular expression"),
        ({"operation": "X", "kind": ""}, "needs 'kind'"),
        ({"operation": "X", "kind": "500", "nth": 0}, "counts from 1"),
        ({"operation": "X", "kind": "500", "nth": "2"}, "takes a int"),
        ({"operation": "X", "kind": "500", "caller": "nobody"}, "is one of"),
        ({"operation": "X", "kind": "500", "often": 1}, "has no often"),
    ],
)
def test_a_fault_that_is_described_wrongly_is_refused(
    aws: EmbeddedAws, fault: dict[str, Any], message: str
) -> None:
    with pytest.raises(ControlError, match=message):
        aws.control.add_fault(**fault)
