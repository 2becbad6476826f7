"""A workforce's sign-in, made through the API, and workers in front of its pages."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pyotp

from local_aws.process import EmbeddedAws
from ops.visitor import Page, Visitor

CALLBACK = "https://abc.labeling.us-east-1.sagemaker.aws/oauth2/idpresponse"
LOGOUT = "https://abc.labeling.us-east-1.sagemaker.aws/logout"
TEMPORARY = "Correct-Horse-7-Battery"
OWN = "My-0wn-long-passphrase"
PREFIX = "workers-of-the-test"
HOST = f"{PREFIX}.auth.us-east-1.amazoncognito.com"


class Authenticator:
    """An authenticator app, which never shows the same code twice.

    Nobody has to wait for the second code: Cognito takes that of the next 30 seconds as
    well, as it forgives a clock that is fast.
    """

    def __init__(self, key: str) -> None:
        self._totp = pyotp.TOTP(key)
        self._step = 0

    def code(self) -> str:
        """Return the next code."""
        now = int(time.time()) // self._totp.interval
        self._step = max(self._step + 1, now)
        return str(self._totp.at(self._step * self._totp.interval))


@dataclass
class Workers:
    """A user pool with its domain and the portal's app client."""

    aws: EmbeddedAws
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make them."""
        self.cognito = self.aws.client("cognito-idp")
        self.pool = self.cognito.create_user_pool(
            PoolName="workers",
            AliasAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
            Policies={"PasswordPolicy": {"MinimumLength": 14}},
            **self.settings,
        )["UserPool"]["Id"]
        self.cognito.create_user_pool_domain(UserPoolId=self.pool, Domain=PREFIX)
        self.client = self.cognito.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName="portal",
            GenerateSecret=True,
            **self.asked(),
        )["UserPoolClient"]

    @staticmethod
    def asked(**changes: Any) -> dict[str, Any]:
        """Return the settings of the app client."""
        return {
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email"],
            "SupportedIdentityProviders": ["COGNITO"],
            "CallbackURLs": [CALLBACK],
            "LogoutURLs": [LOGOUT],
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            **changes,
        }

    def change_client(self, **changes: Any) -> None:
        """Write the app client anew."""
        self.cognito.update_user_pool_client(
            UserPoolId=self.pool,
            ClientId=self.client["ClientId"],
            **self.asked(**changes),
        )

    def demand_mfa(self) -> None:
        """Let nobody in without an authenticator app."""
        self.cognito.set_user_pool_mfa_config(
            UserPoolId=self.pool,
            MfaConfiguration="ON",
            SoftwareTokenMfaConfiguration={"Enabled": True},
        )

    def invite(self, name: str = "ada") -> None:
        """Make an account as an operator does."""
        self.cognito.admin_create_user(
            UserPoolId=self.pool,
            Username=name,
            TemporaryPassword=TEMPORARY,
            UserAttributes=[
                {"Name": "email", "Value": f"{name}@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
            DesiredDeliveryMediums=["EMAIL"],
        )

    def invite_with_own_password(self, name: str = "ada") -> None:
        """Make an account whose password is set already."""
        self.invite(name)
        self.cognito.admin_set_user_password(
            UserPoolId=self.pool, Username=name, Password=OWN, Permanent=True
        )

    def visitor(self) -> Visitor:
        """Return somebody with a fresh browser."""
        return Visitor(self.aws.endpoint, HOST)

    def question(self, **changes: str) -> dict[str, str]:
        """Return what the portal asks the authorize endpoint."""
        return {
            "client_id": self.client["ClientId"],
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "state": "a state",
            **changes,
        }

    def authorize(self, visitor: Visitor | None = None, /, **changes: str) -> Page:
        """Open the authorize endpoint and follow it within the domain."""
        someone = visitor or self.visitor()
        return someone.open("/oauth2/authorize", self.question(**changes))

    def enter(self, name: str, password: str, visitor: Visitor | None = None) -> Page:
        """Open the first page and send a name and a password."""
        someone = visitor or self.visitor()
        page = self.authorize(someone)
        return someone.submit(page, {"username": name, "password": password})
