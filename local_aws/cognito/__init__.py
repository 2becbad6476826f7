"""Amazon Cognito where the library is more lenient than AWS.

Updates reset what they omit, descriptions can be sent back, and input that AWS refuses
is refused, through the endpoint and through CloudFormation alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_aws import hooks, iam
from local_aws.cognito import (
    app_clients,
    challenges,
    credentials,
    domains,
    email,
    feature_plans,
    groups,
    identity_providers,
    pools,
    stacks,
    users,
)
from local_aws.cognito.refusals import Refusal, Request, checking, in_turn

__all__ = ["HOOKS", "install"]

_COGNITO = "ministack.services.cognito"
_PROVISIONERS = "ministack.services.cloudformation.provisioners"

_POOL_CHECKS = (
    pools.refuse_reserved_tags,
    pools.refuse_unused_account_days,
    pools.refuse_invitation_without_placeholders,
    pools.refuse_unverifiable_attributes,
    feature_plans.refuse_features_above_plan,
    email.refuse_half_a_sender,
)
_CLIENT_CHECKS = (
    app_clients.refuse_urls,
    app_clients.refuse_flows,
    app_clients.refuse_unknown_providers,
    app_clients.refuse_validities,
)

_REPLACED: dict[str, Callable[[Any], Any]] = {
    f"{_COGNITO}:_create_user_pool": in_turn(
        checking(*_POOL_CHECKS), pools.completing_create
    ),
    f"{_COGNITO}:_update_user_pool": in_turn(
        checking(*_POOL_CHECKS, feature_plans.refuse_lowering_below_use),
        pools.resetting_update,
    ),
    f"{_COGNITO}:_delete_user_pool": checking(pools.refuse_deletion),
    f"{_COGNITO}:_pool_out": pools.describing,
    f"{_COGNITO}:_idp_tag_resource": checking(pools.refuse_reserved_tags),
    f"{_COGNITO}:_idp_list_tags_for_resource": pools.listing_system_tags,
    f"{_COGNITO}:_set_user_pool_mfa_config": checking(
        pools.refuse_factors_against_mode
    ),
    f"{_COGNITO}:_create_user_pool_client": in_turn(
        checking(*_CLIENT_CHECKS),
        app_clients.describing,
        app_clients.completing_request,
    ),
    f"{_COGNITO}:_update_user_pool_client": in_turn(
        checking(*_CLIENT_CHECKS),
        app_clients.describing,
        app_clients.completing_request,
    ),
    f"{_COGNITO}:_describe_user_pool_client": app_clients.describing,
    f"{_COGNITO}:_create_user_pool_domain": checking(
        domains.refuse_domain, domains.refuse_managed_login_of_lite_pool
    ),
    f"{_COGNITO}:_delete_user_pool_domain": checking(domains.refuse_unknown_domain),
    f"{_COGNITO}:_create_identity_provider": checking(
        identity_providers.refuse_details
    ),
    f"{_COGNITO}:_update_identity_provider": checking(
        identity_providers.refuse_details
    ),
    f"{_COGNITO}:_resolve_user": users.resolving_without_case,
    f"{_COGNITO}:_start_federated_profile": users.starting_in_the_pool,
    f"{_COGNITO}:_admin_create_user": in_turn(
        checking(users.refuse_new_user, users.refuse_resend, email.refuse_beyond_a_day),
        users.inviting,
    ),
    f"{_COGNITO}:_admin_set_user_password": credentials.dating_temporary_password,
    f"{_COGNITO}:_wants_email_delivery": users.wanting_email,
    f"{_COGNITO}:_list_users": in_turn(
        checking(users.refuse_filter), users.listing_wanted_attributes
    ),
    f"{_COGNITO}:_apply_user_filter": users.filtering_by_status,
    f"{_COGNITO}:_delete_group": checking(groups.refuse_deletion),
    f"{_COGNITO}:_group_out": groups.describing,
    f"{_COGNITO}:_initiate_auth": in_turn(
        credentials.guarding_password, challenges.remembering_challenge
    ),
    f"{_COGNITO}:_admin_initiate_auth": in_turn(
        credentials.guarding_password, challenges.remembering_challenge
    ),
    f"{_COGNITO}:_respond_to_auth_challenge": in_turn(
        challenges.answering_challenge, credentials.guarding_code
    ),
    f"{_COGNITO}:_admin_respond_to_auth_challenge": in_turn(
        challenges.answering_challenge, credentials.guarding_code
    ),
    f"{_COGNITO}:_mfa_challenge_for_user": challenges.demanding_mfa,
    f"{_COGNITO}:_associate_software_token": challenges.handing_on_setup,
    f"{_COGNITO}:_verify_software_token": challenges.handing_on_setup,
    f"{_COGNITO}:reset": challenges.forgetting,
    f"{_COGNITO}:_oauth2_token": challenges.checking_secret,
    f"{_PROVISIONERS}:_cognito_user_pool_software_token_mfa": stacks.checking_factors,
    f"{_PROVISIONERS}:_COGNITO_USER_POOL_UPDATABLE": stacks.settings_of_pool,
    f"{_PROVISIONERS}:_COGNITO_USER_POOL_CLIENT_UPDATABLE": stacks.settings_of_client,
    f"{_PROVISIONERS}:_RESOURCE_HANDLERS": stacks.checking_resources,
}
_DISPATCH = f"{_COGNITO}:_dispatch_idp"
_ENDPOINT = f"{_COGNITO}:handle_request"

# Refused at the endpoint only: CloudFormation makes a pool and its factors together,
# and updates them in this order.
_ENDPOINT_CHECKS: dict[str, Callable[[Request], None]] = {
    "CreateUserPool": pools.refuse_mfa_without_sms,
    "UpdateUserPool": pools.refuse_mfa_without_factor,
}

HOOKS = (
    *_REPLACED,
    *email.HOOKS,
    _DISPATCH,
    _ENDPOINT,
    f"{_COGNITO}:_authenticate_client",
    f"{_COGNITO}:_find_pool_by_client_id",
    f"{_COGNITO}:_password_policy_errors",
    f"{_COGNITO}:_pool_domain_map",
    f"{_COGNITO}:_totp_code",
    f"{_COGNITO}:_totp_session_secrets",
    f"{_COGNITO}:_user_pools",
    f"{_COGNITO}:json_response",
    "ministack.core.responses:error_response_json",
    "ministack.services.cloudformation:_stacks",
)


def install() -> None:
    """Put the stricter behaviour into the library."""
    for name, make in _REPLACED.items():
        hooks.replace(name, make)
    hooks.replace(_DISPATCH, _checking_at_endpoint)
    hooks.replace(_ENDPOINT, _knowing_the_caller)


def _checking_at_endpoint(original: Callable[..., Any]) -> Callable[..., Any]:
    async def dispatch(action: str, request: Request) -> Any:
        try:
            if action in _ENDPOINT_CHECKS:
                _ENDPOINT_CHECKS[action](request)
            if action in ("CreateUserPool", "UpdateUserPool"):
                email.ask_for_the_role(action, request)
        except Refusal as refusal:
            return refusal.response()
        except iam.AccessDenied as denial:
            return Refusal(denial.code, denial.message).response()
        return await original(action, request)

    return dispatch


def _knowing_the_caller(original: Callable[..., Any]) -> Callable[..., Any]:
    async def handle_request(
        method: str, path: str, headers: Any, body: bytes, query_params: Any
    ) -> Any:
        with iam.called_by(headers, query_params):
            return await original(method, path, headers, body, query_params)

    return handle_request
