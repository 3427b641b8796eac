"""A new project: its name, its files, and how they come to the disk."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from analytics_tools import template
from analytics_tools.errors import UsageError
from analytics_tools.template import source
from analytics_tools.template.adapting import TemplateError, pyproject

ROOT = Path(__file__).parent.parent.parent
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
# The word where it is a folder, the tools, an environment's variable or a team's trade; anywhere else it is a name.
ROLES = re.compile(
    r"""analytics/|analytics[-_]tools|dbt-analytics|/\ "analytics"|cd\ analytics\b|-C\ analytics\b
    |ANALYTICS|(?:Finance|Marketing|Product|Support)\ analytics""",
    re.X,
)
WORD = re.compile(r"(?<![a-z])analytics(?![a-z])", re.I)


def baked(name: str = "acme", *, demo: bool = True, ci: str = "github") -> dict[str, str]:
    new = template.NewProject(name=name, tools="dbt-analytics-tools==1", demo=demo, ci=ci)
    return template.plan(template.read_template(), new)


@pytest.fixture(scope="module", params=[True, False], ids=["demo", "no-demo"])
def both(request: pytest.FixtureRequest) -> dict[str, str]:
    return baked(demo=request.param)


@pytest.fixture
def new(run: Callable[..., Result], tmp_path: Path) -> Callable[..., Result]:
    tools = ("--tools", "dbt-analytics-tools==1")
    return lambda *words: run("new", tmp_path / "made", *tools, *words)


@pytest.mark.parametrize(
    "name", ["acme", "a", "acme_data", "shop2", "dbt_acme", "a" * 40, "orders"]
)
def test_good_names(name: str) -> None:
    assert template.check_name(name) == name


@pytest.mark.parametrize(
    ("name", "why", "instead"),
    [
        ("", "empty", ""),
        ("my-shop", "hyphen", "my_shop"),
        ("2shop", "digit", "project_2shop"),
        ("Acme", "lower case", "acme"),
        ("my shop", "letters from a to z", "my_shop"),
        ("café", "letters from a to z", "cafe"),
        ("数据", "letters from a to z", ""),
        ("_acme", "underscore", "acme"),
        ("dbt", "dbt uses", "dbt_data"),
        ("dbt_utils", "dbt uses", "dbt_utils_data"),
        ("dbt_duckdb", "dbt uses", "dbt_duckdb_data"),
        ("config", "dbt uses", "config_data"),
        ("select", "word of SQL", "select_data"),
        ("order", "word of SQL", "order_data"),
        ("dev", "targets", "dev_data"),
        ("core", "schemas", "core_data"),
        ("a__b", "two underscores", "a_b"),
        ("a" * 41, "41 characters", "a" * 40),
        ("acme\n", "letters from a to z", "acme"),
        ("../up", "letters from a to z", "up"),
        ("a.b", "letters from a to z", "a_b"),
        ("'; drop", "letters from a to z", "drop_data"),
    ],
)
def test_awkward_names_are_refused_with_a_better_one(name: str, why: str, instead: str) -> None:
    with pytest.raises(UsageError) as said:
        template.check_name(name)
    assert why in str(said.value)
    assert template.suggested_name(name) == instead
    if instead:
        assert template.check_name(instead) == instead
        assert instead in str(said.value)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize("ci", template.CI)
@pytest.mark.parametrize("demo", [True, False])
def test_no_trace_of_the_templates_name(demo: bool, ci: str) -> None:
    left = [
        f"{path}: {line}"
        for path, text in baked(demo=demo, ci=ci).items()
        for line in text.splitlines()
        if WORD.search(ROLES.sub("", line))
    ]
    assert left == []


def test_the_search_for_traces_finds_them() -> None:
    files = baked("analytics")
    found = {p for p, text in files.items() if WORD.search(ROLES.sub("", text))}
    assert {
        "README.md",
        "analytics/dbt_project.yml",
        "analytics/profiles.yml",
        "pyproject.toml",
        "scripts/ci.py",
        "scripts/unpack.sh",
        "tests/integration/test_house_rules.py",
    } <= found


def test_every_file_of_a_kind_can_be_read(both: dict[str, str]) -> None:
    for path, text in both.items():
        if path.endswith((".yml", ".yaml")):
            yaml.safe_load(text)
        elif path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith(".json"):
            json.loads(text)
        elif path.endswith(".py"):
            ast.parse(text)
        assert text == "" or text.endswith("\n"), path


def test_the_name_is_dbts_project_and_profile(both: dict[str, str]) -> None:
    project = yaml.safe_load(both["analytics/dbt_project.yml"])
    assert (project["name"], project["profile"]) == ("acme", "acme")
    assert list(project["models"]) == ["acme"]
    profiles = yaml.safe_load(both["analytics/profiles.yml"])
    assert list(profiles) == ["acme"]
    slim = profiles["acme"]["outputs"]["slim_ci"]["attach"][0]
    assert slim["alias"] == "acme" and "acme.duckdb" in slim["path"]
    assert tomllib.loads(both["pyproject.toml"])["project"]["name"] == "acme"
    assert both["README.md"].startswith("# acme\n")


def test_each_link_leads_somewhere(both: dict[str, str]) -> None:
    for page, text in both.items():
        if not page.endswith(".md"):
            continue
        for target in LINK.findall(text):
            linked = os.path.normpath(os.path.join(os.path.dirname(page), target))  # noqa: PTH118, PTH120
            there = linked in both or any(path.startswith(f"{linked}/") for path in both)
            assert there, f"{page}: {target}"


def test_nothing_of_the_package_goes_along(both: dict[str, str]) -> None:
    assert not [
        path for path in both if path.startswith(("analytics_tools/", "tests/unit/", "data/"))
    ]
    assert "LICENSE" not in both
    assert "build-system" not in both["pyproject.toml"]
    assert "-e ." not in both["scripts/install.sh"]
    for word in ("bench:", "bench-truth", "dist:", "mypy", "--extra duckdb", "init:"):
        assert word not in both["Makefile"], word


def test_every_word_of_the_makefile_has_its_files(both: dict[str, str]) -> None:
    named = re.findall(r"(?<![\w./-])((?:scripts|benchmarks)/[\w.]+)", both["Makefile"])
    assert named
    assert set(named) <= set(both)
    words = {
        word
        for line in re.findall(r"^\.PHONY: (.*)$", both["Makefile"], re.M)
        for word in line.split()
    }
    assert words <= set(re.findall(r"^([a-z0-9-]+):(?!=)", both["Makefile"], re.M))


def test_each_ci_has_its_own_files_alone() -> None:
    github, gitlab, none = (set(baked(ci=ci)) for ci in ("github", "gitlab", "none"))
    assert {
        ".github/workflows/ci.yml",
        ".github/workflows/deploy.yml",
        "scripts/comment.py",
    } <= github
    assert ".github/workflows/release.yml" not in github
    assert {".gitlab-ci.yml", ".gitlab/dbt-review.yml", "scripts/comment.py"} <= gitlab
    assert github - gitlab and gitlab - github
    for paths, others in (
        (github, ".gitlab"),
        (gitlab, ".github"),
        (none, (".git" + "hub", ".gitlab")),
    ):
        assert not [path for path in paths if path.startswith(others)]
    assert none < github & gitlab
    assert ".github" not in baked(ci="none")["Makefile"]
    assert "zizmor" in baked(ci="github")[".pre-commit-config.yaml"]
    assert "zizmor" not in baked(ci="gitlab")[".pre-commit-config.yaml"]


def test_the_starter_is_small_and_has_one_of_each() -> None:
    files = baked(demo=False)
    models = [
        path for path in files if path.startswith("analytics/models/") and path.endswith(".sql")
    ]
    assert sorted(Path(path).name for path in models) == [
        "fct_orders.sql", "int_orders_deduplicated.sql", "stg_shop__orders.sql", "time_spine_daily.sql",
    ]  # fmt: skip
    assert len(files) < 90
    yml = "\n".join(text for path, text in files.items() if path.startswith("analytics/models/"))
    assert yml.count("agg: ") == 1 and yml.count("type: dashboard") == 1
    described = yaml.safe_load(files["analytics/macros/_macros.yml"])["macros"]
    there = {Path(path).stem for path in files if re.fullmatch(r"analytics/macros/\w+\.sql", path)}
    assert {macro["name"] for macro in described} == there


def test_each_integration_test_is_carried_or_left_on_purpose() -> None:
    """A new test of the dbt project belongs in `TESTS` of template/source.py, one of the tools here."""
    of_this_repository = {
        "add", "ci", "dialects", "guides", "new", "new_bake", "new_copier", "real_changes",
    }  # fmt: skip
    there = {
        path.stem.removeprefix("test_")
        for path in (ROOT / "tests" / "integration").glob("test_*.py")
    }
    assert set(source.TESTS) <= there
    assert there - set(source.TESTS) == of_this_repository


def test_a_template_that_says_something_else_is_refused() -> None:
    read = template.read_template()
    changed = {
        **read,
        "scripts/install.sh": read["scripts/install.sh"].replace("-e .", "--editable ."),
    }
    with pytest.raises(TemplateError, match=r"scripts/install\.sh no longer says"):
        template.plan(changed, template.NewProject("acme", "x"))
    with pytest.raises(TemplateError, match=r"no section tool\.uv"):
        pyproject(read["pyproject.toml"].replace("[tool.uv]", "[tool.vu]"))


def test_a_project_is_written(new: Callable[..., Result], tmp_path: Path) -> None:
    result = new("--name", "acme", "--no-demo", "--ci", "gitlab")
    assert result.exit_code == 0, result.output
    made = tmp_path / "made"
    files = {p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file()}
    assert files == set(baked(demo=False, ci="gitlab"))
    assert f"{len(files)} files" in result.output
    assert os.access(made / "scripts" / "install.sh", os.X_OK)
    assert not os.access(made / "README.md", os.X_OK)
    assert [p.name for p in tmp_path.iterdir()] == ["made"]


def test_a_dry_run_lists_and_writes_nothing(new: Callable[..., Result], tmp_path: Path) -> None:
    result = new("--name", "acme", "--dry-run")
    assert result.exit_code == 0
    assert result.output.splitlines() == list(baked())
    assert list(tmp_path.iterdir()) == []


def test_json_says_what_was_made(new: Callable[..., Result], tmp_path: Path) -> None:
    said = json.loads(new("--name", "acme", "--no-demo", "--json").stdout)
    assert (said["written"], said["name"], said["demo"]) == (True, "acme", False)
    assert all((tmp_path / "made" / path).is_file() for path in said["files"])


def test_the_folder_names_the_project_where_nobody_is_asked(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    assert run("new", tmp_path / "My Shop", "--yes", "--no-demo").exit_code == 0
    assert "name: my_shop\n" in (tmp_path / "My Shop" / "analytics" / "dbt_project.yml").read_text()
    silent = run("new", tmp_path / "My Shop 2")
    assert silent.exit_code == 2
    assert silent.output == (
        "error: --name is missing: say what the project is called; --yes would take my_shop_2\n"
    )
    assert run("new", tmp_path / "数据", "--yes").exit_code == 2


@pytest.mark.parametrize(
    "words", [["--name", "my-shop"], ["--warehouse", "oracle", "--yes"], ["--tools", "", "--yes"]]
)
def test_wrong_words_end_with_one_line(
    new: Callable[..., Result], words: list[str], tmp_path: Path
) -> None:
    result = new(*words)
    assert result.exit_code == 2
    assert result.output.startswith("error: ") and result.output.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_never_touched(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / ".hidden").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    for name, why in (("full", "not empty"), ("file", "is a file"), ("lost", "leads nowhere")):
        result = run("new", tmp_path / name, "--name", "acme")
        assert result.exit_code == 2 and why in result.output, name
    assert (tmp_path / "full" / ".hidden").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "full", "lost"]


def test_an_empty_folder_is_filled_and_stays_the_same(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    before = there.stat().st_ino
    template.write({"a/b.txt": "1\n", ".c": "2\n"}, there)
    assert there.stat().st_ino == before
    assert sorted(p.name for p in there.iterdir()) == [".c", "a"]


@pytest.mark.parametrize("there", [True, False])
def test_what_fails_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    place = tmp_path / "deep" / "made"
    if there:
        place.mkdir(parents=True)
    written: list[Path] = []
    real = Path.write_text

    def full_disk(path: Path, *words: object, **more: object) -> int:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        return real(path, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(UsageError, match="No space left on device"):
        template.write(dict.fromkeys("abcd", "x"), place)
    assert list(tmp_path.rglob("*")) == ([tmp_path / "deep", place] if there else [])


def test_a_move_that_fails_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "c":
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        template.write(dict.fromkeys("abcd", "x"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_someone_else_was_quicker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the rename another process fills the folder: its files stay."""
    place = tmp_path / "made"
    real = Path.chmod

    def chmod(path: Path, mode: int) -> None:
        real(path, mode)
        place.mkdir()
        (place / "theirs").write_text("x")

    monkeypatch.setattr(Path, "chmod", chmod)
    with pytest.raises(UsageError):
        template.write({"a": "x"}, place)
    assert [p.name for p in tmp_path.rglob("*")] == ["made", "theirs"]


def test_on_a_terminal_it_asks_for_what_is_missing(tmp_path: Path) -> None:
    code = (
        "import pty, sys\n"
        f"command = [{str(Path(sys.executable).parent / 'analytics-tools')!r}, 'new', {str(tmp_path / 'my-shop')!r}]\n"
        "sys.exit(pty.spawn(command) >> 8)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="my-shop\nacme\nn\n\nnone\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert "Name of the project [my_shop]" in done.stdout
    assert "dbt takes no hyphen" in done.stdout
    assert "Warehouse (duckdb, postgres," in done.stdout
    made = tmp_path / "my-shop"
    assert (made / "sample").is_dir() and not (made / ".github").exists()
    assert "name: acme\n" in (made / "analytics" / "dbt_project.yml").read_text()
