"""Rules that are accepted wherever they complain, with the reason.

What concerns one resource stands beside that resource (templates/accepted.py). Here
are judgements about a rule as such, and those on parameters and outputs, which have no
``Metadata``. docs/security.md lists both kinds.
"""

from __future__ import annotations

from gates.findings import Accepted

_PACKAGED = "a local TemplateURL needs `package`, by which the set is deployed"
_EMPTY = (
    "judges an optional parameter by its empty default or by a value that means "
    "none, although a condition then leaves the property out"
)

EVERYWHERE = tuple(
    Accepted(analyser, rule, "", reason)
    for analyser, rules in {
        "cfn-lint": {
            "W3002": _PACKAGED,
            "W1030": _EMPTY,
        },
        "cloudformation-validate": {
            "W1001": "overlooks that the reference stands in a branch of the same "
            "condition; cfn-lint, which does not, has the rule, too",
            "W1030": _EMPTY,
            "W1032": _EMPTY,
            "W2509": "goes by the name: these are a number, a switch and the ARN of "
            "a secret, no passwords",
            "W3002": _PACKAGED,
            "W9052": "says that the validator stops counting combinations of "
            "conditions; cfn-lint checks them, and tests deploy samples of them",
        },
        "cfn-guard": {
            "cloudwatch_log_group_retention_period_check": "cannot follow a reference "
            "to a parameter; LogRetentionInDays is at least one day",
            "cloudwatch_log_group_encrypted_check": "cannot follow a condition; "
            "LogKeyArn encrypts, and Cognito refuses a log group with a customer key",
            "lambda_inside_vpc_check": "the function calls endpoints of AWS only",
            "s3_bucket_default_encryption_kms_check": "templates are no secrets; the "
            "bucket has S3's own encryption",
            "s3_bucket_logging_enabled_check": "needs a second bucket for a list of "
            "who read templates that everybody may read",
            "s3_event_notifications_enabled_check": "nobody acts on a new template",
            "s3_bucket_policy_ssl_requests_only_check": "cannot read a reference in "
            "Resource; the policy denies requests without TLS",
            "s3_bucket_object_lock_enabled_check": "`make destroy ARTIFACTS=1` must be "
            "able to empty the bucket; versions are kept 90 days",
        },
    }.items()
    for rule, reason in rules.items()
)
