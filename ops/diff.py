"""Say what a deployment would change, for a person: what is lost, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from ops.changes import Change, Difference

#: What is lost with a resource of this type, when it is replaced or deleted.
LOSSES: Mapping[str, str] = {
    "AWS::Cognito::UserPool": (
        "every worker account; and the workforce cannot follow to another user pool"
    ),
    "AWS::Cognito::UserPoolClient": (
        "nobody can sign in: the workforce cannot follow to another app client, so the "
        "update fails and rolls back"
    ),
    "AWS::Cognito::UserPoolDomain": (
        "the address of the sign-in pages; the prefix is free for anybody to take"
    ),
    "AWS::Cognito::UserPoolIdentityProvider": (
        "who signs in through it gets another account, which is in no team"
    ),
    "AWS::CloudFormation::Stack": "everything in that stack",
    "AWS::Logs::LogGroup": "the log lines in it",
    "AWS::SNS::Topic": "its subscriptions: each address must confirm again",
    "AWS::WAFv2::WebACL": "the sign-in pages are without this filter",
    "Custom::PrivateWorkforce": (
        "the portal with its address, and every labeling job's work teams"
    ),
    "Custom::WorkTeams": "the work teams and their ARNs, which labeling jobs name",
    "Custom::PortalSignIn": "the way from the sign-in pages to the portal",
}

_PARTS = (
    ("added", "Added", "+", "green"),
    ("changed", "Changed", "~", "yellow"),
    ("replaced", "Replaced", "±", "bold red"),
    ("deleted", "Deleted", "-", "bold red"),
)


def must_ask(difference: Difference) -> list[Change]:
    """Return what somebody must agree to: what is replaced or deleted.

    What is replaced only perhaps counts where something would be lost.
    """
    return [
        *difference.of("replaced"),
        *difference.of("deleted"),
        *(
            change
            for change in difference.of("replaced", certain=False)
            if change.kind in LOSSES
        ),
    ]


def consequences(difference: Difference) -> Iterator[str]:
    """Yield what follows outside of the resources that change."""
    touched = {change.logical_id for change in difference.changes if change.certain}
    if "UserPoolClient" in touched:
        yield (
            "The app client is written, with the placeholder: new sign-ins are refused "
            "for seconds, until Custom::PortalSignIn has put the portal back."
        )
    if "UserPool" in touched:
        yield (
            "The user pool is written: an invitation that is sent in these seconds "
            "names the placeholder instead of the portal."
        )
    for name, before, after in difference.parameters:
        added = [each for each in _items(after) if each not in _items(before)]
        removed = [each for each in _items(before) if each not in _items(after)]
        if name == "WorkerEmails":
            if added:
                yield f"Invited: {', '.join(added)}."
            if removed:
                names = ", ".join(removed)
                yield f"Out of the teams, and disabled if made here: {names}."
        elif name == "WorkTeamNames":
            if added:
                yield f"Work teams made: {', '.join(added)}."
            if removed:
                yield (
                    f"Work teams deleted: {', '.join(removed)}. Refused while they "
                    "have labeling jobs; accounts stay."
                )
        elif name == "UserPoolDeletionProtection" and after == "INACTIVE":
            yield "The accounts lose their protection against deletion."


def show(difference: Difference, stack: str, *, as_progress: bool = False) -> None:
    """Print a difference for a person, as a result or as progress."""
    # Soft wrap: what is cut at eighty columns in a pipe cannot be searched.
    console = Console(highlight=False, soft_wrap=True, stderr=as_progress)
    if not difference.changes:
        console.print(f"Nothing would change about {stack}.")
        return
    if difference.parameters:
        console.print(Text("Parameters", "bold"))
        for name, before, after in difference.parameters:
            console.print(Text(f"  {name}: {_shown(before)} → {_shown(after)}"))
    for action, title, sign, style in _PARTS:
        found = difference.of(action)
        if found:
            console.print(Text(title, "bold"))
        for change in found:
            console.print(Text(f"  {sign} {_line(change)}", style))
    _show_uncertain(console, difference)
    following = list(consequences(difference))
    if following:
        console.print(Text("What follows", "bold"))
        for line in following:
            console.print(Text(f"  {line}"))


def as_json(difference: Difference | None, stack: str) -> dict[str, Any]:
    """Return a difference for a program; None where there is no stack yet."""
    exists = difference is not None
    difference = difference or Difference((), ())
    return {
        "stack": stack,
        "exists": exists,
        "parameters": [
            {"name": name, "before": before, "after": after}
            for name, before, after in difference.parameters
        ],
        "resources": [
            {
                "path": change.path,
                "type": change.kind,
                "action": change.action,
                "certain": change.certain,
                "properties": list(change.properties),
                "kept": change.kept,
                "lost": _lost(change),
            }
            for change in difference.changes
        ],
        "consequences": list(consequences(difference)),
        "asks": [change.path for change in must_ask(difference)],
    }


def _show_uncertain(console: Console, difference: Difference) -> None:
    uncertain = [
        *difference.of("replaced", certain=False),
        *difference.of("changed", certain=False),
    ]
    if not uncertain:
        return
    console.print(Text("Perhaps, by what others come to", "bold"))
    for change in must_ask(difference):
        if not change.certain:
            console.print(Text(f"  ± {_line(change)}", "bold red"))
    names = [each.path for each in uncertain if each not in must_ask(difference)]
    if names:
        console.print(Text(f"  ~ {', '.join(names)}", "dim"))


def _line(change: Change) -> str:
    names = f": {', '.join(change.properties)}" if change.properties else ""
    lost = _lost(change)
    return f"{change.path} ({change.kind}){names}" + (f". Lost: {lost}" if lost else "")


def _lost(change: Change) -> str:
    if change.action not in ("replaced", "deleted"):
        return ""
    if change.kept:
        return "nothing yet: the old one is kept, outside of the stack"
    return LOSSES.get(change.kind, "nothing that lasts")


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:60]}…")
