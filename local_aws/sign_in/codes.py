"""What everybody's authenticator app shows now.

AWS tells nobody. Here it spares whoever tries the sign-in the phone; a code that has
been used is not shown again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ministack.services import cognito

from local_aws.cognito.credentials import next_code
from local_aws.cognito.users import attributes_of
from local_aws.sign_in import steps


def shown_now() -> list[dict[str, Any]]:
    """Return each app's code as {user_pool_id, email, code}, set-ups at work last.

    The code is empty for the seconds in which the next one is not taken yet.
    """
    return [
        {"user_pool_id": pool_id, "email": email, "code": code}
        for pool_id, email, code in (*_enrolled(), *_in_set_up())
    ]


def _enrolled() -> Iterator[tuple[str, str, str]]:
    for _, pool in cognito._all_pools():
        for user in pool["_users"].values():
            if secret := user.get("_totp_secret"):
                email = attributes_of(user).get("email", user["Username"])
                yield pool["Id"], email, next_code(secret, user)


def _in_set_up() -> Iterator[tuple[str, str, str]]:
    for sign_in in steps.at(steps.MFA_SETUP):
        if sign_in.ends_at > time.time():
            code = next_code(sign_in.totp_secret, {})
            yield sign_in.domain.pool_id, sign_in.email, code
