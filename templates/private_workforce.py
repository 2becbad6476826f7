"""The single file: the resources of both stacks with no nesting between them.

For whoever has one file only: console upload, Service Catalog, StackSets.
"""

from __future__ import annotations

import functools

from troposphere import AWS_STACK_ID, Ref, Template

from templates import base, root, rules, wiring, workforce


@functools.cache
def build() -> Template:
    """Return the template with the resources of base and workforce."""
    template = wiring.new_template(root.DESCRIPTION)
    rules.add_to(template)
    sign_in = base.add_to(template, {"RootStackId": Ref(AWS_STACK_ID)})
    portal = workforce.add_to(
        template,
        {
            "RootStackId": Ref(AWS_STACK_ID),
            **{name: sign_in[name].value for name in root.FROM_BASE_TO_WORKFORCE},
        },
    )
    # Nested, the whole of base comes first. Here references order resources, and not
    # all are referred to: nobody is invited before the sign-in is protected and logged.
    wiring.make_last(template, "Workers")
    outputs = {**sign_in, **portal}
    shown = (*root.BASE_OUTPUTS, *root.WORKFORCE_OUTPUTS)
    return wiring.finish(
        template, {**{name: outputs[name] for name in shown}, **root.SET_OUTPUTS}
    )
