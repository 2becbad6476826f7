"""Small stacks for the tests of the embedded CloudFormation engine.

`Custom::Probe` does what its properties tell it: each of Create, Update and Delete may
hold members of the answer, "crash", "silent", "sleep" or "raw", or further ones for
single "turns" of that request. Its function, which is in a stack of its own, writes
each request that it gets to a file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from local_aws.process import EmbeddedAws

FUNCTION_CODE = """
import json, os, time, urllib.request

def put(event, data, content_type=""):
    urllib.request.urlopen(urllib.request.Request(
        event["ResponseURL"], data=data, method="PUT",
        headers={"Content-Type": content_type}))

def handler(event, context):
    with open(os.environ["REQUESTS"], "a") as requests:
        requests.write(json.dumps(event) + "\\n")
    if "ResponseURL" not in event:
        if event.get("crash"):
            raise RuntimeError("told to crash")
        return
    kind = event["RequestType"]
    with open(os.environ["REQUESTS"]) as requests:
        turn = [json.loads(line).get("RequestType") for line in requests].count(kind)
    script = json.loads(event["ResourceProperties"].get(kind, "{}"))
    script.update(script.pop("turns", {}).get(str(turn), {}))
    time.sleep(script.pop("sleep", 0))
    if script.pop("crash", False):
        raise RuntimeError("told to crash")
    if script.pop("silent", False):
        return
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": event.get("PhysicalResourceId", "probe-1"),
        "Data": {"Echo": event["ResourceProperties"].get("Value", "")},
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    raw = script.pop("raw", None)
    content_type = script.pop("content_type", "")
    answer.update(script)
    answer = {name: value for name, value in answer.items() if value is not None}
    put(event, (raw or json.dumps(answer)).encode(), content_type)
"""

FUNCTION: dict[str, Any] = {
    "FunctionRole": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": "Logs",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
                        ],
                    },
                }
            ],
        },
    },
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "probe",
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Timeout": 3,
            "Role": {"Fn::GetAtt": ["FunctionRole", "Arn"]},
            "Environment": {"Variables": {"REQUESTS": {"Ref": "Requests"}}},
            "Code": {"ZipFile": FUNCTION_CODE},
        },
    },
}

NO_RETRY = {
    "Type": "AWS::Lambda::EventInvokeConfig",
    "Properties": {
        "FunctionName": {"Ref": "Function"},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 0,
    },
}

SERVICE_TOKEN = "arn:aws:lambda:us-east-1:111111111111:function:probe"

UNFINISHED = ("_IN_PROGRESS",)


def probe(*, depends_on: Iterable[str] = (), **properties: Any) -> dict[str, Any]:
    """Return a `Custom::Probe`; dictionaries among its properties become JSON text."""
    return {
        "Type": "Custom::Probe",
        "DependsOn": list(depends_on),
        "Properties": {
            "ServiceToken": SERVICE_TOKEN,
            "ServiceTimeout": 5,
            **{
                name: json.dumps(value)
                if name in ("Create", "Update", "Delete")
                else value
                for name, value in properties.items()
            },
        },
    }


def parameter(value: Any = "one", *, depends_on: Iterable[str] = ()) -> dict[str, Any]:
    """Return a parameter of the Parameter Store: the smallest ordinary resource."""
    return {
        "Type": "AWS::SSM::Parameter",
        "DependsOn": list(depends_on),
        "Properties": {"Type": "String", "Value": value},
    }


def failing(*, depends_on: Iterable[str] = ()) -> dict[str, Any]:
    """Return a resource that AWS accepts in a template and then fails to make."""
    return {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "DependsOn": list(depends_on),
        "Properties": {"FunctionName": "no-such-function", "Qualifier": "$LATEST"},
    }


def nested(
    url: str, *, depends_on: Iterable[str] = (), **parameters: Any
) -> dict[str, Any]:
    """Return a nested stack."""
    return {
        "Type": "AWS::CloudFormation::Stack",
        "DependsOn": list(depends_on),
        "Properties": {"TemplateURL": url, "Parameters": parameters},
    }


def ip_set(*addresses: str) -> dict[str, Any]:
    """Return an IP set of addresses."""
    return {
        "Type": "AWS::WAFv2::IPSet",
        "Properties": {
            "Scope": "REGIONAL",
            "IPAddressVersion": "IPV4",
            "Addresses": list(addresses),
        },
    }


def template(*resources: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Return a template of some groups of resources and further sections."""
    merged: dict[str, Any] = {}
    for group in resources:
        merged.update(group)
    return {"Resources": merged, **sections}


CHILD_PARAMETERS = {"Value": {"Type": "String", "Default": "one"}}
CHILD_OUTPUTS = {
    "Name": {"Value": {"Ref": "Kept"}},
    "Stack": {"Value": {"Ref": "AWS::StackId"}},
}


def child_template(*resources: dict[str, Any]) -> dict[str, Any]:
    """Return the template of a child with one parameter of the Parameter Store."""
    return template(
        {"Kept": parameter({"Ref": "Value"})},
        *resources,
        Parameters=CHILD_PARAMETERS,
        Outputs=CHILD_OUTPUTS,
    )


def value_of(aws: EmbeddedAws, name: str) -> str:
    """Return the value of a parameter of the Parameter Store."""
    return str(aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def parameter_names(aws: EmbeddedAws) -> list[str]:
    """Return the names of all parameters of the Parameter Store."""
    found = aws.client("ssm").describe_parameters()["Parameters"]
    return [each["Name"] for each in found]


def upload(aws: EmbeddedAws, name: str, body: dict[str, Any]) -> str:
    """Put a template into a bucket and return its URL."""
    storage = aws.client("s3")
    storage.create_bucket(Bucket="templates")
    storage.put_object(Bucket="templates", Key=name, Body=json.dumps(body).encode())
    return f"{aws.endpoint}/templates/{name}"


def eventually(is_so: Callable[[], bool]) -> bool:
    """Wait, for ten seconds at most, until something is so; return whether it is."""
    deadline = time.monotonic() + 10
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_so()


class Stack:
    """One root stack, deployed by direct calls; every call waits for the end."""

    def __init__(self, aws: EmbeddedAws, name: str = "probe") -> None:
        self.client = aws.client("cloudformation")
        self.name = name
        self.id = ""

    def create(self, body: dict[str, Any], **request: Any) -> str:
        """Create the stack and return the status it ends in."""
        answer = self.client.create_stack(
            StackName=self.name,
            TemplateBody=json.dumps(body),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **request,
        )
        self.id = answer["StackId"]
        return self.settled()

    def update(self, body: dict[str, Any], **request: Any) -> str:
        """Update the stack and return the status it ends in."""
        self.client.update_stack(
            StackName=self.name,
            TemplateBody=json.dumps(body),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **request,
        )
        return self.settled()

    def delete(self) -> str:
        """Delete the stack and return the status it ends in."""
        self.client.delete_stack(StackName=self.id)
        return self.settled()

    def settled(self) -> str:
        """Wait until nothing is in progress and return the status."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            status: str = self.describe()["StackStatus"]
            if not status.endswith(UNFINISHED):
                return status
            time.sleep(0.01)
        raise TimeoutError(f"{self.name} is still {status}.")

    def describe(self, stack_id: str | None = None) -> dict[str, Any]:
        """Return what DescribeStacks tells about this stack or about a child."""
        answer = self.client.describe_stacks(StackName=stack_id or self.id)
        (stack,) = answer["Stacks"]
        return dict(stack)

    def outputs(self) -> dict[str, str]:
        """Return the outputs."""
        return {
            output["OutputKey"]: output["OutputValue"]
            for output in self.describe().get("Outputs", [])
        }

    def physical_id(self, logical_id: str) -> str:
        """Return the physical id of one resource."""
        answer = self.client.describe_stack_resource(
            StackName=self.id, LogicalResourceId=logical_id
        )
        return str(answer["StackResourceDetail"]["PhysicalResourceId"])

    def events(self, stack_id: str | None = None) -> list[tuple[str, str]]:
        """Return (logical id, status) of all events, oldest first."""
        return [event[:2] for event in self.reasons(stack_id)]

    def reasons(self, stack_id: str | None = None) -> list[tuple[str, str, str]]:
        """Return (logical id, status, reason) of all events, oldest first."""
        answer = self.client.describe_stack_events(StackName=stack_id or self.id)
        return [
            (
                event["LogicalResourceId"],
                event["ResourceStatus"],
                event.get("ResourceStatusReason", ""),
            )
            for event in reversed(answer["StackEvents"])
        ]

    def reason(self, logical_id: str, status: str) -> str:
        """Return the reason of the last event of a resource with a status."""
        return [
            reason
            for name, found, reason in self.reasons()
            if (name, found) == (logical_id, status)
        ][-1]


class Probes:
    """The deployed function, and the requests that it gets."""

    def __init__(
        self, aws: EmbeddedAws, directory: Path, *, retry: bool = True
    ) -> None:
        self._path = directory / "requests"
        self._path.touch()
        resources = {**FUNCTION} if retry else {**FUNCTION, "NoRetry": NO_RETRY}
        self.stack = Stack(aws, "function")
        status = self.stack.create(
            template(resources, Parameters={"Requests": {"Type": "String"}}),
            Parameters=[
                {"ParameterKey": "Requests", "ParameterValue": str(self._path)}
            ],
        )
        assert status == "CREATE_COMPLETE", self.stack.reasons()

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests, oldest first."""
        return [json.loads(line) for line in self._path.read_text().splitlines()]

    def kinds(self) -> list[tuple[str, str | None]]:
        """Return (request type, physical id) of the requests, oldest first."""
        return [
            (request["RequestType"], request.get("PhysicalResourceId"))
            for request in self.requests()
        ]
