"""`add source`: declares a raw table, and stages it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_tools.artifacts.nodes import meta_of
from analytics_tools.errors import UsageError
from analytics_tools.layers import Layer
from analytics_tools.scaffold import yaml_edit
from analytics_tools.scaffold.answer import Added, Change
from analytics_tools.scaffold.columns import Staged, staged_columns
from analytics_tools.scaffold.freshness import (
    freshness,
    freshness_of_table,
    freshness_seen,
)
from analytics_tools.scaffold.house import House, most_common
from analytics_tools.scaffold.location import (
    as_written,
    check_location,
    known_locations,
    location_of,
    relative,
    rendered,
    schema_for,
)
from analytics_tools.scaffold.names import check_name, plural, sentence, singular, snake, spoken
from analytics_tools.scaffold.proposals import Proposal, Sureness, proposals, untested
from analytics_tools.scaffold.reading import pattern_of, read_files
from analytics_tools.scaffold.seen import TableSeen, check_columns, from_catalog
from analytics_tools.scaffold.staging import (
    StagingModel,
    house_mark,
    staging_sql,
    staging_style,
    staging_yaml,
)
from analytics_tools.scaffold.writing import check_free
from analytics_tools.scaffold.yaml_files import YamlFile, file_with
from analytics_tools.scaffold.yaml_text import Flow, dump

MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class WantedSource:
    """A table of a source, and where its rows are: files, or what the project knows of it."""

    source: str
    table: str
    files: str = ""
    rows: int = MOST_ROWS


def wanted_source(name: str, files: str = "", rows: int = MOST_ROWS) -> WantedSource:
    """Read ``shop.orders``. Raises UsageError where it is no source and table."""
    source, dot, table = name.partition(".")
    if not dot or not table:
        raise UsageError(f"'{name}' names no table: say SOURCE.TABLE, such as shop.orders")
    check_name("source", source)
    if "." in table or not snake(table) or set(table) & set("{}\"'`\\/ "):
        raise UsageError(f"a table can't be called '{table}': take letters, digits and underscores")
    return WantedSource(source, table, files, rows)


def plan_source(house: House, wanted: WantedSource) -> Added:
    """Return the files that declare and stage a table. Raises UsageError."""
    entity = singular(snake(wanted.table).removeprefix("raw_"))
    declared = file_with(house.dbt, "sources", wanted.source)
    table = check_columns(_looked_at(house, wanted, declared))
    is_files = table.rows is not None
    columns = staged_columns(table, entity, house.adapter, exact=not is_files)
    name = check_name("model", house.staging_name(wanted.source, wanted.table))
    model = StagingModel(
        name, wanted.source, wanted.table, entity, columns, proposals(table, columns),
        **staging_style(house),
    )  # fmt: skip
    folder = house.staging_folder(wanted.source)
    changes = [
        *_declaration(house, wanted, table, model, declared, folder),
        Change(f"{folder}/{name}.sql", staging_sql(model)),
        Change(f"{folder}/{name}.yml", staging_yaml(model, house)),
    ]
    for change in changes:
        if change.is_new:
            check_free(house.root, change.path)
    return Added(
        "source",
        f"{wanted.source}.{wanted.table}",
        tuple(changes),
        (*model.proposals, *_freshness_seen(wanted, table, columns, declared)),
        tuple(_notes(house, wanted, table, model)),
        # The catalog tells the model that reads it which types the columns have.
        f"dbt build --select {name} && dbt docs generate",
    )


def _looked_at(house: House, wanted: WantedSource, declared: YamlFile | None) -> TableSeen:
    """Read the files that were named, or that the source says; else what artifacts know."""
    if wanted.files:
        return read_files(*pattern_of(wanted.files), wanted.rows)
    entry = declared.entry("sources", wanted.source) if declared else None
    if entry is not None:
        location = location_of(_table_in(entry, wanted.table) or {}) or location_of(entry)
        pattern = rendered(location, wanted.table)
        if pattern and house.adapter in ("", "duckdb"):
            pattern, files = pattern_of(str(house.root / pattern))
            return read_files(pattern, files, wanted.rows)
    for source in house.sources:
        if (source.source_name, source.name) == (wanted.source, wanted.table):
            seen = from_catalog(house.known, source)
            if seen is not None:
                return seen
            raise UsageError(
                f"{source.label} is declared, and its columns aren't known: run "
                "`dbt docs generate`, or name files with --from"
            )
    raise UsageError(
        f"{wanted.source}.{wanted.table}: name its files with --from, or declare it in YAML and "
        "run `dbt docs generate`, which writes its columns to the catalog"
    )


def _table_in(entry: dict[str, Any], table: str) -> dict[str, Any] | None:
    tables = entry.get("tables")
    listed = tables if isinstance(tables, list) else []
    return next((t for t in listed if isinstance(t, dict) and t.get("name") == table), None)


def _declaration(
    house: House,
    wanted: WantedSource,
    table: TableSeen,
    model: StagingModel,
    declared: YamlFile | None,
    folder: str,
) -> Iterator[Change]:
    """The change that declares the table; none where it is declared."""
    entry = declared.entry("sources", wanted.source) if declared else None
    if declared is None or entry is None:
        source = _new_source(house, wanted, table, model)
        path = f"{folder}/_{snake(wanted.source)}__sources.yml"
        yield Change(path, dump({"sources": [source]}))
        yield from _readme(house, wanted, folder)
        return
    if _table_in(entry, wanted.table) is not None:
        return
    item = _new_table(house, wanted, table, model, entry)
    steps = ("sources", wanted.source, "tables")
    added = yaml_edit.append(declared.text, steps, item, declared.path)
    yield Change(declared.path, added, before=declared.text)


def _freshness_seen(
    wanted: WantedSource, table: TableSeen, columns: tuple[Staged, ...], declared: YamlFile | None
) -> tuple[Proposal, ...]:
    """What was seen for the freshness that `_declaration` writes: none where it writes none."""
    entry = declared.entry("sources", wanted.source) if declared else None
    if entry is None:
        return freshness_seen(table, columns, freshness(table, columns))
    if _table_in(entry, wanted.table) is not None:
        return ()
    return freshness_seen(table, columns, freshness_of_table(table, columns, entry))


def _readme(house: House, wanted: WantedSource, folder: str) -> Iterator[Change]:
    """A README of the source's folder, where the others have one."""
    parent = house.root / Path(folder).parent
    others = [f for f in parent.iterdir() if f.is_dir()] if parent.is_dir() else []
    per_source = folder != house.folder(Layer.STAGING)
    has_one = not (house.root / folder / "README.md").exists()
    if per_source and others and has_one and all((o / "README.md").is_file() for o in others):
        said = f"The raw tables of {spoken(wanted.source)}, a staging model each."
        text = f"# {wanted.source}\n\n{said}\n"
        yield Change(f"{folder}/README.md", text)


def _new_source(
    house: House, wanted: WantedSource, table: TableSeen, model: StagingModel
) -> dict[str, Any]:
    location = _location(house, wanted, table)
    said = f"The raw tables of {spoken(wanted.source)}."
    fresh = freshness(table, model.columns)
    meta = _common_meta(house)
    if "{name}" in location:
        meta["external_location"] = location
    entry: dict[str, Any] = {"name": wanted.source, "description": said}
    schema = schema_for(house.dbt, wanted.source)
    if schema:
        entry["schema"] = schema
    entry |= house.spelling.settings({**fresh, **({"meta": meta} if meta else {})})
    item = _new_table(house, wanted, table, model, entry, location)
    return {**entry, "tables": [item]}


def _common_meta(house: House) -> dict[str, Any]:
    """What most sources that are there say of themselves: whose they are, how much they matter."""
    metas = [meta_of(source) for source in house.sources]
    found: dict[str, Any] = {}
    for key in ("owner", "tier"):
        said = Counter(json.dumps(meta[key]) for meta in metas if key in meta)
        if said and 2 * max(said.values()) > len(metas):
            found[key] = json.loads(most_common(said))
    return found


def _location(house: House, wanted: WantedSource, table: TableSeen) -> str:
    """Where dbt-duckdb finds the files; empty on other engines, and where none were read."""
    if not table.location or house.adapter not in ("", "duckdb"):
        return ""
    path = relative(table.location, house.root)
    return check_location(as_written(path, wanted.table, known_locations(house.dbt)))


def _new_table(
    house: House,
    wanted: WantedSource,
    table: TableSeen,
    model: StagingModel,
    source: dict[str, Any],
    location: str | None = None,
) -> dict[str, Any]:
    location = _location(house, wanted, table) if location is None else location
    is_covered = location_of(source) and _same(house, wanted.table, location_of(source), location)
    fresh = freshness_of_table(table, model.columns, source)
    entry: dict[str, Any] = {"name": wanted.table, "description": _described(model)}
    meta = {} if is_covered or not location else {"meta": {"external_location": location}}
    entry |= house.spelling.settings({**fresh, **meta})
    by_raw = {column.seen.name: column for column in model.columns}
    entry["columns"] = [
        _raw_column(house, seen.name, by_raw.get(seen.name)) for seen in table.columns
    ]
    return entry


def _same(house: House, table: str, one: str, other: str) -> bool:
    base = house.root.resolve()
    return (base / rendered(one, table)).resolve() == (base / rendered(other, table)).resolve()


def _described(model: StagingModel) -> str:
    if model.key is None:
        return f"{sentence(spoken(plural(model.entity)))}, as delivered."
    return f"One row for each {model.grain.removeprefix('one ')}."


def _raw_column(house: House, name: str, column: Staged | None) -> Flow:
    said = column.description if column else "Added by the connector."
    entry = Flow(name=name, description=said)
    if column is not None and column.is_personal:
        entry |= house.spelling.settings({"meta": {house_mark(house): True}})
    if column is not None and "adapter.quote" in column.sql:
        entry["quote"] = True
    return entry


def _notes(
    house: House, wanted: WantedSource, table: TableSeen, model: StagingModel
) -> Iterator[str]:
    staged = {column.seen.name for column in model.columns}
    left = [column.name for column in table.columns if column.name not in staged]
    if left:
        yield f"left out of staging, the connector's own: {', '.join(left)}"
    if model.key is None and not model.combination:
        yield "no column tells rows apart, so no test proves the grain"
    if not any(column.role == "loaded" for column in model.columns):
        yield "no column says when a row was delivered, so there is no freshness"
    yield from untested(table, model.columns, model.proposals)
    if any(one.sureness == Sureness.GUESS and one.test for one in model.proposals):
        yield "a guess only warns: take `severity: warn` off a test once you know that it holds"
    if table.rows == 0:
        yield "the files have no rows, so names alone decide"
    location = _location(house, wanted, table)
    if location.startswith("/"):
        yield f"the files are outside of the repository, at a path of this machine: {location}"
    if table.location and not location:
        yield f"the files were only looked at: {house.adapter} needs the table itself"
