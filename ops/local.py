"""`make local`: the same deployment on an embedded AWS, and the proof that it works.

Nothing here deploys: once the environment names the embedded AWS, the commands are
those of a real account.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_aws import process
from local_aws.control import Control, ControlError
from local_aws.environment import client_environment
from local_aws.server import StartError
from ops import account, browse, deploy, destroy, leftovers, proof, stacks
from ops.account import Account
from ops.artifacts import Artifacts
from ops.errors import NotReady, OperatorError
from ops.terminal import show_outputs, tell
from ops.workers import pool, rows

DIRECTORY = process.DEFAULT_DIRECTORY
NOT_RUNNING = "No embedded AWS is running."
START_IT = "Run `make local` first: it starts one and deploys to it."


def up(stack: str, parameter_file: Path, form: str, *, persist: bool) -> None:
    """Start the embedded AWS, deploy to it, print the outputs, prove that it works.

    Args:
        stack: The name of root's stack.
        parameter_file: The operator's parameters.
        form: How outputs are printed, "table" or "json".
        persist: Whether an embedded AWS that is started keeps its state when stopped.

    Raises:
        OperatorError: with what does not work.
    """
    with _one_at_a_time():
        running = process.start(DIRECTORY, persist=persist)
        tell(f"✓ The embedded AWS runs on {running.endpoint}")
        here = _enter(running.endpoint)
        artifacts = Artifacts.of(here, stack, "")
        outputs = deploy.run(here, stack, parameter_file, artifacts, ask=False)
        tell(f"✓ {stack} is deployed")
        show_outputs(outputs, form)
        deployed = proof.Deployed(
            cognito=here.session.client("cognito-idp", region_name=here.region),
            endpoint=running.endpoint,
            outputs=outputs,
            mails=Control(running.endpoint).mails,
        )
        for proven in proof.prove(deployed):
            tell(f"✓ {proven}")


def browse_portal(stack: str, email: str) -> None:
    """Invite a worker, and open the portal of the running embedded AWS for them.

    Raises:
        OperatorError: nothing runs or is deployed there, or there is no browser.
    """
    with _one_at_a_time():
        running = process.status(DIRECTORY)
        if running is None:
            raise OperatorError(NOT_RUNNING, START_IT)
        here = _enter(running.endpoint)
        deployed = stacks.describe(here, stack)
        if deployed is None:
            raise OperatorError(f"{stack} is not deployed there.", START_IT)
        found = pool.find(here, stack)
        (worker,) = rows.of_addresses([email], "", "", found.team)
        portal = stacks.outputs(deployed)["LabelingPortalUrl"]
        browse.run(Control(running.endpoint), found, worker, portal, DIRECTORY)


def take_down(stack: str) -> None:
    """Delete the stack and its artifacts; fail when anything is left.

    Raises:
        OperatorError: naming what is left.
    """
    with _one_at_a_time():
        running = process.status(DIRECTORY)
        if running is None:
            tell("No embedded AWS is running, so there is nothing to delete.")
            return
        here = _enter(running.endpoint)
        artifacts = Artifacts.of(here, stack, "")
        if artifacts.name() or stacks.describe(here, stack):
            destroy.run(here, stack, artifacts, ask=False, with_artifacts=True)
        left = leftovers.find(here.session, here.region)
        if left:
            raise OperatorError(
                f"Left in the embedded AWS: {', '.join(left)}.",
                "`make local-down` forgets everything.",
            )
        tell("✓ Nothing is left in the embedded AWS")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for another `make local`; turn the embedded AWS's errors into sentences.

    The operating system takes the lock back when its holder dies, however it dies.
    """
    DIRECTORY.mkdir(exist_ok=True)
    with (DIRECTORY / "operator.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Another `make local` or `make local-destroy` is at work; waiting …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        except (ControlError, StartError) as error:
            raise OperatorError(str(error)) from error
        except NotReady as found:
            raise NotReady([_in_local_terms(each) for each in found.problems]) from None
        except OperatorError as error:
            raise _in_local_terms(error) from None


def _in_local_terms(error: OperatorError) -> OperatorError:
    """Return an error that names the targets that do the same here."""
    mend = error.mend
    for target, here in (("deploy", "local"), ("destroy", "local-destroy")):
        mend = mend.replace(f"`make {target}`", f"`make {here}`")
    translated = OperatorError(error.fact, mend)
    translated.exit_code = error.exit_code
    return translated


def _enter(endpoint: str) -> Account:
    """Turn this process towards the embedded AWS, for good.

    Nothing that runs from here on, be it boto3 or the AWS CLI, can see the operator's
    own account.
    """
    environment = client_environment(endpoint)
    os.environ.clear()
    os.environ.update(environment)
    return account.from_environment()
