"""Personal data never reaches a public model unmasked, by column lineage; every model has who answers for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analytics_tools.cli.lineage import command
from tests.conftest import ANALYTICS, Warehouse

# What masks is made to return nothing: a path that is left is one around the mask.
OPAQUE = """{% macro mask_pii(column_name) -%}
    cast(null as {{ dbt.type_string() }})
{%- endmacro %}
"""
Column = tuple[str, str]


def marks(manifest: dict[str, Any], mark: str) -> set[Column]:
    """The columns with this mark in their meta, each as unique id and name."""
    return {
        (uid, name.lower())
        for part in ("sources", "nodes")
        for uid, node in manifest[part].items()
        for name, column in node["columns"].items()
        if ((column.get("config") or {}).get("meta") or {}).get(mark)
    }


def lineage(manifest: Path) -> dict[Column, set[Column]]:
    """Each column with those it is made from; `*` stands for all of a table."""
    answer = CliRunner().invoke(command, ["--manifest", str(manifest), "--json"])
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.output)
    assert document["unread"] == {}
    return {
        (node["unique_id"], column["name"].lower()): {
            (edge["unique_id"], edge["column"].lower()) for edge in column["upstream"]
        }
        for node in document["nodes"]
        for column in node["columns"]
    }


def descendants(
    parents: dict[Column, set[Column]], of: set[Column], but: set[Column]
) -> set[Column]:
    """All that is made from these columns; what is marked as free of personal data ends a path."""
    found = set(of)
    while True:
        tables = {(uid, "*") for uid, _ in found}
        more = {
            column
            for column, made_from in parents.items()
            if column not in found | but and made_from & (found | tables)
        }
        if not more:
            return found - of
        found |= more


def public(manifest: dict[str, Any]) -> set[str]:
    nodes = manifest["nodes"].values()
    return {n["unique_id"] for n in nodes if n["config"].get("access") == "public"}


@pytest.fixture(scope="module")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    return json.loads((warehouse.artifacts / "manifest.json").read_text())


@pytest.fixture(scope="module")
def opaque(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manifest of the project as compiled with a mask through which nothing passes."""
    home = tmp_path_factory.mktemp("opaque")
    shutil.copytree(warehouse.project, home / "analytics")
    shutil.copy(warehouse.database, home)
    copy = Warehouse(home)
    (copy.project / "macros" / "mask_pii.sql").write_text(OPAQUE)
    (copy.home / "raw").symlink_to(warehouse.raw)
    copy.dbt("compile")
    return copy.target / "manifest.json"


def test_personal_data_is_marked_where_it_comes_in(manifest: dict[str, Any]) -> None:
    """A column of a source that is called like personal data is marked, or says why it is none."""
    telling = (
        "email",
        "first_name",
        "last_name",
        "phone",
        "address",
        "birth",
        "ip_",
        "account_name",
    )
    known = marks(manifest, "contains_pii") | marks(manifest, "pii_free")
    called_so = {
        (uid, name)
        for uid, source in manifest["sources"].items()
        for name in source["columns"]
        if any(word in name for word in telling)
    }
    assert len(called_so) >= 4
    assert called_so - known == set()


def test_personal_data_is_marked_in_every_layer(opaque: Path) -> None:
    """Whatever is made from a marked column of a source is marked too, under whatever name."""
    read = json.loads(opaque.read_text())
    marked, free = marks(read, "contains_pii"), marks(read, "pii_free")
    sources = {column for column in marked if column[0].startswith("source.")}
    found = descendants(lineage(opaque), sources, free)
    assert len(found) >= 8
    assert {column for column in found - marked if column[0] not in public(read)} == set()


def test_no_personal_data_goes_around_the_mask(opaque: Path) -> None:
    read = json.loads(opaque.read_text())
    found = descendants(lineage(opaque), marks(read, "contains_pii"), marks(read, "pii_free"))
    assert {column for column in found if column[0] in public(read)} == set()


def test_the_search_finds_a_column_under_another_name(opaque: Path, tmp_path: Path) -> None:
    """An unmasked address called contact is found, and so is the wide table that reads it."""
    read = json.loads(opaque.read_text())
    leaky = read["nodes"]["model.analytics.dim_customer"]
    for code in ("compiled_code", "raw_code"):
        leaky[code] = leaky[code].replace(
            "country_code,\n        case", "lower(email) as contact,\n        case"
        )
    assert "as contact" in leaky["compiled_code"]
    (tmp_path / "manifest.json").write_text(json.dumps(read))
    parents = lineage(tmp_path / "manifest.json")
    found = descendants(parents, marks(read, "contains_pii"), marks(read, "pii_free"))
    assert {c for c in found if c[0] in public(read)} == {
        ("model.analytics.dim_customer", "contact")
    }


def test_what_is_masked_says_so(warehouse: Warehouse, manifest: dict[str, Any]) -> None:
    """The marks of public models and their SQL agree: masked is what is made from personal data."""
    parents = lineage(warehouse.artifacts / "manifest.json")
    found = descendants(parents, marks(manifest, "contains_pii"), marks(manifest, "pii_free"))
    sources = {c for c in marks(manifest, "contains_pii") if c[0].startswith("source.")}
    found |= descendants(parents, sources, marks(manifest, "pii_free"))
    shown = {column for column in found if column[0] in public(manifest)}
    assert len(shown) >= 7
    assert shown == marks(manifest, "masked")


def test_a_dictionary_of_addresses_finds_nobody(warehouse: Warehouse) -> None:
    """Masked addresses differ as the addresses do, and no plain hash of an address is among them."""
    ((people, masked, found),) = warehouse.query(
        """
        with clear as (select distinct email from dev_intermediate.int_customers_deduplicated where email is not null),
        shown as (select distinct email from dev_core.dim_customer where email is not null)
        select
            (select count(*) from clear), (select count(*) from shown),
            (select count(*) from clear, shown where shown.email in (
                'masked-' || md5(clear.email), 'masked-' || sha256(clear.email), clear.email
            ))
        """
    )
    assert people == masked > 500
    salted = (
        "select view_name from duckdb_views() where contains(sql, 'sample-data-has-no-secrets')"
    )
    assert warehouse.query(salted) == []
    assert found == 0


def test_a_target_that_masks_needs_a_salt_of_its_own(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The public default is for sample data: another target stops, and says what to set."""
    monkeypatch.delenv("ANALYTICS_PII_SALT", raising=False)
    monkeypatch.setenv("ANALYTICS_PROD_DUCKDB_PATH", str(tmp_path / "prod.duckdb"))
    refused = warehouse.run(
        "dbt", "--quiet", "compile", "--target", "prod", "--target-path", str(tmp_path), "--vars", "targets_with_clear_pii: []",
        "--inline", "{{ mask_pii('email') }}",
    )  # fmt: skip
    assert refused.returncode != 0
    assert "ANALYTICS_PII_SALT is not set, and target prod masks" in refused.stdout + refused.stderr


def promised(manifest: dict[str, Any], uid: str) -> tuple[object, object, object]:
    """Tier, SLA and owner of a node, as dbt resolved them: dbt merges meta key by key."""
    config = manifest["nodes"][uid]["config"]
    group = manifest["groups"].get(f"group.analytics.{config.get('group')}", {})
    owner = (group.get("owner") or {}).get("email")
    return config["meta"].get("tier"), config["meta"].get("sla_hours"), owner


def own_models(manifest: dict[str, Any]) -> set[str]:
    nodes = manifest["nodes"].values()
    return {
        n["unique_id"]
        for n in nodes
        if n["resource_type"] == "model" and n["package_name"] == "analytics"
    }


def test_every_model_has_an_owner_a_tier_and_its_sla(manifest: dict[str, Any]) -> None:
    """Whoever states another tier than the folder states its SLA too, or both are mixed up."""
    by_tier = {1: 26, 2: 36, 3: 72}
    assert "sla_hours_by_tier: {1: 26, 2: 36, 3: 72}" in (ANALYTICS / "dbt_project.yml").read_text()
    wrong = {
        uid: (tier, hours, owner)
        for uid in own_models(manifest)
        for tier, hours, owner in [promised(manifest, uid)]
        if by_tier.get(tier) != hours or "@" not in str(owner)
    }
    assert wrong == {}
    assert public(manifest) <= own_models(manifest)


def test_every_source_has_an_owner_and_a_tier(manifest: dict[str, Any]) -> None:
    for uid, source in manifest["sources"].items():
        assert "@" in source["config"]["meta"]["owner"], uid
        assert source["config"]["meta"]["tier"] in (1, 2, 3), uid


def test_no_model_promises_less_than_its_readers(manifest: dict[str, Any]) -> None:
    """A model of tier 1 can't be built in time on one that may wait."""
    tiers = {uid: promised(manifest, uid)[0] for uid in own_models(manifest)}
    broken = {
        (parent, reader)
        for reader, tier in tiers.items()
        for parent in manifest["nodes"][reader]["depends_on"]["nodes"]
        if tiers.get(parent, 1) > tier
    }
    assert broken == set()


def test_tier_1_is_tested_as_the_guide_says(manifest: dict[str, Any]) -> None:
    """The key, and a case of its own: a unit test, or a statement across models."""
    marts = [u for u in public(manifest) if promised(manifest, u)[0] == 1]
    assert len(marts) >= 8
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    cased = {u["depends_on"]["nodes"][0] for u in manifest["unit_tests"].values()}
    for test in tests:
        if not test.get("attached_node"):
            cased |= set(test["depends_on"]["nodes"])
    keyed = {
        t.get("attached_node")
        for t in tests
        if t.get("test_metadata", {}).get("name") in ("unique", "unique_combination_of_columns")
    }
    tables = {u for u in marts if not u.endswith(("dim_date", "dim_store", "dim_product"))}
    assert [u for u in marts if u not in keyed] == []
    assert [u for u in tables if u not in cased] == []


def test_the_audit_goes_through_every_source_table(
    manifest: dict[str, Any], warehouse: Warehouse
) -> None:
    """A source table that is declared is counted, dated, and searched for rejected rows."""
    declared = {
        f"{s['source_name']}.{s['name']}"
        for s in manifest["sources"].values()
        if s["source_name"] != "dbt_audit"
    }
    for table in ("dev_intermediate.int_loads_dated", "dev_audit.fct_row_reconciliation"):
        assert {t for (t,) in warehouse.query(f"select source_table from {table}")} == declared
    for name in ("fct_rejected_rows", "int_deliveries_counted"):
        (uid,) = (u for u in own_models(manifest) if u.endswith("." + name))
        read = {p.split(".")[-1] for p in manifest["nodes"][uid]["depends_on"]["nodes"]}
        assert {"stg_" + t.replace(".", "__") for t in declared} <= read
