"""A first human review of Amazon A2I: a task template and a flow definition."""

from __future__ import annotations

import json
import shlex

from ops.account import Account
from ops.aws_cli import AwsCli
from ops.errors import OperatorError
from ops.labeling.examples import Examples, Team, or_none, wait_for
from ops.terminal import tell

#: "Create and manage worker task templates" and "crowd-classifier" (SageMaker
#: Developer Guide).
TEMPLATE = """\
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-classifier
    name="answer"
    categories="['right', 'wrong', 'cannot tell']"
    header="Is this statement right?"
  >
    <classification-target>{{ task.input.statement }}</classification-target>
    <full-instructions header="Reviewing statements">
      <p>Read the statement and choose what you think of it.</p>
    </full-instructions>
    <short-instructions>Choose what you think of it.</short-instructions>
  </crowd-classifier>
</crowd-form>
"""
FIRST_LOOP = {"statement": "A triangle has four corners."}


def run(account: Account, cli: AwsCli, stack: str, team_name: str) -> dict[str, str]:
    """Give a work team a flow definition, unless it is there; wait until it is active.

    Args:
        account: Where the set is.
        cli: The AWS CLI, for the stack of bucket and role.
        stack: The name of root's stack.
        team_name: The work team, or nothing for the first one.

    Returns:
        What an operator wants to know of it.

    Raises:
        OperatorError: there is no such stack or team, another team has the flow
            definition, or it fails.
    """
    team = Team.of(account, stack, team_name)
    examples = Examples.ensured(account, cli, stack, team.boundary)
    sagemaker, name = examples.sagemaker, name_of(examples)

    def described() -> dict[str, object] | None:
        found: dict[str, object] | None = or_none(
            lambda: sagemaker.describe_flow_definition(FlowDefinitionName=name)
        )
        return found

    if described() is None:
        _create(examples, team, name)
        tell(f"The flow definition {name} is made.")
    flow = wait_for(
        described,
        lambda seen: seen is None or seen["FlowDefinitionStatus"] != "Initializing",
        f"the flow definition {name} to be active",
    )
    if flow is None or flow["FlowDefinitionStatus"] != "Active":
        status = flow["FlowDefinitionStatus"] if flow else "gone"
        raise OperatorError(
            f"The flow definition {name} is {status}.",
            "`make labeling-job-clean`, then try again.",
        )
    loop = flow["HumanLoopConfig"]
    if isinstance(loop, dict) and loop["WorkteamArn"] != team.arn:
        raise OperatorError(
            f"The flow definition {name} is another team's.",
            "`make labeling-job-clean` removes it; then try again.",
        )
    tell(
        f"✓ What is sent to the flow definition, workers of the team {team.name} find "
        "in the labeling portal."
    )
    arn = str(flow["FlowDefinitionArn"])
    tell(f"  Ask for a first review: {_start(arn)}")
    return {
        "FlowDefinitionArn": arn,
        "LabelingPortalUrl": team.portal,
        "WorkTeam": team.name,
        "Results": f"{examples.output_uri}{name}/",
    }


def name_of(examples: Examples) -> str:
    """Return what task template and flow definition are called."""
    return f"review-{examples.uuid}"


def _create(examples: Examples, team: Team, name: str) -> None:
    sagemaker = examples.sagemaker
    ui = or_none(lambda: sagemaker.describe_human_task_ui(HumanTaskUiName=name))
    if ui is None:
        ui = sagemaker.create_human_task_ui(
            HumanTaskUiName=name, UiTemplate={"Content": TEMPLATE}
        )
    examples.with_new_role(
        lambda: sagemaker.create_flow_definition(
            FlowDefinitionName=name,
            HumanLoopConfig={
                "WorkteamArn": team.arn,
                "HumanTaskUiArn": ui["HumanTaskUiArn"],
                "TaskTitle": "Is this statement right?",
                "TaskDescription": "Read the statement and say what you think of it.",
                "TaskCount": 1,
            },
            OutputConfig={"S3OutputPath": examples.output_uri},
            RoleArn=examples.role_arn,
        )
    )


def _start(arn: str) -> str:
    """Return the command that asks for a first review."""
    content = json.dumps({"InputContent": json.dumps(FIRST_LOOP)})
    return shlex.join(
        [
            *("aws", "sagemaker-a2i-runtime", "start-human-loop"),
            *("--human-loop-name", "first-review"),
            *("--flow-definition-arn", arn),
            *("--human-loop-input", content),
        ]
    )
