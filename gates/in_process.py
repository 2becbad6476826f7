"""The analysers that take seconds: cfn-lint, cloudformation-validate, parliament."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gates import policies
from gates.findings import Finding, Templates


def cfn_lint(folder: Path, templates: Templates) -> Iterator[Finding]:
    """Yield what cfn-lint finds with the settings of .cfnlintrc, nothing ignored."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    class Everything(ConfigMixIn):  # type: ignore[misc]  # published untyped
        @property
        def ignore_checks(self) -> list[str]:
            return []

    files = [str(folder / name) for name in templates]
    for match in Runner(Everything([], templates=files)).run():
        path = [str(step) for step in match.path or ()]
        yield Finding(
            "cfn-lint",
            match.rule.id,
            Path(match.filename).name,
            path[1] if len(path) > 1 else "",
            f"{match.message} (line {match.linenumber})",
        )


def cloudformation_validate(folder: Path, templates: Templates) -> Iterator[Finding]:
    """Yield what AWS's own validator finds, at WARN and above."""
    import cloudformation_validate as validator

    engine = validator.CompositeEngine()
    for name in templates:
        for each in engine.validate_template(str(folder / name)).diagnostics:
            if each.severity.value >= validator.Severity.WARN.value:
                yield Finding(
                    "cloudformation-validate",
                    each.rule_id,
                    name,
                    each.entity.logical_id if each.entity else "",
                    f"{each.message} ({each.property_path})",
                )


def parliament(_: Path, templates: Templates) -> Iterator[Finding]:
    """Yield what parliament finds in permission policies, each condition both ways."""
    # It asks setuptools for its files, which that warns of, and which shows all that
    # setuptools brings along to whoever looks for packages later.
    packages = sys.path.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from parliament import analyze_policy_string
    sys.path[:] = packages

    for name, template in templates.items():
        for title, document in policies.permission_policies(template):
            text = json.dumps(document)
            for finding in analyze_policy_string(text).findings:
                yield Finding(
                    "parliament", finding.issue, name, title, _detail(finding)
                )


def _detail(finding: Any) -> str:
    place = finding.location or {}
    return f"{finding.detail or ''} {place.get('string', '')}".strip()
