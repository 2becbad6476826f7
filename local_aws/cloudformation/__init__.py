"""AWS CloudFormation where the library's engine is weaker or more lenient than AWS.

Nested stacks and custom resources behave as on AWS when something fails, more resource
types exist, resolved properties are validated against the CloudFormation registry, and
what AWS refuses is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws import hooks
from local_aws.cloudformation import (
    cognito_operations,
    conditions,
    creation_order,
    custom_resource_answers,
    custom_resources,
    deletion_order,
    deployer_demands,
    deployers,
    fixed_pool_properties,
    nested_change_sets,
    nested_stacks,
    operations,
    parameters,
    postponed_deletions,
    property_validation,
    refusals,
    resource_types,
    stack_events,
    status_notifications,
    template_references,
    wafv2_resource_types,
)

__all__ = ["HOOKS", "install"]

_CLOUDFORMATION = "ministack.services.cloudformation"
_STACKS = f"{_CLOUDFORMATION}.stacks"
_HANDLERS = f"{_CLOUDFORMATION}.handlers"
_CHANGE_SETS = f"{_CLOUDFORMATION}.changesets"
_PROVISIONERS = f"{_CLOUDFORMATION}.provisioners"
_COGNITO = "ministack.services.cognito"
_EVENTS = "ministack.services.eventbridge"
_ENGINE = f"{_CLOUDFORMATION}.engine"

# The library's modules import names from each other, so a name is replaced wherever it
# is called. Of two makers for one name the later one is the outer.
_REPLACED: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    *(
        (f"{module}:_add_event", stack_events.recording)
        for module in (_STACKS, _HANDLERS, _CHANGE_SETS)
    ),
    *(
        (f"{module}:_deploy_stack_async", operations.deploying)
        for module in (_HANDLERS, _CHANGE_SETS)
    ),
    *(
        (f"{module}:_roll_back_operation", make)
        for module in (_STACKS, _HANDLERS)
        for make in (deletion_order.rolling_back, operations.rolling_back)
    ),
    *(
        (f"{module}:_delete_stack_async", deletion_order.deleting)
        for module in (_STACKS, _HANDLERS)
    ),
    (f"{_HANDLERS}:_continue_update_rollback_async", operations.continuing_rollback),
    *(
        (f"{module}:_create_stack_task_in_region", operations.starting)
        for module in (_HANDLERS, _CHANGE_SETS)
    ),
    (f"{_STACKS}:_failed_operation", operations.describing_failure),
    (
        f"{_STACKS}:_sends_back_failed_update",
        operations.sending_back_every_failed_update,
    ),
    (f"{_STACKS}:_delete_resource", deployer_demands.deleting),
    (f"{_STACKS}:_provision_resource", deployer_demands.creating),
    (f"{_STACKS}:_update_resource", deployer_demands.updating),
    (f"{_STACKS}:_resolve_dynamic_references", deployers.resolving_secrets),
    (f"{_STACKS}:_delete_resource", postponed_deletions.postponing_deletion),
    (f"{_STACKS}:_delete_resource", deletion_order.guarding),
    (
        f"{_PROVISIONERS}:_delete_predecessor",
        postponed_deletions.postponing_predecessor,
    ),
    (f"{_STACKS}:_provision_resource", property_validation.validating_creation),
    (f"{_STACKS}:_update_resource", property_validation.validating_update),
    (f"{_PROVISIONERS}:_property_recreation", property_validation.replacing),
    (f"{_STACKS}:_provision_resource", stack_events.announcing_creation),
    (f"{_STACKS}:_update_resource", stack_events.announcing_update),
    (
        f"{_CLOUDFORMATION}.custom_resource:invoke_custom_resource",
        custom_resources.invoking,
    ),
    ("ministack.app:_handle_post_body_shortcuts", custom_resource_answers.receiving),
    (
        "ministack.services.lambda_svc:invoke_async_with_retry",
        custom_resources.retrying_soon,
    ),
    (f"{_ENGINE}:_unknown_attribute_message", custom_resources.missing_attribute),
    (f"{_PROVISIONERS}:_RESOURCE_HANDLERS", nested_stacks.registering),
    (f"{_PROVISIONERS}:_RESOURCE_HANDLERS", resource_types.registering),
    (f"{_PROVISIONERS}:_RESOURCE_HANDLERS", fixed_pool_properties.refusing),
    (
        f"{_PROVISIONERS}:_RESOURCE_HANDLERS",
        wafv2_resource_types.completing_web_acls,
    ),
    (f"{_STACKS}:_runs_on_worker_thread", resource_types.on_threads),
    (f"{_COGNITO}:_dispatch_idp", cognito_operations.adding),
    ("ministack.services.waf:handle_request", wafv2_resource_types.adding_logging),
    (f"{_EVENTS}:_invoke_target", status_notifications.delivering),
    (f"{_EVENTS}:_dispatch_to_lambda", status_notifications.invoking_asynchronously),
    (f"{_STACKS}:_property_recreation", nested_change_sets.classifying),
    (f"{_STACKS}:_reference_details", nested_change_sets.evaluating_unknown),
    (f"{_HANDLERS}:_ACTION_HANDLERS", nested_stacks.describing_parents),
    (f"{_HANDLERS}:_ACTION_HANDLERS", nested_change_sets.including_nested),
    (f"{_HANDLERS}:_ACTION_HANDLERS", refusals.checking),
    (f"{_HANDLERS}:_ACTION_HANDLERS", deployers.identifying),
    *(
        (f"{module}:_extract_deps", creation_order.waiting_for_metadata)
        for module in (_ENGINE, _STACKS)
    ),
    *(
        (f"{module}:_topological_sort", creation_order.making_slow_ones_late)
        for module in (_ENGINE, _STACKS, _CHANGE_SETS)
    ),
    *(
        (f"{module}:_evaluate_conditions", conditions.evaluating)
        for module in (_ENGINE, _STACKS, _HANDLERS, _CHANGE_SETS)
    ),
    *(
        (f"{module}:{name}", make)
        for module in (_HANDLERS, _CHANGE_SETS)
        for name, make in (
            ("_resolve_parameters", parameters.checking),
            ("validate_template_support", template_references.checking),
        )
    ),
    (f"{_ENGINE}:_constraint_error", parameters.wording),
    (f"{_ENGINE}:_rule_account_records", parameters.refusing_unevaluated_rules),
    (f"{_ENGINE}:_rule_attribute", parameters.refusing_unevaluated_rules),
)

HOOKS = (
    f"{_STACKS}:_with_dependencies",
    "ministack.services.cloudwatch_logs:_log_groups",
    *(name for name, _ in _REPLACED),
    "ministack.app:_MAIN_LOOP",
    "ministack.app:call_service_handler_sync",
    "ministack.core.concurrency:run_reentrant",
    "ministack.core.responses:now_iso",
    "ministack.services.lambda_svc:_LAMBDA_ASYNC_RETRY_BASE_SECONDS",
    "ministack.services.lambda_svc:_execute_function_with_config_scope",
    "ministack.services.lambda_svc:_execution_record_for_config",
    "ministack.services.lambda_svc:_get_base_func_record_for_ref",
    "ministack.services.lambda_svc:_get_func_record_for_ref",
    f"{_EVENTS}:_put_events",
    f"{_CLOUDFORMATION}:_change_sets",
    f"{_CLOUDFORMATION}:_stack_events",
    f"{_CLOUDFORMATION}:_stacks",
    f"{_CLOUDFORMATION}:handle_request",
    f"{_CLOUDFORMATION}.custom_resource:_lock",
    f"{_CLOUDFORMATION}.custom_resource:_normalise_resource_properties",
    f"{_CLOUDFORMATION}.custom_resource:_pending",
    f"{_CLOUDFORMATION}.custom_resource:_response_url",
    f"{_COGNITO}:_find_pool_by_client_id",
    f"{_COGNITO}:_user_pools",
    *(
        f"ministack.services.iam:{name}"
        for name in (
            "_create_oidc_provider",
            "_delete_oidc_provider",
            "_oidc_providers",
        )
    ),
    "ministack.services.s3:object_tags_for_condition",
    "ministack.services.waf:_associations",
    "ministack.services.waf:_ip_sets",
    "ministack.services.waf:_resolve_local_web_acl",
    "ministack.services.waf:_web_acls",
    "ministack.services.waf:delete_web_acl_record",
    "ministack.services.waf:web_acl_record",
    "ministack.services.waf:_waf_err",
    f"{_ENGINE}:_RuleUnsupported",
    f"{_ENGINE}:_parse_template",
    f"{_ENGINE}:_resolve_refs",
    f"{_CHANGE_SETS}:_find_change_set",
    f"{_HANDLERS}:_resolve_stack",
    *(
        f"{_CLOUDFORMATION}.helpers:{name}"
        for name in ("_error", "_p", "_resolve_template", "_xml")
    ),
    f"{_PROVISIONERS}:_STACK_TAG_PROPERTY",
    f"{_PROVISIONERS}:_physical_name",
    f"{_PROVISIONERS}:_replacing_change",
    f"{_PROVISIONERS}:_tag_map",
    f"{_ENGINE}:_intrinsic_references",
    f"{_STACKS}:_intrinsic_references",
    f"{_STACKS}:_with_dependencies",
)


def install() -> None:
    """Put the stricter behaviour into the library."""
    for name, make in _REPLACED:
        hooks.replace(name, make)
