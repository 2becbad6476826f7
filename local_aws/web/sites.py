"""Which site a host name is: a user pool's sign-in domain, or a labeling portal.

The Host header alone decides, as it does behind the load balancers of AWS. The AWS API
has other names, and the embedded AWS answers it under every name that is no site's.
"""

from __future__ import annotations

from collections.abc import Iterable

from local_aws import portal, sign_in
from local_aws.portal.site import is_portal
from local_aws.protocols import Answer
from local_aws.sign_in.domains import domain_at, is_prefix_domain
from local_aws.web.visits import host_of, visit_of


def is_site(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a request is for a site rather than for the AWS API."""
    return is_site_name(_host(headers))


def is_site_name(host: str) -> bool:
    """Tell whether a name is that of a site, whether or not the site exists."""
    return is_portal(host) or is_prefix_domain(host) or domain_at(host) is not None


async def answer(
    method: str,
    path: str,
    query_string: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
    address: str,
) -> Answer | None:
    """Return the page that a site shows; None for what the library answers for it."""
    visit = visit_of(method, path, query_string, headers, body, address)
    if is_portal(visit.host):
        return await portal.answer(visit)
    return sign_in.answer(visit)


def _host(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name.lower() == b"host":
            return host_of(value.decode("latin-1"))
    return ""
