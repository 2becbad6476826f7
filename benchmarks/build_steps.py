"""Where the time of a build goes: prints the seconds of each step as JSON.

In one process, as a build does it: ``python -m benchmarks.build_steps``.
"""

from __future__ import annotations

import gc
import importlib
import json
from typing import Any

from benchmarks.measuring import timed

_AWACS = (
    *("aws", "cloudformation", "cloudwatch", "cognito_idp", "ec2", "iam", "logs"),
    *("s3", "sagemaker", "sns", "sts"),
)
_TROPOSPHERE = (
    *("awslambda", "cloudformation", "cloudwatch", "cognito", "events", "iam"),
    *("logs", "route53", "s3", "servicecatalog", "sns", "ssm", "wafv2"),
)
#: What a build imports of its libraries: the least that it can take.
LIBRARIES = (
    "yaml",
    *(f"awacs.{name}" for name in _AWACS),
    *(f"troposphere.{name}" for name in _TROPOSPHERE),
)


def steps() -> dict[str, float]:
    """Build the set; return the seconds that each step took, by what it does."""
    made: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    seconds = {
        "import the libraries": timed(lambda: _import(*LIBRARIES)),
        "import the builders": timed(lambda: _import("build")),
    }
    import build
    from templates import TEMPLATES, rendering

    def make() -> None:
        made.update({name: builder() for name, builder in TEMPLATES.items()})

    def encode() -> None:
        definitions.update({name: each.to_dict() for name, each in made.items()})

    def emit() -> None:
        for definition in definitions.values():
            rendering.to_yaml(definition)

    def draw() -> None:
        build.render_pages(definitions)

    return {
        **seconds,
        "make troposphere's objects": timed(make),
        "have troposphere encode them": timed(encode),
        "emit them as YAML": timed(emit),
        "render the pages and diagrams": timed(draw),
    }


def _import(*names: str) -> None:
    for name in names:
        importlib.import_module(name)


if __name__ == "__main__":
    gc.disable()  # as a build does
    print(json.dumps(steps()))
