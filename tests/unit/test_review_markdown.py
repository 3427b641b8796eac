"""The comment does no harm, pings nobody and fits, whatever a project is called and says."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_tools.artifacts import load_project
from analytics_tools.artifacts.code import read_code
from analytics_tools.cli import main
from analytics_tools.render.review_markdown import MARKER, review_markdown
from analytics_tools.review import Review, State, review_of
from analytics_tools.review.runs import read_run
from analytics_tools.score import ScoreSettings, load_rules
from tests.unit.project_files import ProjectFiles
from tests.unit.review_files import write, write_run

Run = Callable[..., Result]
GITHUB = 65_536
NASTY = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a|b", "`", "```", "@octocat",
    "@org/team", "x@octocat", "_@octocat", "#123", "GH-7", "owner/repo#9", "\n\n# head\n", "\r\n- [ ] x",
    "\u202egpj.exe", "\x1b[31m", "\x00", "</details>", "<!--", "-->", MARKER, "&lt;script&gt;", "![x](y)",
    "[x](javascript:alert(1))", "https://evil.example/x", "www.evil.example", "\\", "**", "~~", "$x$",
    "end", "]]", '"', "'", "%0A::error::x", "\u200b", "ünï", "😀", " ", "::", "{{ x }}", "</summary>",
)  # fmt: skip
TAGS = {
    "h2", "h3", "p", "ul", "li", "strong", "em", "code", "pre", "table", "thead", "tbody", "tr", "th",
    "td", "details", "summary", "b",
}  # fmt: skip


def hostile(word: str, models: int = 3) -> tuple[ProjectFiles, ProjectFiles]:
    """Return a project before and after a change, with `word` wherever one may write a word."""
    sides = []
    for side in range(2):
        files = ProjectFiles()
        above: list[str] = []
        for number in range(models):
            name = f"m{number}{word}"
            sql = f"select 1 as a, 2 as b{side}, {side} as c -- {word}"
            uid = files.model(name, *above, compiled_code=sql, raw_code=sql, columns=[f"b{word}"],
                              description=f"{word}{side}")  # fmt: skip
            node = files.manifest["nodes"][uid]
            node["config"]["meta"] = {"owner": word}
            node["original_file_path"] = f"models/{word}.sql"
            test = files.test("accepted_values", uid, f"b{word}", values=[word, side])
            files.manifest["nodes"][test]["config"] = {"where": word * side, "severity": word}
            above = [uid]
        files.other(
            "exposures", f"e{word}", *above, owner={"name": word, "email": word}, label=word
        )
        files.other("exposures", f"{side}{word}", *above)
        sides.append(files)
    return sides[0], sides[1]


def comment_on(word: str, folder: Path, models: int = 3) -> str:
    base, head = hostile(word, models)
    write(base, folder / "base")
    write(head, folder / "head")
    failed = {uid: "fail" if uid.startswith("test") else "error" for uid in head.manifest["nodes"]}
    write_run(folder / "head", failed, f"Error: {word}\n{word} 'ada@example.com'")
    words = ["review", "--base", str(folder / "base"), "--head", str(folder / "head")]
    result = CliRunner().invoke(main, [*words, "--format", "markdown"])
    assert result.exit_code in (0, 1), result.stderr
    return result.stdout


class Seen(HTMLParser):
    """What a reader of the rendered comment sees outside of code, and the tags around it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.inside.append(tag)
        self.links += [value or "" for key, value in attrs if key in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"code", "pre"} & set(self.inside):
            self.text.append(data)


def outside_of_code(markdown: str) -> str:
    """Return the Markdown without fenced blocks, code spans and what stands in <code>."""
    kept, fence = [], ""
    for line in markdown.splitlines():
        match = re.match(r"(`{3,})", line)
        if fence:
            fence = "" if line == fence else fence
        elif match:
            fence = match.group(1)
        else:
            kept.append(line)
    text = re.sub(r"<code>.*?</code>", "", "\n".join(kept))
    return re.sub(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", text)


def is_harmless(markdown: str) -> None:
    text = outside_of_code(markdown)
    assert not re.search(r"(?<!\w)@\w", text), "a mention"
    assert not re.search(r"(?<!&)#\w", text), "a reference"
    assert not re.search(r"(?i)\bGH-\d", text), "a reference"
    assert not re.search(
        r"(?i)<(script|img|iframe|/?a\b|!--(?! analytics-tools review -->\n))", text
    )
    assert markdown.startswith(f"{MARKER}\n## ")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", markdown)


def is_rendered_harmless(markdown: str) -> None:
    """The same, asked of GitHub's own parser."""
    cmark = pytest.importorskip("cmarkgfm")
    from cmarkgfm.cmark import Options

    html = cmark.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    seen = Seen()
    seen.feed(html)
    assert seen.tags <= TAGS | {"a"}, seen.tags - TAGS
    assert all(link.startswith("mailto:") for link in seen.links), seen.links
    assert seen.inside == []
    text = "\n".join(seen.text)
    assert not re.search(r"(?<![\w`/])@[a-zA-Z0-9]", text)
    assert not re.search(r"(?<!\w)#\d", text)


@pytest.mark.parametrize("word", [*NASTY, "".join(NASTY)])
def test_nothing_a_project_says_has_power(word: str, tmp_path: Path) -> None:
    markdown = comment_on(word, tmp_path)
    is_harmless(markdown)
    assert "ada@example.com" not in markdown


@pytest.mark.parametrize("word", [*NASTY, "".join(NASTY)])
def test_github_renders_it_as_text(word: str, tmp_path: Path) -> None:
    is_rendered_harmless(comment_on(word, tmp_path))


@given(st.lists(st.sampled_from(NASTY) | st.text(max_size=8), min_size=1, max_size=6).map("".join))
@settings(max_examples=60, deadline=None)
def test_any_words(word: str) -> None:
    word = word.encode("utf-8", "replace").decode()
    with tempfile.TemporaryDirectory() as folder:
        is_harmless(comment_on(word, Path(folder)))


@pytest.mark.parametrize("word", ["x" * 5_000, "😀" * 300, "|`" * 400, "<&" * 400])
def test_it_fits_however_much_there_is_to_say(word: str, tmp_path: Path) -> None:
    markdown = comment_on(word, tmp_path, models=120)
    assert len(markdown.encode()) < GITHUB
    is_harmless(markdown)


def told(folder: Path) -> Review:
    """Return a review with much to say."""
    base, head = hostile("_of_the_shop", 60)
    write(base, folder / "base")
    write(head, folder / "head", dict.fromkeys(head.manifest["nodes"], "error"))
    sides = [
        State(load_project(path), read_code(path), read_run(path.parent / "run_results.json"))
        for path in (folder / side / "manifest.json" for side in ("base", "head"))
    ]
    return review_of(sides[0], sides[1], ScoreSettings(), load_rules(()))


def test_the_least_important_goes_first_and_is_named(tmp_path: Path) -> None:
    review = told(tmp_path)
    whole = review_markdown(review, 10_000_000)
    assert "Left out" not in whole
    for limit in (20_000, 8_000, 4_000):
        text = review_markdown(review, limit)
        assert len(text.encode()) <= limit
        assert "Left out to stay below GitHub's limit: " in text
        assert "## 🛑 Breaks" in text
    assert "### Values that change" not in review_markdown(review, 8_000)


@given(st.integers(min_value=300, max_value=40_000))
@settings(max_examples=60, deadline=None)
def test_any_limit_is_kept(limit: int) -> None:
    if not _told:
        with tempfile.TemporaryDirectory() as folder:
            _told.append(told(Path(folder)))
    text = review_markdown(_told[0], limit)
    assert len(text.encode()) <= limit
    assert text.startswith(MARKER)
    assert text.count("<details>") == text.count("</details>")


_told: list[Review] = []


def test_the_same_input_gives_the_same_comment(tmp_path: Path) -> None:
    assert comment_on("x", tmp_path / "a") == comment_on("x", tmp_path / "b")


def test_json_holds_what_the_comment_leaves_out(tmp_path: Path, run: Run) -> None:
    comment_on("y" * 3_000, tmp_path, models=120)
    words = ("review", "--base", tmp_path / "base", "--head", tmp_path / "head", "--json")
    document = json.loads(run(*words).stdout)
    assert len(document["build"]["failures"]) == 240
