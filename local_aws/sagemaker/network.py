"""What a workforce may be told about networks: source addresses and the VPC.

The limits are those of the API reference (SourceIpConfig, WorkforceVpcConfigRequest).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from local_aws.sagemaker.errors import validation_error

MAXIMUM_CIDRS = 10


def checked_source_ip_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a source-address restriction after checking its CIDR blocks.

    "A list of one to ten Classless Inter-Domain Routing (CIDR) values"
    (SourceIpConfig); the service model demands a prefix length and does not count them.
    That host bits are refused is assumed.
    """
    cidrs = list(config.get("Cidrs", []))
    if not 1 <= len(cidrs) <= MAXIMUM_CIDRS:
        raise validation_error(
            f"SourceIpConfig must have one to {MAXIMUM_CIDRS} CIDRs, not {len(cidrs)}."
        )
    for cidr in cidrs:
        _check_cidr(str(cidr))
    return {"Cidrs": cidrs}


def _check_cidr(cidr: str) -> None:
    try:
        ipaddress.ip_network(cidr, strict=True)
    except ValueError as error:
        raise validation_error(f"CIDR {cidr} is not valid: {error}.") from None


def checked_vpc_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a VPC configuration with the endpoint that SageMaker makes for it.

    A configuration is complete or empty (empty removes it); in between is refused.
    """
    missing = {"VpcId", "SecurityGroupIds", "Subnets"} - {
        name for name, value in config.items() if value
    }
    if missing:
        raise validation_error(
            f"WorkforceVpcConfig lacks {', '.join(sorted(missing))}."
        )
    vpc_id = str(config["VpcId"])
    return {
        "VpcId": vpc_id,
        "SecurityGroupIds": list(config["SecurityGroupIds"]),
        "Subnets": list(config["Subnets"]),
        "VpcEndpointId": f"vpce-{vpc_id.removeprefix('vpc-')}",
    }
