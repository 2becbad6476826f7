"""Long polling for the waiters of CloudFormation.

`aws cloudformation deploy` and `wait` ask for the stack's status and sleep 30 seconds
between two questions (botocore, waiters of CloudFormation). Here the answer is held
back until there is news, so that the unmodified AWS CLI goes on at once.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

from local_aws.protocols import Answer, Request

# The AWS CLI gives up reading after 60 seconds.
LONGEST_HOLD_SECONDS = 45.0

_POLL_SECONDS = 0.05

# A stack in REVIEW_IN_PROGRESS waits for a person, so nothing is gained by holding.
_UNFINISHED = {
    "DescribeStacks": re.compile(
        rb"<StackStatus>(?!REVIEW_)[A-Z_]+_IN_PROGRESS</StackStatus>"
    ),
    "DescribeChangeSet": re.compile(
        rb"<Status>(?:CREATE|DELETE)_(?:PENDING|IN_PROGRESS)</Status>"
    ),
}

# botocore (and with it AWS CLI v1, and v2 since it reports features) names a waiter by
# the feature id B in the User-Agent's m/ list. An older AWS CLI v2 names its command.
_WAITER_FEATURE = re.compile(r"(?:^|\s)m/(?:[^\s,]+,)*B(?:[\s,]|$)")
_WAITING_COMMAND = re.compile(r"\bcommand[#/]cloudformation\.(?:deploy|wait)\b")


def is_waiting(request: Request) -> bool:
    """Return whether `request` is a waiter's question for a stack or a change set."""
    if request.service != "cloudformation" or request.operation not in _UNFINISHED:
        return False
    agent = request.headers.get("user-agent", "")
    return bool(_WAITER_FEATURE.search(agent) or _WAITING_COMMAND.search(agent))


async def hold(
    request: Request,
    ask: Callable[[], Awaitable[Answer]],
    released: asyncio.Event,
    longest: float = LONGEST_HOLD_SECONDS,
) -> Answer:
    """Ask again until the answer is news, `longest` is over or `released` is set."""
    unfinished = _UNFINISHED[request.operation]
    end = time.monotonic() + longest
    answer = await ask()
    while unfinished.search(answer.body) and time.monotonic() < end:
        try:
            await asyncio.wait_for(released.wait(), _POLL_SECONDS)
        except TimeoutError:
            answer = await ask()
        else:
            break
    return answer
