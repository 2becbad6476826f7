"""SageMaker's own edit of the Cognito app client, and what it asks of pool and client.

When a workforce turns Active, and again for each work team that is made or updated,
SageMaker adds the portal's callback URL to the client (AWS Machine Learning Blog,
"Create a private workforce on Amazon SageMaker Ground Truth with the AWS CDK"; the
registry's handlers list UpdateUserPoolClient for just these). It appends and removes
nothing. Whether it also writes a logout URL is unknown: here it does not, so that
nothing comes to rely on it.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.core import responses
from ministack.services import cognito

from local_aws.sagemaker.errors import SageMakerError, validation_error

MAXIMUM_URLS = 100


def portal_callback(sub_domain: str) -> str:
    """Return the portal's callback URL."""
    return f"https://{sub_domain}/oauth2/idpresponse"


def user_pool(user_pool_id: str) -> dict[str, Any]:
    """Return the caller's user pool.

    Raises:
        SageMakerError: there is no such pool in this account and Region (assumed code).
    """
    pool: dict[str, Any] | None = cognito._user_pools.get(user_pool_id)
    if pool is None:
        raise validation_error(f"User pool {user_pool_id} does not exist.")
    return pool


def client_of(pool: dict[str, Any], client_id: str) -> dict[str, Any]:
    """Return an app client of the pool.

    Raises:
        SageMakerError: the pool has no such client (assumed code).
    """
    client: dict[str, Any] | None = pool["_clients"].get(client_id)
    if client is None:
        raise validation_error(
            f"User pool client {client_id} does not exist in user pool {pool['Id']}."
        )
    return client


def check_sign_in(user_pool_id: str, client_id: str) -> None:
    """Refuse a pool without a domain and a client without a secret.

    The developer guide wants the domain ("Create a private workforce, Amazon Cognito
    console"). The secret is needed by the load balancer that authenticates workers;
    that CreateWorkforce itself refuses its absence is assumed.
    """
    pool = user_pool(user_pool_id)
    client = client_of(pool, client_id)
    if not client.get("ClientSecret"):
        raise validation_error(
            f"User pool client {client_id} must have a client secret."
        )
    if not pool.get("Domain") and not pool.get("CustomDomain"):
        raise validation_error(f"User pool {user_pool_id} must have a domain.")


def check_group(user_pool_id: str, group_name: str) -> None:
    """Refuse a work team made of a group that the pool does not have."""
    if group_name not in user_pool(user_pool_id)["_groups"]:
        raise validation_error(
            f"Group {group_name} does not exist in user pool {user_pool_id}."
        )


def allow_portal(
    *, account: str, region: str, user_pool_id: str, client_id: str, sub_domain: str
) -> None:
    """Append the portal's callback URL to the app client unless it is there.

    Raises:
        SageMakerError: pool or client are gone, or the client's list is full.
    """
    callback = portal_callback(sub_domain)
    with responses.request_scope(account, region):
        client = client_of(user_pool(user_pool_id), client_id)
    callbacks = client.get("CallbackURLs") or []
    if callback in callbacks:
        return
    if len(callbacks) >= MAXIMUM_URLS:
        raise SageMakerError(
            "ValidationException",
            f"User pool client {client_id} already has {MAXIMUM_URLS} callback URLs.",
        )
    client["CallbackURLs"] = [*callbacks, callback]
    client["LastModifiedDate"] = time.time()
