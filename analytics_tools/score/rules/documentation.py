"""Can a reader find out what the model and each of its columns mean?"""

from __future__ import annotations

import re

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import Source, meta_of
from analytics_tools.layers import Layer
from analytics_tools.score import among
from analytics_tools.score.columns import is_described
from analytics_tools.score.facts import Facts
from analytics_tools.score.keys import folded
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.sql.types import Change, classify
from analytics_tools.words import counted, listed

_COLUMN_POINTS = 18
_GRAIN = re.compile(
    r"\b(?:grain|granularity|each row|(?:one|single|a) (?:row|record|line|observation)|"
    r"(?:row|record|line)s? (?:per|for each|for every|is|represents?)|"
    r"(?:for )?(?:each|every) \w+|all (?:rows|records|lines)|per|"
    r"(?:counts?|sums?|totals?|averages?|trends?|aggregat\w+|metrics|summar\w+)\b.*?\bby)\b",
    re.IGNORECASE | re.DOTALL,
)
# Shorter texts may be alike by chance.
_TEXT_LENGTH = 20


@rule(
    "DOC001", Area.DOCUMENTATION, 12,
    among=among.models(lambda one: not is_described(one.description, one.name)),
)  # fmt: skip
def model_is_described(model: Model, facts: Facts) -> Finding | None:
    """The model has a description.

    Without one, nobody can tell whether this is the table they look for. A placeholder, or the
    model's own name, doesn't count. A step (an ephemeral model, a view that only staging models
    read) costs 3 points instead of 12, and nothing where most steps of the package have none.

    Bad:
        - name: fct_orders
          description: TODO
    Good:
        - name: fct_orders
          description: One row for each order placed in a store or online, cancelled ones included.
    Fix: say in YAML what one row is, and what the model is for.
    """
    is_step = facts.is_step(model)
    if is_step and facts.leaves_steps_bare(model.package_name):
        return None
    return Finding(
        points=3 if is_step else 12,
        message="the model has no description",
        fix="say in YAML what one row is, and what the model is for",
    )


@rule("DOC002", Area.DOCUMENTATION, _COLUMN_POINTS, among=among.perhaps_undescribed)
def columns_are_described(model: Model, facts: Facts) -> Finding | None:
    """Every column has a description.

    Costs the undescribed share of 18 points. Columns are those of the catalog and of YAML
    together; without a catalog only those of YAML. A step (an ephemeral model, a view that only
    staging models read) that declares no column is passed over: no reader sees its columns.

    Bad:
        columns:
          - name: net_amount
    Good:
        columns:
          - name: net_amount
            description: What was paid, in EUR, without tax; null until the order is confirmed.
    Fix: describe the columns that are named, in YAML: meaning, unit, and when they are null.
    """
    if not facts.declared(model) and facts.is_step(model):
        return None
    bare = list(facts.undescribed(model))
    missing = facts.undeclared(model)
    total = len(facts.declared(model)) + len(missing)
    if not total:
        return Finding(
            points=_COLUMN_POINTS,
            message="no column is declared in YAML",
            fix="declare the columns beside the model, each with a description",
        )
    bare += missing
    if not bare:
        return None
    aside = f" ({len(missing)} of them not in YAML at all)" if missing else ""
    return Finding(
        points=(len(bare) * _COLUMN_POINTS + total - 1) // total,
        message=f"{len(bare)} of {counted(total, 'column')} without description{aside}: "
        + listed(bare),
        fix="describe them in YAML: meaning, unit, and when they are null",
        columns=tuple(bare),
    )


@rule("DOC003", Area.DOCUMENTATION, 6, among=among.declared_otherwise)
def declared_columns_exist(model: Model, facts: Facts) -> Finding | None:
    """Every column declared in YAML exists in the catalog.

    A column described but gone misleads, and its tests fail or were never run. Costs 2 points for
    each. Silent without a catalog.

    Bad:
        columns:
          - name: custmer_id   # the model calls it customer_id
    Good:
        columns:
          - name: customer_id
    Fix: remove them from YAML or correct the spelling, or build the model anew.
    """
    built = facts.built(model)
    if built is None or facts.declared(model) <= built:
        return None
    real = facts.columns(model).built
    if not real:
        return None
    # `address.city` declares a field of the record `address`.
    gone = [
        column.name
        for key, column in facts.columns(model).declared.items()
        if key not in real and key.partition(".")[0] not in real
    ]
    if not gone:
        return None
    return Finding(
        points=2 * len(gone),
        message=f"{counted(len(gone), 'column')} of YAML not in the catalog: {listed(gone)}",
        fix="remove them from YAML or correct the spelling, or build the model anew",
        columns=tuple(gone),
    )


@rule("DOC004", Area.DOCUMENTATION, 3, layers=(Layer.MARTS,))
def grain_is_said(model: Model, facts: Facts) -> Finding | None:
    """A mart says what one row is: in `meta.grain`, in its description, or by a tested key.

    Whoever joins or sums a table has to know its grain. A key that a test proves says it as well,
    and so does "for each customer" or "sum of amounts by day". Silent for time spines, and where
    there is no description at all, which DOC001 tells.

    Bad:
        description: Data about orders.
    Good:
        description: One row per order line.
    Fix: begin the description with "one row per ...", or test the key.
    """
    if not model.description or facts.keys_of(model).proven or meta_of(model).get("grain"):
        return None
    if _GRAIN.search(model.description) or "time_spine" in model.name:
        return None
    return Finding(
        points=3,
        message="neither description nor tests say what one row is",
        fix='begin the description with "one row per ...", or test the key',
    )


def _is_undescribed(source: Source, _facts: Facts) -> bool:
    return not is_described(source.description, source.name) and not is_described(
        source.source_description, source.source_name
    )


@rule("DOC005", Area.DOCUMENTATION, 2, among=among.reading(_is_undescribed))
def sources_are_described(model: Model, facts: Facts) -> Finding | None:
    """The source tables it reads have a description.

    What a raw table holds, and where it comes from, is known to those who load it, and is guessed
    by everybody else. The description of the whole source counts for its tables.

    Bad:
        sources:
          - name: crm
            tables: [{name: customers}]
    Good:
        sources:
          - name: crm
            description: The CRM's tables, copied every night.
    Fix: describe the source or its table in YAML.
    """
    bare = [source for source in facts.sources_of(model) if _is_undescribed(source, facts)]
    if not bare:
        return None
    return Finding(
        points=2,
        message=f"reads {counted(len(bare), 'source table')} that nobody has described: "
        + listed([source.label for source in bare]),
        fix="describe the source or its table in YAML",
        nodes=tuple(source.unique_id for source in bare),
        file=bare[0].original_file_path,
    )


@rule("DOC006", Area.DOCUMENTATION, 2, among=among.with_the_text_of_others)
def description_is_its_own(model: Model, facts: Facts) -> Finding | None:
    """The description is not a copy of another model's.

    Two models with one description leave the reader to guess which to take. Versions of one model
    share theirs rightly, and steps may repeat that of the model they lead to.

    Bad:
        fct_orders and fct_order_items: "Orders of the shop, with their amounts."
    Good:
        fct_orders: "One row per order."  fct_order_items: "One row per line of an order."
    Fix: say what sets this model apart.
    """
    text = model.description or ""
    if len(text) < _TEXT_LENGTH:
        return None
    models = facts.project.models
    others = [
        uid
        for uid in facts.texts.get((model.package_name, text), ())
        if models[uid].name != model.name
        and facts.placements[uid].layer is facts.placements[model.unique_id].layer
        and not facts.is_step(models[uid])
    ]
    if not others or facts.is_step(model):
        return None
    return Finding(
        points=2,
        message="has the same description as " + listed([models[uid].label for uid in others]),
        fix="say what sets this model apart",
        nodes=tuple(others),
    )


@rule("DOC007", Area.DOCUMENTATION, 4, among=lambda facts: facts.notes.annotated)
def declared_types_are_true(model: Model, facts: Facts) -> Finding | None:
    """Types declared in YAML are those of the warehouse.

    Readers of the documentation rely on them. Costs 2 points for each column whose declared type
    is of another kind than the real one; silent without a catalog, and where either type is not
    known for certain.

    Bad:
        - name: order_id
          data_type: varchar   # the warehouse has bigint
    Good:
        - name: order_id
          data_type: bigint
    Fix: correct data_type, or cast the column.
    """
    typed = {folded(c.name): c for c in facts.annotated(model) if c.data_type}
    table = facts.project.tables.get(model.unique_id)
    if not typed or table is None:
        return None
    adapter = facts.project.adapter
    wrong = []
    for real in table.columns.values():
        column = typed.get(folded(real.name))
        if column is None or column.data_type is None or not real.type:
            continue
        if classify(column.data_type, real.type, adapter) is Change.INCOMPATIBLE:
            wrong.append((column.name, column.data_type, real.type))
    if not wrong:
        return None
    told = [f"{name} is {real}, not {said}" for name, said, real in wrong]
    return Finding(
        points=2 * len(wrong),
        message=f"{counted(len(wrong), 'declared type')} not true: {listed(told)}",
        fix="correct data_type, or cast the column",
        columns=tuple(name for name, _, _ in wrong),
    )


@rule("DOC008", Area.DOCUMENTATION, 3, among=lambda facts: facts.metrics_by_model)
def metrics_are_described(model: Model, facts: Facts) -> Finding | None:
    """The metrics that stand on the model are described.

    A metric's name is never enough: does revenue include tax, are cancelled orders in it? Costs a
    point for each.

    Bad:
        metrics: [{name: revenue}]
    Good:
        metrics: [{name: revenue, description: "Net of tax and of cancelled orders, in EUR."}]
    Fix: say in YAML what is counted, and what is not.
    """
    bare = [m for m in facts.metrics_of(model) if not is_described(m.description, m.name)]
    if not bare:
        return None
    return Finding(
        points=len(bare),
        message=f"{counted(len(bare), 'metric')} on it without description: "
        + listed([metric.name for metric in bare]),
        fix="say in YAML what is counted, and what is not",
        nodes=tuple(metric.unique_id for metric in bare),
        file=bare[0].original_file_path,
    )
