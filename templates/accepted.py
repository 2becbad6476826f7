"""Findings of analysers that are accepted, each beside its resource with the reason.

They stand in the resource's ``Metadata``, where checkov and cdk-nag look for them; the
others get the same form under their own name. ``python -m gates`` demands that each is
still found, and tests/gates that docs/security.md lists each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Metadata = dict[str, dict[str, list[dict[str, str]]]]

#: An analyser, how its rules are called, and where it reads what is accepted.
_FORMS = (
    ("checkov", r"CKV2?_", "skip", "comment"),
    ("cdk_nag", r"AwsSolutions-", "rules_to_suppress", "reason"),
    ("cloudformation-validate", r"[FEW]\d{4}$", "accepted", "reason"),
    ("parliament", r"[A-Z_]+$", "accepted", "reason"),
)


def accepted(reasons: Mapping[str, str]) -> Metadata:
    """Return the ``Metadata`` of a resource that breaks rules, with the reasons.

    Args:
        reasons: why, by the name of the rule.

    Raises:
        StopIteration: no analyser calls a rule so.
    """
    metadata: Metadata = {}
    for rule, reason in reasons.items():
        analyser, field, text = next(
            (analyser, field, text)
            for analyser, names, field, text in _FORMS
            if re.match(names, rule)
        )
        listed = metadata.setdefault(analyser, {}).setdefault(field, [])
        listed.append({"id": rule, text: reason})
    return metadata


def accepted_by(resource: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield analyser, rule and reason of what a resource of a template accepts."""
    for analyser, _, field, text in _FORMS:
        for each in resource.get("Metadata", {}).get(analyser, {}).get(field, ()):
            yield analyser, each["id"], each[text]
