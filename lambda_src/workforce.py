"""The custom resources of a private labeling workforce, in one inlined function.

Custom::PrivateWorkforce  makes the workforce and waits until its portal is there.
    Physical id: the workforce's name, which ends in the UUID of the stack.
    Attributes: WorkforceName, WorkforceArn, LabelingPortalHost, LabelingPortalUrl.
Custom::WorkTeams         makes a group and a work team for each name.
    Attributes: WorkTeamArns, separated by commas, in the order of the names.
Custom::PortalSignIn      puts the portal's host wherever the app client and the
    invitation hold the placeholder's; deleting it puts the placeholder back.
Custom::Workers           invites each declared worker once; never deletes an account.

A repair request of the set's EventBridge rule does what Custom::PortalSignIn does:
CloudFormation writes the placeholder back in a rolled-back update and calls no custom
resource afterwards.

What this stack made is known by construction: names end in the whole UUID of the
stack, and a worker's user name is derived from that UUID and the address. Nothing
else is changed or deleted, whatever physical id CloudFormation hands in.

Each request gets one answer, before the function's own time is over. The function
needs the rights in templates/iam.py; CreateWorkforce and CreateWorkteam use them too.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import http.client
import ipaddress
import json
import re
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard
from urllib.parse import urlsplit

import boto3
import botocore.config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

#: Stands for the portal's host until that is known. It never resolves: ".invalid" is
#: reserved for that (RFC 2606).
PLACEHOLDER_HOST = "labeling-portal.invalid"
CALLBACK_PATH = "/oauth2/idpresponse"
LOGOUT_PATH = "/logout"

#: Regions with private workforces: those that list AWS::SageMaker::Workforce in the
#: CloudFormation registry and have Ground Truth endpoints ("Run a labeling job with
#: an Amazon Virtual Private Cloud", SageMaker Developer Guide).
REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "us-east-1",
    "us-east-2",
    "us-west-2",
)

#: "Custom resource response" ("CloudFormation quotas", CloudFormation User Guide).
MAXIMUM_ANSWER_BYTES = 4096
#: What each id that an answer repeats may take of it.
MAXIMUM_REPEATED_BYTES = 700
#: No AWS call is begun in the last minute, and the answer is not left later than this:
#: five tries to send it take at most 33 seconds.
SECONDS_WITHOUT_CALLS = 60
SECONDS_FOR_THE_ANSWER = 40
ANSWER_TIMEOUT_SECONDS = 5
#: Between two looks at a status.
SHORTEST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10
ANSWER_PAUSES_SECONDS = (0.5, 1, 2, 4)
#: A new role takes time to work everywhere ("Troubleshoot IAM: changes that I make
#: are not always immediately visible", IAM User Guide).
NEW_ROLE_SECONDS = 60
ACCESS_DENIED = ("AccessDeniedException", "AccessDenied")
#: An update takes one to ten CIDRs ("UpdateWorkforce", SageMaker API reference), so a
#: restriction is not removed but opened.
EVERY_NETWORK = {
    "ipv4": ("0.0.0.0/0",),
    "dualstack": ("0.0.0.0/0", "::/0"),
}
#: For so long something just written may be read as it was before.
READ_AFTER_WRITE_SECONDS = 60
#: The pauses between tries to repair; what fails after the last is an error that the
#: set's alarm tells.
REPAIR_PAUSES_SECONDS = (1, 2, 5, 10, 20)
#: Somebody has the user name, or the address as an alias.
ACCOUNT_EXISTS = ("UsernameExistsException", "AliasExistsException")
#: What became of a worker who was to be welcomed.
INVITED = "invited"
INVITED_AGAIN = "invited again"
ENABLED = "enabled"
#: What a temporary password is made of, one of each at least: nothing that means
#: something in HTML, where Cognito puts it as it is ("<" hides what follows; seen in
#: aws-samples/sample-agentcore-lowcode-nocode#1), and nothing that looks like another.
PASSWORD_CHARACTERS = (
    "abcdefghijkmnpqrstuvwxyz",
    "ABCDEFGHJKLMNPQRSTUVWXYZ",
    "23456789",
    "!*+=?@",
)
#: The length that nearly every policy takes, and the one that every policy does.
PASSWORD_LENGTHS = (16, 99)
#: How often a rewrite starts over because somebody else wrote in between.
REWRITE_ATTEMPTS = 5
#: The physical id of what was not made: its deletion has nothing to do.
NOT_CREATED = "not-created"
#: Begins the physical id of a workforce that was there before, and stays.
ADOPTED = "adopted/"


class Failure(Exception):
    """What the operator reads in the console: the fact, then what to do."""


class OutOfTime(Exception):
    """No time is left for another AWS call."""


class RepairFailed(Exception):
    """The sign-in could not be repaired; the function's alarm tells of it."""


def handler(event: Any, context: Any) -> None:
    """Serve one request of CloudFormation, or one repair.

    Args:
        event: a custom resource request ("Custom resource request objects",
            CloudFormation User Guide), or what templates/repair.py sends.
        context: Lambda's context; its remaining time bounds the work.

    Raises:
        OSError: CloudFormation did not take the answer; Lambda logs it.
        RepairFailed: the sign-in is not known to be right.
    """
    remaining = context.get_remaining_time_in_millis() / 1000
    if isinstance(event, Mapping) and "Repair" in event:
        repair(event["Repair"], Deadline(remaining - SECONDS_WITHOUT_CALLS))
    else:
        serve_cloudformation(event, context, remaining)


def serve_cloudformation(event: Any, context: Any, remaining: float) -> None:
    """Serve one CloudFormation request; the only place that answers it."""
    answer = Answer(event, context, Deadline(remaining - SECONDS_WITHOUT_CALLS))
    watchdog = threading.Timer(
        max(remaining - SECONDS_FOR_THE_ANSWER, 0), answer.fail_for_time
    )
    watchdog.start()
    try:
        attributes = serve(event, answer)
    except Failure as failure:
        answer.fail(str(failure))
    except OutOfTime:
        answer.fail_for_time()
    except (ClientError, BotoCoreError) as error:
        answer.fail(explain(error) + answer.what_may_be_left())
    except Exception as error:  # Whatever it is, CloudFormation must not wait for it.
        answer.fail(
            f"The function met an unexpected {type(error).__name__}: {error}. Deploy "
            "again; if it stays so, report it with the function's log."
            + answer.what_may_be_left()
        )
    else:
        answer.succeed(attributes)
    finally:
        watchdog.cancel()
        # Lambda freezes the process on return, also in the middle of an answer.
        watchdog.join()


def repair(request: Mapping[str, Any], deadline: Deadline) -> None:
    """Make app client and invitation name the portal, unless stacks are at work.

    Raises:
        RepairFailed: every try failed; says why the last one did.
    """
    aws = Aws(deadline)
    for pause in (*REPAIR_PAUSES_SECONDS, None):
        try:
            return repair_once(aws, request)
        except (ClientError, BotoCoreError) as error:
            reason = explain(error)
        except Failure as failure:
            reason = str(failure)
        except OutOfTime:
            reason = f"The time is over; it waited for {deadline.waits_for}."
            break
        log("repair-try-failed", reason=reason)
        if pause is not None:
            time.sleep(pause)
    # The set's alarm counts these lines.
    log("repair-failed", reason=reason)
    raise RepairFailed(f"The sign-in is not known to lead to the portal: {reason}")


def repair_once(aws: Aws, request: Mapping[str, Any]) -> None:
    """Try the repair once, and write nothing where nothing is wrong.

    The end of an operation that is under way sends an event of its own, and its
    beginning comes seconds before CloudFormation writes: a repair that finds none at
    work is done by then.
    """
    statuses = []
    for stack_id in dict.fromkeys(filter(None, request["StackIds"])):
        status = stack_status(aws, stack_id)
        if is_at_work(status):
            log("repair-not-now", stack=stack_id)
            return
        statuses.append(status)
    workforce = describe_workforce(aws, request["WorkforceName"])
    if workforce is None or not workforce.get("SubDomain"):
        log("repair-without-portal", workforce=request["WorkforceName"])
        return
    host = workforce["SubDomain"]
    lead_to_the_portal(aws, request["UserPoolId"], request["UserPoolClientId"], host)
    # After a failure without a rollback, one may still come.
    if not any(status.endswith("_FAILED") for status in statuses):
        WorkTeams.delete_groups_without_team(aws, request)


def stack_status(aws: Aws, stack_id: str) -> str:
    """Return the status of a stack, or an empty text when there is none."""
    try:
        described = aws.cloudformation.describe_stacks(StackName=stack_id)
    except ClientError as error:
        if error_code(error) == "ValidationError" and "not exist" in str(error):
            return ""
        raise
    status: str = described["Stacks"][0]["StackStatus"]
    return status


def is_at_work(status: str) -> bool:
    """Return whether an operation may still write, or the stack is gone.

    A clean-up only deletes what was replaced, and a nested stack stays in it for as
    long as its parent is not done: also for ever, after a failure without rollback.
    """
    return not status or bool(re.search(r"(?<!_CLEANUP)_IN_PROGRESS$", status))


def serve(event: Mapping[str, Any], answer: Answer) -> dict[str, str]:
    """Do what the request asks; return the attributes for Fn::GetAtt.

    Raises:
        Failure: the request cannot be served, with what to do.
        OutOfTime: the deadline came first.
    """
    request = answer.request = Request.parse(event)
    log("request", type=request.type, resource=request.resource_type)
    actions = RESOURCES.get(request.resource_type)
    if actions is None or request.type not in ("Create", "Update", "Delete"):
        raise Failure(
            f"The function does not know {request.type} of {request.resource_type}: "
            "template and function are of different versions. Deploy the whole set."
        )
    if request.type == "Delete" and request.physical_id == NOT_CREATED:
        return {}
    action = getattr(actions, request.type.lower())
    attributes: dict[str, str] = action(Aws(answer.deadline), request)
    return attributes


def explain(error: ClientError | BotoCoreError) -> str:
    """Return an AWS error as a sentence, with the mend where one is known."""
    if isinstance(error, ParamValidationError):
        return f"The SDK of this runtime does not know the request: {error}."
    if isinstance(error, BotoCoreError):
        return f"AWS could not be reached: {error}. Deploy again."
    code, message = error_code(error), error.response["Error"].get("Message", "")
    sentence = f"{error.operation_name} failed with {code}: {message.rstrip('.')}."
    if code in ACCESS_DENIED:
        sentence += (
            " Allow the action to the function's role; a permissions boundary or a "
            "service control policy may be in the way."
        )
    return sentence


@dataclasses.dataclass
class Request:
    """A CloudFormation request, without the URL that answers it."""

    type: str
    resource_type: str
    stack_id: str
    physical_id: str
    properties: Mapping[str, Any]
    old_properties: Mapping[str, Any]

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Request:
        """Return the request in an event.

        Raises:
            Failure: the event is not a CloudFormation request.
        """
        request = cls(
            type=event.get("RequestType", ""),
            resource_type=event.get("ResourceType", ""),
            stack_id=event.get("StackId", ""),
            physical_id=event.get("PhysicalResourceId") or NOT_CREATED,
            properties=event.get("ResourceProperties", {}),
            old_properties=event.get("OldResourceProperties", {}),
        )
        for field in dataclasses.fields(cls):
            value = getattr(request, field.name)
            if not isinstance(value, str if field.type == "str" else Mapping):
                raise Failure(f"The request has no usable {field.name}.")
        return request

    def made(self, physical_id: str) -> None:
        """Take this id from now on: it says whether there is something to delete."""
        self.physical_id = physical_id

    def text(self, name: str) -> str:
        """Return a property for a deletion, whose other properties may be older."""
        value = self.properties.get(name)
        if not isinstance(value, str):
            raise Failure(f"The property {name} of {self.resource_type} is missing.")
        return value

    @property
    def stack_uuid(self) -> str:
        """The last part of the stack's id, which no other stack has."""
        return uuid_of(self.stack_id)

    def named(self, name: str) -> str:
        """Return the name with the stack's UUID, which makes it this stack's."""
        return f"{name}-{self.stack_uuid}"


def uuid_of(stack_id: str) -> str:
    """Return the last part of a stack's id, which no other stack has."""
    uuid = stack_id.rpartition("/")[2]
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uuid):
        raise Failure(f"The stack id {stack_id[:200]} does not end in a UUID.")
    return uuid


def parsed(kind: type[Any], properties: Mapping[str, Any]) -> Any:
    """Return custom resource properties as one of the dataclasses below.

    CloudFormation sends scalars as text and lists as lists; a split of an empty
    parameter is a list of one empty text, which stands for no item.

    Raises:
        Failure: a property is missing, unknown or of another shape.
    """
    title = kind.__qualname__.partition(".")[0]
    fields = {field.name: field.type for field in dataclasses.fields(kind)}
    given = {k: v for k, v in properties.items() if k not in COMMON_PROPERTIES}
    if fields.keys() != given.keys():
        raise Failure(
            f"{title} takes the properties {', '.join(sorted(fields))}; "
            f"the template gives {', '.join(sorted(map(str, given))) or 'none'}. "
            "Deploy the whole set in one version."
        )
    values: dict[str, Any] = {}
    for name, value in given.items():
        if fields[name] == "str" and isinstance(value, str):
            values[name] = value
        elif fields[name] != "str" and is_list_of_text(value):
            values[name] = tuple(item.strip() for item in value if item.strip())
        else:
            raise Failure(f"The property {name} of {title} has a wrong shape.")
    return kind(**values)


COMMON_PROPERTIES = ("ServiceToken", "ServiceTimeout")


def truth(text: str) -> bool:
    """Return a boolean property, which CloudFormation sends as text."""
    if text not in ("true", "false"):
        raise Failure(f"true or false is allowed, not {text[:100]!r}.")
    return text == "true"


def is_list_of_text(value: object) -> TypeGuard[list[str]]:
    """Return whether a property is a list of text."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


class PrivateWorkforce:
    """Custom::PrivateWorkforce."""

    NAME = "private-workforce"

    @dataclasses.dataclass(frozen=True)
    class Properties:
        """Which workforce, of which user pool and app client."""

        WorkforceName: str
        UserPoolId: str
        UserPoolClientId: str
        UserPoolDomainName: str
        SourceCidrs: tuple[str, ...]
        VpcId: str
        SubnetIds: tuple[str, ...]
        SecurityGroupIds: tuple[str, ...]
        IpAddressType: str
        ExistingWorkforceName: str

        @property
        def physical_id(self) -> str:
            """The name, which says whether the workforce was there before."""
            prefix = ADOPTED if self.ExistingWorkforceName else ""
            return prefix + self.WorkforceName

        @property
        def cognito_config(self) -> dict[str, str]:
            """The CognitoConfig that makes a workforce this stack's."""
            return {"UserPool": self.UserPoolId, "ClientId": self.UserPoolClientId}

        @property
        def networks(self) -> tuple[str, ...]:
            """The networks that may open the portal, as an update must say them."""
            return self.SourceCidrs or EVERY_NETWORK[self.IpAddressType]

        @property
        def vpc_config(self) -> dict[str, Any]:
            """The WorkforceVpcConfig; an empty one takes the portal out of a VPC."""
            if not self.VpcId:
                return {}
            return {
                "VpcId": self.VpcId,
                "Subnets": list(self.SubnetIds),
                "SecurityGroupIds": list(self.SecurityGroupIds),
            }

    @classmethod
    def create(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Make the workforce unless a repeated request made it; wait for its portal."""
        wanted = cls._wanted(request)
        if aws.region not in REGIONS:
            raise Failure(
                f"SageMaker has no private workforces in {aws.region}. Deploy in one "
                f"of {', '.join(REGIONS)}."
            )
        existing = aws.patiently(lambda: private_workforces(aws))
        if wanted.ExistingWorkforceName:
            return cls._adopt(aws, request, wanted)
        for workforce in existing:
            if workforce["WorkforceName"] != wanted.WorkforceName:
                raise Failure(
                    "A private workforce already exists in this Region, and AWS allows "
                    f"one: {workforce['WorkforceName']}. Use it, delete it (its work "
                    "teams first), or deploy in another Region or account."
                )
        if not existing:
            cls._check_domain(aws, wanted)
            cls._make(aws, request, wanted)
        request.made(wanted.physical_id)
        return cls._attributes(cls._settled(aws, wanted))

    @classmethod
    def update(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Change in place what AWS can change; refuse the rest and touch nothing."""
        wanted = cls._wanted(request)
        if request.physical_id != wanted.physical_id:
            raise Failure(
                f"The workforce is {request.physical_id.removeprefix(ADOPTED)}, and a "
                "living one can be neither renamed nor exchanged. Undo the change of "
                "ExistingWorkforceName."
            )
        workforce = wait_until_settled(aws, wanted.WorkforceName)
        if workforce is None:
            raise Failure(
                f"The workforce {wanted.WorkforceName} is gone: somebody deleted it. "
                "Delete this stack and deploy it again."
            )
        if workforce.get("CognitoConfig") != wanted.cognito_config:
            raise Failure(
                "AWS cannot move a workforce to another user pool or app client. Undo "
                "the change, or delete this stack and deploy it again."
            )
        if wanted.ExistingWorkforceName and workforce["Status"] == "Active":
            return cls._attributes(workforce)
        return cls._attributes(cls._settled(aws, wanted))

    @classmethod
    def delete(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Delete the workforce as soon as its status allows, and wait until it is gone.

        The name comes from the stack, not from the physical id: CloudFormation makes
        one up when a creation was never answered. An adopted workforce stays.
        """
        if request.physical_id.startswith(ADOPTED):
            return {}
        name = request.named(cls.NAME)
        if wait_until_settled(aws, name) is None:
            return {}
        cls.refuse_teams_in_the_way(aws, request)
        try:
            aws.sagemaker.delete_workforce(WorkforceName=name)
        except ClientError:
            # The same request, delivered twice, may have deleted it a moment ago.
            found = describe_workforce(aws, name)
            if found is not None and found["Status"] != "Deleting":
                raise
        for _ in aws.deadline.pauses():
            if describe_workforce(aws, name) is None:
                break
        return {}

    @classmethod
    def _wanted(cls, request: Request) -> PrivateWorkforce.Properties:
        wanted: PrivateWorkforce.Properties = parsed(cls.Properties, request.properties)
        name = wanted.ExistingWorkforceName or request.named(cls.NAME)
        if wanted.WorkforceName != name:
            raise Failure(
                f"A workforce cannot be renamed. It is {name}, a name that only this "
                f"stack has; the template says {wanted.WorkforceName}. Undo the change."
            )
        if wanted.IpAddressType not in EVERY_NETWORK:
            raise Failure(
                f"IpAddressType is {' or '.join(EVERY_NETWORK)}, not "
                f"{wanted.IpAddressType[:100]}."
            )
        networks(wanted.SourceCidrs)
        if wanted.ExistingWorkforceName and (wanted.SourceCidrs or wanted.VpcId):
            raise Failure(
                "An adopted workforce keeps its own networks: leave SourceCidrs and "
                "VpcId empty, or change them on the workforce itself."
            )
        return wanted

    @classmethod
    def _adopt(
        cls, aws: Aws, request: Request, wanted: PrivateWorkforce.Properties
    ) -> dict[str, str]:
        """Take the named workforce as it is, if it uses our pool and client."""
        workforce = wait_until_settled(aws, wanted.WorkforceName)
        if workforce is None:
            raise Failure(
                f"There is no workforce {wanted.WorkforceName} to adopt in this Region."
                " Correct ExistingWorkforceName, or leave it empty to make one."
            )
        if workforce.get("CognitoConfig") != wanted.cognito_config:
            raise Failure(
                f"The workforce {wanted.WorkforceName} uses another user pool or app "
                "client, so it cannot be adopted here. Deploy the workforce stack on "
                "its own pool, or leave ExistingWorkforceName empty."
            )
        if workforce["Status"] != "Active":
            raise Failure(
                f"The workforce {wanted.WorkforceName} is {workforce['Status']}, not "
                "Active: mend it before it is adopted."
            )
        request.made(wanted.physical_id)
        return cls._attributes(workforce)

    @staticmethod
    def _check_domain(aws: Aws, wanted: PrivateWorkforce.Properties) -> None:
        described = aws.patiently(
            lambda: aws.cognito.describe_user_pool(UserPoolId=wanted.UserPoolId)
        )
        pool = described["UserPool"]
        if not pool.get("Domain") and not pool.get("CustomDomain"):
            raise Failure(
                f"The user pool {wanted.UserPoolId} has no domain, which a workforce "
                f"needs: give it {wanted.UserPoolDomainName or 'one'} first."
            )

    @classmethod
    def _make(
        cls, aws: Aws, request: Request, wanted: PrivateWorkforce.Properties
    ) -> None:
        settings: dict[str, Any] = {}
        if wanted.IpAddressType != "ipv4":
            settings["IpAddressType"] = wanted.IpAddressType
        if wanted.SourceCidrs:
            settings["SourceIpConfig"] = {"Cidrs": list(wanted.SourceCidrs)}
        if wanted.VpcId:
            settings["WorkforceVpcConfig"] = wanted.vpc_config
        # Until the answer is there, nobody knows whether something was made; a
        # deletion by its name finds out.
        request.made(wanted.physical_id)
        try:
            aws.patiently(
                lambda: aws.sagemaker.create_workforce(
                    WorkforceName=wanted.WorkforceName,
                    CognitoConfig=wanted.cognito_config,
                    **settings,
                )
            )
        except ClientError:
            # The answer to a first try may be lost, and its repetition refused.
            if describe_workforce(aws, wanted.WorkforceName) is None:
                request.made(NOT_CREATED)
                raise
        log("created", workforce=wanted.WorkforceName)

    @classmethod
    def _settled(cls, aws: Aws, wanted: PrivateWorkforce.Properties) -> dict[str, Any]:
        """Return the workforce once it is Active with the wanted settings.

        What was written may be read a little later, so neither a workforce that is
        not there yet nor an old setting is believed at once.
        """
        updated = False
        believed = time.monotonic() + READ_AFTER_WRITE_SECONDS
        for _ in aws.deadline.pauses():
            workforce = wait_until_settled(aws, wanted.WorkforceName)
            if workforce is None:
                if time.monotonic() < believed:
                    continue
                raise Failure(
                    f"The workforce {wanted.WorkforceName} vanished while it was "
                    "made. Deploy again."
                )
            changes = cls._changes(workforce, wanted)
            if changes and not updated:
                aws.patiently(
                    functools.partial(
                        aws.sagemaker.update_workforce,
                        WorkforceName=wanted.WorkforceName,
                        **changes,
                    )
                )
                updated, believed = True, time.monotonic() + READ_AFTER_WRITE_SECONDS
            elif workforce["Status"] == "Failed":
                reason = workforce.get("FailureReason") or "AWS gives no reason"
                raise Failure(
                    f"The workforce {wanted.WorkforceName} failed: "
                    f"{reason.removesuffix('.')}."
                )
            elif not changes:
                return workforce
            elif time.monotonic() >= believed:
                raise Failure(
                    f"AWS kept {', '.join(changes)} of the workforce as it was, "
                    "although it accepted the change. Deploy again."
                )
        raise OutOfTime

    @staticmethod
    def _changes(
        workforce: Mapping[str, Any], wanted: PrivateWorkforce.Properties
    ) -> dict[str, Any]:
        """Return what UpdateWorkforce must be told, by its members."""
        changes: dict[str, Any] = {}
        cidrs = workforce.get("SourceIpConfig", {}).get("Cidrs")
        open_to_all = EVERY_NETWORK[workforce.get("IpAddressType", "ipv4")]
        if networks(cidrs or open_to_all) != networks(wanted.networks):
            changes["SourceIpConfig"] = {"Cidrs": list(wanted.networks)}
        found = dict(workforce.get("WorkforceVpcConfig", {}))
        found.pop("VpcEndpointId", None)
        if comparable(found) != comparable(wanted.vpc_config):
            changes["WorkforceVpcConfig"] = wanted.vpc_config
        if workforce.get("IpAddressType", "ipv4") != wanted.IpAddressType:
            changes["IpAddressType"] = wanted.IpAddressType
        return changes

    @classmethod
    def refuse_teams_in_the_way(cls, aws: Aws, request: Request) -> None:
        """Refuse the deletion of a workforce that has teams of others.

        Raises:
            Failure: with the names of the teams.
        """
        name = request.named(cls.NAME)
        others = sorted(
            team["WorkteamName"]
            for team in pages(aws.sagemaker, "list_workteams", "Workteams")
            if team.get("WorkforceArn", "").endswith(f":workforce/{name}")
            and not team["WorkteamName"].endswith(f"-{request.stack_uuid}")
        )
        if others:
            raise Failure(
                f"The workforce {name} still has work teams that this stack does not "
                f"own: {', '.join(others)}. Delete them, then delete the stack again."
            )

    @staticmethod
    def _attributes(workforce: Mapping[str, Any]) -> dict[str, str]:
        host = workforce["SubDomain"]
        return {
            "WorkforceName": workforce["WorkforceName"],
            "WorkforceArn": workforce["WorkforceArn"],
            "LabelingPortalHost": host,
            "LabelingPortalUrl": f"https://{host}",
        }


def networks(cidrs: Iterable[str]) -> set[str]:
    """Return CIDRs in the one way in which each network can be written.

    Raises:
        Failure: one is none.
    """
    try:
        return {str(ipaddress.ip_network(cidr, strict=False)) for cidr in cidrs}
    except ValueError as error:
        raise Failure(f"SourceCidrs has a bad network: {error}. Correct it.") from None


def private_workforces(aws: Aws) -> list[dict[str, Any]]:
    """Return the private workforces of the account and Region: none or one.

    The list also has vendors' workforces, which have no identity configuration.
    """
    return [
        workforce
        for workforce in pages(aws.sagemaker, "list_workforces", "Workforces")
        if "CognitoConfig" in workforce or "OidcConfig" in workforce
    ]


def describe_workforce(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return the workforce, or None when there is none of that name."""
    try:
        with not_found():
            answer = aws.sagemaker.describe_workforce(WorkforceName=name)
    except NotFound:
        return None
    workforce: dict[str, Any] = answer["Workforce"]
    return workforce


def wait_until_settled(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return the workforce once nothing is under way, or None once it is gone.

    The portal's host is there at the latest with status Active; whether it comes
    earlier is not documented.
    """
    for _ in aws.deadline.pauses():
        workforce = describe_workforce(aws, name)
        if workforce is None or workforce["Status"] == "Failed":
            return workforce
        if workforce["Status"] == "Active" and workforce.get("SubDomain"):
            return workforce
        aws.deadline.waits_for = f"the workforce {name} in status {workforce['Status']}"
    raise OutOfTime


def names_of_teams(aws: Aws) -> list[str]:
    """Return the names of every work team of the account and Region."""
    teams = pages(aws.sagemaker, "list_workteams", "Workteams")
    return [team["WorkteamName"] for team in teams]


def open_jobs(aws: Aws, team_arn: str) -> list[str]:
    """Return the names of a team's labeling jobs that still wait for people."""
    return [
        job.get("LabelingJobName") or job["JobReferenceCode"]
        for job in pages(
            aws.sagemaker,
            "list_labeling_jobs_for_workteam",
            "LabelingJobSummaryList",
            WorkteamArn=team_arn,
        )
        if job.get("LabelCounters", {}).get("PendingHuman", 0) > 0
        and not is_over(aws, job.get("LabelingJobName"))
    ]


def is_over(aws: Aws, job: str | None) -> bool:
    """Return whether a labeling job has ended, though not with every label.

    What was not labeled when a job stopped still counts as waiting for people. A job
    of another account has no name here and cannot be asked.
    """
    if job is None:
        return False
    try:
        with not_found():
            described = aws.sagemaker.describe_labeling_job(LabelingJobName=job)
    except NotFound:
        return True
    return described["LabelingJobStatus"] in ("Completed", "Failed", "Stopped")


#: With a hyphen and a UUID it fits the 63 characters of a work team's name.
TEAM_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,24}[A-Za-z0-9])?")


#: What a team has that was made without saying so.
DEFAULT_TEAM_SETTINGS = {
    "WorkerAccessConfiguration": {
        "S3Presign": {"IamPolicyConstraints": {"SourceIp": "Disabled"}}
    }
}


class WorkTeams:
    """Custom::WorkTeams."""

    @dataclasses.dataclass(frozen=True)
    class Properties:
        """Which teams, in which workforce and user pool."""

        WorkforceName: str
        UserPoolId: str
        UserPoolClientId: str
        WorkTeamNames: tuple[str, ...]
        NotificationTopicArn: str
        RestrictTaskDataToSourceIp: str

        @property
        def settings(self) -> dict[str, Any]:
            """What every team has besides its group, as the API spells it."""
            bound = "Enabled" if truth(self.RestrictTaskDataToSourceIp) else "Disabled"
            return {
                "NotificationConfiguration": {
                    "NotificationTopicArn": self.NotificationTopicArn
                },
                "WorkerAccessConfiguration": {
                    "S3Presign": {"IamPolicyConstraints": {"SourceIp": bound}}
                },
            }

    @classmethod
    def create(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Make the group and the team of each name that has none yet."""
        request.made(request.named("work-teams"))
        return cls._make_so(aws, request)

    @classmethod
    def update(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Make the teams that are new, then delete those that are no longer named.

        Their groups go with the repair, when the update has succeeded.
        """
        return cls._make_so(aws, request)

    @classmethod
    def delete(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Delete every team and group whose name says that this stack made it."""
        teams = cls.existing_teams(aws, request.stack_uuid)
        cls.refuse_teams_in_use(aws, teams.values())
        for name in teams:
            cls._delete_team(aws, name)
        cls._delete_groups(aws, request.stack_uuid, request.text("UserPoolId"), ())
        return {}

    @classmethod
    def delete_groups_without_team(cls, aws: Aws, request: Mapping[str, Any]) -> None:
        """Delete the groups whose teams an update took away, now that it is over.

        A rollback brings a team back, but could not bring back who was in its group.
        A team that is still named was deleted by somebody: its group waits for it. The
        names may be those of before the update ("rules may take a moment to change",
        EventBridge User Guide), so a group whose team is there stays as well.
        """
        uuid = uuid_of(request["StackId"])
        named = [f"{name}-{uuid}" for name in request["WorkTeamNames"].split(",")]
        keep = {*named, *cls.existing_teams(aws, uuid)}
        cls._delete_groups(aws, uuid, request["UserPoolId"], keep)

    @classmethod
    def _make_so(cls, aws: Aws, request: Request) -> dict[str, str]:
        wanted: WorkTeams.Properties = parsed(cls.Properties, request.properties)
        cls._check_names(wanted.WorkTeamNames)
        teams = cls.existing_teams(aws, request.stack_uuid)
        groups = cls._existing_groups(aws, request.stack_uuid, wanted.UserPoolId)
        names = [request.named(name) for name in wanted.WorkTeamNames]
        unnamed = [name for name in teams if name not in names]
        # Before anything is changed: a team in use stops the whole update.
        cls.refuse_teams_in_use(aws, (teams[name] for name in unnamed))
        arns = []
        for name in names:
            if name not in groups:
                with already_exists():
                    aws.cognito.create_group(
                        UserPoolId=wanted.UserPoolId,
                        GroupName=name,
                        Description=f"Work team of {request.stack_id}"[:2048],
                    )
            if name in teams:
                cls._bring_up_to_date(aws, wanted, teams[name])
                arns.append(teams[name]["WorkteamArn"])
            else:
                arns.append(cls._make_team(aws, request, wanted, name))
        for name in unnamed:
            cls._delete_team(aws, name)
        return {"WorkTeamArns": ",".join(arns)}

    @staticmethod
    def _check_names(names: tuple[str, ...]) -> None:
        if not 1 <= len(names) <= 25 or not all(map(TEAM_NAME.fullmatch, names)):
            raise Failure(
                "WorkTeamNames takes 1 to 25 names of at most 26 letters, digits or "
                f"inner hyphens, not {', '.join(names)[:500] or 'none'}."
            )
        if repeated := duplicates(name.lower() for name in names):
            raise Failure(
                f"WorkTeamNames repeats {', '.join(repeated)}: name each team once "
                "(upper and lower case count as the same)."
            )

    @staticmethod
    def _make_team(
        aws: Aws, request: Request, wanted: WorkTeams.Properties, name: str
    ) -> str:
        try:
            created = aws.sagemaker.create_workteam(
                WorkteamName=name,
                WorkforceName=wanted.WorkforceName,
                Description=f"Work team of stack {request.stack_uuid}",
                MemberDefinitions=[
                    {
                        "CognitoMemberDefinition": {
                            "UserPool": wanted.UserPoolId,
                            "ClientId": wanted.UserPoolClientId,
                            "UserGroup": name,
                        }
                    }
                ],
                Tags=[{"Key": "private-workforce:stack", "Value": request.stack_id}],
                **wanted.settings,
            )
            arn: str = created["WorkteamArn"]
        except ClientError as error:
            # The same request, delivered twice, made the team a moment ago.
            if error_code(error) != "ResourceInUse":
                raise
            arn = aws.sagemaker.describe_workteam(WorkteamName=name)["Workteam"][
                "WorkteamArn"
            ]
        return arn

    @staticmethod
    def _bring_up_to_date(
        aws: Aws, wanted: WorkTeams.Properties, team: Mapping[str, Any]
    ) -> None:
        changes = {
            name: value
            for name, value in wanted.settings.items()
            if team.get(name, DEFAULT_TEAM_SETTINGS.get(name)) != value
        }
        if changes:
            aws.sagemaker.update_workteam(WorkteamName=team["WorkteamName"], **changes)

    @staticmethod
    def refuse_teams_in_use(aws: Aws, teams: Iterable[Mapping[str, Any]]) -> None:
        """Refuse to delete teams whose labeling jobs still wait for people.

        Raises:
            Failure: with the names of the jobs.
        """
        jobs: list[str] = []
        for team in teams:
            # The same request, delivered twice, may have deleted it a moment ago.
            with contextlib.suppress(NotFound), not_found():
                jobs += open_jobs(aws, team["WorkteamArn"])
        if jobs:
            raise Failure(
                "A work team that is to go still has labeling jobs: "
                f"{', '.join(sorted(jobs))[:1000]}. Wait for them or stop them, then "
                "try again; nothing was changed."
            )

    @staticmethod
    def existing_teams(aws: Aws, uuid: str) -> dict[str, dict[str, Any]]:
        """Return the teams of the stack with this UUID by their names."""
        return {
            team["WorkteamName"]: team
            for team in pages(
                aws.sagemaker, "list_workteams", "Workteams", NameContains=uuid
            )
            if team["WorkteamName"].endswith(f"-{uuid}")
        }

    @staticmethod
    def _existing_groups(aws: Aws, uuid: str, user_pool_id: str) -> list[str]:
        return [
            group["GroupName"]
            for group in pages(
                aws.cognito, "list_groups", "Groups", UserPoolId=user_pool_id
            )
            if group["GroupName"].endswith(f"-{uuid}")
        ]

    @staticmethod
    def _delete_team(aws: Aws, name: str) -> None:
        try:
            with not_found():
                answer = aws.sagemaker.delete_workteam(WorkteamName=name)
        except NotFound:
            return
        if not answer["Success"] and name in names_of_teams(aws):
            raise Failure(
                f"AWS did not delete the work team {name}. Wait until its labeling "
                "jobs are over, then try again."
            )

    @classmethod
    def _delete_groups(
        cls, aws: Aws, uuid: str, user_pool_id: str, keep: Collection[str]
    ) -> None:
        try:
            with not_found():
                existing = cls._existing_groups(aws, uuid, user_pool_id)
        except NotFound:
            return
        for name in existing:
            if name not in keep:
                with contextlib.suppress(NotFound), not_found():
                    aws.cognito.delete_group(UserPoolId=user_pool_id, GroupName=name)
                    log("deleted-group", group=name)


class PortalSignIn:
    """Custom::PortalSignIn."""

    @dataclasses.dataclass(frozen=True)
    class Properties:
        """Which portal, and what tells that Cognito was written again."""

        UserPoolId: str
        UserPoolClientId: str
        WorkforceName: str
        LabelingPortalHost: str
        IdentityRevision: str
        InvitationRevision: str
        WorkforceRevision: str

    @classmethod
    def create(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Make app client and invitation name the portal."""
        return cls._make_so(aws, request)

    @classmethod
    def update(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Make app client and invitation name the portal again."""
        return cls._make_so(aws, request)

    @classmethod
    def delete(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Take the portal out of app client and invitation; keep everything else.

        The portal of an adopted workforce stays, and so does the way to it.
        """
        if request.text("WorkforceName") != request.named(PrivateWorkforce.NAME):
            return {}
        host = request.text("LabelingPortalHost")
        pool, client = request.text("UserPoolId"), request.text("UserPoolClientId")
        with contextlib.suppress(NotFound), not_found():
            rewrite_client(aws, pool, client, lambda found: client_without(found, host))
        with contextlib.suppress(NotFound), not_found():
            rewrite_pool(aws, pool, lambda found: pool_without(found, host))
        return {}

    @classmethod
    def _make_so(cls, aws: Aws, request: Request) -> dict[str, str]:
        wanted: PortalSignIn.Properties = parsed(cls.Properties, request.properties)
        host = wanted.LabelingPortalHost
        if "." not in host or not re.fullmatch(r"[a-z0-9.-]+", host):
            raise Failure(f"{host[:200]!r} is not the host name of a labeling portal.")
        if request.type == "Create":
            request.made(request.named("portal-sign-in"))
        lead_to_the_portal(aws, wanted.UserPoolId, wanted.UserPoolClientId, host)
        return {}


def lead_to_the_portal(aws: Aws, pool_id: str, client_id: str, host: str) -> None:
    """Make app client and invitation name the portal, wherever they do not yet."""
    rewrite_client(aws, pool_id, client_id, lambda found: client_with(found, host))
    rewrite_pool(aws, pool_id, lambda found: pool_with(found, host))


Settings = dict[str, Any]


def client_with(client: Settings, host: str) -> Settings:
    """Return app client settings that lead to the portal.

    The placeholder's host becomes the portal's, the URLs of an earlier portal go,
    everything else stays in its order.
    """
    rewritten = dict(client)
    for member, path in (("CallbackURLs", CALLBACK_PATH), ("LogoutURLs", LOGOUT_PATH)):
        ours = f"https://{host}{path}"
        others = [
            with_host(url, host) if host_of(url) == PLACEHOLDER_HOST else url
            for url in client.get(member, [])
            if not is_earlier_portal(host_of(url), host)
        ]
        rewritten[member] = list(dict.fromkeys([ours, *others]))
    default = client.get("DefaultRedirectURI")
    if default and default not in rewritten["CallbackURLs"]:
        rewritten["DefaultRedirectURI"] = f"https://{host}{CALLBACK_PATH}"
    return rewritten


def client_without(client: Settings, host: str) -> Settings:
    """Return app client settings without the portal.

    An app client with OAuth flows needs a callback URL, so the placeholder comes back
    where that list would be empty. A logout URL it does not need.
    """
    rewritten = dict(client)
    for member in ("CallbackURLs", "LogoutURLs"):
        others = [url for url in client.get(member, []) if host_of(url) != host]
        rewritten[member] = others
    if not rewritten["CallbackURLs"]:
        rewritten["CallbackURLs"] = [f"https://{PLACEHOLDER_HOST}{CALLBACK_PATH}"]
    default = client.get("DefaultRedirectURI")
    if default and default not in rewritten["CallbackURLs"]:
        rewritten["DefaultRedirectURI"] = rewritten["CallbackURLs"][0]
    return rewritten


def pool_with(pool: Settings, host: str) -> Settings:
    """Return user pool settings whose invitation names the portal."""
    # Not within a longer name; a full stop may end the sentence.
    sibling = rf"[a-z0-9-]+{re.escape(parent_domain(host))}"
    earlier = rf"(?<![a-z0-9.-]){sibling}(?![a-z0-9-]|\.[a-z0-9])"
    return invitation_changed(
        pool,
        lambda text: re.sub(earlier, host, text).replace(PLACEHOLDER_HOST, host),
    )


def pool_without(pool: Settings, host: str) -> Settings:
    """Return user pool settings whose invitation names the placeholder."""
    return invitation_changed(pool, lambda text: text.replace(host, PLACEHOLDER_HOST))


def invitation_changed(pool: Settings, change: Callable[[str], str]) -> Settings:
    """Return user pool settings with each text of the invitation changed."""
    admin = pool.get("AdminCreateUserConfig", {})
    texts = admin.get("InviteMessageTemplate")
    if not texts:
        return pool
    changed = {name: change(text) for name, text in texts.items()}
    admin = {**admin, "InviteMessageTemplate": changed}
    return {**pool, "AdminCreateUserConfig": admin}


def host_of(url: str) -> str:
    """Return the host of a URL, lower case; empty for a custom scheme without one."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def with_host(url: str, host: str) -> str:
    """Return the URL with another host."""
    return urlsplit(url)._replace(netloc=host).geturl()


def parent_domain(host: str) -> str:
    """Return what follows a host's first label, with its dot."""
    return "." + host.partition(".")[2]


def is_earlier_portal(candidate: str, host: str) -> bool:
    """Return whether a host is a portal's that this Region had before.

    A Region has one private workforce, so a sibling of the portal's host is the host
    of one that is gone.
    """
    return candidate != host and parent_domain(candidate) == parent_domain(host)


#: What DescribeUserPool returns and UpdateUserPool does not take.
POOL_READ_ONLY = (
    *("Id", "Name", "Arn", "Status", "CreationDate", "LastModifiedDate"),
    *("SchemaAttributes", "UsernameAttributes", "AliasAttributes"),
    *("UsernameConfiguration", "EstimatedNumberOfUsers", "Domain", "CustomDomain"),
    *("EmailConfigurationFailure", "SmsConfigurationFailure"),
)
CLIENT_READ_ONLY = ("ClientSecret", "CreationDate", "LastModifiedDate", "ClientType")


def writable_pool(described: Settings) -> Settings:
    """Return a described user pool as UpdateUserPool takes it.

    Every setting that is left out is reset ("UpdateUserPool", Cognito API reference),
    so all are kept, also those that this SDK does not know.
    """
    pool = {k: v for k, v in described.items() if k not in POOL_READ_ONLY}
    pool["UserPoolId"] = described["Id"]
    if "Name" in described:
        pool["PoolName"] = described["Name"]
    # Cognito returns this and refuses it beside the password policy's own validity.
    if admin := described.get("AdminCreateUserConfig"):
        pool["AdminCreateUserConfig"] = {
            k: v for k, v in admin.items() if k != "UnusedAccountValidityDays"
        }
    # CloudFormation's own tags cannot be written by anybody else.
    if tags := described.get("UserPoolTags"):
        pool["UserPoolTags"] = {
            k: v for k, v in tags.items() if not k.lower().startswith("aws:")
        }
    return pool


def writable_client(described: Settings) -> Settings:
    """Return a described app client as UpdateUserPoolClient takes it."""
    return {k: v for k, v in described.items() if k not in CLIENT_READ_ONLY}


def rewrite_client(
    aws: Aws, pool_id: str, client_id: str, change: Callable[[Settings], Settings]
) -> None:
    """Change the app client's settings and nothing else about it."""
    ids = {"UserPoolId": pool_id, "ClientId": client_id}

    def read() -> Settings:
        described = aws.raw("describe_user_pool_client", ids)
        return writable_client(described["UserPoolClient"])

    rewrite(
        "app client",
        read,
        change,
        lambda settings: aws.raw("update_user_pool_client", settings),
    )


def rewrite_pool(
    aws: Aws, pool_id: str, change: Callable[[Settings], Settings]
) -> None:
    """Change the user pool's settings and nothing else about it."""

    def read() -> Settings:
        described = aws.raw("describe_user_pool", {"UserPoolId": pool_id})
        return writable_pool(described["UserPool"])

    rewrite(
        "user pool",
        read,
        change,
        lambda settings: aws.raw("update_user_pool", settings),
    )


def rewrite(
    what: str,
    read: Callable[[], Settings],
    change: Callable[[Settings], Settings],
    write: Callable[[Settings], Any],
) -> None:
    """Read, change, write, and read back what was written.

    Raises:
        Failure: Cognito holds something else than what was written, with the
            difference; or others kept writing in between.
    """
    for _ in range(REWRITE_ATTEMPTS):
        before = read()
        wanted = change(before)
        if not difference(before, wanted):
            return
        try:
            write(wanted)
        except ClientError as error:
            if error_code(error) != "ConcurrentModificationException":
                raise
            continue
        after = read()
        if not difference(after, wanted):
            changed = sorted(
                name for name in wanted if wanted[name] != before.get(name)
            )
            log("rewrote", what=what, members=changed)
            return
        # What this function changes may have been changed back by a concurrent
        # writer, and the next turn mends it. Anything else was lost by the write.
        if lost := difference(change(after), wanted):
            raise Failure(
                f"The {what} is not as it was written: {lost}. Deploy again; if it "
                "stays so, report it."
            )
    raise Failure(
        f"The {what} was changed by somebody else again and again. Try later."
    )


def difference(found: Settings, wanted: Settings) -> str:
    """Return which wanted settings are not found, and how they are instead.

    Cognito keeps no order in its lists of names and leaves out what is empty, so
    neither counts. A setting that nobody wrote may appear with its default.
    """
    return "; ".join(
        f"{name} is {shown(found.get(name))} instead of {shown(wanted[name])}"
        for name in sorted(wanted)
        if comparable(found.get(name)) != comparable(wanted[name])
    )


def comparable(value: Any) -> Any:
    """Return a setting without the order of its lists and without what is empty."""
    if isinstance(value, Mapping):
        members = {name: comparable(item) for name, item in value.items()}
        return {
            name: item for name, item in members.items() if item is not None
        } or None
    if isinstance(value, list):
        return sorted(map(comparable, value), key=json.dumps) or None
    return None if value == "" else value


def shown(value: object) -> str:
    """Return a setting for a reason, cut to the length of a console line."""
    text = "missing" if value is None else json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


class Workers:
    """Custom::Workers."""

    @dataclasses.dataclass(frozen=True)
    class Properties:
        """Whom to invite, and into which group."""

        UserPoolId: str
        BaseStackId: str
        GroupName: str
        WorkerEmails: tuple[str, ...]

    @classmethod
    def create(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Invite the workers."""
        request.made(request.named("workers"))
        return cls._make_so(aws, request, removed=())

    @classmethod
    def update(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Invite who is new, and disable the accounts of who is no longer named."""
        before: Any = request.old_properties.get("WorkerEmails")
        removed = addresses(before) if is_list_of_text(before) else []
        return cls._make_so(aws, request, removed)

    @classmethod
    def delete(cls, aws: Aws, request: Request) -> dict[str, str]:
        """Refuse what would fail later; touch no account.

        This is the first deletion of the stack. What stops a deletion stops it here,
        with portal, teams, sign-in and accounts all there, and not half-way. The
        accounts go with their user pool, or stay with it.
        """
        if request.text("BaseStackId"):
            cls._refuse_a_protected_pool(aws, request.text("UserPoolId"))
        WorkTeams.refuse_teams_in_use(
            aws, WorkTeams.existing_teams(aws, request.stack_uuid).values()
        )
        PrivateWorkforce.refuse_teams_in_the_way(aws, request)
        return {}

    @staticmethod
    def _refuse_a_protected_pool(aws: Aws, pool_id: str) -> None:
        with contextlib.suppress(NotFound), not_found():
            pool = aws.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
            if pool.get("DeletionProtection") == "ACTIVE":
                raise Failure(
                    f"The user pool {pool_id} is protected against deletion, and "
                    "nothing was deleted. To give up every account, deactivate its "
                    "deletion protection in Cognito, then delete the stack again."
                )

    @classmethod
    def _make_so(
        cls, aws: Aws, request: Request, removed: Iterable[str]
    ) -> dict[str, str]:
        wanted: Workers.Properties = parsed(cls.Properties, request.properties)
        check_addresses(wanted.WorkerEmails)
        welcome = addresses(wanted.WorkerEmails)
        outcomes: dict[str, str] = {}
        try:
            for email in welcome:
                aws.deadline.waits_for = f"the invitation of {len(welcome)} workers"
                cls.welcome(aws, request.stack_uuid, wanted, email, outcomes)
            for email in removed:
                if email and email not in welcome:
                    cls.dismiss(aws, request.stack_uuid, wanted.UserPoolId, email)
        except (ClientError, BotoCoreError, OutOfTime) as error:
            fact = (
                "The function's time was over before all workers were invited."
                if isinstance(error, OutOfTime)
                else explain(error)
            )
            what_next = (
                "The next deployment continues, and invites nobody twice."
                if request.type == "Update"
                else "These invitations are void if the user pool is rolled back."
            )
            invited = ", ".join(invited_in(outcomes))[:1000] or "nobody"
            raise Failure(
                f"{fact} Invited by this request: {invited}. {what_next}"
            ) from error
        log("workers", invited=len(invited_in(outcomes)))
        return {}

    @classmethod
    def welcome(
        cls,
        aws: Aws,
        stack_uuid: str,
        wanted: Workers.Properties,
        email: str,
        outcomes: dict[str, str],
    ) -> None:
        """See that the worker has an enabled account in the group; note what was done.

        `make invite` (ops/workers/) does the same for accounts that are there already.
        """
        pool = wanted.UserPoolId
        own_name = user_name(email, stack_uuid)
        user = find_user(aws, pool, own_name, email)
        if user is None:
            cls._invite(aws, pool, own_name, email)
            outcomes[email] = INVITED
        elif user["Username"] == own_name and not user.get("Enabled", True):
            aws.cognito.admin_enable_user(UserPoolId=pool, Username=own_name)
            outcomes[email] = ENABLED
            if cls._invitation_expired(aws, pool, user):
                cls._invite(aws, pool, own_name, email, MessageAction="RESEND")
                outcomes[email] = INVITED_AGAIN
        aws.cognito.admin_add_user_to_group(
            UserPoolId=pool,
            Username=user["Username"] if user else own_name,
            GroupName=wanted.GroupName,
        )

    @staticmethod
    def _invite(aws: Aws, pool: str, name: str, email: str, **options: str) -> None:
        try:
            send_invitation(aws.cognito, invitation(pool, name, email) | options)
        except ClientError as error:
            if error_code(error) not in ACCOUNT_EXISTS:
                raise
            # Either the same request, delivered twice, or an account that has the
            # address in another spelling.
            if find_user(aws, pool, name, email) is None:
                raise Failure(
                    f"{email} belongs to an account that is not found by it, perhaps "
                    "in another spelling. Write the address as that account has it."
                ) from error

    @staticmethod
    def _invitation_expired(aws: Aws, pool: str, user: Mapping[str, Any]) -> bool:
        if user.get("UserStatus") != "FORCE_CHANGE_PASSWORD":
            return False
        described = aws.cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
        policy = described.get("Policies", {}).get("PasswordPolicy", {})
        # 0 stands for the default of 7 days.
        days = policy.get("TemporaryPasswordValidityDays") or 7
        sent: datetime = user["UserCreateDate"]
        return datetime.now(UTC) - sent > timedelta(days=days)

    @staticmethod
    def dismiss(aws: Aws, stack_uuid: str, pool: str, email: str) -> None:
        """Take the worker out of this stack's groups; disable an account of ours.

        `make remove` (ops/workers/) does this, too.
        """
        own_name = user_name(email, stack_uuid)
        user = find_user(aws, pool, own_name, email)
        if user is None:
            return
        name = user["Username"]
        for group in pages(
            aws.cognito,
            "admin_list_groups_for_user",
            "Groups",
            UserPoolId=pool,
            Username=name,
        ):
            if group["GroupName"].endswith(f"-{stack_uuid}"):
                aws.cognito.admin_remove_user_from_group(
                    UserPoolId=pool, Username=name, GroupName=group["GroupName"]
                )
        if name == own_name:
            aws.cognito.admin_user_global_sign_out(UserPoolId=pool, Username=name)
            aws.cognito.admin_disable_user(UserPoolId=pool, Username=name)


RESOURCES: dict[str, Any] = {
    f"Custom::{resource.__name__}": resource
    for resource in (PrivateWorkforce, WorkTeams, PortalSignIn, Workers)
}

#: What Cognito takes as an address, and what does not break a list of them.
EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+"
)


def addresses(emails: Iterable[str]) -> list[str]:
    """Return the addresses in lower case, each once: case makes no other worker."""
    return list(dict.fromkeys(email.lower() for email in emails))


def check_addresses(emails: Iterable[str]) -> None:
    """Refuse bad addresses, all at once, before anybody is invited."""
    if bad := [email for email in emails if not EMAIL.fullmatch(email)]:
        raise Failure(
            f"Not e-mail addresses: {', '.join(bad)[:1000]}. Nobody was invited; "
            "correct WorkerEmails."
        )


def user_name(email: str, stack_uuid: str) -> str:
    """Return the user name of a worker, which only this stack derives.

    It must not look like an e-mail address, since the pool takes the address as an
    alias ("Customizing sign-in attributes", Cognito Developer Guide).
    """
    readable = re.sub(r"[^a-z0-9.]+", "-", email.partition("@")[0])[:40]
    digest = hashlib.sha256(f"{stack_uuid}/{email}".encode()).hexdigest()
    return f"{readable}-{digest[:16]}"


def invitation(pool: str, name: str, email: str) -> dict[str, Any]:
    """Return what AdminCreateUser takes to make a worker's account and to invite."""
    return {
        "UserPoolId": pool,
        "Username": name,
        "UserAttributes": [
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ],
        "DesiredDeliveryMediums": ["EMAIL"],
    }


def send_invitation(cognito: Any, request: Mapping[str, Any]) -> None:
    """Make the account of an invitation, or send it again, with a password of ours.

    Raises:
        ClientError: Cognito refuses it, whatever the password.
    """
    for length in PASSWORD_LENGTHS:
        try:
            cognito.admin_create_user(
                **request, TemporaryPassword=temporary_password(length)
            )
            return
        except ClientError as error:
            too_short = error_code(error) == "InvalidPasswordException"
            if not too_short or length == PASSWORD_LENGTHS[-1]:
                raise


def temporary_password(length: int) -> str:
    """Return a password that arrives in an e-mail as it is."""
    letters = [secrets.choice(kind) for kind in PASSWORD_CHARACTERS]
    every = "".join(PASSWORD_CHARACTERS)
    letters += [secrets.choice(every) for _ in range(length - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def invited_in(outcomes: Mapping[str, str]) -> list[str]:
    """Return the addresses to which an invitation was sent."""
    return [
        email for email, what in outcomes.items() if what in (INVITED, INVITED_AGAIN)
    ]


def find_user(aws: Aws, pool: str, name: str, email: str) -> dict[str, Any] | None:
    """Return the account that this stack made for an address, or anybody's."""
    with contextlib.suppress(NotFound), not_found():
        user: dict[str, Any] = aws.cognito.admin_get_user(
            UserPoolId=pool, Username=name
        )
        return user
    # An alias belongs to one account, which has verified it; quotes cannot occur in an
    # address.
    for user in pages(
        aws.cognito, "list_users", "Users", UserPoolId=pool, Filter=f'email = "{email}"'
    ):
        if {"Name": "email_verified", "Value": "true"} in user["Attributes"]:
            found: dict[str, Any] = user
            return found
    return None


def duplicates(items: Iterable[str]) -> list[str]:
    """Return the items that occur more than once, each once."""
    seen: dict[str, int] = {}
    for item in items:
        seen[item] = seen.get(item, 0) + 1
    return [item for item, count in seen.items() if count > 1]


class Deadline:
    """The time that is left for AWS calls, and what it is spent on."""

    def __init__(self, seconds: float) -> None:
        """Start the clock; ``seconds`` may be negative when there is no time."""
        self._start = time.monotonic()
        self._end = self._start + seconds
        self.waits_for = "AWS"

    def check(self, **_: Any) -> None:
        """Raise OutOfTime when no call may be begun any more."""
        if time.monotonic() >= self._end:
            raise OutOfTime

    def pauses(self) -> Iterator[None]:
        """Yield at once, then after pauses that grow with the time spent so far.

        A twentieth of it: a workforce that takes 20 seconds is noticed within one,
        and one that takes 14 minutes costs about 150 calls.
        """
        begun = time.monotonic()
        while True:
            self.check()
            yield
            now = time.monotonic()
            pause = min(
                max((now - begun) / 20, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS
            )
            if now + pause >= self._end:
                raise OutOfTime
            time.sleep(pause)


class Aws:
    """The clients of one request; none of their calls begins after the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        """Make no client yet: not every request needs both."""
        self.deadline = deadline

    @property
    def region(self) -> str:
        """The Region of the function, which is the stack's."""
        return str(self.cognito.meta.region_name)

    @functools.cached_property
    def cognito(self) -> Any:
        """The client of Cognito user pools."""
        return self._client("cognito-idp")

    @functools.cached_property
    def sagemaker(self) -> Any:
        """The client of SageMaker."""
        return self._client("sagemaker")

    @functools.cached_property
    def cloudformation(self) -> Any:
        """The client of CloudFormation, for repairs."""
        return self._client("cloudformation")

    def _client(self, service: str) -> Any:
        config = botocore.config.Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 5},
        )
        # The default session keeps the service models for the next request.
        make_client: Any = boto3.client
        client = make_client(service, config=config)
        client.meta.events.register("before-send", self.deadline.check)
        return client

    def patiently(self, call: Callable[[], Any]) -> Any:
        """Make a call with rights that are new, and may take a minute to work."""
        patience = time.monotonic() + NEW_ROLE_SECONDS
        for _ in self.deadline.pauses():
            try:
                return call()
            except ClientError as error:
                if error_code(error) not in ACCESS_DENIED or (
                    time.monotonic() >= patience
                ):
                    raise
        raise OutOfTime

    def raw(self, method: str, body: Settings) -> Settings:
        """Call Cognito with the JSON as it is, and return the JSON as it comes.

        The SDK of the runtime may be older than the service. It would drop settings
        that it does not know from what is read, and the write would reset them.
        Signing, retries and the endpoint stay the SDK's.
        """
        answer: Settings = {}

        def send(params: dict[str, Any], **_: Any) -> None:
            params["body"] = json.dumps(body).encode()

        def receive(http_response: Any, **_: Any) -> None:
            answer.update(json.loads(http_response.content or b"{}"))

        meta = self.cognito.meta
        operation = f"cognito-identity-provider.{meta.method_to_api_mapping[method]}"
        meta.events.register(f"before-call.{operation}", send)
        meta.events.register(f"after-call.{operation}", receive)
        try:
            ids = {
                name: body[name] for name in ("UserPoolId", "ClientId") if name in body
            }
            getattr(self.cognito, method)(**ids)
        finally:
            meta.events.unregister(f"before-call.{operation}", send)
            meta.events.unregister(f"after-call.{operation}", receive)
        return answer


def pages(client: Any, method: str, key: str, **request: Any) -> Iterator[Any]:
    """Yield the items of every page of a list operation."""
    for page in client.get_paginator(method).paginate(**request):
        yield from page[key]


class NotFound(Exception):
    """What was asked for is not there."""


@contextlib.contextmanager
def not_found() -> Iterator[None]:
    """Turn the many ways in which AWS says "not there" into one.

    SageMaker has no error for it: a ValidationException says "No workforce" or
    "No workteam" ("not found" in other places).
    """
    try:
        yield
    except ClientError as error:
        code, message = error_code(error), str(error)
        absent = re.search(
            r"no work(force|team)|not found|does not exist", message, re.IGNORECASE
        )
        if code in ("ResourceNotFoundException", "UserNotFoundException") or (
            code in ("ValidationException", "ResourceNotFound") and absent
        ):
            raise NotFound from error
        raise


@contextlib.contextmanager
def already_exists() -> Iterator[None]:
    """Go on when the same request, delivered twice, made it a moment ago."""
    try:
        yield
    except ClientError as error:
        if error_code(error) != "GroupExistsException":
            raise


def error_code(error: ClientError) -> str:
    """Return the code of an AWS error."""
    code: str = error.response.get("Error", {}).get("Code", "")
    return code


class Answer:
    """The one answer to a request ("Custom resource response objects")."""

    def __init__(self, event: Any, context: Any, deadline: Deadline) -> None:
        """Keep what an answer repeats, and the URL that takes it."""
        event = event if isinstance(event, Mapping) else {}
        self.deadline = deadline
        self.request: Request | None = None
        self._url = event.get("ResponseURL")
        self._physical_id = str(event.get("PhysicalResourceId") or NOT_CREATED)
        # CloudFormation's own are far shorter; an answer must fit in any case.
        self._repeated = {
            name: cut(str(event.get(name, "")), MAXIMUM_REPEATED_BYTES)
            for name in ("StackId", "RequestId", "LogicalResourceId")
        }
        self._log_stream = str(getattr(context, "log_stream_name", ""))
        self._lock = threading.Lock()
        self._is_given = False

    def succeed(self, attributes: dict[str, str]) -> None:
        """Answer SUCCESS with the attributes for Fn::GetAtt."""
        self._give({"Status": "SUCCESS", "Data": attributes})

    def fail(self, reason: str) -> None:
        """Answer FAILED with a reason, cut to what an answer can hold."""
        stream = f" Log stream: {self._log_stream}" if self._log_stream else ""
        empty = {"Status": "FAILED", "Reason": stream}
        room = MAXIMUM_ANSWER_BYTES - len(self._encoded(empty))
        self._give({"Status": "FAILED", "Reason": cut(reason, room) + stream})

    def fail_for_time(self) -> None:
        """Answer FAILED because the function's time is nearly over."""
        reason = (
            f"The function's time was over while it waited for "
            f"{self.deadline.waits_for}. Try again later."
        )
        self.fail(reason + self.what_may_be_left())

    def what_may_be_left(self) -> str:
        """Return a sentence on what there may be now that a request has failed.

        A deletion begins with the workers and ends with the workforce, so one that
        stops leaves what is made before.
        """
        request = self.request
        if request is None or request.physical_id == NOT_CREATED:
            return ""
        try:
            left = f"the workforce {request.named(PrivateWorkforce.NAME)}"
        except Failure:
            return ""
        if request.resource_type != "Custom::PrivateWorkforce":
            left += f", work teams and groups whose names end in -{request.stack_uuid}"
        if request.type == "Create":
            return f" With the rollback, or with the stack, goes what was made: {left}."
        return f" Still there may be {left}." if request.type == "Delete" else ""

    def _encoded(self, body: dict[str, Any]) -> bytes:
        physical_id = self.request.physical_id if self.request else self._physical_id
        identity = {
            **self._repeated,
            "PhysicalResourceId": cut(physical_id, MAXIMUM_REPEATED_BYTES),
        }
        return json.dumps({**identity, **body}).encode()

    def _give(self, body: dict[str, Any]) -> None:
        with self._lock:
            if self._is_given:
                return
            self._is_given = True
        log("answer", status=body["Status"], reason=body.get("Reason", ""))
        if not isinstance(self._url, str):
            log("no-url", reason="The request has no ResponseURL to answer to.")
            return
        send_answer(self._url, self._encoded(body))


def cut(text: str, most: int) -> str:
    """Return the text, shortened until it takes at most so many bytes as JSON."""
    if len(json.dumps(text)) <= most:
        return text
    while len(json.dumps(f"{text}...")) > most and text:
        # A character takes up to twelve bytes as JSON, so this needs few turns.
        text = text[: -max((len(json.dumps(f"{text}...")) - most) // 12, 1)]
    return f"{text}..."


def send_answer(url: str, body: bytes) -> None:
    """Put the answer where CloudFormation looks for it, trying a few times.

    Raises:
        OSError: it was refused every time. The URL, which is a right to write, is
            in no error.
    """
    # The signature of the URL covers an empty content type.
    request = urllib.request.Request(  # noqa: S310 (CloudFormation's own URL)
        url, data=body, method="PUT", headers={"Content-Type": ""}
    )
    for pause in (*ANSWER_PAUSES_SECONDS, None):
        try:
            with urllib.request.urlopen(  # noqa: S310 (CloudFormation's own URL)
                request, timeout=ANSWER_TIMEOUT_SECONDS
            ):
                return
        except (OSError, http.client.HTTPException) as error:
            log("answer-refused", error=type(error).__name__)
            if pause is None:
                raise OSError("CloudFormation did not take the answer.") from None
            time.sleep(pause)


def log(event: str, **fields: Any) -> None:
    """Write one JSON line; the callers put no secret in it."""
    print(json.dumps({"event": event, **fields}), flush=True)
