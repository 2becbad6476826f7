"""What a web ACL does with a request, by the rules that AWS WAF holds.

Only what the set's rules need ("Rule statements", AWS WAF Developer Guide): a managed
rule of a name matches when the test says so, and a rate is exceeded when it says so.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

LABELS = "awswaf:managed:aws:core-rule-set:"


@dataclass(frozen=True)
class WebRequest:
    """A request as a rule sees it."""

    path: str = "/login"
    address: str = "198.51.100.1"
    #: Managed rules that match, by name, with the label that each leaves.
    matches: tuple[tuple[str, str], ...] = ()
    is_one_too_many: bool = False


class WebAcl:
    """The rules that AWS WAF holds for a user pool."""

    def __init__(self, waf: Any, pool_arn: str) -> None:
        self.waf = waf
        found = waf.get_web_acl_for_resource(ResourceArn=pool_arn)["WebACL"]
        self.arn = found["ARN"]
        self.rules = sorted(found["Rules"], key=lambda rule: rule["Priority"])

    def blocking_rule(self, request: WebRequest) -> str | None:
        """Return the name of the rule that blocks a request, or None."""
        labels: set[str] = set()
        for rule in self.rules:
            statement = rule["Statement"]
            if group := statement.get("ManagedRuleGroupStatement"):
                if self._blocks(group, request, labels):
                    return str(rule["Name"])
            elif (
                self._matches(statement, request, labels) and "Block" in rule["Action"]
            ):
                return str(rule["Name"])
        return None

    @staticmethod
    def _blocks(group: dict[str, Any], request: WebRequest, labels: set[str]) -> bool:
        if group["Name"] != "AWSManagedRulesCommonRuleSet":
            return any(name == group["Name"] for name, _ in request.matches)
        counted = {
            override["Name"]
            for override in group.get("RuleActionOverrides", [])
            if "Count" in override["ActionToUse"]
        }
        own = [(n, lab) for n, lab in request.matches if not n.startswith("AWSManaged")]
        labels.update(LABELS + label for _, label in own)
        return any(name not in counted for name, _ in own)

    def _matches(
        self, statement: dict[str, Any], request: WebRequest, labels: set[str]
    ) -> bool:
        ((kind, inner),) = statement.items()
        if kind == "NotStatement":
            return not self._matches(inner["Statement"], request, labels)
        if kind in ("AndStatement", "OrStatement"):
            each = [self._matches(one, request, labels) for one in inner["Statements"]]
            assert len(each) >= 2
            return all(each) if kind == "AndStatement" else any(each)
        if kind == "ByteMatchStatement":
            assert inner["PositionalConstraint"] == "EXACTLY"
            text = inner["SearchString"]
            wanted = text if isinstance(text, str) else text.decode()
            return request.path == wanted
        if kind == "LabelMatchStatement":
            return inner["Key"] in labels
        if kind == "RateBasedStatement":
            counts = self._matches(inner["ScopeDownStatement"], request, labels)
            return request.is_one_too_many and counts
        assert kind == "IPSetReferenceStatement"
        return self._is_in(inner["ARN"], request.address)

    def _is_in(self, arn: str, address: str) -> bool:
        _, _, name, ip_set_id = arn.rpartition(":")[2].split("/")
        ip_set = self.waf.get_ip_set(Name=name, Id=ip_set_id, Scope="REGIONAL")
        networks = map(ipaddress.ip_network, ip_set["IPSet"]["Addresses"])
        return any(ipaddress.ip_address(address) in network for network in networks)
