"""Resource types of IAM that the library lacks."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from ministack.services import iam as iam_service

Properties = Mapping[str, Any]

_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)


def _call(operation: str, parameters: Mapping[str, list[str]]) -> None:
    """Call an operation of IAM.

    Raises:
        ValueError: IAM refuses.
    """
    answer = getattr(iam_service, operation)(dict(parameters))
    if answer[0] >= 400:
        found = _MESSAGE.search(answer[2])
        raise ValueError(html.unescape(found[1].decode()) if found else operation)


def create_oidc_provider(
    logical_id: str, properties: Properties, stack_name: str
) -> tuple[str, dict[str, str]]:
    """Make an OIDC provider, of which an account has one for a URL."""
    url = str(properties["Url"])
    if not url.startswith("https://"):
        raise ValueError(f"Invalid Open ID Connect Provider URL: {url}")
    clients = properties.get("ClientIdList", [])
    members = {
        f"ClientIDList.member.{number}": [str(client)]
        for number, client in enumerate(clients, 1)
    }
    _call("_create_oidc_provider", {"Url": [url], **members})
    host = url.removeprefix("https://").rstrip("/")
    arn = f"arn:aws:iam::{iam_service.get_account_id()}:oidc-provider/{host}"
    return arn, {"Arn": arn}


def delete_oidc_provider(physical_id: str, properties: Properties) -> None:
    """Delete an OIDC provider, unless it is gone."""
    if physical_id in iam_service._oidc_providers:
        parameters = {"OpenIDConnectProviderArn": [physical_id]}
        _call("_delete_oidc_provider", parameters)


HANDLERS: dict[str, dict[str, Any]] = {
    "AWS::IAM::OIDCProvider": {
        "create": create_oidc_provider,
        "delete": delete_oidc_provider,
    }
}
