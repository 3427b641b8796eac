"""What a comparison of two catalogs answers."""

from __future__ import annotations

import enum

from analytics_tools.artifacts.nodes import Record


class Effect(enum.StrEnum):
    """What a change does to those who read the relation by name."""

    ADDITIVE = "additive"
    PHYSICAL = "physical"  # same columns, stored in another way
    POSITIONAL = "positional"  # harmless by name, not for `select *` into a fixed order
    WIDENING = "widening"
    NARROWING = "narrowing"
    LOSSY = "lossy"
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"

    @property
    def is_breaking(self) -> bool:
        """Whether somebody's query or data may suffer."""
        return self in (Effect.NARROWING, Effect.LOSSY, Effect.INCOMPATIBLE, Effect.UNKNOWN)


class ColumnChange(Record, frozen=True):
    """One change of one column.

    `change` is added, removed, renamed, retyped or reordered. `before` and `after` are names for a
    rename, types for a retype, positions for a reorder. `evidence` says why it is taken for that.
    `readers` are unique ids of what may read the column: models by their SQL, tests, semantic
    models and metrics by their definition, exposures and snapshots by reading the relation at all.
    `certain_readers` are those of them that surely do: by column lineage, or by definition.
    """

    column: str
    change: str
    effect: Effect
    before: str
    after: str
    evidence: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    certain_readers: tuple[str, ...] = ()

    @property
    def uncertain_readers(self) -> tuple[str, ...]:
        """Those of which only a name in their SQL speaks, or that read the relation at all."""
        return tuple(uid for uid in self.readers if uid not in self.certain_readers)


class Readers(Record, frozen=True):
    """Who reads a relation, as unique ids: directly, and which exposures and metrics through it."""

    direct: tuple[str, ...] = ()
    downstream: tuple[str, ...] = ()


class Migration(Record, frozen=True):
    """A way to make the change without breaking readers.

    `code` is what to paste, in `language` (sql or yaml).
    """

    title: str
    language: str
    code: str


class Promise(Record, frozen=True):
    """What the model promises to those who read it: contract, access, version."""

    has_contract: bool = False
    access: str = ""
    version: str = ""


class RelationChange(Record, frozen=True):
    """What became of one relation.

    `change` is added, removed, renamed, missing (still in the project, not in the catalog) or
    changed. `type_before` and `type_after` are the catalog's words for table or view. `evidence`
    says why a relation is taken for a renamed one, whose former id is `renamed_from`.
    """

    unique_id: str
    name: str
    relation: str
    change: str
    effect: Effect | None
    type_before: str
    type_after: str
    note: str
    columns: tuple[ColumnChange, ...]
    readers: Readers
    renamed_from: str = ""
    evidence: tuple[str, ...] = ()
    promise: Promise = Promise()
    migrations: tuple[Migration, ...] = ()

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects of the relation's own change and of all its columns'."""
        own = (self.effect,) if self.effect else ()
        return (*own, *(column.effect for column in self.columns))

    @property
    def is_breaking(self) -> bool:
        """Whether anything in it may break a reader."""
        return any(effect.is_breaking for effect in self.effects)


class CatalogDiff(Record, frozen=True):
    """All that changed; `compared` counts the relations present on both sides."""

    adapter: str
    compared: int
    relations: tuple[RelationChange, ...]

    @property
    def breaking(self) -> int:
        """How many single changes may break a reader."""
        return sum(effect.is_breaking for one in self.relations for effect in one.effects)


def spoken_name(uid: str) -> str:
    """Return the name in a unique id: ``orders``, ``orders.v2``, ``shop.raw_orders``."""
    return ".".join(uid.split(".")[2:]) or uid
