# ruff: noqa: S608 - SQL for people to read and run
"""The staging model of a source's table: SQL and YAML, in the style of those that are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from analytics_tools.artifacts.nodes import meta_of
from analytics_tools.layers import Layer
from analytics_tools.scaffold import sql_text
from analytics_tools.scaffold.columns import Staged, grouped
from analytics_tools.scaffold.house import House
from analytics_tools.scaffold.names import plural, sentence, spoken
from analytics_tools.scaffold.proposals import Proposal, Sureness
from analytics_tools.scaffold.unit_tests import staging_test
from analytics_tools.scaffold.yaml_text import Flow, dump

_REJECTS = "reject_reason"
_ACCEPTED = {"where": f"{_REJECTS} is null"}
_VERSIONS = (
    "Staging keeps every delivered row, also one delivered twice; the deduplicated model that "
    "reads it proves the key."
)


@dataclass(frozen=True)
class StagingModel:
    """What is to be staged, and how this project does it."""

    name: str
    source: str
    table: str
    entity: str
    columns: tuple[Staged, ...]
    proposals: tuple[Proposal, ...]
    rejects: bool
    counts_rows: bool
    says_grain: bool
    keeps_versions: bool

    @property
    def key(self) -> Staged | None:
        return next((c for c in self.columns if c.role == "key"), None)

    @property
    def repeats(self) -> bool:
        """Whether rows were seen that share the key."""
        unique = any(p.test == "unique" for p in self.proposals)
        return self.key is not None and not unique

    @property
    def combination(self) -> tuple[str, ...]:
        """Columns that tell rows apart together, where none does alone."""
        found = (p.columns for p in self.proposals if p.test == "unique_combination_of_columns")
        return next(found, ())

    @property
    def grain(self) -> str:
        kind = spoken(self.entity)
        moments = {column.name for column in self.columns if column.group == "timestamps"}
        of_versions = self.repeats or moments.intersection(self.combination)
        return f"one delivered version of {_article(kind)}" if of_versions else f"one {kind}"


def staging_style(house: House) -> dict[str, bool]:
    """Return how staging models are made in a project: what most of those that are there do."""
    here = house.of_layer(Layer.STAGING)
    tests = house.project.tests_by_node if house.project else {}
    counted = [
        any(t.type_name == "dbt_utils.equal_rowcount" for t in tests.get(m.unique_id, ()))
        for m in here
    ]
    excused = ["TST001" in _ignored(meta_of(model)) for model in here]
    return {
        "rejects": house.uses(_REJECTS, Layer.STAGING),
        "counts_rows": sum(counted) * 2 >= len(counted) > 0,
        "says_grain": not house.models or any("grain" in meta_of(m) for m in house.models),
        "keeps_versions": sum(excused) * 2 >= len(excused) > 0,
    }


def _ignored(meta: Any) -> dict[str, Any]:
    tools = meta.get("analytics_tools")
    ignored = tools.get("ignore") if isinstance(tools, dict) else None
    return ignored if isinstance(ignored, dict) else {}


def staging_sql(model: StagingModel) -> str:
    """Return the model's SQL."""
    groups = {
        group: [sql_text.named(column.sql, column.name) for column in columns]
        for group, columns in grouped(model.columns).items()
    }
    source = f"select * from {{{{ source('{model.source}', '{model.table}') }}}}"
    typed = sql_text.select(groups, "source")
    if not model.rejects:
        return sql_text.model({"source": source, "final": typed})
    rules = "".join(f"\n        {_rule(*rule)}," for rule in _rules(model))
    final = (
        f"select\n    *,\n    {{{{ {_REJECTS}({{{rules}\n    }}) }}}} as {_REJECTS}\nfrom renamed"
    )
    return sql_text.model({"source": source, "renamed": typed, "final": final})


def _rule(reason: str, broken: str) -> str:
    quote = '"' if "'" in broken else "'"
    return f"'{reason}': {quote}{broken}{quote}"


def _rules(model: StagingModel) -> Iterable[tuple[str, str]]:
    """What breaks a row: a key or a time that is missing, a value that nobody knows."""
    filled = {p.column for p in model.proposals if p.test == "not_null"}
    for column in model.columns:
        always = column.role in ("key", "loaded") or column.name == "updated_at"
        if always or (column.name in filled and column.group in ("ids", "timestamps")):
            yield f"{column.name} is missing", f"{column.name} is null"
    for proposal in model.proposals:
        if proposal.test == "accepted_values":
            values = ", ".join(sql_text.literal(value) for value in proposal.values)
            test = f"coalesce({proposal.column}, '') not in ({values})"
            yield f"{proposal.column} is unknown", test


def staging_yaml(model: StagingModel, house: House) -> str:
    """Return the model's YAML: description, grain, columns with tests, a unit test."""
    spelling = house.spelling
    name = spoken(plural(model.entity))
    entry: dict[str, Any] = {
        "name": model.name,
        "description": f"{sentence(name)} as {model.source} delivers them, every row, typed.",
    }
    meta: dict[str, Any] = {"grain": model.grain} if model.says_grain else {}
    if model.repeats and model.keeps_versions:
        meta["analytics_tools"] = {"ignore": {"TST001": _VERSIONS}}
    if meta:
        entry["config"] = {"meta": meta}
    tests = list(_model_tests(model, house))
    if tests:
        entry[spelling.data_tests] = tests
    entry["columns"] = [_column(model, column, house) for column in model.columns]
    if model.rejects:
        said = "The rule of the source contract that the row breaks; null where it is accepted."
        entry["columns"].append({"name": _REJECTS, "description": said})
    text = dump({"models": [entry]})
    if not spelling.has_unit_tests:
        return text
    test = staging_test(model.name, model.source, model.table, model.columns, house.adapter)
    return f"{text}\n{dump({'unit_tests': [test]})}"


def _model_tests(model: StagingModel, house: House) -> Iterable[Any]:
    if model.counts_rows:
        compared = f"source('{model.source}', '{model.table}')"
        yield house.spelling.test("dbt_utils.equal_rowcount", {"compare_model": compared})
    for proposal in model.proposals:
        if proposal.columns and _takes_pairs(model, house):
            yield house.spelling.test(
                f"dbt_utils.{proposal.test}",
                {"combination_of_columns": list(proposal.columns)},
                _config(proposal, rejects=False),
            )


def _takes_pairs(model: StagingModel, house: House) -> bool:
    """Whether a pair that is unique today is held to that: not where deliveries may come twice."""
    known = house.tested_with("unique_combination_of_columns", "dbt_utils")
    return known and not (model.repeats and model.keeps_versions)


def _column(model: StagingModel, column: Staged, house: House) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "description": column.description}
    if column.is_personal:
        entry |= house.spelling.settings({"meta": Flow({house_mark(house): True})})
    tests = list(_column_tests(model, column, house))
    return {**entry, house.spelling.data_tests: tests} if tests else entry


def _column_tests(model: StagingModel, column: Staged, house: House) -> Iterable[Any]:
    mine = [p for p in model.proposals if p.column == column.name and p.test and not p.columns]
    for proposal in mine:
        arguments = {"values": list(proposal.values)} if proposal.values else None
        config = _config(proposal, rejects=model.rejects and proposal.test != "unique")
        yield house.spelling.test(proposal.test, arguments, config)
    if column.role == "deleted" and not mine:
        yield house.spelling.test("not_null")


def _config(proposal: Proposal, *, rejects: bool) -> dict[str, Any]:
    guess = proposal.sureness == Sureness.GUESS
    return {**(_ACCEPTED if rejects else {}), **({"severity": "warn"} if guess else {})}


def house_mark(house: House) -> str:
    """Return the word by which the project marks personal data in `meta`."""
    words = ("contains_pii", "pii", "is_pii", "has_pii", "sensitive")
    columns = [column for model in house.models for column in model.columns.values()]
    used = [w for w in words if any(isinstance(c.meta, dict) and w in c.meta for c in columns)]
    return used[0] if used else words[0]


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
