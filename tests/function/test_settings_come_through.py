"""Settings that the API knows, and some that no SDK knows, come through a rewrite.

The settings are generated from the API's model. Cognito is a store here that forgets
what an update leaves out; the SDK's own client speaks to it, up to the wire.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from hypothesis import given
from hypothesis import strategies as st

from lambda_src import workforce as function

API = ServiceModel(Loader().load_service_model("cognito-idp", "service-2"))
PORTAL = "z182d0xam0.labeling.us-west-2.sagemaker.aws"
PLACEHOLDER = f"https://{function.PLACEHOLDER_HOST}"
IDS = {"UserPoolId": "us-west-2_abc", "ClientId": "1example23456789"}
#: No SDK knows it, as none knows what the service will have next year.
UNKNOWN = "SettingOfNextYear"

JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=2)
    ),
    max_leaves=4,
)


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Return values of a shape of the API, as they are in JSON."""
    kind: str = shape.type_name
    if kind == "structure":
        members: dict[str, Shape] = shape.members  # type: ignore[attr-defined]
        return st.fixed_dictionaries(
            {}, optional={name: values(each) for name, each in members.items()}
        )
    if kind == "list":
        return st.lists(values(shape.member), max_size=2)  # type: ignore[attr-defined]
    if kind == "map":
        text = st.text("abc\u00e4 ", min_size=1, max_size=4)
        return st.dictionaries(text, text, max_size=2)
    if kind == "string":
        return st.sampled_from(shape.enum) if shape.enum else st.text(max_size=8)  # type: ignore[attr-defined]
    if kind == "boolean":
        return st.booleans()
    if kind in ("integer", "long"):
        return st.integers(0, 99)
    assert kind == "timestamp", kind
    return st.integers(1_700_000_000, 1_800_000_000).map(float)


def described(operation: str, member: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return what a Describe operation may answer, with an unknown setting."""
    output = API.operation_model(operation).output_shape
    assert output is not None
    return st.tuples(values(output.members[member]), JSON).map(
        lambda pair: {**pair[0], UNKNOWN: pair[1]}
    )


class Cognito:
    """One pool or client, as JSON; an update that leaves a setting out loses it."""

    def __init__(self, kind: str, settings: dict[str, Any]) -> None:
        """Hold the settings of a UserPool or a UserPoolClient."""
        self.kind = kind
        self.settings = copy.deepcopy(settings)
        taken = API.operation_model(f"Update{kind}").input_shape
        assert taken is not None
        self.writable = {*taken.members, UNKNOWN} - IDS.keys()
        self.refused: set[str] = set()

    def answer(self, request: AWSRequest, **_: Any) -> Any:
        """Serve Describe and Update, on the wire."""
        target: Any = request.headers["X-Amz-Target"]
        operation = target.decode().rpartition(".")[2]
        body = {}
        if operation == f"Describe{self.kind}":
            body = {self.kind: self.settings}
        else:
            assert operation == f"Update{self.kind}"
            self.update(json.loads(request.body))
        raw: Any = None
        response: Any = AWSResponse(str(request.url), 200, HTTPHeaders(), raw)
        response._content = json.dumps(body).encode()
        return response

    def update(self, settings: dict[str, Any]) -> None:
        """Keep what is read-only, and of everything else only what is given."""
        given = {k: v for k, v in settings.items() if k not in IDS}
        if self.kind == "UserPool" and "PoolName" in given:
            given["Name"] = given["PoolName"]
        self.refused |= given.keys() - self.writable - {"Name"}
        kept = {k: v for k, v in self.settings.items() if k not in self.writable}
        self.settings = {**kept, **given}


@pytest.fixture(scope="module")
def cognito_client() -> Any:
    """Return the SDK's client, which reaches nothing by itself."""
    return boto3.client(
        "cognito-idp",
        region_name="us-west-2",
        aws_access_key_id="111111111111",
        aws_secret_access_key="test",  # noqa: S106
    )


def rewritten(
    client: Any, cognito: Cognito, rewrite: Callable[[function.Aws], None]
) -> dict[str, Any]:
    """Return the settings that Cognito has after a rewrite."""
    aws = function.Aws(function.Deadline(60))
    aws.__dict__["cognito"] = client
    client.meta.events.register("before-send", cognito.answer)
    try:
        rewrite(aws)
    finally:
        client.meta.events.unregister("before-send", cognito.answer)
    return cognito.settings


@given(settings=described("DescribeUserPoolClient", "UserPoolClient"))
def test_every_setting_of_an_app_client_comes_through(
    cognito_client: Any, settings: dict[str, Any]
) -> None:
    before = {
        **settings,
        **IDS,
        "CallbackURLs": [f"{PLACEHOLDER}/oauth2/idpresponse", "https://a.example/"],
        "LogoutURLs": [f"{PLACEHOLDER}/logout"],
        "DefaultRedirectURI": f"{PLACEHOLDER}/oauth2/idpresponse",
    }
    cognito = Cognito("UserPoolClient", before)
    after = rewritten(
        cognito_client,
        cognito,
        lambda aws: function.rewrite_client(
            aws,
            IDS["UserPoolId"],
            IDS["ClientId"],
            lambda found: function.client_with(found, PORTAL),
        ),
    )
    assert cognito.refused == set()
    assert after == {
        **before,
        "CallbackURLs": [f"https://{PORTAL}/oauth2/idpresponse", "https://a.example/"],
        "LogoutURLs": [f"https://{PORTAL}/logout"],
        "DefaultRedirectURI": f"https://{PORTAL}/oauth2/idpresponse",
    }


@given(settings=described("DescribeUserPool", "UserPool"))
def test_every_setting_of_a_user_pool_comes_through(
    cognito_client: Any, settings: dict[str, Any]
) -> None:
    admin = settings.get("AdminCreateUserConfig", {})
    before = {
        **settings,
        "Id": IDS["UserPoolId"],
        "AdminCreateUserConfig": {
            **admin,
            "InviteMessageTemplate": {"EmailMessage": f"{PLACEHOLDER} {{####}}"},
        },
    }
    cognito = Cognito("UserPool", before)
    after = rewritten(
        cognito_client,
        cognito,
        lambda aws: function.rewrite_pool(
            aws, IDS["UserPoolId"], lambda found: function.pool_with(found, PORTAL)
        ),
    )
    assert cognito.refused == set()
    # AWS refuses it beside the password policy's own validity.
    admin.pop("UnusedAccountValidityDays", None)
    after.pop("PoolName", None)
    assert after == {
        **before,
        "AdminCreateUserConfig": {
            **admin,
            "InviteMessageTemplate": {"EmailMessage": f"https://{PORTAL} {{####}}"},
        },
    }
