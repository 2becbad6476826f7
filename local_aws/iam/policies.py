"""What IAM refuses in a policy document.

Grammar of the IAM JSON policy language (IAM User Guide, "Grammar of the IAM JSON policy
language") as far as a template can get it wrong. The Version is demanded although IAM
has a default for it, since the default of 2008 is never meant.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import regex

VERSIONS = ("2012-10-17", "2008-10-17")
_DOCUMENT_ELEMENTS = {"Version", "Id", "Statement"}
_IDENTITY_ELEMENTS = {
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_TRUST_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Principal", "Condition"}
_ACTION = regex.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
_SID = regex.compile(r"[A-Za-z0-9]*")
_ARN = regex.compile(r"\*|arn:[^:]+:[^:]*:[^:]*:[^:]*:.+")
_PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}


def identity_policy_fault(document: object) -> str | None:
    """Return what is wrong with an identity policy, or None."""
    return _document_fault(document, _identity_statement_fault)


def trust_policy_fault(document: object) -> str | None:
    """Return what is wrong with a role's trust policy, or None."""
    return _document_fault(document, _trust_statement_fault)


def _document_fault(
    document: object, statement_fault: Callable[[Mapping[str, Any]], str | None]
) -> str | None:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return "Syntax errors in policy: it is not JSON."
    if not isinstance(document, dict):
        return "Syntax errors in policy: it is not a JSON object."
    if unknown := set(document) - _DOCUMENT_ELEMENTS:
        return f"Syntax errors in policy: unknown element {min(unknown)}."
    if document.get("Version") not in VERSIONS:
        return f"The policy's Version must be one of {', '.join(VERSIONS)}."
    statements = _as_list(document.get("Statement"))
    if not statements:
        return "Syntax errors in policy: it has no Statement."
    for statement in statements:
        if not isinstance(statement, dict):
            return "Syntax errors in policy: a Statement is not an object."
        if fault := _effect_and_action_fault(statement) or statement_fault(statement):
            return fault
    return None


def _effect_and_action_fault(statement: Mapping[str, Any]) -> str | None:
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"Invalid effect: {statement.get('Effect')}; use Allow or Deny."
    if not _SID.fullmatch(str(statement.get("Sid", ""))):
        return (
            "Statement IDs (SID) in a single policy may hold letters and digits only."
        )
    if not isinstance(statement.get("Condition", {}), dict):
        return "Syntax errors in policy: Condition is not an object."
    if ("Action" in statement) == ("NotAction" in statement):
        return "A Statement must have either Action or NotAction."
    for action in _as_list(statement.get("Action", statement.get("NotAction"))):
        if not isinstance(action, str) or not _ACTION.fullmatch(action):
            return f"Actions/Conditions must be prefaced by a vendor, not {action!r}."
    return None


def _identity_statement_fault(statement: Mapping[str, Any]) -> str | None:
    if unknown := set(statement) - _IDENTITY_ELEMENTS:
        return f"Policy document should not specify {min(unknown)}."
    if ("Resource" in statement) == ("NotResource" in statement):
        return "Policy statement must contain resources."
    for resource in _as_list(statement.get("Resource", statement.get("NotResource"))):
        if not isinstance(resource, str) or not _ARN.fullmatch(resource):
            return f'Resource {resource} must be in ARN format or "*".'
    return None


def _trust_statement_fault(statement: Mapping[str, Any]) -> str | None:
    if "Resource" in statement or "NotResource" in statement:
        return "Has prohibited field Resource."
    if unknown := set(statement) - _TRUST_ELEMENTS:
        return f"AssumeRole policy must not contain {min(unknown)} field."
    principal = statement.get("Principal")
    if principal == "*":
        return None
    if not isinstance(principal, dict) or not principal:
        return "AssumeRole policy must contain principals."
    if unknown := set(principal) - _PRINCIPALS:
        return f"Invalid principal in policy: {min(unknown)}."
    return None


def _as_list(value: object) -> Sequence[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def refusing_policy(
    original: Callable[[object], str | None],
) -> Callable[[object], str | None]:
    """Wrap `validate_policy_document`, which answers with the fault or None."""

    def validate_policy_document(document: object) -> str | None:
        return identity_policy_fault(document) or original(document)

    return validate_policy_document


def refusing_trust_policy(
    original: Callable[[object], str | None],
) -> Callable[[object], str | None]:
    """Wrap the library's only check of trust policies, used by API and templates."""

    def trust_policy_error(document: object) -> str | None:
        return original(document) or trust_policy_fault(document)

    return trust_policy_error
