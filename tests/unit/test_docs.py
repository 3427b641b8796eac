"""The page of a model: complete, and harmless whatever the project says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analytics_tools.render.markdown import code, escape, fenced, mermaid_label, paragraphs
from tests.unit.project_files import ProjectFiles

HOSTILE = '<script>alert(1)</script> | `x` ](http://x) @team #12 **b** "q" {{ x }}\n\n# head'


def page(files: ProjectFiles, run: Any, folder: Path, name: str) -> str:
    result = run("docs", "--manifest", files.write(folder), "--model", name)
    assert result.exit_code == 0, result.output
    text: str = result.stdout
    return text


def test_everything_is_told(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    text = page(shop, run, tmp_path, "fct_orders")
    for part in (
        "# fct\\_orders",
        "| **Grain** | one row per order |",
        "| **Owner** | Finance |",
        "## Columns (3)",
        "| `order_id` | `INTEGER` | What the column order\\_id means | `not_null`, `unique` |",
        "*(not declared in YAML)*",
        "```mermaid\nflowchart LR",
        "## Tests (3)",
        "unit test",
        "## Metrics (1)",
        "| `revenue` | simple | Money in |",
        "| board | dashboard | Ada &lt;ada@example.com&gt; |",
        '```sql\nselect\n    order_id,\n    amount,\n    late\nfrom "db"."main"."fct_orders"',
    ):
        assert part in text, part
    assert text == page(shop, run, tmp_path, "fct_orders")


def test_last_results(shop: ProjectFiles, run: Any, tmp_path: Path) -> None:
    unique = next(uid for uid in shop.manifest["nodes"] if uid.startswith("test.shop.unique_fct"))
    results = {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
        "args": {"which": "build"},
        "results": [{"unique_id": unique, "status": "fail", "failures": 3}],
    }
    (tmp_path / "run_results.json").write_text(json.dumps(results))
    text = page(shop, run, tmp_path, "fct_orders")
    assert "**fail**, 3 rows" in text
    assert "did not run" in text
    results["args"] = {"which": "generate"}  # compiled, not run
    (tmp_path / "run_results.json").write_text(json.dumps(results))
    assert "fail" not in page(shop, run, tmp_path, "fct_orders")


def test_hostile_project(files: ProjectFiles, run: Any, tmp_path: Path) -> None:
    model = files.model(
        "a",
        columns={HOSTILE: HOSTILE},
        description=HOSTILE,
        relation_name="`x`\n```\nfree",
        config={"meta": {"grain": HOSTILE, "owner": HOSTILE}},
        tags=[HOSTILE],
    )
    files.test("unique", model, HOSTILE)
    files.model(HOSTILE, model)
    files.other("exposures", "e", model, label=HOSTILE, owner={"name": HOSTILE})
    files.other("metrics", "m", model, description=HOSTILE)
    text = page(files, run, tmp_path, "a")
    # What lies in code is harmless; what is left must be.
    outside = re.sub(r"(?ms)^(````?).*?^\1$", "", text)
    outside = re.sub(r"(?<!\\)(`+)(?!`).+?(?<!`)\1(?!`)", "", outside)
    assert "<script" not in outside
    assert "@team" not in outside
    assert "\n# head" not in text
    assert "](http" not in outside
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert columns <= {3, 4, 6}
    picture = text.split("```mermaid\n")[1].split("\n```")[0]
    assert re.fullmatch(r'[\w\s#;.\-\[\]()">:]*', picture), picture


def test_large_neighbourhood_stays_readable(files: ProjectFiles, run: Any, tmp_path: Path) -> None:
    model = files.model("a")
    for number in range(100):
        files.model(f"reader_{number}", model)
    text = page(files, run, tmp_path, "a")
    assert text.count("reader_") == 15
    assert "85 nodes further away" in text


def test_sources_and_ephemeral_models(files: ProjectFiles, run: Any, tmp_path: Path) -> None:
    raw = files.source("raw", "orders", ["id"])
    files.model("a", raw, materialized="ephemeral", relation_name=None)
    assert "raw.orders" in page(files, run, tmp_path, "raw.orders")
    assert "Try it" not in page(files, run, tmp_path, "a")


def test_what_a_contract_holds_to_stands_beside_its_column(
    files: ProjectFiles, run: Any, tmp_path: Path
) -> None:
    columns = {
        "id": {"name": "id", "constraints": [{"type": "not_null"}]},
        "day": {"name": "day", "constraints": []},
    }
    key = [{"type": "primary_key", "columns": ["id", "day"]}]
    for name, enforced in (("held", True), ("loose", False)):
        uid = files.model(name, contract={"enforced": enforced}, constraints=key)
        files.manifest["nodes"][uid]["columns"] = columns
    text = page(files, run, tmp_path, "held")
    assert "`not_null (contract)`, `primary_key (contract)` |" in text
    assert "| `day` |  |  | `primary_key (contract)` |" in text
    assert "(contract)" not in page(files, run, tmp_path, "loose")


def test_odd_column_names_are_quoted(files: ProjectFiles, run: Any, tmp_path: Path) -> None:
    files.model("a", columns=["plain", "Order Date"])
    assert '\n    "Order Date"\n' in page(files, run, tmp_path, "a")


@given(st.text())
def test_escaped_text_stays_on_one_line(text: str) -> None:
    for escaped in (escape(text), code(text), mermaid_label(text)):
        assert "\n" not in escaped
    assert "<" not in escape(text)
    assert re.search(r"(?<![A-Za-z0-9])@\w", escape(text)) is None
    assert '"' not in mermaid_label(text)
    assert "\n\n\n" not in paragraphs(text)


@given(st.text(alphabet="`\nab|"))
def test_code_can_not_be_left(text: str) -> None:
    block = fenced(text, "sql")
    fence = block.split("sql\n")[0]
    assert not any(line.startswith(fence) for line in block.splitlines()[1:-1])
    span = code(text)
    if span:
        ticks = len(span) - len(span.lstrip("`"))
        inside = span[ticks : len(span) - ticks]
        assert ticks not in {len(run) for run in re.findall(r"`+", inside)}
