"""The builders of the CloudFormation templates, one module for each stack."""

from __future__ import annotations

from collections.abc import Callable

from troposphere import Template

from templates import (
    artifact_bucket,
    base,
    deploy_role,
    labeling_examples,
    private_workforce,
    root,
    rules,
    service_catalog,
    workforce,
)
from templates.wiring import as_stack

#: What ``dist/`` holds: each file's name and what builds it.
TEMPLATES: dict[str, Callable[[], Template]] = {
    "root.yaml": root.build,
    "base.yaml": lambda: as_stack(base),
    "workforce.yaml": lambda: as_stack(workforce, rules.add_portal_to),
    "private-workforce.yaml": private_workforce.build,
    "artifact-bucket.yaml": artifact_bucket.build,
    "labeling-examples.yaml": labeling_examples.build,
    "service-catalog.yaml": service_catalog.build,
    "deploy-role.yaml": deploy_role.build,
}
