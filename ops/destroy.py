"""Delete the set: unprotect, delete, watch, and say what stays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from ops import parameters, stacks
from ops.account import Account
from ops.artifacts import Artifacts
from ops.errors import OperatorError, code_of, sentence
from ops.progress import follow
from ops.stacks import prefix_of
from ops.terminal import confirmed, tell, tell_error


@dataclass(frozen=True)
class Doomed:
    """A stack that is about to be deleted.

    Attributes:
        name: Its name.
        stack_id: Its id: the name means nothing once it is gone.
        status: Its status now.
        domain: The host of its sign-in pages, or empty.
        kept: The resources that its templates keep, "type physical-id".
        foreign_pool: The user pool that the workforce is on, if the stack did not make
            it; empty otherwise.
        own_pool: Whether the stack has a user pool; those of portfolio and pipeline
            have none.
    """

    name: str
    stack_id: str
    status: str
    domain: str
    kept: tuple[str, ...]
    foreign_pool: str = ""
    own_pool: bool = True

    @property
    def described(self) -> str:
        """The stack, and what becomes of the worker accounts."""
        if self.foreign_pool:
            return f"the stack {self.name} (the user pool stays, with every account)"
        accounts = " with every worker account" if self.own_pool else ""
        return f"the stack {self.name}{accounts}"

    @property
    def prefix(self) -> str:
        """The sign-in domain's prefix, or empty."""
        return prefix_of(self.domain)


def run(
    account: Account,
    stack: str,
    artifacts: Artifacts,
    *,
    ask: bool,
    with_artifacts: bool,
    parameter_file: Path | None = None,
) -> None:
    """Delete the stack, telling what happens and what stays.

    Args:
        account: Where the stack is.
        stack: The name of root's stack.
        artifacts: The artifact bucket.
        ask: Whether somebody must confirm.
        with_artifacts: Whether the artifact bucket goes, too.
        parameter_file: Where the sign-in domain's prefix is written, so that the next
            deployment has the same sign-in pages; None for nowhere.

    Raises:
        OperatorError: when there is nothing to delete, or it cannot be deleted.
    """
    bucket = "" if artifacts.given else artifacts.name()
    bucket_goes = with_artifacts and bool(bucket)
    gone_already = bucket_goes and stacks.describe(account, stack) is None
    doomed = None if gone_already else find(account, stack)
    what = [doomed.described] if doomed else []
    what += [f"the artifact bucket {bucket}"] if bucket_goes else []
    question = f"Delete {' and '.join(what)} in {account.region}?"
    if ask and not confirmed(question):
        raise OperatorError("Nothing was deleted.", "YES=1 deletes without asking.")
    if doomed:
        # First: whoever interrupts the deletion wants it all the more.
        _remember_prefix(doomed, parameter_file)
        delete(account, doomed)
        tell(f"The stack {stack} is deleted.")
        if doomed.prefix:
            tell(f"The domain prefix {doomed.prefix} is free for anybody to take.")
        for kept in doomed.kept:
            tell(f"Kept: {kept}")
        if doomed.foreign_pool:
            tell(f"Kept: the user pool {doomed.foreign_pool} with every account in it.")
    if bucket_goes:
        artifacts.delete()
        tell(f"The artifact bucket {bucket} is deleted.")
    elif bucket:
        tell(f"Kept: the artifact bucket {bucket} (ARTIFACTS=1 deletes it, too).")


def find(account: Account, stack: str) -> Doomed:
    """Return what deleting the stack would delete, changing nothing.

    Raises:
        OperatorError: when there is no such stack, or an operation is in progress.
    """
    described = stacks.describe(account, stack)
    if described is None:
        raise OperatorError(
            f"There is no stack {stack} in {account.region}.",
            "STACK= names another one, AWS_REGION another Region.",
        )
    status = described["StackStatus"]
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise OperatorError(
            f"Another operation is in progress: the stack {stack} is {status}.",
            "Wait for its end, and delete it then.",
        )
    _refuse_a_protected_pool(account, stacks.outputs(described).get("UserPoolId", ""))
    held = tuple(stacks.resources(account, described["StackId"]))
    for resource in held:
        if resource.kind == "AWS::IAM::ManagedPolicy" and not resource.kept:
            _refuse_a_boundary_in_use(account, resource)
    return Doomed(
        name=stack,
        stack_id=described["StackId"],
        status=status,
        domain=stacks.outputs(described).get("UserPoolDomainName", ""),
        kept=tuple(
            f"{resource.kind} {resource.physical_id}"
            for resource in held
            if resource.kept
        ),
        # Only a stack that did not make its pool is told which one it is.
        foreign_pool=stacks.parameters(described).get("UserPoolId", ""),
        own_pool=any(each.kind == "AWS::Cognito::UserPool" for each in held),
    )


def _remember_prefix(doomed: Doomed, file: Path | None) -> None:
    if not doomed.prefix:
        return
    tell(f"The sign-in pages' domain prefix is {doomed.prefix}.")
    if file is None:
        return
    try:
        parameters.write(file, "DomainPrefix", doomed.prefix)
    except OperatorError as error:
        # A deletion does not wait for a file.
        tell_error(error)
    else:
        tell(f"{file} names it now, so that `make deploy` takes it again.")


def _refuse_a_protected_pool(account: Account, user_pool_id: str) -> None:
    """Say before anything is touched what CloudFormation would only find out.

    A stack in DELETE_FAILED can no longer be updated to give up the protection.
    """
    if not user_pool_id:
        return
    cognito = account.session.client("cognito-idp", region_name=account.region)
    try:
        pool = cognito.describe_user_pool(UserPoolId=user_pool_id)["UserPool"]
    except cognito.exceptions.ResourceNotFoundException:
        return
    if pool.get("DeletionProtection") == "ACTIVE":
        raise OperatorError(
            f"The user pool {user_pool_id} is protected against deletion.",
            "To give up every account, set UserPoolDeletionProtection to INACTIVE in "
            "the parameter file, run `make deploy`, and then `make destroy` again.",
        )


def _refuse_a_boundary_in_use(account: Account, policy: stacks.Resource) -> None:
    """Say before anything is touched that something still has this boundary.

    IAM deletes no policy that is a boundary, and CloudFormation finds that out only
    when the launch role is gone, without which no product can be terminated.
    """
    if not policy.physical_id.startswith("arn:"):
        return  # It was never made.
    pages = account.client("iam").get_paginator("list_entities_for_policy")
    try:
        answers = list(
            pages.paginate(
                PolicyArn=policy.physical_id, PolicyUsageFilter="PermissionsBoundary"
            )
        )
    except ClientError as error:
        # Of a deployment that failed, or not for these credentials to see.
        if code_of(error) in ("NoSuchEntity", "AccessDenied"):
            return
        raise
    holders = [
        *(role["RoleName"] for answer in answers for role in answer["PolicyRoles"]),
        *(user["UserName"] for answer in answers for user in answer["PolicyUsers"]),
    ]
    if holders:
        raise OperatorError(
            f"{policy.path} is still the permissions boundary of {', '.join(holders)}.",
            "Delete first what was made with it: terminate the provisioned product, or "
            "`make destroy` the set.",
        )


def delete(account: Account, doomed: Doomed) -> None:
    """Turn termination protection off, delete the stack, watch it to the end.

    Args:
        account: Where the stack is.
        doomed: What `find` returned.

    Raises:
        OperatorError: naming the resource that cannot be deleted.
    """
    account.cloudformation.update_termination_protection(
        StackName=doomed.name, EnableTerminationProtection=False
    )
    watch = stacks.Watch(account, doomed.stack_id)
    account.cloudformation.delete_stack(StackName=doomed.stack_id)
    follow(
        account,
        watch,
        lambda seconds: stacks.ended(account, doomed.stack_id, seconds),
    )
    described = stacks.describe(account, doomed.stack_id)
    status = described["StackStatus"] if described else "DELETE_COMPLETE"
    if status != "DELETE_COMPLETE":
        cause = watch.cause()
        fact = (
            f"{cause.path} ({cause.kind}) cannot be deleted: {sentence(cause.reason)}"
            if cause
            else f"The stack {doomed.name} is {status}."
        )
        raise OperatorError(fact, "Mend that, and run `make destroy` again.")
