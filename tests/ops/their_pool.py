"""A user pool and app client of somebody else's, and a workforce deployed on them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from local_aws.process import EmbeddedAws

THEIRS = ["https://app.example.com/signed-in", "https://app.example.com/other"]
LEAVE = ["https://app.example.com/left"]
CLIENT: dict[str, Any] = {
    "ClientName": "theirs",
    "GenerateSecret": True,
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email"],
    "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": THEIRS,
    "DefaultRedirectURI": THEIRS[0],
    "AccessTokenValidity": 7,
}
INVITATION = "{username} {####} https://labeling-portal.invalid"
_prefixes = itertools.count()


class Theirs:
    """A user pool and app client that somebody made without this project."""

    def __init__(
        self,
        aws: EmbeddedAws,
        folder: Path,
        *,
        domain: bool = True,
        pool: dict[str, Any] | None = None,
        **client: Any,
    ) -> None:
        self.cognito = aws.client("cognito-idp")
        made = self.cognito.create_user_pool(PoolName="theirs", **(pool or {}))
        self.pool = made["UserPool"]["Id"]
        if domain:
            self.domain = f"theirs-{next(_prefixes)}"
            self.cognito.create_user_pool_domain(
                UserPoolId=self.pool, Domain=self.domain
            )
        made = self.cognito.create_user_pool_client(
            UserPoolId=self.pool, **{**CLIENT, **client}
        )
        self.client = made["UserPoolClient"]["ClientId"]
        (folder / "parameters.yaml").write_text(
            f"UserPoolId: {self.pool}\nUserPoolClientId: {self.client}\n"
        )
        aws.control.clear_calls()

    def now(self) -> dict[str, Any]:
        """Return the app client without what every write changes."""
        described: dict[str, Any] = self.cognito.describe_user_pool_client(
            UserPoolId=self.pool, ClientId=self.client
        )["UserPoolClient"]
        return {k: v for k, v in described.items() if k != "LastModifiedDate"}

    def writes_client(self, **settings: Any) -> None:
        """Write the client as its owner would, with a list of their own."""
        wanted = {**CLIENT, "LogoutURLs": LEAVE, **settings}
        del wanted["GenerateSecret"]
        self.cognito.update_user_pool_client(
            UserPoolId=self.pool, ClientId=self.client, **wanted
        )

    def writes_invitation(self, text: str) -> None:
        """Write the text of the invitation."""
        message = {"EmailMessage": text, "EmailSubject": "Hello"}
        self.cognito.update_user_pool(
            UserPoolId=self.pool,
            AdminCreateUserConfig={"InviteMessageTemplate": message},
        )

    def invitation(self) -> str:
        """Return the text of the invitation."""
        pool = self.cognito.describe_user_pool(UserPoolId=self.pool)["UserPool"]
        text: str = pool["AdminCreateUserConfig"]["InviteMessageTemplate"][
            "EmailMessage"
        ]
        return text
