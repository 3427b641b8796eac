"""The data half of `review`: what differs between two DuckDB files, and that none is written to."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.unit.project_files import ProjectFiles
from tests.unit.review_files import node, recode, shop, write

Ask = Callable[..., Any]
FCT = "model.shop.fct_orders"
ROWS = [
    (1, 10.0, "placed", "ada@example.com", 20),
    (2, 20.0, "placed", "bob@example.com", 40),
    (3, 30.0, "completed", None, 60),
    (4, 40.0, "completed", "dan@example.com", 80),
]
COLUMNS = "order_id integer, amount double, status varchar, email varchar, twice integer"


class Pair:
    """Production and CI: artifacts and DuckDB files, to be changed before `ask`."""

    def __init__(self, home: Path, ask: Ask) -> None:
        self._ask, self._home = ask, home
        self.base, self.head = shop("prod"), shop("ci")
        recode(self.head, "fct_orders", "amount * 2", "amount * 3")
        self.files = home / "prod.duckdb", home / "ci.duckdb"
        self.fill(0, ROWS)
        self.fill(1, ROWS)

    def fill(
        self, side: int, rows: list[Any], columns: str = COLUMNS, table: str = "fct_orders"
    ) -> None:
        with duckdb.connect(str(self.files[side])) as connection:
            connection.execute(f'create or replace table main."{table}" ({columns})')
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f'insert into main."{table}" values ({marks})', rows)

    def run(self, side: int, sql: str) -> None:
        with duckdb.connect(str(self.files[side])) as connection:
            connection.execute(sql)

    def words(self) -> list[str | Path]:
        base = write(self.base, self._home / "base")
        head = write(self.head, self._home / "head")
        data = self.files
        return ["--base", base, "--head", head, "--base-data", data[0], "--head-data", data[1]]

    def ask(self, *words: str) -> Any:
        return self._ask("review", *self.words(), *words)

    def diff(self, *words: str, name: str = "fct_orders") -> Any:
        return next(one for one in self.ask(*words)["data"] if one["name"] == name)


@pytest.fixture
def pair(tmp_path: Path, ask: Ask) -> Pair:
    return Pair(tmp_path, ask)


def changed(rows: list[Any], key: int, place: int, value: Any) -> list[Any]:
    return [
        tuple(value if row[0] == key and at == place else v for at, v in enumerate(row))
        for row in rows
    ]


def test_the_same_rows_are_the_same(pair: Pair) -> None:
    pair.fill(1, list(reversed(ROWS)))
    diff = pair.diff()
    assert not diff["differs"]
    assert (diff["rows_before"], diff["rows_after"], diff["key"]) == (4, 4, ["order_id"])
    assert diff["examples"] == []


def test_keys_lost_and_added_and_values_changed(pair: Pair) -> None:
    rows = changed(ROWS, 2, 4, 60)
    pair.fill(1, [*rows[1:], (9, 1.0, "placed", None, 3)])
    diff = pair.diff()
    assert (diff["lost"], diff["added"], diff["changed"]) == (1, 1, 1)
    assert diff["columns"] == [{"name": "twice", "changed": 1, "share": 0.333333}]
    examples = {one["side"]: one for one in diff["examples"]}
    assert examples["changed"]["key"] == [["order_id", "2"]]
    assert examples["changed"]["values"] == [["twice", "40", "60"]]
    assert examples["lost"]["key"] == [["order_id", "1"]]
    assert examples["added"]["key"] == [["order_id", "9"]]


def test_personal_values_never_leave_the_warehouse(pair: Pair) -> None:
    pair.fill(1, changed(ROWS, 1, 3, "eve@example.com"))
    text = str(pair.ask())
    diff = pair.diff()
    assert diff["masked"] == ["email"]
    assert diff["examples"][0]["values"] == [["email", "•••", "•••"]]
    assert "eve@" not in text
    assert "ada@example.com" not in text.replace("Ada <ada@example.com>", "")


def test_what_is_taken_from_a_personal_column_is_personal(pair: Pair) -> None:
    for files in (pair.base, pair.head):
        node(files, "model.shop.raw")["columns"] = {
            "email": {"name": "email", "meta": {"contains_pii": True}}
        }
        model = node(files, FCT)
        model["columns"].pop("email")
        recode(files, "stg_orders", " email", " email as contact")
        recode(files, "fct_orders", " email,", " contact || '' as reached_at,")
    columns = COLUMNS.replace("email", "reached_at")
    pair.fill(0, ROWS, columns)
    pair.fill(1, changed(ROWS, 1, 3, "eve@example.com"), columns)
    assert pair.diff()["masked"] == ["reached_at"]


def test_a_key_that_is_personal_is_masked_too(pair: Pair) -> None:
    for files in (pair.base, pair.head):
        for test in files.manifest["nodes"].values():
            if test.get("column_name") == "order_id":
                test["column_name"] = "email"
                test["test_metadata"]["kwargs"]["column_name"] = "email"
    rows = [(i, 1.0, "placed", f"p{i}@example.com", 2) for i in range(4)]
    pair.fill(0, rows)
    pair.fill(1, rows[1:])
    diff = pair.diff()
    assert (diff["key"], diff["lost"]) == (["email"], 1)
    assert diff["examples"][0]["key"] == [["email", "•••"]]


def test_without_a_key_whole_rows_are_counted(pair: Pair) -> None:
    for files in (pair.base, pair.head):
        tests = [u for u, n in files.manifest["nodes"].items() if n.get("column_name")]
        for uid in tests:
            files.manifest["nodes"].pop(uid)
    pair.fill(0, [*ROWS, ROWS[0]])
    diff = pair.diff()
    assert (diff["key"], diff["lost"], diff["added"]) == ([], 1, 0)
    assert diff["note"] == "no key is tested"


def test_a_key_that_is_not_unique_is_no_key(pair: Pair) -> None:
    pair.fill(1, [*ROWS, ROWS[0]])
    diff = pair.diff()
    assert (diff["key"], diff["added"]) == ([], 1)
    assert diff["note"] == "order_id is not unique"


def test_noise_of_floats_is_no_difference(pair: Pair) -> None:
    pair.fill(1, changed(ROWS, 1, 1, 10.0 + 1e-12))
    assert not pair.diff()["differs"]
    pair.fill(1, changed(ROWS, 1, 1, 10.0 + 1e-6))
    assert pair.diff()["columns"][0]["name"] == "amount"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf"), 0.0])
def test_odd_numbers_differ_from_others_and_not_from_themselves(value: Any, pair: Pair) -> None:
    pair.fill(1, changed(ROWS, 1, 1, value))
    assert pair.diff()["changed"] == 1
    pair.fill(0, changed(ROWS, 1, 1, value))
    assert not pair.diff()["differs"]


def test_other_types_are_compared_by_value(pair: Pair) -> None:
    columns = COLUMNS.replace("twice integer", "twice decimal(10, 2)").replace(
        "order_id integer", "order_id varchar"
    )
    rows = [(f"c-{row[0]}" if row[0] == 4 else str(row[0]), *row[1:]) for row in ROWS]
    pair.fill(1, rows, columns)
    document = pair.ask()
    diff = document["data"][0]
    assert (diff["lost"], diff["added"], diff["changed"]) == (1, 1, 0)
    retyped = {
        c["column"]: (c["before"], c["after"], c["effect"])
        for c in document["schema"][0]["columns"]
    }
    assert retyped["order_id"] == ("INTEGER", "VARCHAR", "incompatible")
    assert retyped["twice"][:2] == ("INTEGER", "DECIMAL(10,2)")


def test_names_that_need_quotes(pair: Pair) -> None:
    columns = '"order_id" integer, "select ""x"" from" integer, "c0" integer, "ünï code" integer'
    pair.fill(0, [(1, 1, 1, 1), (2, 2, 2, 2)], columns)
    pair.fill(1, [(1, 1, 1, 5), (2, 7, 2, 2)], columns)
    assert {c["name"] for c in pair.diff()["columns"]} == {'select "x" from', "ünï code"}


def test_large_relations_are_only_counted_unless_asked(pair: Pair) -> None:
    pair.fill(1, ROWS[1:])
    diff = pair.diff("--data-diff-limit", "3")
    assert (diff["rows_before"], diff["rows_after"], diff["lost"]) == (4, 3, 0)
    assert diff["skipped"] == "more than 3 rows; only counted"
    assert diff["differs"]
    assert pair.diff("--data-diff-limit", "3", "--data-diff", "fct_orders")["lost"] == 1


def test_views_read_what_their_own_side_holds(pair: Pair) -> None:
    recode(pair.head, "stg_orders", "status, email", "upper(status) as status, email")
    for side, name in enumerate(("prod", "ci")):
        pair.fill(side, [(side, 1, "a", "b")], "id int, amount int, status text, email text", "raw")
        sql = f'create view main.stg_orders as select id as order_id from "{name}"."main"."raw"'
        pair.run(side, sql)
    diff = pair.diff(name="stg_orders")
    assert (diff["lost"], diff["added"]) == (1, 1)


def test_views_on_files_count_paths_from_the_project(pair: Pair, tmp_path: Path) -> None:
    recode(pair.head, "stg_orders", "status, email", "upper(status) as status, email")
    (tmp_path / "project").mkdir()
    duckdb.sql(f"copy (select 7 as order_id) to '{tmp_path}/raw.parquet'")
    duckdb.sql(f"copy (select 7 as order_id) to '{tmp_path}/project/raw.parquet'")
    for side in (0, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path / "project")
            pair.run(side, "create view main.stg_orders as from read_parquet('../raw.parquet')")
    diff = pair.diff("--project-dir", str(tmp_path / "project"), name="stg_orders")
    assert (diff["skipped"], diff["rows_after"]) == ("", 1)


def test_databases_of_one_name_compare_tables_alone(pair: Pair) -> None:
    pair.head = shop("prod")
    recode(pair.head, "fct_orders", "amount * 2", "amount * 3")
    recode(pair.head, "stg_orders", "status, email", "upper(status) as status, email")
    for side in (0, 1):
        pair.run(side, "create view main.stg_orders as select 1 as order_id")
    document = pair.ask()
    assert [one["name"] for one in document["data"]] == ["fct_orders"]
    assert "only tables are compared" in document["notes"][0]


def test_a_relation_that_cannot_be_read_is_told_not_fatal(pair: Pair) -> None:
    recode(pair.head, "stg_orders", "status, email", "upper(status) as status, email")
    for side in (0, 1):
        pair.run(side, "create table main.gone (order_id int)")
        pair.run(side, "create view main.stg_orders as select order_id from main.gone")
        pair.run(side, "drop table main.gone")
    assert pair.diff(name="stg_orders")["skipped"].startswith("it can't be read: ")


def test_what_a_database_quotes_is_masked(pair: Pair) -> None:
    recode(pair.head, "stg_orders", "status, email", "upper(status) as status, email")
    for side in (0, 1):
        sql = "create view main.stg_orders as select email::int as order_id from main.fct_orders"
        pair.run(side, sql)
    diff = pair.diff(name="stg_orders")
    assert "Conversion Error" in diff["skipped"]
    assert "example" not in diff["skipped"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS, "fct_orders.twice, the same on today's data"),
        (changed(ROWS, 2, 4, 60), "fct_orders.twice, 1 of 4 rows"),
        (ROWS[1:], "fct_orders.twice, 4 → 3 rows"),
    ],
)
def test_the_first_screen_says_what_is_seen_in_the_data(
    rows: list[Any], said: str, pair: Pair, run: Any
) -> None:
    pair.fill(1, rows)
    assert f"- Other values: {said}\n" in run("review", *pair.words()).stdout


def test_production_stays_as_it_is_byte_by_byte(pair: Pair, tmp_path: Path) -> None:
    before = [hashlib.sha256(file.read_bytes()).digest() for file in pair.files]
    stamps = [file.stat().st_mtime_ns for file in pair.files]
    pair.files[0].chmod(0o444)
    pair.ask()
    assert [hashlib.sha256(file.read_bytes()).digest() for file in pair.files] == before
    assert [file.stat().st_mtime_ns for file in pair.files] == stamps
    assert not list(tmp_path.glob("*.wal"))
    assert not list(tmp_path.glob("*.tmp"))


def test_two_reviews_at_once(pair: Pair) -> None:
    command = [
        str(Path(sys.executable).parent / "analytics-tools"),
        "review",
        *map(str, pair.words()),
    ]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in "ab"
    ]
    for one in started:
        _, said = one.communicate(timeout=60)
        assert (one.returncode, said) == (0, b"")


@pytest.fixture
def writer(pair: Pair) -> Iterator[None]:
    """Another process that has production open for writing."""
    code = (
        f"import duckdb, sys; c = duckdb.connect({str(pair.files[0])!r}); "
        "print('open', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield
    process.communicate(b"", timeout=60)


@pytest.mark.usefixtures("writer")
def test_a_file_that_is_written_is_an_error_of_one_line(pair: Pair, run: Any) -> None:
    result = run("review", *pair.words())
    assert result.exit_code == 2
    assert "another process is writing it" in result.stderr


@pytest.mark.parametrize("content", [None, b"", b"no database at all" * 300])
def test_a_file_that_is_no_database_is_an_error_of_one_line(
    content: bytes | None, pair: Pair, run: Any
) -> None:
    pair.files[0].unlink()
    if content is not None:
        pair.files[0].write_bytes(content)
    result = run("review", *pair.words())
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "prod.duckdb" in result.stderr


def test_without_duckdb_one_line_says_how_to_get_it(pair: Pair) -> None:
    code = (
        "import sys; sys.modules['duckdb'] = None\n"
        "from analytics_tools.cli import main\n"
        f"main(['review', *{list(map(str, pair.words()))!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "dbt-analytics-tools[duckdb]" in done.stderr


def test_data_that_differs_where_code_does_not_say_so(pair: Pair) -> None:
    pair.head = shop("ci")
    recode(pair.head, "fct_orders", "amount * 2 as twice", "amount * 2 as twice, 1 as one")
    pair.fill(1, changed(ROWS, 1, 2, "lost"))
    document = pair.ask()
    assert [reason["rule"] for reason in document["reasons"]] == ["data-differs"]


def test_a_renamed_relation_is_compared_with_what_it_was(pair: Pair) -> None:
    pair.base, pair.head = ProjectFiles(), ProjectFiles()
    for files, name, at in ((pair.base, "orders", "prod"), (pair.head, "fct_orders", "ci")):
        raw = files.source("shop", "raw", ["id"])
        uid = files.model(name, raw, compiled_code='select id as order_id from "x"."shop"."raw"')
        node(files, uid)["database"] = at
        files.key(uid, "order_id")
    pair.fill(0, [(1,), (2,)], "order_id integer", "orders")
    pair.fill(1, [(2,)], "order_id integer")
    assert pair.diff()["lost"] == 1
