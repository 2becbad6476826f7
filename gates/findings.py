"""What an analyser finds, and whether that is accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from templates.accepted import accepted_by

PROJECT = Path(__file__).resolve().parent.parent
Templates = dict[str, dict[str, Any]]


@dataclass(frozen=True, order=True)
class Finding:
    """One complaint.

    Attributes:
        analyser: Who complains.
        rule: The name of the rule that is broken.
        template: The file in dist/.
        where: The logical id of what breaks it, or "" for the whole template.
        message: What the analyser says.
    """

    analyser: str
    rule: str
    template: str
    where: str
    message: str = ""


@dataclass(frozen=True, order=True)
class Accepted:
    """A complaint that is accepted, and why; without a place, everywhere."""

    analyser: str
    rule: str
    where: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is this one."""
        return (self.analyser, self.rule) == (finding.analyser, finding.rule) and (
            self.where in ("", finding.where)
        )


def load(folder: Path) -> Templates:
    """Return the templates of a folder as data, by file name."""
    return {
        path.name: yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)  # noqa: S506
        for path in sorted(folder.glob("*.yaml"))
    }


def accepted_in(templates: Templates) -> Iterator[Accepted]:
    """Yield what the resources of the templates accept, in no order, maybe twice."""
    for template in templates.values():
        for where, resource in template["Resources"].items():
            for analyser, rule, reason in accepted_by(resource):
                yield Accepted(analyser, rule, where, reason)


def judge(
    findings: Iterable[Finding], accepted: Iterable[Accepted], analysers: Iterable[str]
) -> list[str]:
    """Return a sentence for each finding that is not accepted, and the reverse.

    Args:
        findings: everything that was found.
        accepted: everything that is accepted.
        analysers: those that have run; of others nothing can be said.
    """
    findings, accepted = sorted(set(findings)), sorted(set(accepted))
    unexpected = [
        f"dist/{each.template}: {each.where or 'the template'} breaks {each.rule} of "
        f"{each.analyser}: {each.message}"
        for each in findings
        if not any(item.covers(each) for item in accepted)
    ]
    useless = [
        f"{item.analyser} no longer finds {item.rule} {item.where and 'on '}"
        f"{item.where or 'anywhere'}: take out what accepts it."
        for item in accepted
        if item.analyser in analysers and not any(map(item.covers, findings))
    ]
    return unexpected + useless
