"""The way to the portal on a user pool and an app client that the stack did not make.

What the workforce stack wrote into them must be there. All the rest is their owner's:
it is named, and not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lambda_src.workforce import CALLBACK_PATH, LOGOUT_PATH, PLACEHOLDER_HOST
from ops import existing_pool
from ops.account_checks import Finding
from ops.deployed import Deployed
from ops.promises.telling import REPAIR, held, listed

_GONE = (
    "It is not this stack's, so nothing brings it back: `make destroy`, name another "
    "in the parameter file and deploy again."
)


def app_client(deployed: Deployed) -> Iterator[Finding]:
    """The app client leads to the portal too, and can still do what the portal needs.

    Other URLs are its owner's.
    """
    client = deployed.client
    client_id = deployed.outputs["UserPoolClientId"]
    if not client:
        yield Finding("error", f"The app client {client_id} is gone.", _GONE)
        return
    base = f"https://{deployed.portal}"
    for member, path, word in (
        ("CallbackURLs", CALLBACK_PATH, "callback"),
        ("LogoutURLs", LOGOUT_PATH, "logout"),
    ):
        found = set(client.get(member, []))
        stale = {url for url in found if PLACEHOLDER_HOST in url}
        yield held(
            base + path in found and not stale,
            f"The portal's URL is among the app client's {word} URLs.",
            f"The app client's {word} URLs are {listed(found)}, "
            + (
                "with the placeholder."
                if base + path in found
                else f"without {base}{path}."
            ),
            REPAIR,
        )
    default = client.get("DefaultRedirectURI", "")
    yield held(
        PLACEHOLDER_HOST not in default,
        "Its default redirect is not the placeholder.",
        f"The app client's default redirect is {default}.",
        REPAIR,
    )
    lacking = [
        Finding("error", fact, mend)
        for is_there, fact, mend in existing_pool.needs(client_id, client)
        if not is_there
    ]
    yield from lacking
    if not lacking:
        yield Finding("fine", "It still has all that the portal signs in with.")


def invitation(deployed: Deployed) -> Iterator[Finding]:
    """The invitation names the portal where its owner has left a place for it."""
    admin = deployed.pool.get("AdminCreateUserConfig", {})
    texts: Mapping[str, str] = admin.get("InviteMessageTemplate", {})
    if PLACEHOLDER_HOST in str(texts):
        fact = "The invitation names the placeholder instead of the portal."
        yield Finding("error", fact, REPAIR)
    elif deployed.portal in str(texts):
        yield Finding("fine", "The invitation names the portal.")
    else:
        yield Finding(
            "warning",
            "The invitation names no portal.",
            f"Write https://{PLACEHOLDER_HOST} where it should stand; {REPAIR}",
        )


def sign_in_domain(deployed: Deployed) -> Iterator[Finding]:
    """The sign-in pages that the workforce was made for are there."""
    pool_id = deployed.outputs["UserPoolId"]
    if not deployed.pool:
        yield Finding("error", f"The user pool {pool_id} is gone.", _GONE)
        return
    host = deployed.outputs["UserPoolDomainName"]
    domain = deployed.domain
    yield held(
        domain.get("UserPoolId") == pool_id and domain.get("Status") == "ACTIVE",
        f"The sign-in pages are on {host}.",
        f"The sign-in domain {host} is another user pool's."
        if domain.get("UserPoolId", pool_id) != pool_id
        else f"The sign-in domain {host} is {domain.get('Status', 'gone')}.",
        "Without it nobody signs in: have the owner of the user pool make it again.",
    )


def owners(deployed: Deployed) -> Iterator[Finding]:
    """What no stack of ours promises about somebody else's user pool."""
    yield Finding(
        "note",
        f"The user pool {deployed.outputs['UserPoolId']} is not this stack's: its "
        "passwords, second factor, feature plan, deletion protection, web ACL and logs "
        "are its owner's, and were not looked at.",
    )
