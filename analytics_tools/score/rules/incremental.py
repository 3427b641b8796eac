"""Will an incremental model stay right: run after run, with late, changed and repeated rows?"""

from __future__ import annotations

import re

from analytics_tools.artifacts import Model
from analytics_tools.artifacts.nodes import key_columns
from analytics_tools.score.facts import Facts
from analytics_tools.score.keys import folded
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.registry import rule
from analytics_tools.words import listed

_INCREMENTAL = ("incremental",)
# These replace or add whole slices and need no key.
_KEYLESS = {"append", "insert_overwrite", "microbatch"}
_BLOCK = re.compile(
    r"\{%-?\s*if[^%]*\bis_incremental\(\)[^%]*-?%\}(.*?)\{%-?\s*(?:endif|else|elif)\b", re.DOTALL
)
_COMPARES = re.compile(
    r"[<>=]|\bbetween\b|\bin\b|\bexists\b|\bexcept\b|\blike\b|\{\{|\{%|\bjoin\b", re.IGNORECASE
)


@rule("PRF001", Area.PERFORMANCE, 6, materialized=_INCREMENTAL)
def incremental_has_unique_key(model: Model, facts: Facts) -> Finding | None:
    """An incremental model has a unique_key.

    Without it a row that arrives again, or is processed again, is stored twice. Strategies that
    add or replace whole slices (append, insert_overwrite, microbatch) need none. Silent for models
    that read nothing: their rows come from hooks.

    Bad:
        {{ config(materialized='incremental') }}
    Good:
        {{ config(materialized='incremental', unique_key='order_id') }}
    Fix: set unique_key to the grain, or say incremental_strategy='append' if that is meant.
    """
    if _is_keyless(model) or model.config.unique_key:
        return None
    if not facts.project.parents[model.unique_id]:
        return None
    return Finding(
        points=6,
        message="incremental without unique_key: a row delivered twice is stored twice",
        fix="set unique_key to the grain, or say incremental_strategy: append if that is meant",
    )


@rule("PRF002", Area.PERFORMANCE, 5, materialized=_INCREMENTAL)
def incremental_reads_only_new_rows(model: Model, facts: Facts) -> Finding | None:
    """An incremental model reads only what is new.

    Without a filter under is_incremental(), in the model or in a macro it calls, every run reads
    everything. dbt filters by itself for microbatch. Silent for models that read nothing.

    Bad:
        select * from {{ ref('events') }}
    Good:
        select * from {{ ref('events') }}
        {% if is_incremental() %}
        where loaded_at > (select max(loaded_at) from {{ this }})
        {% endif %}
    Fix: filter the input under is_incremental(), or make it a table.
    """
    if model.language not in (None, "sql"):
        return None
    if (model.config.incremental_strategy or "").lower() == "microbatch":
        return None
    if not facts.project.parents[model.unique_id]:
        return None
    if "is_incremental" in model.code or facts.incremental_macros.intersection(
        model.depends_on.macros
    ):
        return None
    if not model.code or not model.depends_on.macros:
        return None  # not every version lists the macros a model calls
    return Finding(
        points=5,
        message="incremental, but nothing asks is_incremental(): every run reads everything",
        fix="filter the input under {% if is_incremental() %}, or make it a table",
    )


@rule("PRF005", Area.PERFORMANCE, 3, materialized=_INCREMENTAL)
def incremental_filter_is_bounded(model: Model, _facts: Facts) -> Finding | None:
    """What stands under is_incremental() bounds what is read.

    A block without any comparison, join or macro filters nothing. Silent for models that ask
    is_incremental() only to change their configuration, and for what Jinja decides.

    Bad:
        {% if is_incremental() %} where loaded_at is not null {% endif %}
    Good:
        {% if is_incremental() %}
        where loaded_at > (select max(loaded_at) from {{ this }})
        {% endif %}
    Fix: compare a time or a key with what {{ this }} already holds.
    """
    if model.language not in (None, "sql"):
        return None
    blocks = _BLOCK.findall(model.code) if "is_incremental" in model.code else []
    filters = [block for block in blocks if re.search(r"\b(?:where|and|qualify)\b", block, re.I)]
    if not filters or any(_COMPARES.search(block) for block in filters):
        return None
    return Finding(
        points=3,
        message="what stands under is_incremental() compares with nothing: all is read each run",
        fix="compare a time or a key with what {{ this }} already holds",
    )


@rule("PRF006", Area.PERFORMANCE, 2, materialized=_INCREMENTAL)
def incremental_notices_new_columns(model: Model, _facts: Facts) -> Finding | None:
    """An incremental model says what happens when its columns change.

    The default, `ignore`, drops a new column without a word until somebody does a full refresh.
    Silent for models with an enforced contract, where dbt asks for the setting itself.

    Bad:
        {{ config(materialized='incremental', unique_key='id') }}
    Good:
        {{ config(materialized='incremental', unique_key='id', on_schema_change='fail') }}
    Fix: set on_schema_change to append_new_columns, sync_all_columns or fail.
    """
    if model.has_contract:
        return None
    if (model.config.on_schema_change or "ignore").lower() != "ignore":
        return None
    return Finding(
        points=2,
        message="on_schema_change is ignore: a new column is dropped without a word",
        fix="set on_schema_change to append_new_columns, sync_all_columns or fail",
    )


@rule("PRF007", Area.PERFORMANCE, 5, materialized=_INCREMENTAL)
def unique_key_is_the_grain(model: Model, facts: Facts) -> Finding | None:
    """The unique_key of an incremental model is no narrower than its tested grain.

    Rows that differ only in the rest of the grain overwrite each other, and no test notices. Silent
    when no key is tested, for keys that are expressions, and for surrogate keys, whose column is
    none of those tested.

    Bad:
        unique_key='order_id', and the tested grain is order_id with line_number
    Good:
        unique_key=['order_id', 'line_number']
    Fix: set unique_key to the columns that the test proves unique.
    """
    wanted = {folded(name) for name in key_columns(model.config.unique_key)}
    if not wanted or _is_keyless(model):
        return None
    if not all(name.isidentifier() for name in wanted):
        return None
    tested = [set(key.columns) for key in facts.keys_of(model).keys if key.columns]
    if not tested or not all(wanted < columns for columns in tested):
        return None
    names = " or ".join(sorted("(" + ", ".join(sorted(columns)) + ")" for columns in tested))
    return Finding(
        points=5,
        message=f"unique_key is ({', '.join(sorted(wanted))}), the tested key {names}: rows that "
        "differ only in the rest overwrite each other",
        fix="set unique_key to the columns that the test proves unique",
        columns=tuple(sorted(wanted)),
    )


@rule("PRF008", Area.PERFORMANCE, 2, materialized=_INCREMENTAL)
def unique_key_is_never_null(model: Model, facts: Facts) -> Finding | None:
    """The columns of a unique_key are tested for null.

    NULL equals nothing: a row whose key has one is never found again, and is stored once more by
    every run. Speaks of keys of several columns; TST001 tells it for a single one.

    Bad:
        unique_key=['order_id', 'line_number'], and only their combination is tested
    Good:
        not_null on order_id and on line_number
    Fix: add not_null to each column of the key.
    """
    wanted = [folded(name) for name in key_columns(model.config.unique_key)]
    if len(wanted) < 2 or _is_keyless(model):
        return None
    loose = [name for name in wanted if name not in facts.keys_of(model).filled]
    if not loose or not all(name.isidentifier() for name in wanted):
        return None
    return Finding(
        points=2,
        message=f"nothing proves that {listed(loose)} of the unique_key is never null",
        fix="add not_null to each column of the key",
        columns=tuple(loose),
    )


def _is_keyless(model: Model) -> bool:
    return (model.config.incremental_strategy or "").lower() in _KEYLESS
