"""What `add` is made of: names, YAML that is written and added to, files that come all or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.answer import Change
from analytics_tools.scaffold.names import check_name, plural, singular, snake
from analytics_tools.scaffold.spelling import spelling_of
from analytics_tools.scaffold.writing import write_all
from analytics_tools.scaffold.yaml_edit import append, insert
from analytics_tools.scaffold.yaml_text import Flow, dump


@pytest.mark.parametrize(
    ("name", "why", "better"),
    [
        ("Orders", "engines fold upper case differently", "orders would do"),
        ("my orders", "it has a blank", "my_orders would do"),
        ("../orders", "it is a path", "orders would do"),
        ("a\\b", "it is a path", "b would do"),
        ("order", "that is a word of SQL", "order_metric would do"),
        ("ümsatz", "dbt takes letters", "umsatz would do"),
        ("収益", "dbt takes letters", "take letters, digits"),
        ("orders.sql", "the ending is added by itself", "orders would do"),
        ("1st", "it begins with a digit", "n_1st would do"),
        ("_x", "it begins with an underscore", "x would do"),
        ("a__b", "keeps that form", "a_b would do"),
        ("", "it is empty", "take letters"),
        ("x" * 64, "64 characters", "would do"),
    ],
)
def test_awkward_names_are_refused_kindly(name: str, why: str, better: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_name("metric", name)
    assert why in str(refused.value)
    assert better in str(refused.value)


@given(st.text(max_size=80))
def test_what_is_proposed_is_allowed(name: str) -> None:
    try:
        check_name("metric", name)
    except UsageError as error:
        before, _, after = str(error).rpartition("; ")
        assert before
        if after.endswith(" would do"):
            assert check_name("metric", after.removesuffix(" would do"))


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("orders", "order"),
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("status", "status"),
        ("order_items", "order_item"),
        ("news", "news"),
    ],
)
def test_words_in_the_singular_and_plural(many: str, one: str) -> None:
    assert singular(many) == one
    assert plural(one) == many or one in ("status",)
    assert snake("OrderID") == "order_id"


def test_where_writing_fails_all_is_taken_back(tmp_path: Path) -> None:
    old = tmp_path / "old.yml"
    old.write_text("a: 1\n")
    (tmp_path / "file").write_text("no folder")
    changes = [
        Change("new/deep/x.sql", "select 1\n"),
        Change("old.yml", "a: 1\nb: 2\n", before="a: 1\n"),
        Change("file/y.sql", "select 2\n"),
    ]
    with pytest.raises(UsageError, match="nothing was changed"):
        write_all(tmp_path, changes)
    assert old.read_text() == "a: 1\n"
    assert {p.name for p in tmp_path.iterdir()} == {"old.yml", "file"}


def test_what_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text("a: 2\n")
    with pytest.raises(UsageError, match="changed just now"):
        write_all(tmp_path, [Change("x.yml", "a: 1\nb: 1\n", before="a: 1\n")])
    with pytest.raises(UsageError, match="outside of the project"):
        write_all(tmp_path, [Change("../out.yml", "a: 1\n")])
    (tmp_path / "link").symlink_to("/")
    with pytest.raises(UsageError, match="outside of the project"):
        write_all(tmp_path, [Change("link/tmp/out.yml", "a: 1\n")])


SOURCES = """# mine
sources:
  - name: shop   # here
    tables:
    - name: orders
      description: >-
        folded
        text

      # the end of orders
    - {name: stores}

  - name: other
    tables: [{name: x}]
"""


def test_yaml_grows_where_it_should_and_nowhere_else() -> None:
    new = append(SOURCES, ("sources", "shop", "tables"), {"name": "new"}, "x.yml")
    assert new == SOURCES.replace("- {name: stores}\n", "- {name: stores}\n    - name: new\n")
    crlf = SOURCES.replace("\n", "\r\n")
    assert append(crlf, ("sources", "shop", "tables"), {"name": "new"}, "x.yml") == new.replace(
        "\n", "\r\n"
    )
    with pytest.raises(UsageError, match="can't be added to safely"):
        append(SOURCES, ("sources", "other", "tables"), {"name": "new"}, "x.yml")
    with pytest.raises(UsageError, match="not valid YAML, line 3"):
        append("a: 1\nb: [\n", ("a",), {}, "x.yml")
    inserted = insert(SOURCES, ("sources", "shop"), "loader", "me", "x.yml", before="tables")
    assert "  - name: shop   # here\n    loader: me\n    tables:\n" in inserted


VALUES = st.recursive(
    st.text(max_size=12) | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), VALUES, min_size=1, max_size=3))
def test_what_is_written_as_yaml_reads_back(value: dict[str, Any]) -> None:
    assert yaml.safe_load(dump({"outer": Flow(value)})) == {"outer": value}


@given(st.text(max_size=300))
def test_any_text_reads_back(text: str) -> None:
    assert yaml.safe_load(dump({"description": text, "list": [text]})) == {
        "description": text,
        "list": [text],
    }


def test_older_versions_of_dbt_are_spelt_as_they_read() -> None:
    old, new = spelling_of("1.7.4"), spelling_of("1.12.6")
    arguments = {"values": ["a"]}
    assert old.test("accepted_values", arguments) == {"accepted_values": {"values": ["a"]}}
    assert new.test("accepted_values", arguments) == {"accepted_values": {"arguments": arguments}}
    assert (old.data_tests, new.data_tests) == ("tests", "data_tests")
    assert old.settings({"meta": {}}) == {"meta": {}}
    assert new.settings({"meta": {}}) == {"config": {"meta": {}}}
    assert not old.has_unit_tests
    assert spelling_of("2.0.0-beta.2").has_metrics_in_models
