"""The errors SageMaker answers, as one exception.

Most of them are not in SageMaker's service model, so a client sees them only as the
code of a `ClientError`. Codes and texts that were seen on AWS are quoted where they are
raised; the others are assumed.
"""

from __future__ import annotations

from local_aws.json_endpoint import Refused


class SageMakerError(Refused):
    """A call that SageMaker refuses."""


def validation_error(message: str) -> SageMakerError:
    """Return the error for input that SageMaker refuses."""
    return SageMakerError("ValidationException", message)
