"""The seeds of two versions: their files, and what is in them column by column."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from msgspec.structs import replace

from analytics_tools.artifacts.nodes import Seed
from analytics_tools.changes.contents import SeedFile
from analytics_tools.changes.side import Side
from analytics_tools.lineage.seeds import seed_relation, seed_text, unseen
from analytics_tools.sql.dialect import dialect_of
from analytics_tools.sql.relation import Relation

Files: TypeAlias = tuple[dict[str, SeedFile], dict[str, SeedFile]]
Seeds: TypeAlias = tuple[dict[str, Relation], dict[str, Relation]]


def seed_files(base: Side, head: Side) -> Files:
    """Return the files of seeds, by side and unique id, as far as they are at hand.

    One that didn't change serves both sides, wherever it is.
    """
    found: Files = ({}, {})
    for files, side in zip(found, (base, head), strict=True):
        for uid, node in side.project.relations.items():
            if not isinstance(node, Seed):
                continue
            code = side.code.node(uid)
            for root in (one.code.node(uid).root_path for one in (side, base, head)):
                text = seed_text(replace(code, root_path=root), node.original_file_path)
                if text is not None:
                    files[uid] = SeedFile(Path(root) / node.original_file_path, text)
                    break
    return found


def seeds_by_content(base: Side, head: Side, files: Files) -> Seeds:
    """Return the seeds on both sides whose files are at hand there, as relations."""
    found: Seeds = ({}, {})
    for uid in files[0].keys() & files[1].keys():
        sides = _contents(uid, base, head, files, in_order=False)
        if sides and ids_of(sides[0]) != ids_of(sides[1]):
            # The same rows in another order are the same rows.
            ordered = _contents(uid, base, head, files, in_order=True)
            if ordered and ids_of(ordered[0]) == ids_of(ordered[1]):
                sides = ordered
        if sides:
            found[0][uid], found[1][uid] = sides
    return found


def as_later(seeds: Seeds) -> Seeds:
    """Return the seeds as a later run may find them: of what both have alike nothing is certain."""
    alike = {u: unseen(u, r) for u, r in seeds[0].items() if ids_of(r) == ids_of(seeds[1][u])}
    return seeds[0] | alike, seeds[1] | alike


def ids_of(relation: Relation) -> list[str]:
    return [value.id for value in relation.columns.values()]


def _contents(
    uid: str, base: Side, head: Side, files: Files, in_order: bool
) -> tuple[Relation, Relation] | None:
    """Return a seed by content on both sides, if both files can be read as CSV."""
    codes = base.code.node(uid), head.code.node(uid)
    same = codes[0].checksum == codes[1].checksum and codes[0].settings == codes[1].settings
    table = base.project.tables.get(uid) or head.project.tables.get(uid)
    types = {c.name.lower(): c.type or "" for c in table.in_order()} if same and table else {}
    one, two = (
        seed_relation(uid, of[uid].text, code.settings, dialect_of(side.project.adapter),
                      in_order, types)
        for side, code, of in zip((base, head), codes, files, strict=True)
    )  # fmt: skip
    return (one, two) if one and two else None
