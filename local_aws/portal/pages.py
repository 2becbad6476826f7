"""What the pages of the labeling portal say."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from local_aws.portal.visitors import Worker
from local_aws.sagemaker.labeling_jobs import running_on
from local_aws.sagemaker.state import Workteam
from local_aws.web import layout

_BANNER = "Labeling portal"


def home(worker: Worker, teams: Sequence[Workteam], sign_out: str) -> str:
    """Return the page of a worker who is signed in."""
    who = f'{escape(worker.email)} · <a href="{escape(sign_out)}">Sign out</a>'
    body = (
        "<h1>Welcome</h1>\n"
        f'<div class="card"><h2>Your jobs</h2>\n{_jobs(teams)}</div>\n'
        f'<div class="card"><h2>Your teams</h2>\n{_teams(teams)}</div>'
    )
    aside = f"<p>{who}</p>"
    return layout.document(
        "Labeling portal", body, banner=_BANNER, aside=aside, wide=True
    )


def _jobs(teams: Sequence[Workteam]) -> str:
    jobs = [
        (title or job, f"{job}, for the team {team.name}")
        for team in teams
        for job, title in running_on(team)
    ]
    if not jobs:
        return (
            "<p>There are no jobs for you at the moment. A job appears here when it is "
            "given to one of your teams.</p>"
        )
    return _list(jobs)


def _teams(teams: Sequence[Workteam]) -> str:
    if not teams:
        return "<p>You are in no work team yet. Please tell whoever invited you.</p>"
    return _list([(team.name, team.description) for team in teams])


def _list(items: Sequence[tuple[str, str]]) -> str:
    lines = "\n".join(
        f"<li><strong>{escape(name)}</strong> "
        f'<span class="hint">{escape(more)}</span></li>'
        for name, more in items
    )
    return f'<ul class="list">\n{lines}\n</ul>'


def signed_out() -> str:
    """Return the page after signing out."""
    body = '<p>You have left the portal.</p>\n<a class="button" href="/">Sign in</a>'
    return _message("You are signed out", body)


def failed(code: str) -> str:
    """Return the page for a sign-in that did not work."""
    body = (
        "<p>The sign-in did not work. Please try again.</p>\n"
        f'<p class="code">{escape(code)}</p>\n'
        '<a class="button" href="/">Try again</a>'
    )
    return _message("You are not signed in", body)


def not_found() -> str:
    """Return the page for an address that is none."""
    return _message("Not Found", "<p>There is nothing at this address.</p>")


def _message(heading: str, body: str) -> str:
    return layout.document(heading, layout.card(heading, body), banner=_BANNER)
