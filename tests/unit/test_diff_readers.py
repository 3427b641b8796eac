"""Who uses a column that changed: by column lineage, else by name, and the answer says which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics_tools.diff import flow
from tests.unit.project_files import ProjectFiles

READERS = {
    "through_a_star": "with o as (select * from db.main.orders) select * from o",
    "renamed_on_the_way": "select o.amount as paid from db.main.orders as o",
    "only_filters": "select id from db.main.orders where amount > 0",
    "of_another_table": "select o.id, r.amount from db.main.orders o join db.main.refunds r "
    "on o.id = r.id",
    "never_named": "select id from db.main.orders",
    "unreadable": "select (id, amount from db.main.orders where",
    "only_parsed": "",
}


@pytest.fixture
def readers(files: ProjectFiles, ask: Callable[..., Any], tmp_path: Path) -> Callable[[], Any]:
    """Remove a column that seven models may read; return its readers, certain and not."""
    orders, refunds = files.model("orders"), files.model("refunds")
    files.built(orders, id="INT", amount="INT")
    files.built(refunds, id="INT", amount="INT")
    for name, sql in READERS.items():
        uid = files.model(name, orders, refunds, compiled_code=sql, raw_code=sql or "select amount")
        files.built(uid, id="INT")
    files.other("exposures", "board", orders)

    def compare() -> Any:
        before = files.write(tmp_path / "before")
        after = files.copy()
        after.built(orders, id="INT")
        document = ask("diff", "--source", before, "--target", after.write(tmp_path / "after"))
        (change,) = document["relations"][0]["columns"]
        sure = {uid.split(".")[2] for uid in change["certain_readers"]}
        return sure, {uid.split(".")[2] for uid in change["readers"]} - sure

    return compare


def test_by_lineage(readers: Callable[[], Any]) -> None:
    sure, unsure = readers()
    assert sure == {"through_a_star", "renamed_on_the_way", "only_filters"}
    assert unsure == {"of_another_table", "unreadable", "only_parsed", "board"}


def test_by_name_where_models_are_too_many(
    readers: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MOST_MODELS", 6)
    sure, unsure = readers()
    assert sure == set()
    assert {"renamed_on_the_way", "only_filters", "of_another_table"} <= unsure


def test_text_tells_certain_from_perhaps(
    files: ProjectFiles, run: Callable[..., Any], tmp_path: Path
) -> None:
    orders = files.model("orders")
    files.built(orders, id="INT", amount="INT")
    files.built(files.model("a", orders, compiled_code="select amount from orders"), amount="INT")
    files.other("exposures", "board", orders)
    before, after = files.write(tmp_path / "before"), files.copy()
    after.built(orders, id="INT")
    words = ("diff", "--source", before, "--target", after.write(tmp_path / "after"))
    text = run(*words).stdout
    assert "used by model a\n" in text
    assert "perhaps used by exposure board\n" in text
    assert "`a`; perhaps `board`" in run(*words, "--format", "markdown").stdout
