"""Every foreseeable mistake: one clear line on stderr, exit code 2, nothing on stdout."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.unit.project_files import ProjectFiles

Run = Callable[..., Result]


def assert_one_line(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def manifest_text(files: ProjectFiles) -> str:
    return json.dumps(files.manifest)


SPOILED: dict[str, tuple[Callable[[str], bytes], str]] = {
    "empty": (lambda _: b"", "empty"),
    "blank": (lambda _: b" \n ", "empty"),
    "cut off": (lambda text: text[: len(text) // 2].encode(), "cut off"),
    "one byte short": (lambda text: text[:-1].encode(), "not valid JSON"),
    "no json": (lambda _: b"# manifest", "not a JSON object"),
    "a list": (lambda _: b"[]", "not a dbt manifest"),
    "package.json": (lambda _: b'{"name": "x", "version": "1"}', "not a dbt manifest"),
    "gzip": (lambda text: gzip.compress(text.encode()), "compressed"),
    "utf-16": (lambda text: text.encode("utf-16"), "UTF-16"),
    "latin-1": (lambda text: text.replace("sentence", "s\xe9ntence").encode("latin-1"), "UTF-8"),
    "deep": (lambda _: b'{"metadata": ' + b"[" * 200_000, "nested too deeply"),
    "newer": (lambda text: text.replace("v12.json", "v13.json").encode(), "v13"),
    "a catalog": (
        lambda text: text.replace("dbt/manifest/v12", "dbt/catalog/v1").encode(),
        "is a dbt catalog",
    ),
    "another's schema": (lambda text: text.replace("schemas.getdbt.com/dbt", "x").encode(), "not"),
    "nodes a list": (
        lambda text: text.replace('"nodes": {', '"nodes": [], "x": {').encode(),
        "`nodes`",
    ),
    "a node a string": (
        lambda text: text.replace('"nodes": {', '"nodes": {"model.shop.x": "y", ').encode(),
        "left out",
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_manifest(name: str, shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    spoil, word = SPOILED[name]
    path = tmp_path / "manifest.json"
    path.write_bytes(spoil(manifest_text(shop)))
    result = run("score", "--manifest", path)
    if word == "left out":  # what can be done without is passed over, with a warning
        assert result.exit_code == 0
        assert word in result.stderr
    else:
        assert_one_line(result, word, str(path))


def test_missing_files(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_line(run("score"), "no manifest.json", "dbt parse")
    assert_one_line(run("score", "--manifest", "gone.json"), "gone.json", "no such file")
    assert_one_line(run("score", "--manifest", tmp_path), "neither manifest.json")
    assert_one_line(run("diff", "--source", "a", "--target", "b"), "a:", "no such file")


def test_bytes_mark_is_no_error(shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b"\xef\xbb\xbf" + manifest_text(shop).encode())
    assert run("score", "--manifest", path).exit_code == 0


def test_nan_is_no_error(shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    shop.manifest["unit_tests"]["unit_test.shop.amounts_add_up"]["given"] = [float("nan")]
    assert run("score", "--manifest", shop.write(tmp_path)).exit_code == 0


def test_companions(shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    catalog = folder / "catalog.json"
    catalog.write_text("{")
    beside = run("score", "--manifest", folder)
    assert beside.exit_code == 0
    assert beside.stderr.startswith("warning: ")
    assert_one_line(run("score", "--manifest", folder, "--catalog", catalog), "catalog.json")
    manifest = folder / "manifest.json"
    named = run("score", "--manifest", folder, "--catalog", manifest)
    assert_one_line(named, "is a dbt manifest, not a catalog")


def test_unknown_names(shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    shop.manifest["disabled"] = {
        "model.shop.old": [{"unique_id": "model.shop.old", "name": "old",
                            "original_file_path": "models/old.sql"}]
    }  # fmt: skip
    shop.write(tmp_path)

    def said(command: str, name: str) -> Result:
        return run(command, "--manifest", folder, "--model", name)

    assert_one_line(said("score", "fct_order"), "did you mean fct_orders")
    assert_one_line(said("impact", "raw.order"), "did you mean raw.orders")
    for command in ("score", "impact", "lineage", "docs"):
        hint = (
            f"in {folder / 'manifest.json'}; the manifest has",
            "if it is new, run `dbt parse` first",
        )
        assert_one_line(said(command, "zzz"), "no model", "'zzz'", *hint)
    assert_one_line(said("score", "raw.orders"), "is a source, not a model")
    assert_one_line(said("score", "old"), "disabled in models/old.sql")


def test_ambiguous_name(shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    twin = dict(shop.manifest["nodes"]["model.shop.fct_orders"])
    twin.update(unique_id="model.mall.fct_orders", package_name="mall")
    shop.manifest["nodes"]["model.mall.fct_orders"] = twin
    folder = shop.write(tmp_path)
    result = run("score", "--manifest", folder, "--model", "fct_orders")
    assert_one_line(result, "model.mall.fct_orders, model.shop.fct_orders")
    assert run("score", "--manifest", folder, "--model", "mall.fct_orders").exit_code == 0


def test_wrong_words(shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    folder = shop.write(tmp_path)
    assert_one_line(run("scor"), "No such command", "--help")
    assert_one_line(run("score", "--manifest", folder, "--fail-under", "x"), "--fail-under")
    assert_one_line(run("score", "--manifest", folder, "--layer", "gold"), "--layer")
    assert_one_line(run("score", "--manifest", folder, "--layer", "intermediate"), "intermediate")
    assert_one_line(run("score", "--manifest", folder, "--package", "mall"), "shop")
    both = run("score", "--manifest", folder, "--model", "stg_orders", "--layer", "marts")
    assert_one_line(both, "--model stands alone")
    assert_one_line(run("impact", "--manifest", folder), "--model")


def test_a_bug_is_said_shortly(
    shop: ProjectFiles, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr("analytics_tools.cli.score.score_project", broken)
    result = run("score", "--manifest", shop.write(tmp_path))
    assert result.exit_code == 70
    assert result.stderr.count("\n") == 1
    assert "report it" in result.stderr
    monkeypatch.setenv("ANALYTICS_TOOLS_DEBUG", "1")
    assert isinstance(run("score", "--manifest", tmp_path).exception, KeyError)


def test_diff_with_one_broken_half(shop: ProjectFiles, run: Run, tmp_path: Path) -> None:
    sound, broken = shop.write(tmp_path / "a"), shop.write(tmp_path / "b")
    (broken / "manifest.json").write_text("{")
    result = run("diff", "--source", sound, "--target", broken)
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: ")
    named = run("diff", "--source", sound, "--target", sound, "--manifest", broken)
    assert_one_line(named, "manifest.json")
    (broken / "catalog.json").write_text("{")
    assert_one_line(run("diff", "--source", sound, "--target", broken), "catalog.json")
