"""What a role may do, as IAM evaluates its policies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator

from local_aws.process import EmbeddedAws

ACCOUNT = "111111111111"


@dataclass
class Policies:
    """The policy documents of one role."""

    documents: list[dict[str, Any]]

    @classmethod
    def of(cls, aws: EmbeddedAws, role_arn: str) -> Policies:
        """Return the policies that a role has, managed and inline."""
        iam, name = aws.client("iam"), role_arn.rpartition("/")[2]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        managed = [
            iam.get_policy_version(
                PolicyArn=each["PolicyArn"],
                VersionId=iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"][
                    "DefaultVersionId"
                ],
            )["PolicyVersion"]["Document"]
            for each in attached
        ]
        return cls(
            [
                *managed,
                *(
                    iam.get_role_policy(RoleName=name, PolicyName=each)[
                        "PolicyDocument"
                    ]
                    for each in inline
                ),
            ]
        )

    @property
    def statements(self) -> list[dict[str, Any]]:
        """Every statement of every policy."""
        return [
            statement
            for document in self.documents
            for statement in document["Statement"]
        ]

    @property
    def actions(self) -> set[str]:
        """Every action that is allowed somewhere."""
        return {
            action for statement in self.statements for action in statement["Action"]
        }

    def without(self, action: str) -> Policies:
        """Return the policies without an action."""
        documents = copy.deepcopy(self.documents)
        for document in documents:
            for statement in document["Statement"]:
                kept = [each for each in statement["Action"] if each != action]
                statement["Action"] = kept or ["none:None"]
        return Policies(documents)

    def allow(
        self, action: str, resource: str, context: Mapping[str, Any] | None = None
    ) -> bool:
        """Tell whether an action is allowed."""
        result = iam_evaluator.evaluate(
            iam_evaluator.EvalContext(
                principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/test",
                principal_type="AssumedRole",
                principal_account=ACCOUNT,
                action=action,
                resource_arn=resource,
                region="us-east-1",
                service_context={
                    key.lower(): value for key, value in (context or {}).items()
                },
            ),
            [iam_evaluator.parse_policy_document(each) for each in self.documents],
        )
        return bool(result.decision == "Allow")
