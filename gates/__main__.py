"""Run the analysers over dist/ and print what is not accepted; exit code 1 if any."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gates import in_process, processes
from gates.exceptions import EVERYWHERE
from gates.findings import PROJECT, Finding, Templates, accepted_in, judge, load

Analyser = Callable[[Path, Templates], Iterator[Finding]]

#: The quickest first.
QUICK: dict[str, Analyser] = {
    "parliament": in_process.parliament,
    "cloudformation-validate": in_process.cloudformation_validate,
    "cfn-lint": in_process.cfn_lint,
}
SLOW: dict[str, Analyser] = {
    "cdk_nag": processes.cdk_nag,
    "cfn-guard": processes.cfn_guard,
    "checkov": processes.checkov,
}


def problems(folder: Path, analysers: Mapping[str, Analyser]) -> list[str]:
    """Return a sentence for each problem that the analysers see in a folder."""
    templates = load(folder)
    findings: list[Finding] = []
    for name, analyser in analysers.items():
        begun = time.perf_counter()
        found = list(analyser(folder, templates))
        print(f"{name}: {time.perf_counter() - begun:.1f} s", file=sys.stderr)
        findings.extend(found)
    return judge(findings, [*EVERYWHERE, *accepted_in(templates)], analysers)


def main() -> int:
    """Run the quick analysers, or with ``--slow`` the others, installing them first."""
    slow = "--slow" in sys.argv
    if slow:
        processes.install()
    try:
        found = problems(PROJECT / "dist", SLOW if slow else QUICK)
    except processes.AnalyserError as error:
        found = [str(error)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
