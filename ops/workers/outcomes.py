"""What can become of a worker that a command is for."""

from __future__ import annotations

from dataclasses import dataclass

from lambda_src.workforce import ENABLED, INVITED, INVITED_AGAIN

PRESENT = "present"
JOINED = "joined"
DISABLED = "disabled"
REMOVED = "removed"
UNKNOWN = "unknown"
REFUSED = "refused"
NOT_SENT = "not sent"
BAD = "bad row"

MEANINGS = {
    INVITED: "has an account now, is in the team and was sent an invitation",
    INVITED_AGAIN: "was sent an invitation once more",
    PRESENT: "had an account before, and is in the team",
    JOINED: "has an account that this set did not make, and is in the team now",
    ENABLED: "can sign in again",
    DISABLED: "is signed out and cannot sign in; teams and account are as before",
    REMOVED: "left the teams, is signed out and cannot sign in; the account stays",
    UNKNOWN: "has no account in this user pool",
    REFUSED: "was refused by Cognito, as its detail says",
    NOT_SENT: "was sent no invitation; the next run sends it",
    BAD: "is no worker, as its detail says",
}

#: What the next run on the same file does not do again.
DONE = (INVITED, INVITED_AGAIN, PRESENT, JOINED, ENABLED, DISABLED, REMOVED)


@dataclass(frozen=True)
class Outcome:
    """What became of a worker.

    Attributes:
        what: One of MEANINGS.
        detail: More about it, as a sentence; may be empty.
    """

    what: str
    detail: str = ""
