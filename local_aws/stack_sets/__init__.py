"""CloudFormation StackSets, which the library lacks: stacks in many places.

Each instance is a real stack in the embedded AWS, made with the rights of the target
account's root. Drift, imports, automatic deployment and delegated administrators are
not modelled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import helpers

from local_aws import hooks
from local_aws.stack_sets import api, state

HOOKS = (
    "ministack.services.cloudformation.handlers:_ACTION_HANDLERS",
    "ministack.services.cloudformation.helpers:_error",
    "ministack.services.cloudformation.helpers:_resolve_template",
    "ministack.services.cloudformation.helpers:_xml",
    "ministack.core.responses:get_account_id",
    "ministack.core.responses:get_region",
)

Action = Callable[[dict[str, Any]], Any]


def install() -> None:
    """Serve the API; forget every stack set when the embedded AWS is reset."""
    hooks.replace(
        "ministack.services.cloudformation.handlers:_ACTION_HANDLERS", _adding
    )
    hooks.replace("local_aws.sagemaker:reset", _forgetting)


def _adding(actions: dict[str, Action]) -> dict[str, Action]:
    # In place: the library's modules share it.
    actions.update({name: _served(name, act) for name, act in api.ACTIONS.items()})
    return actions


def _served(name: str, act: Callable[[api.Call], dict[str, Any]]) -> Action:
    def serve(parameters: dict[str, Any]) -> Any:
        try:
            call = api.Call.of(
                name, parameters, responses.get_account_id(), responses.get_region()
            )
            result = act(call)
        except state.Refusal as refusal:
            return helpers._error(refusal.code, refusal.message)
        inner = f"<{name}Result>{api.as_xml(result)}</{name}Result>"
        return helpers._xml(200, f"{name}Response", inner)

    return serve


def _forgetting(original: Callable[[], None]) -> Callable[[], None]:
    def reset() -> None:
        original()
        state.reset()

    return reset
