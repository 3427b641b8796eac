"""Rows in another order are the same rows, but for who goes by their order: ties, sums of doubles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project_files import ProjectFiles
from tests.unit.seed_files import project

Ask = Callable[..., Any]

TIES = "id,grp,amount\n1,a,10\n2,a,10\n3,b,30\n"


@pytest.mark.parametrize(
    ("base", "head", "same"),
    [
        # Rows 1 and 2 come in this order by chance.
        ("order by amount", "order by amount, id", False),
        ("order by id", "order by amount, id", True),
    ],
)
def test_ties_are_no_order(
    rebuilt: Callable[..., list[str]], base: str, head: str, same: bool
) -> None:
    numbered = "select id, row_number() over (partition by grp {}) as place from raw"
    found = rebuilt(numbered.format(base), numbered.format(head), rows=TIES)
    assert found == ([] if same else ["mid", "reader"])


NUMBERED = "select id, grp, row_number() over (partition by grp order by amount) as place from "


def between(folder: Path, mid: str, reader: str, kind: str = "table") -> ProjectFiles:
    files = project(folder, mid, rows=TIES, kind=kind)
    sql = reader.replace("mid", '"db"."main"."mid"')
    files.manifest["nodes"]["model.shop.reader"].update(compiled_code=sql, raw_code=sql)
    return files


@pytest.mark.parametrize(
    ("base", "head", "built"),
    [
        # What is edited may run by another plan, and a tie then falls otherwise.
        ((NUMBERED + "raw where id > 0", "select * from mid"),
         (NUMBERED + "raw where id > -1", "select * from mid"), ["mid", "reader"]),
        ((NUMBERED + "raw", "select id from mid where id > 0"),
         (NUMBERED + "raw", "select id from mid where id > -1"), []),
        # The tie is in what it reads, which is as it was.
        ((NUMBERED + "raw", "select place from mid where id > 0"),
         (NUMBERED + "raw", "select place from mid where id > -1"), []),
        (("select * from raw", "select first(id) as n from mid"),
         ("select * from raw order by id desc", "select first(id) as n from mid"),
         ["mid", "reader"]),
    ],
)  # fmt: skip
def test_ties_fall_as_they_did_where_nothing_else_is_run(
    tmp_path: Path, changes: Ask, base: tuple[str, str], head: tuple[str, str], built: list[str]
) -> None:
    found = changes(between(tmp_path / "base", *base), between(tmp_path / "head", *head))
    assert [uid.rpartition(".")[2] for uid in found["rebuild"]] == built


def test_ties_fall_as_they_did_behind_a_view_whose_rows_stay_in_order(
    tmp_path: Path, changes: Ask
) -> None:
    """No row is without an id: that changes nothing, the order of rows either."""
    sides = [
        between(tmp_path / name, f"select * from raw {kept}", NUMBERED + "mid", "view")
        for name, kept in (("base", ""), ("head", "where id is not null"))
    ]
    assert changes(*sides)["rebuild"] == ["model.shop.mid"]


@pytest.mark.parametrize(
    ("edited", "built"), [("raw", []), ("raw where id > -1", ["seed", "mid", "reader"])]
)
def test_the_order_of_a_seed_is_known(
    tmp_path: Path, changes: Ask, edited: str, built: list[str]
) -> None:
    """Rows 1 and 2 tie, and stand as they did to each other; edited code may turn them round."""
    turned = "id,grp,amount\n3,b,30\n1,a,10\n2,a,10\n"
    sides = [
        project(tmp_path / "base", NUMBERED + "raw", rows=TIES),
        project(tmp_path / "head", NUMBERED + edited, rows=turned),
    ]
    found = changes(*sides)["rebuild"]
    assert [uid.rpartition(".")[2].replace("raw", "seed") for uid in found] == built


def test_distinct_hashes_columns_as_they_stand(tmp_path: Path, changes: Ask) -> None:
    """Rows come out in another order, and a tie falls otherwise."""
    sides = [
        between(tmp_path / name, f"select distinct {columns} from raw", NUMBERED + "mid", "view")
        for name, columns in (("base", "id, grp, amount"), ("head", "amount, grp, id"))
    ]
    assert "model.shop.reader" in changes(*sides)["rebuild"]


@pytest.mark.parametrize("kind", ["table", "view"])
def test_the_order_of_rows_that_are_the_same_is_followed(
    tmp_path: Path, changes: Ask, kind: str
) -> None:
    """A sum of doubles may end in another digit."""
    rows = "id,amount\n" + "\n".join(f"{n},{n * n}" for n in range(200))
    turned = "\n".join([rows.split("\n")[0], *rows.split("\n")[:0:-1]])
    sides = []
    for name, text, sql in (("base", rows, "id > -1"), ("head", turned, "id >= 0")):
        files = project(tmp_path / name, f"select amount from raw where {sql}", text, kind=kind)
        total = 'select sum(sqrt(amount + 0.1)) as total from "db"."main"."mid"'
        files.manifest["nodes"]["model.shop.reader"].update(compiled_code=total, raw_code=total)
        sides.append(files)
    found = changes(*sides)
    assert "model.shop.reader" in found["rebuild"]
    assert {n["name"]: n["change"] for n in found["nodes"]}["mid"] == "same_data"


@pytest.mark.parametrize("kind", ["table", "view"])
@pytest.mark.parametrize(
    ("reads", "edited", "built"),
    [
        ("select first(id) as n", "", ["mid", "between", "reader"]),
        ("select count(*) as n", "", []),
        # Another reader is built anyway: whether it goes by the order is what matters.
        ("select count(*) as n", "where id > 1", ["reader"]),
        ("select first(id) as n", "where id > 1", ["mid", "between", "reader"]),
        # The last digit of a sum is no reason to build what it reads.
        ("select sum(sqrt(id)) as n", "where id > 1", ["reader"]),
        (
            "select avg(sqrt(id)) as n, first(id) as one",
            "where id > 1",
            ["mid", "between", "reader"],
        ),
    ],
)
def test_what_is_gone_by_is_put_in_order_first(
    tmp_path: Path, changes: Ask, reads: str, edited: str, built: list[str], kind: str
) -> None:
    """`mid` comes in another order, and so does what stands between it and its reader."""
    sides = []
    for name, order, more in (("base", "id", ""), ("head", "id desc", edited)):
        files = project(tmp_path / name, f"select id, amount from raw order by {order}")
        whole = 'select * from "db"."main"."mid"'
        files.model("between", "model.shop.mid", compiled_code=whole, raw_code=whole,
                    materialized=kind)  # fmt: skip
        sql = f'{reads} from "db"."main"."between" {more}'
        files.model("reader", "model.shop.between", compiled_code=sql, raw_code=sql)
        sides.append(files)
    if kind == "view":  # it shows rows as they come
        built = [name for name in built if name != "between"]
    found = changes(*sides)["rebuild"]
    assert [uid.rpartition(".")[2] for uid in found] == built


def test_the_right_side_of_a_lookup_may_be_the_one_that_gives_the_order(
    tmp_path: Path, changes: Ask
) -> None:
    """DuckDB turns the sides round where the left one is small."""
    sides = []
    for name, order, more in (("base", "id", ""), ("head", "id desc", "where b.id > 1")):
        files = project(tmp_path / name, f"select id, amount from raw order by {order}")
        whole = 'select * from "db"."main"."mid"'
        for one in ("between", "counted"):
            files.model(one, "model.shop.mid", compiled_code=whole, raw_code=whole)
        sql = (
            'select first(b.id) as f, first(c.amount) as g from "db"."main"."between" as b '
            f'left join "db"."main"."counted" as c on b.id = c.id {more}'
        )
        files.model("reader", "model.shop.between", "model.shop.counted", compiled_code=sql,
                    raw_code=sql)  # fmt: skip
        sides.append(files)
    found = changes(*sides)["rebuild"]
    assert [uid.rpartition(".")[2] for uid in found] == ["mid", "between", "counted", "reader"]


@pytest.mark.parametrize(
    ("kind", "built"),
    [
        ("table", ["mid", "between", "reader"]),
        # Whose order it is can't be told through what is part of the query.
        ("ephemeral", ["mid", "counted", "reader"]),
    ],
)
def test_only_that_is_put_in_order_which_is_gone_by(
    tmp_path: Path, changes: Ask, kind: str, built: list[str]
) -> None:
    sides = []
    for name, order, more in (("base", "id", ""), ("head", "id desc", "where id > 1")):
        files = project(tmp_path / name, f"select id, amount from raw order by {order}")
        whole = 'select * from "db"."main"."mid"'
        files.model("between", "model.shop.mid", compiled_code=whole, raw_code=whole,
                    materialized=kind)  # fmt: skip
        files.model("counted", "model.shop.mid", compiled_code=whole, raw_code=whole)
        place = '"db"."main"."between"' if kind == "table" else "__dbt__cte__between"
        sql = (
            f"select (select first(id) from {place} {more}) as n, "
            '(select count(*) from "db"."main"."counted") as c'
        )
        if kind == "ephemeral":
            sql = f"with __dbt__cte__between as ({whole}) {sql}"
        files.model("reader", "model.shop.between", "model.shop.counted", compiled_code=sql,
                    raw_code=sql)  # fmt: skip
        sides.append(files)
    found = changes(*sides)["rebuild"]
    assert [uid.rpartition(".")[2] for uid in found] == built


@pytest.mark.parametrize("way", ["order", "kind"])
@pytest.mark.parametrize(
    ("amounts", "total", "built"),
    [
        (("1", "2", "4"), "sum(amount)", False),
        (("0.5", "0.25", "4.5"), "sum(amount)", False),
        (("0.1", "0.2", "0.3"), "sum(amount)", True),
        (("0.1", "0.2", "0.3"), "max(amount)", False),
    ],
)
def test_sums_of_doubles_hang_on_the_order(
    tmp_path: Path, changes: Ask, amounts: tuple[str, ...], total: str, built: bool, way: str
) -> None:
    rows = "id,amount\n" + "".join(f"{n},{amount}\n" for n, amount in enumerate(amounts))
    sides = []
    for name, order, kind in (("base", "id", "table"), ("head", "id desc", "view")):
        order, kind = (order, "table") if way == "order" else ("id", kind)
        sql = f"select id, amount from raw order by {order}"
        files = project(tmp_path / name, sql, rows=rows, kind=kind)
        sql = f'select {total} as total from "db"."main"."mid"'
        files.model("reader", "model.shop.mid", compiled_code=sql, raw_code=sql)
        sides.append(files)
    assert ("model.shop.reader" in changes(*sides)["rebuild"]) == built


THREE = "id,grp,amount\n1,a,10\n2,b,10\n3,a,10\n"


@pytest.mark.parametrize(
    ("rows", "reader", "built"),
    [
        (TIES, "select arg_min(id, amount) as n from mid", True),
        # Turned round, another row of three comes first that holds the same.
        (THREE, "select arg_min(grp, amount) as n from mid", True),
        (TIES, "select count(*) as n from mid", False),
        (TIES, "select arg_min(amount, amount) as n from mid where id > 2", False),
    ],
)
def test_rows_that_are_hashed_come_in_any_order(
    tmp_path: Path, changes: Ask, rows: str, reader: str, built: bool
) -> None:
    """On one thread DISTINCT leaves them as they come; a warehouse has several."""
    sides = []
    for name, distinct in (("base", ""), ("head", "distinct")):
        once = "qualify row_number() over (partition by id order by amount, grp) = 1"
        sql = f"select * from raw {once}"
        mid = f"select {distinct} * from ({sql}) as firsts"
        files = project(tmp_path / name, mid, rows=rows)
        sql = reader.replace("mid", '"db"."main"."mid"')
        files.manifest["nodes"]["model.shop.reader"].update(compiled_code=sql, raw_code=sql)
        sides.append(files)
    assert ("model.shop.reader" in changes(*sides)["rebuild"]) == built
