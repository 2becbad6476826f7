"""Whether packaging has left the templates as they are.

`aws cloudformation package` reads the nested templates and writes them anew as YAML.
With some releases of ruamel.yaml, such as Debian 13's, AWS CLI 2 shifts lines of
inlined code, and a function that does not start, or does something else, would be
deployed (docs/decisions/0017).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ops import stacks
from ops.account import Account


def is_faithful(account: Account, template: Path, packaged: Path) -> bool:
    """Return whether a packaged template says the same, also in its nested stacks.

    Args:
        account: Holds the bucket with the nested templates.
        template: The template that was packaged.
        packaged: What came out: the same, with URLs in place of local files.
    """
    before = stacks.load_template(template.read_text(encoding="utf-8"))
    after = stacks.load_template(packaged.read_text(encoding="utf-8"))
    for logical_id, nested in _nested(before).items():
        url = _nested(after)[logical_id].pop("TemplateURL")
        local = template.parent / nested.pop("TemplateURL")
        uploaded = stacks.load_template(_object(account, url))
        if uploaded != stacks.load_template(local.read_text(encoding="utf-8")):
            return False
    return before == after


def _nested(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the properties of the nested stacks."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudFormation::Stack"
    }


def _object(account: Account, url: str) -> str:
    """Return the text of the object that a path-style URL names."""
    bucket, _, key = urlsplit(url).path.lstrip("/").partition("/")
    body = account.s3.get_object(Bucket=bucket, Key=key)["Body"]
    return body.read().decode("utf-8")
