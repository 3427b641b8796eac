# ruff: noqa: S608 - SQL for people to read and run
"""`add model`: a model that reads others, with what is promised of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from analytics_tools.artifacts import Model
from analytics_tools.errors import UsageError
from analytics_tools.layers import Layer
from analytics_tools.reserved import SQL_WORDS
from analytics_tools.scaffold import sql_text
from analytics_tools.scaffold.answer import Added, Change
from analytics_tools.scaffold.columns import GROUPS
from analytics_tools.scaffold.demands import Demands, demands_of, placed
from analytics_tools.scaffold.house import House
from analytics_tools.scaffold.model_yaml import model_yaml, says_types
from analytics_tools.scaffold.names import check_name, snake
from analytics_tools.scaffold.parents import Parent, ParentColumn, check_new, entity_of, find_parent
from analytics_tools.scaffold.writing import check_free
from analytics_tools.score.keys import key_facts

_REJECTS = "reject_reason"
# Names of our own CTEs, and what no CTE should be called.
_TAKEN = {"final", "latest", "numbered", *SQL_WORDS}
_NEWEST = ("updated_at", "loaded_at")


@dataclass(frozen=True)
class WantedModel:
    """What was asked for; what is empty is found out."""

    name: str
    parents: tuple[str, ...]
    layer: str = ""
    folder: str = ""
    key: str = ""
    group: str = ""
    description: str = ""


@dataclass(frozen=True)
class Join:
    """Another relation, joined by a column that is its key."""

    parent: Parent
    alias: str
    columns: tuple[ParentColumn, ...]


@dataclass(frozen=True)
class NewModel:
    """A model that is to be written.

    `newest` names the columns that tell the newest version of a key, where the rows read are
    versions; it is empty where they are one a key already.
    """

    name: str
    layer: Layer
    path: str
    first: Parent
    alias: str
    columns: tuple[ParentColumn, ...]
    joins: tuple[Join, ...]
    demands: Demands
    key: str = ""
    newest: tuple[str, ...] = ()
    is_behind_staging: bool = False
    description: str = ""

    @property
    def entity(self) -> str:
        return entity_of(self.key, self.name)

    @property
    def all_columns(self) -> tuple[ParentColumn, ...]:
        """The columns in the order in which the SQL lists them, by group."""
        found = (*self.columns, *(column for join in self.joins for column in join.columns))
        return tuple(sorted(found, key=lambda column: GROUPS.index(column.group)))

    @property
    def takes_accepted(self) -> bool:
        """Whether rows that broke the source's contract are left behind."""
        return self.first.column(_REJECTS) is not None


def plan_model(house: House, wanted: WantedModel) -> Added:
    """Return the files of a new model. Raises UsageError."""
    name = check_name("model", wanted.name)
    if not wanted.parents:
        raise UsageError("say what the model reads: --from MODEL")
    check_new(house, name)
    parents = [find_parent(house, parent) for parent in wanted.parents]
    layer, folder = placed(house, name, wanted.layer, wanted.folder, parents)
    demands = demands_of(house, layer, folder, wanted.group)
    model = _planned(house, wanted, parents, layer, folder, demands)
    notes = tuple(_notes(house, model, parents))
    if demands.contract and not all(column.type for column in model.all_columns):
        raise UsageError(
            f"{folder}: a contract is demanded there, and the types of {parents[0].relation.name} "
            "aren't known; build it and run `dbt docs generate`"
        )
    changes = (
        Change(f"{model.path}.sql", model_sql(house, model)),
        Change(f"{model.path}.yml", model_yaml(house, model)),
    )
    for change in changes:
        check_free(house.root, change.path)
    next_ = f"dbt build --select {name}{'' if says_types(model) else ' && dbt docs generate'}"
    return Added("model", name, changes, notes=notes, next=next_)


def _planned(
    house: House,
    wanted: WantedModel,
    parents: list[Parent],
    layer: Layer,
    folder: str,
    demands: Demands,
) -> NewModel:
    first, *others = parents
    aliases = _aliases(parents)
    key = wanted.key or first.key
    if wanted.key and first.columns and first.column(wanted.key) is None:
        raise UsageError(f"{first.relation.name} has no column {wanted.key}")
    columns = tuple(column for column in first.columns if column.name != _REJECTS)
    if layer == Layer.MARTS and demands.is_public:
        columns = tuple(column for column in columns if not column.is_personal)
    taken = {column.name for column in first.columns}
    joins = []
    for parent, alias in zip(others, aliases[1:], strict=True):
        joins.append(_joined(parent, alias, first, taken, demands))
        taken |= {column.name for column in joins[-1].columns}
    return NewModel(
        name=wanted.name,
        layer=layer,
        path=f"{folder}/{wanted.name}",
        first=first,
        alias=aliases[0],
        columns=columns,
        joins=tuple(joins),
        demands=demands,
        key=key,
        newest=_newest(first, key) if _repeats(first, wanted.key) else (),
        is_behind_staging=_is_staging(house, first),
        description=wanted.description,
    )


def _is_staging(house: House, parent: Parent) -> bool:
    node = parent.relation
    return isinstance(node, Model) and house.conventions.place(node).layer == Layer.STAGING


def _repeats(parent: Parent, asked: str) -> bool:
    """Whether the key that was asked for may repeat in what is read."""
    return bool(asked) and (asked != parent.key or parent.is_guessed)


def _newest(parent: Parent, key: str) -> tuple[str, ...]:
    found = tuple(name for name in _NEWEST if parent.column(name) is not None)
    if found:
        return found
    raise UsageError(
        f"{parent.relation.name}: nothing proves {key} unique, and it has neither updated_at nor "
        "loaded_at to tell the newest version; test the key there first"
    )


def _joined(parent: Parent, alias: str, first: Parent, taken: set[str], demands: Demands) -> Join:
    if not parent.key or first.column(parent.key) is None:
        key = f"its key {parent.key}" if parent.key else "a key that a test proves unique"
        raise UsageError(
            f"{parent.relation.name} can't be joined to {first.relation.name}: that needs {key} "
            "in both; start with --from of one of them and write the join"
        )
    new = tuple(
        # A row may have no partner, so nothing that comes from there is promised to be filled.
        replace(column, is_filled=False)
        for column in parent.columns
        if column.name not in taken and not (demands.is_public and column.is_personal)
    )
    return Join(parent, alias, new)


def _aliases(parents: list[Parent]) -> list[str]:
    """What each import is called: by what it holds, or in full where two hold the same."""
    words = [snake(parent.words) for parent in parents]
    return [
        word if words.count(word) == 1 and word not in _TAKEN else parent.relation.name
        for word, parent in zip(words, parents, strict=True)
    ]


def model_sql(house: House, model: NewModel) -> str:
    """Return the model's SQL."""
    imported = f"select * from {{{{ {model.first.ref} }}}}"
    if model.takes_accepted:
        imported += f"\nwhere {_REJECTS} is null"
    ctes = {model.alias: imported}
    ctes |= {j.alias: f"select * from {{{{ {j.parent.ref} }}}}" for j in model.joins}
    source = model.alias
    if model.newest:
        ctes["latest"] = _latest(house, model)
        source = "latest"
    ctes["final"] = _final(model, source)
    return sql_text.model(ctes)


def _latest(house: House, model: NewModel) -> str:
    """The newest version of each key: by the project's own macro, where it has one."""
    others = [c for c in model.columns if c.name not in {model.key, *model.newest}]
    ties = [c for c in others if c.group != "other" or not c.type]
    if house.has_macro("latest_version") and len(model.newest) == len(_NEWEST):
        own = house.has_macro("byte_order")
        asked = [
            f"byte_order('{c.name}')" if own and c.group == "strings" else f"'{c.name}'"
            for c in ties
        ]
        listed = sql_text.indented(sql_text.filled(asked))
        breakers = f", tie_breakers=[\n{listed}\n]" if ties else ""
        call = f"latest_version('{model.alias}', '{model.key}'{breakers})"
        return f"{{{{\n{sql_text.indented(call)}\n}}}}" if ties else f"{{{{ {call} }}}}"
    order = sql_text.filled([*(f"{name} desc" for name in model.newest), *(c.name for c in ties)])
    numbered = f"partition by {model.key}\norder by\n{sql_text.indented(order)}"
    return (
        "select *\nfrom (\n    select\n        *,\n        row_number() over (\n"
        f"{sql_text.indented(sql_text.indented(sql_text.indented(numbered)))}\n"
        f"        ) as version_number\n    from {model.alias}\n) as numbered\n"
        "where version_number = 1"
    )


def _final(model: NewModel, source: str) -> str:
    if not model.columns:
        return f"select * from {source}"
    qualified = bool(model.joins)
    groups: dict[str, list[str]] = {}
    for relation, columns in (
        (source, model.columns),
        *((j.alias, j.columns) for j in model.joins),
    ):
        for column in columns:
            name = f"{relation}.{column.name}" if qualified else column.name
            groups.setdefault(column.group, []).append(name)
    joins = [
        f"left join {j.alias} on {source}.{j.parent.key} = {j.alias}.{j.parent.key}"
        for j in model.joins
    ]
    return sql_text.select({g: groups[g] for g in GROUPS if g in groups}, source, joins)


def _partners(house: House, model: NewModel) -> Iterator[tuple[str, str]]:
    """Columns of a mart that are the key of one other mart, which rows may point past."""
    if model.layer != Layer.MARTS:
        return
    owners: dict[str, list[str]] = {}
    for mart in house.of_layer(Layer.MARTS):
        tests = house.known.tests_by_node.get(mart.unique_id, ())
        proven = key_facts(mart, tests, house.adapter).proven
        if proven and len(proven.columns) == 1:
            owners.setdefault(proven.columns[0], []).append(mart.name)
    for column in model.columns:
        named = owners.get(column.name, [])
        if column.name != model.key and len(named) == 1:
            yield column.name, named[0]


def _notes(house: House, model: NewModel, parents: list[Parent]) -> Iterator[str]:
    kept = {column.name for column in model.all_columns}
    left = [c.name for parent in parents for c in parent.columns if c.is_personal]
    hidden = sorted({name for name in left if name not in kept})
    if hidden:
        yield f"left out, personal data: {', '.join(hidden)}"
    if not model.key:
        yield "no test proves a key of what it reads, so none proves the grain: give --key"
    for column, other in _partners(house, model):
        yield f"{column} is the key of {other}: a relationships test would hold them together"
    if not model.columns:
        yield f"the columns of {parents[0].relation.name} aren't known, so none is listed"
    where = PurePosixPath(model.path).parent.as_posix()
    if house.models and model.demands.lacks_group:
        groups = ", ".join(sorted({g.name for g in house.known.groups.values()}))
        yield f"{where} has no group: give one of {groups} with --group, or in dbt_project.yml"
