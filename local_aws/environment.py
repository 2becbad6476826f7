"""The environment variables of the embedded AWS, of its functions and of its clients.

Nothing of the user's own AWS configuration goes in on either side: the server gets a
list of harmless variables and nothing else, and a client loses everything that could
name another account, another endpoint or a proxy on the way to loopback.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ACCOUNT = "111111111111"
REGION = "us-east-1"
SECRET_ACCESS_KEY = "test"  # noqa: S105 - the root secret of every embedded account

# Found by name on any machine; LD_LIBRARY_PATH because some builds of Python start
# only with it.
_HARMLESS = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH")

_WITHOUT_CONFIGURATION = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def server_environment(home: Path) -> dict[str, str]:
    """Return what the server process gets of this process's environment.

    `home` becomes its home and its folder for temporary files: MiniStack leaves the
    folders of its functions there.
    """
    kept = {name: os.environ[name] for name in _HARMLESS if name in os.environ}
    return {
        **kept,
        **_WITHOUT_CONFIGURATION,
        "HOME": str(home),
        "TMPDIR": str(home),
        "TZ": "UTC",
    }


def emulator_environment(port: int, saved_state: Path | None) -> dict[str, str]:
    """Return MiniStack's own configuration, which it reads when it is imported."""
    persistence = (
        {}
        if saved_state is None
        else {
            "PERSIST_STATE": "1",
            "STATE_DIR": str(saved_state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(saved_state / "s3"),
        }
    )
    return {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "LOG_LEVEL": "WARNING",
        # Listeners on further ports, and a Docker daemon whose containers MiniStack
        # would clean up: neither is wanted on the user's machine.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        **persistence,
    }


def client_environment(
    endpoint: str, region: str = REGION, account: str = ACCOUNT
) -> dict[str, str]:
    """Return this process's environment, turned towards the embedded AWS.

    Every AWS tool started with it (the AWS CLI, boto3, CDK ...) talks to `endpoint` as
    the root of `account` and to nothing else.
    """
    return {
        **without_aws(os.environ),
        **_WITHOUT_CONFIGURATION,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        # The AWS CLI v2 pipes every answer through a pager unless told otherwise.
        "AWS_PAGER": "",
    }


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` without AWS settings and without proxies.

    botocore sends a request for 127.0.0.1 to the proxy too if one is set.
    """
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("AWS_", "BOTO_"))
        and not name.lower().endswith("_proxy")
    }


def around_proxies(environment: Mapping[str, str]) -> str:
    """Return the NO_PROXY of a shell that has a proxy and is to reach 127.0.0.1.

    What it has in NO_PROXY stays; empty where that, or no proxy, does already.
    """
    kept = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    proxies = (name for name in environment if name.lower().endswith("_proxy"))
    if all(name.lower() == "no_proxy" for name in proxies):
        return ""
    if kept == "*" or "127.0.0.1" in kept.split(","):
        return ""
    return ",".join(filter(None, ("127.0.0.1", kept)))
