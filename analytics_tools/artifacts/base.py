"""What all records of a manifest have in common."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, gc=False):
    """Base of all records: immutable, and never part of a reference cycle."""


class DependsOn(Record, frozen=True):
    """What a node is built from: unique ids of nodes."""

    nodes: tuple[str, ...] = ()


class MacroDependsOn(DependsOn, frozen=True):
    """What a model is built from, and the macros its code calls."""

    macros: tuple[str, ...] = ()


class Node(Record, frozen=True):
    """What everything in a project has: an id, a name, a package and a file."""

    unique_id: str
    name: str
    package_name: str = ""
    original_file_path: str = ""
    description: str | None = ""

    @property
    def kind(self) -> str:
        """The first word of the unique id: model, test, source, exposure and so on."""
        return self.unique_id.partition(".")[0]

    @property
    def label(self) -> str:
        """What people call the node: ``orders``, ``orders.v2`` or ``shop.raw_orders``."""
        return self.name
