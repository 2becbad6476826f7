"""The order in which resources are made: what waits for what, and what takes longest.

A reference in a resource's Metadata makes it wait as one in its Properties does
(observed: cloudonaut.io, "Optional DependsOn with CloudFormation"; the library looks at
the Properties only). CloudFormation makes what does not wait at the same time; the
library makes one after the other. The setting `slow_resource_types` names what is made
as late as the template allows, as if it took longest; the last of them latest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import engine

from local_aws import settings

Dependencies = Callable[[dict[str, Any], set[str]], set[str]]
Order = Callable[[dict[str, Any], dict[str, bool]], list[str]]


def waiting_for_metadata(original: Dependencies) -> Dependencies:
    """Wrap the search for what a resource waits for."""

    def dependencies(resource: dict[str, Any], names: set[str]) -> set[str]:
        metadata = resource.get("Metadata") or {}
        mentioned = {name for name, _ in engine._intrinsic_references(metadata)}
        return original(resource, names) | (mentioned & names)

    return dependencies


def making_slow_ones_late(original: Order) -> Order:
    """Wrap the order of a template's resources."""

    def order(resources: dict[str, Any], conditions: dict[str, bool]) -> list[str]:
        usual: list[str] = original(resources, conditions)
        types = settings.current().slow_resource_types
        slow = {
            name: types.index(resources[name]["Type"])
            for name in usual
            if resources[name].get("Type") in types
        }
        return _with_late(usual, slow, resources) if slow else usual

    return order


def _with_late(
    usual: list[str], slow: Mapping[str, int], resources: Mapping[str, Any]
) -> list[str]:
    """Return an order in which a slow resource is made when nothing else can be."""
    names = set(usual)
    open_ = {name: engine._extract_deps(resources[name], names) for name in usual}
    order: list[str] = []
    while open_:
        ready = [name for name, waits_for in open_.items() if not waits_for]
        chosen = min(ready, key=lambda name: slow.get(name, -1))
        order.append(chosen)
        del open_[chosen]
        for waits_for in open_.values():
            waits_for.discard(chosen)
    return order
