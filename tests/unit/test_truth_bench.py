"""The truth bench itself: how far an edit reaches, files between two days, landings that tell."""

from __future__ import annotations

import copy
import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics_tools.changes import Changes
from benchmarks.truth import deliveries, richer, stored
from benchmarks.truth.contents import Table
from benchmarks.truth.judge import Sums, judge
from benchmarks.truth.peers import nodes
from benchmarks.truth.peers.nodes import Answer, Node
from benchmarks.truth.project import Build, Built
from benchmarks.truth.reach import reached

MACROS = {
    "macro.p.default__cents": "{% macro default__cents(x) %}{{ x }} / {{ by() }}{% endmacro %}",
    "macro.p.cents": "{% macro cents(x) %}{{ adapter.dispatch('cents')(x) }}{% endmacro %}",
    "macro.p.by": "{% macro by() %}100{% endmacro %}",
    "macro.p.money": "{% macro money(x) %}{{ cents(x) }}{% endmacro %}",
    "macro.p.listed": "{% macro listed() %}{{ graph.nodes }}{% endmacro %}",
    "macro.dbt.create": "{% macro create() %}{{ generate_name() }}{% endmacro %}",
    "macro.p.generate_name": "{% macro generate_name() %}a{% endmacro %}",
}


def manifest() -> Any:
    code = {"stg": "{{ source('s', 'raw') }}", "mid": "{{ ref('stg') }} {{ money('x') }}",
            "end": "{{ ref('mid') }}", "apart": "{{ var('x') }}", "index": "{{ listed() }}"}  # fmt: skip
    nodes = {
        f"model.p.{name}": {"raw_code": text, "config": {}, "created_at": 1}
        for name, text in code.items()
    }
    nodes["seed.p.raw"] = {"raw_code": "", "config": {}, "relation_name": "db.main.raw"}
    below = {"source.p.s.raw": ["model.p.stg"], "model.p.stg": ["model.p.mid"],
             "model.p.mid": ["model.p.end"]}  # fmt: skip
    return {
        "nodes": nodes,
        "sources": {"source.p.s.raw": {"relation_name": "DB.main.raw"}},
        "macros": {uid: {"macro_sql": text} for uid, text in MACROS.items()},
        "child_map": below,
    }


@pytest.mark.parametrize(
    ("section", "uid", "field", "found"),
    [
        ("nodes", "model.p.mid", "raw_code", {"mid", "end"}),
        ("nodes", "model.p.apart", "description", {"apart"}),
        ("nodes", "model.p.mid", "created_at", set()),
        ("nodes", "seed.p.raw", "checksum", {"raw", "stg", "mid", "end"}),
        ("macros", "macro.p.by", "macro_sql", {"mid", "end"}),
        ("macros", "macro.p.generate_name", "macro_sql", {"raw", "stg", "mid", "end", "apart"}),
    ],
)
def test_an_edit_reaches_itself_what_calls_it_and_all_below(
    section: str, uid: str, field: str, found: set[str]
) -> None:
    head = copy.deepcopy(manifest())
    head[section][uid][field] = "otherwise"
    names = {uid.rpartition(".")[2] for uid in reached(manifest(), head, False)}
    assert names == found | {"index"}  # which reads everything of everything


def test_another_variable_reaches_who_reads_any() -> None:
    names = {uid.rpartition(".")[2] for uid in reached(manifest(), manifest(), True)}
    assert names == {"apart", "index"}


def built(path: Path, **tables: str) -> Path:
    path.parent.mkdir(parents=True)
    with duckdb.connect(str(path)) as connection:
        for name, what in tables.items():
            connection.execute(f"create {what}".replace("?", name))
    return path


def test_the_next_day_starts_from_what_head_itself_left(tmp_path: Path) -> None:
    table = "table ? (n int not null, check (n < 9)); insert into ? values"
    first = built(tmp_path / "1" / "bench.duckdb", log=f"{table} (1)", plain=f"{table} (1)",
                  seen="view ? as select * from plain")  # fmt: skip
    second = built(tmp_path / "2" / "bench.duckdb", log=f"{table} (1), (2)", plain=f"{table} (2)",
                   seen="view ? as select * from plain")  # fmt: skip
    head = tmp_path / "head" / "bench.duckdb"
    log, seen = '"bench"."main"."log"', '"bench"."main"."seen"'
    stored.begin(first, head, [log, seen])
    with duckdb.connect(str(head)) as connection:
        assert connection.sql("show tables").fetchall() == [("plain",)]
        connection.execute("create table log (n int not null); insert into log values (7)")
    stored.go_on(second, head, [log, seen], [log])
    with duckdb.connect(str(head)) as connection:
        assert connection.sql("select n from log").fetchall() == [(7,)]
        assert connection.sql("select n from plain").fetchall() == [(2,)]
        with pytest.raises(duckdb.ConstraintException):
            connection.execute("insert into log values (null)")
    assert not head.with_name("before.duckdb").exists()


def _land_payments(landing: Path) -> Path:
    """Land one table; returns its folder."""
    folder = landing / "billing" / "payments"
    folder.mkdir(parents=True)
    duckdb.sql(
        "select n as payment_id, n // 2 as invoice_id, n * 10 as amount_cents, 'Card' as payment_method, "
        "'paid' as status, timestamp '2026-01-01' + to_hours(n) as paid_at, "
        "timestamp '2026-02-01' - to_days(n % 9) as _airbyte_extracted_at from range(400) as t(n)"
    ).write_parquet(str(folder / "part_2026-02-01.parquet"))
    return folder


def test_every_column_has_a_row_that_tells(tmp_path: Path) -> None:
    folder = _land_payments(tmp_path)
    newest = "2026-02-01 00:00:00"
    deliveries._add(duckdb.connect(), tmp_path, "billing/payments", newest, 1)
    plain, edges = (f"'{folder}/{name}*.parquet'" for name in ("part", "edges"))
    columns = [one[0] for one in duckdb.sql(f"describe select * from {plain}").fetchall()]
    for name in columns:
        others = [one for one in columns if one not in (name, "paid_at", "_airbyte_extracted_at")]
        alone = duckdb.sql(
            f"select count(*) from {edges} as e join {plain} as p using ({', '.join(others)}) "
            f"where e.{name} is distinct from p.{name}"
        ).fetchall()
        assert alone[0][0] > 0, name
    keys = f"select payment_id from {edges} where payment_id >= {deliveries._STRANGE}"
    numbers = {(key - deliveries._STRANGE) // deliveries._APART // deliveries._EDGES
               for (key,) in duckdb.sql(keys).fetchall()}  # fmt: skip
    assert numbers == {[*deliveries.RAW].index("billing/payments")}
    late = f"select distinct date_diff('second', _airbyte_extracted_at, timestamp '{newest}') from {edges}"
    assert {259_199, 259_200, 259_201} <= {one[0] for one in duckdb.sql(late).fetchall()}


def test_what_comes_as_an_edge_alone_is_named_by_rows_of_its_own(tmp_path: Path) -> None:
    """By one among what a customer has, and by one of a customer that has nothing else."""
    tables = {
        "billing/plans": "n as plan_id, n % 3 as price_cents",
        "billing/subscription_changes": "n as change_id, n % 3 as plan_id, "
        "n as subscription_id, n as customer_id",
    }
    for name, columns in tables.items():
        (tmp_path / name).mkdir(parents=True)
        rows = duckdb.sql(f"select {columns} from range(30) as t(n)")
        rows.write_parquet(str(tmp_path / name / "part_2026-02-01.parquet"))
    strange = deliveries._STRANGE
    edges = str(tmp_path / "billing/plans/edges_1.parquet")
    duckdb.sql(
        f"select {strange} + n as plan_id from range(2) as t(n) union all select 1"
    ).write_parquet(edges)
    to = "billing/subscription_changes", "plan_id", "billing/plans"
    deliveries._name(duckdb.connect(), tmp_path, *to, "edges_1", 1)
    named = duckdb.read_parquet(str(tmp_path / "billing/subscription_changes/named_*.parquet"))
    found = named.fetchall()
    assert sorted(plan for _, plan, *_ in found) == [strange, strange, strange + 1, strange + 1]
    assert len({change for change, *_ in found}) == 4 and min(found)[0] >= strange
    among, alone = (
        [row for row in found if (row[3] < strange) == known] for known in (True, False)
    )
    assert len(among) == len(alone) == 2
    assert all(row[2] >= strange for row in alone)


@pytest.fixture
def payments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A landing of one table."""
    _land_payments(tmp_path)
    monkeypatch.setattr(deliveries, "RAW", {"billing/payments": deliveries.RAW["billing/payments"]})
    return tmp_path


def test_twins_differ_in_two_columns_and_in_no_time(payments: Path) -> None:
    deliveries.add_twins(payments, payments)
    rows = duckdb.read_parquet(str(payments / "billing/payments/twins.parquet"))
    pairs: dict[int, list[Any]] = {}
    for row in rows.fetchall():
        pairs.setdefault(row[0], []).append(row)
    assert all(len(pair) == 2 and pair[0][5:] == pair[1][5:] for pair in pairs.values())
    differ = {
        tuple(name for name, a, b in zip(rows.columns, *pair, strict=True) if a != b)
        for pair in pairs.values()
    }
    names = ("invoice_id", "amount_cents", "payment_method", "status")
    assert {
        (one, two) for one in names for two in names if names.index(one) < names.index(two)
    } <= differ


def test_what_is_restated_is_the_same_version(payments: Path) -> None:
    found = []
    for again in (False, True):
        deliveries.restate(payments, payments, again)
        rows = duckdb.read_parquet(str(payments / "billing/payments/restated.parquet"))
        found.append({row[0]: row[1:] for row in rows.fetchall()})
    before, after = found
    assert before.keys() == after.keys()
    assert min(before) >= deliveries._STRANGE
    assert all(row[4:] == after[key][4:] for key, row in before.items())
    assert all(
        any(row[place] != after[key][place] for key, row in before.items()) for place in range(4)
    )


def test_what_has_another_version_behind_it() -> None:
    """The row as it is comes first, and the one that is otherwise later: of one key, or of one
    customer."""
    types = {"order_id": "BIGINT", "customer_id": "BIGINT", "status": "VARCHAR",
             "updated_at": "TIMESTAMP", "at": "TIMESTAMP"}  # fmt: skip
    table = deliveries.Raw("order_id", "updated_at", ("customer_id",), loaded="at")
    version, other = deliveries._pairs("status", "null as status", types, table, "now()", 0)
    for first, second in (version, other):
        assert "null as status" in second and "null as status" not in first
        assert "to_minutes(0)" in first and "to_minutes(10)" in second
    keys = [[row.split(" as order_id")[0] for row in rows] for rows in (version, other)]
    assert keys[0][0] == keys[0][1] and keys[1][0] != keys[1][1]
    assert deliveries._pairs("order_id", "null as order_id", types, table, "now()", 0) == []


def changes(*rebuild: str) -> Changes:
    return Changes((), rebuild, (), (), (), (), {}, {})


def enriched(folder: Path, promises: richer.Promises) -> dict[str, list[dict[str, str]]]:
    seeds = {
        "customers": "id,name,since\n1,Ada,2024-01-31\n2,,2024-02-29\n3,Alan,\n",
        "orders": "order_id,customer_id,status,amount\n7,1,paid,10.50\n8,1,open,0.00\n9,3,paid,99.99\n",
    }
    for name, text in seeds.items():
        (folder / "seeds").mkdir(parents=True, exist_ok=True)
        (folder / "seeds" / f"{name}.csv").write_text(text)
    (folder / "models").mkdir(exist_ok=True)
    model = "select * from {{ ref('orders') }} where amount > 250 and status <> 'paid'"
    (folder / "models" / "m.sql").write_text(model)
    (folder / "dbt_project.yml").write_text("name: p\n")
    richer.enrich(folder, promises)
    found = {}
    for name, text in seeds.items():
        after = (folder / "seeds" / f"{name}.csv").read_text()
        assert after.startswith(text)
        found[name] = list(csv.DictReader(io.StringIO(after)))
    return found


def test_seeds_of_a_project_get_rows_that_tell(tmp_path: Path) -> None:
    seeds = enriched(tmp_path / "a", richer.Promises(unique=False, filled=False))
    assert seeds == enriched(tmp_path / "b", richer.Promises(unique=False, filled=False))
    orders, customers = seeds["orders"], seeds["customers"]
    # A new customer is named by some order, most of them by one alone.
    named = Counter(order["customer_id"] for order in orders)
    new = [row["id"] for row in customers if int(row["id"]) > 3]
    assert len(new) > 100
    assert sum(named[one] > 0 for one in new) > 0.9 * len(new)
    assert sum(named[one] == 1 for one in new) > 10
    # On both sides of what the model compares with, no value of another kind, and some nothing.
    amounts = {row["amount"] for row in orders}
    assert {"249.00", "250.00", "251.00", "10.50", "11.50", ""} <= amounts
    assert all(one == "" or float(one) is not None for one in amounts)
    assert len({row["order_id"] for row in orders}) < len(orders)


def test_seeds_keep_what_they_promise(tmp_path: Path) -> None:
    seeds = enriched(tmp_path, richer.Promises(unique=True, filled=True))
    for rows, key in ((seeds["orders"], "order_id"), (seeds["customers"], "id")):
        assert len({row[key] for row in rows}) == len(rows)
    assert all(all(row.values()) for row in seeds["orders"])
    assert any(row["since"] == "" for row in seeds["customers"])


def test_what_a_failure_keeps_from_being_built_is_not_judged() -> None:
    same = {uid: Table("rows", {}, "table") for uid in "abc"}
    base = Build(reached=["a", "b", "c"], days={"0.0": Built(same), "0.1": Built(same)})
    other = {**same, "a": Table("others", {}, "table")}
    head = Build(reached=["a", "b", "c"],
                 days={"0.0": Built(other), "0.1": Built({}, ["b"], ["a", "c"])})  # fmt: skip
    sums = Sums()
    found = judge(
        sums, "add_filter", base, head, changes("a", "b", "c"), {}, frozenset(), set(), None, {}
    )
    assert not found
    assert (sums.ours.right, sums.ours.needless, sums.builds) == (2, 0, 2)
    found = judge(sums, "add_filter", base, head, changes("c"), {}, frozenset(), set(), None, {})
    assert found["missed"] == ["a", "b"]


BELOW = {"model.p.a": ("model.p.b", "test.p.t"), "model.p.b": ("model.p.c", "model.p.inline"),
         "seed.p.s": ("model.p.a",)}  # fmt: skip


def side(**otherwise: Node) -> dict[str, Node]:
    known = {f"model.p.{name}": Node(name, "table", f"select {name}") for name in "abc"}
    known["model.p.inline"] = Node("inline", "ephemeral", "select 1")
    known["seed.p.s"] = Node("s", "seed", "12ab")
    return known | {
        f"{'seed' if name == 's' else 'model'}.p.{name}": node for name, node in otherwise.items()
    }


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (Answer("metadata"), ""),
        (Answer("non_breaking"), "a"),
        (Answer("non_breaking", below=["model.p.c"]), "ac"),
        (Answer("partial_breaking", below=[]), "a"),
        (Answer("partial_breaking"), "abc"),
        (Answer("breaking"), "abc"),
        (Answer("unknown", failed="SchemaError"), "abc"),
        (None, "abc"),
    ],
)
def test_what_a_tool_answers_says_what_must_be_rebuilt(answer: Answer | None, found: str) -> None:
    base, head = side(), side(a=Node("a", "table", "select 2"))
    assert nodes.asked(base, head) == {"model.p.a"}
    answers = {"model.p.a": answer} if answer else {}
    assert nodes.predicted(base, head, answers, BELOW) == {f"model.p.{name}" for name in found}


@pytest.mark.parametrize(
    ("otherwise", "found"),
    [
        ({}, set()),
        ({"s": Node("s", "seed", "34cd")}, {"seed.p.s", "model.p.a", "model.p.b", "model.p.c"}),
        ({"new": Node("new", "view", "select 1")}, {"model.p.new"}),
        ({"b": Node("b", "table")}, {"model.p.b", "model.p.c"}),
        ({"b": Node("b", "table", "select b", settings="keyed")}, {"model.p.b"}),
        ({"b": Node("b", "table", "select b", raw="with a comment")}, set()),
    ],
)
def test_what_needs_no_tool_is_not_asked(otherwise: dict[str, Node], found: set[str]) -> None:
    head = side(**otherwise)
    assert not nodes.asked(side(), head)
    assert nodes.predicted(side(), head, {}, BELOW) == found


@pytest.mark.parametrize("kind", ["incremental", "snapshot"])
def test_what_a_later_run_does_is_not_in_compiled_sql(kind: str) -> None:
    base, head = (side(b=Node("b", kind, "select b", raw=raw)) for raw in ("", "of later runs"))
    assert nodes.predicted(base, head, {}, BELOW) == {"model.p.b"}


def test_a_tool_knows_relations_by_one_name_and_all_their_columns() -> None:
    def manifest(alias: str) -> Any:
        made = {
            "model.p.a": (alias, ["source.p.s.raw"], "from 'raw/*.parquet'"),
            "model.p.b": ("b", ["model.p.a"], f'from "db"."main"."{alias}"'),
            "model.p.listed": ("listed", [], "\na\nz" if alias == "a" else "\nz\na"),
        }
        return {
            "nodes": {
                uid: {"relation_name": f'"db"."main"."{name}"', "compiled_code": f"select * {sql}",
                      "depends_on": {"nodes": read}, "config": {"materialized": "table"}}
                for uid, (name, read, sql) in made.items()
            },
            "sources": {"source.p.s.raw": {"relation_name": "'raw/*.parquet'"}},
        }  # fmt: skip

    known = {"source.p.s.raw": {"x": "INTEGER"}, "model.p.a": {"x": "INTEGER"}}
    base, head = nodes.sides(manifest("a"), known, manifest("z"), {"model.p.a": {"X": "", "y": ""}})
    assert not nodes.asked(base, head)
    assert nodes.predicted(base, head, {}, {"model.p.a": ("model.p.b",)}) == {"model.p.a"}
    assert base["model.p.a"].sql == 'select * from "bench"."named"."s__raw"'
    assert base["model.p.a"].reads == {'"bench"."named"."s__raw"': {"x": "INTEGER"}}
    assert head["model.p.b"].sql == 'select * from "db"."main"."a"'
    assert head["model.p.b"].reads == {'"db"."main"."a"': {"x": "INTEGER", "y": "unknown"}}
