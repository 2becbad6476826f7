"""The portfolio on the embedded AWS, and somebody who launches the product.

Service Catalog itself is a model there (`local_aws/servicecatalog/`), CloudFormation
works with the launch role, and IAM is asked for everything.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import yaml

from local_aws.process import EmbeddedAws
from tests.templates_as_data import rendered

ACCOUNT = "111111111111"
BUCKET = "published"
LAUNCHER = f"arn:aws:iam::{ACCOUNT}:role/launcher"
REQUIRED = {
    "ProductOwner": "Labeling platform",
    "TemplateVersion": "1.0.0",
    "PrincipalArn": LAUNCHER,
}

#: Changes a template, as a later version would differ.
Change = Callable[[dict[str, Any]], None]


class Portfolio:
    """One portfolio with its product."""

    def __init__(
        self, aws: EmbeddedAws, stack: str = "portfolio", launcher: Any = None
    ) -> None:
        self.aws = aws
        self.stack = stack
        self.cloudformation = aws.client("cloudformation")
        self.s3 = aws.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self._launcher = launcher

    def made(self, **given: str) -> Portfolio:
        """Make the stack of the portfolio, which must succeed."""
        if self._launcher is None:
            self.make_launcher()
        url = self.published("private-workforce.yaml")
        status = self.create({"TemplateUrl": url, **REQUIRED, **given})
        assert status == "CREATE_COMPLETE", self.reasons()
        return self

    def create(self, parameters: dict[str, str]) -> str:
        """Make the stack of the portfolio and return the status that it ends in."""
        self.cloudformation.create_stack(
            StackName=self.stack,
            TemplateURL=self.published("service-catalog.yaml"),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
        )
        return self.settled()

    def make_launcher(self) -> None:
        """Make the role of somebody who may launch products and nothing else."""
        iam = self.aws.client("iam")
        trust = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        iam.create_role(
            RoleName="launcher",
            AssumeRolePolicyDocument=_policy(Principal=trust, Action="sts:AssumeRole"),
        )
        iam.put_role_policy(
            RoleName="launcher",
            PolicyName="launch",
            PolicyDocument=_policy(Action="servicecatalog:*", Resource="*"),
        )
        credentials = self.aws.client("sts").assume_role(
            RoleArn=LAUNCHER, RoleSessionName="ada"
        )["Credentials"]
        self._launcher = boto3.client(
            "servicecatalog",
            endpoint_url=self.aws.endpoint,
            region_name="us-east-1",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    def published(self, name: str, change: Change = lambda template: None) -> str:
        """Upload a built template, changed, and return its URL."""
        template = yaml.load(rendered()[name], Loader=yaml.CSafeLoader)  # noqa: S506 (safe)
        change(template)
        body = json.dumps(template).encode()
        key = f"{hash(body):x}.template"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"{self.aws.endpoint}/{BUCKET}/{key}"

    def add_version(self, change: Change, name: str = "2.0.0") -> str:
        """Add a version that differs from the first one; return its id."""
        answer = self.aws.client("servicecatalog").create_provisioning_artifact(
            ProductId=self.outputs["ProductId"],
            Parameters={
                "Name": name,
                "Type": "CLOUD_FORMATION_TEMPLATE",
                "Info": {
                    "LoadTemplateFromURL": self.published(
                        "private-workforce.yaml", change
                    )
                },
            },
            IdempotencyToken=name.replace(".", "-"),
        )
        return str(answer["ProvisioningArtifactDetail"]["Id"])

    @property
    def versions(self) -> dict[str, str]:
        """The ids of the product's versions by their names."""
        listed = self.aws.client("servicecatalog").list_provisioning_artifacts(
            ProductId=self.outputs["ProductId"]
        )["ProvisioningArtifactDetails"]
        return {each["Name"]: each["Id"] for each in listed}

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the portfolio's stack."""
        (stack,) = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"]
        return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}

    def launch(self, name: str = "labels", version: str = "", **parameters: str) -> str:
        """Launch a version, the first one; return nothing, or why it failed."""
        given = {"PermissionsBoundaryArn": self.outputs["RolesBoundaryArn"]}
        return self._done(
            self._launcher.provision_product(
                ProductId=self.outputs["ProductId"],
                ProvisioningArtifactId=version or self.versions["1.0.0"],
                ProvisionedProductName=name,
                ProvisionToken=name,
                ProvisioningParameters=_pairs(given | parameters),
            )
        )

    def update(self, version: str = "", **parameters: str) -> str:
        """Update what was launched; return nothing, or why it failed."""
        declared = yaml.load(  # noqa: S506 (safe)
            rendered()["private-workforce.yaml"], Loader=yaml.CSafeLoader
        )["Parameters"]
        kept = [
            {"Key": name, "UsePreviousValue": True}
            for name in declared
            if name not in parameters
        ]
        options: dict[str, Any] = {"ProvisioningArtifactId": version} if version else {}
        return self._done(
            self._launcher.update_provisioned_product(
                ProvisionedProductName="labels",
                UpdateToken=f"update{time.monotonic_ns()}",
                ProvisioningParameters=[*_pairs(parameters), *kept],
                **options,
            )
        )

    def terminate(self, name: str = "labels") -> str:
        """Terminate what was launched; return nothing, or why it failed."""
        return self._done(
            self._launcher.terminate_provisioned_product(
                ProvisionedProductName=name, TerminateToken=f"end{name}"
            )
        )

    @property
    def launcher(self) -> Any:
        """The client of whoever launches."""
        return self._launcher

    def reasons(self) -> list[str]:
        """Return why resources of the portfolio's stack failed."""
        events = self.cloudformation.describe_stack_events(StackName=self.stack)
        return [
            event["ResourceStatusReason"]
            for event in events["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED")
        ]

    def settled(self) -> str:
        """Wait until nothing is under way and return the status of the stack."""
        describe = self.cloudformation.describe_stacks
        while True:
            (found,) = describe(StackName=self.stack)["Stacks"]
            status: str = found["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(0.03)

    def _done(self, answer: dict[str, Any]) -> str:
        record: dict[str, Any] = answer["RecordDetail"]
        while record["Status"] in ("CREATED", "IN_PROGRESS"):
            time.sleep(0.05)
            found = self._launcher.describe_record(Id=record["RecordId"])
            record = found["RecordDetail"]
        errors = [error["Description"] for error in record["RecordErrors"]]
        assert bool(errors) == (record["Status"] == "FAILED")
        return "\n".join(errors)


def _pairs(parameters: dict[str, str]) -> list[dict[str, Any]]:
    return [{"Key": name, "Value": value} for name, value in parameters.items()]


def _policy(**statement: Any) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    )
