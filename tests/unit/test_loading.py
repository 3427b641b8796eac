"""What `make load` reads of the sources, and how it names their files and types."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parent.parent.parent


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setitem(sys.modules, "loading", ModuleType("loading"))
    return _module("loading", ROOT / "scripts" / "loading" / "__init__.py")


def source(location: str | None, loaded_at: str = "loaded_at") -> Any:
    return SimpleNamespace(
        source_name="shop",
        name="orders",
        identifier="orders",
        schema="raw_shop",
        loaded_at_field=loaded_at,
        config=SimpleNamespace(meta={"external_location": location} if location else {}),
    )


def tables(loading: ModuleType, *nodes: Any) -> list[Any]:
    return loading.raw_tables(SimpleNamespace(sources=dict(enumerate(nodes))))


@pytest.mark.parametrize(
    ("location", "reads"),
    [
        ("/raw/shop/{name}/*.parquet", "read_parquet('/raw/shop/orders/a.b')"),
        ("'/raw/{identifier}/*.csv'", "read_csv('/raw/shop/orders/a.b')"),
        (
            "read_csv('/raw/shop/{name}/*.txt', header=true)",
            "read_csv('/raw/shop/orders/a.b', header=true)",
        ),
        ("read_json('/it''s/{name}.json')", "read_json('/raw/shop/orders/a.b')"),
    ],
)
def test_a_location_is_a_path_or_a_call(loading: ModuleType, location: str, reads: str) -> None:
    (table,) = tables(loading, source(location), source(None))
    assert table.read(Path("/raw/shop/orders/a.b")) == reads
    assert (table.source, table.schema, table.name) == ("shop.orders", "raw_shop", "orders")


def test_files_are_known_by_their_path_below_the_folder(
    loading: ModuleType, tmp_path: Path
) -> None:
    for day in ("d=1", "d=2"):
        (tmp_path / "orders" / day).mkdir(parents=True)
        (tmp_path / "orders" / day / "part.parquet").touch()
    (table,) = tables(loading, source(f"{tmp_path}/{{name}}/*/*.parquet"))
    assert [table.name_of(file) for file in table.files] == ["d=1/part.parquet", "d=2/part.parquet"]


def test_only_a_plain_column_is_indexed(loading: ModuleType) -> None:
    for said, indexed in (("loaded_at", "loaded_at"), ("cast(loaded_at as timestamp)", None)):
        (table,) = tables(loading, source("/raw/*.csv", loaded_at=said))
        assert table.loaded_at == indexed


def test_what_cannot_be_read_is_said(loading: ModuleType) -> None:
    with pytest.raises(loading.LoadError, match=r"shop\.orders: no reader for /raw/orders\.xlsx"):
        tables(loading, source("/raw/{name}.xlsx"))
    with pytest.raises(loading.LoadError, match="no source names files"):
        tables(loading, source(None))


@pytest.mark.usefixtures("loading")
def test_what_is_nested_becomes_json_and_all_else_a_type(tmp_path: Path) -> None:
    """As DuckDB describes what it reads, here from a Parquet file."""
    postgres = _module("loading.postgres", ROOT / "scripts" / "loading" / "postgres.py")
    sys.modules.pop("loading.postgres")
    file = tmp_path / "part.parquet"
    session = duckdb.connect()
    session.execute(
        f"""copy (select 1::tinyint a, 1::int b, 1 ::bigint c, 1.5::decimal(18, 2) d, 1.5::double e, 'x' f, true g,
        date '2026-01-01' h, timestamp '2026-01-01' i, timestamptz '2026-01-01' j, 'x'::blob k, 1::ubigint l,
        [1] m, {{'n': 1}} n, uuid() o, 1::float p, time '01:02' q) to '{file}'"""
    )
    described = session.execute(f"describe from read_parquet('{file}')").fetchall()
    found = [postgres._type(kind) for _, kind, *_ in described]
    assert found == [
        "smallint", "integer", "bigint", "numeric(18,2)", "double precision", "text", "boolean",
        "date", "timestamp", "timestamptz", "bytea", "numeric(20, 0)",
        "jsonb", "jsonb", "uuid", "real", "time",
    ]  # fmt: skip
