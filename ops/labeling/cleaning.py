"""The end of the examples: nothing that was made for them is left."""

from __future__ import annotations

from ops.account import Account
from ops.labeling import job, review
from ops.labeling.examples import Examples, name_of, or_none, wait_for
from ops.terminal import tell


def run(account: Account, stack: str) -> None:
    """Stop the labeling jobs, delete the review, the bucket with results, the role.

    Works without the set's own stack, and where a part is gone already.

    Raises:
        OperatorError: something does not end or go.
    """
    examples = Examples.found(account, stack)
    if examples is None:
        tell(f"✓ There is no stack {name_of(stack)}: nothing to clean.")
        return
    stopped = _stop_jobs(examples)
    _delete_review(examples)
    examples.delete(stack)
    tell(f"✓ Deleted: the stack {name_of(stack)} with its bucket and its role.")
    if stopped:
        tell(
            f"  Stopped: {', '.join(stopped)}. AWS lists finished labeling jobs for "
            "ever; they cost nothing."
        )


def _stop_jobs(examples: Examples) -> list[str]:
    names = [found["LabelingJobName"] for found in job.jobs(examples)]
    for name in names:
        examples.sagemaker.stop_labeling_job(LabelingJobName=name)
    wait_for(
        lambda: job.jobs(examples),
        lambda left: not left,
        f"the end of {', '.join(names)}",
    )
    return names


def _delete_review(examples: Examples) -> None:
    sagemaker, name = examples.sagemaker, review.name_of(examples)
    or_none(lambda: sagemaker.delete_flow_definition(FlowDefinitionName=name))
    wait_for(
        lambda: or_none(
            lambda: sagemaker.describe_flow_definition(FlowDefinitionName=name)
        ),
        lambda flow: flow is None,
        f"the flow definition {name} to be gone",
    )
    or_none(lambda: sagemaker.delete_human_task_ui(HumanTaskUiName=name))
