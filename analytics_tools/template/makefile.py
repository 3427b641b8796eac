"""The Makefile of a project made from the template's: rules of the package go, others change."""

from __future__ import annotations

import re

from analytics_tools.errors import AnalyticsToolsError

# Rules about the package, or about measuring it.
_PACKAGE = {"bench", "bench-truth", "dist", "init", "test-bake"}
_OF_THE_DEMO = {"bench-incremental", "day", "test-engines", "test-slow"}
_RULE = re.compile(r"^([a-z][a-z0-9-]*):(?!=)", re.M)


def for_project(text: str, *, demo: bool, ci: str) -> str:
    """Return the Makefile as a project has it."""
    gone = _PACKAGE if demo else _PACKAGE | _OF_THE_DEMO
    blocks = [block for block in text.split("\n\n") if not _is_of(block, gone)]
    lines = "\n\n".join(blocks).split("\n")
    text = "\n".join(_phony(line, gone) for line in lines if _is_wanted(line, ci))
    text = _replaced(text, " --extra duckdb", "")
    text = _replaced(text, "Every test of project and package", "Every test of the project")
    text = _replaced(text, "Style and types of Python", "Style of Python")
    installed = "$(INSTALLED): requirements.lock pyproject.toml"
    text = _replaced(text, installed, "$(INSTALLED): requirements.lock requirements-tools.txt")
    return text.rstrip("\n") + "\n" if demo else _with_sample(text).rstrip("\n") + "\n"


def _is_of(block: str, gone: set[str]) -> bool:
    """Whether all rules of a block go; a block is what stands between empty lines."""
    rules = set(_RULE.findall(block))
    return bool(rules) and rules <= gone


def _phony(line: str, gone: set[str]) -> str:
    if not line.startswith(".PHONY:"):
        return line
    return " ".join(word for word in line.split(" ") if word not in gone)


def _is_wanted(line: str, ci: str) -> bool:
    """Whether a linter's line still has something to read."""
    if not line.startswith("\t"):
        return True
    words = ["/mypy", "validate-manifest", ".github/actions"]
    words += [
        folder for name, folder in (("github", ".github"), ("gitlab", ".gitlab")) if name != ci
    ]
    return not any(re.search(rf"{re.escape(word)}(?![a-z])", line) for word in words)


def _with_sample(text: str) -> str:
    """The starter's raw data is files in sample/, copied to where real ones will be landed."""
    sizes = re.compile(r"# How much sample data.*?^SEED[^\n]*\n\n", re.M | re.S)
    text = _subbed(sizes, "", text)
    landing = re.compile(r"^\$\(LANDED\):.*\n(?:\t.*\n?)+", re.M)
    recipe = (
        "$(LANDED): $(shell find sample -type f)\n"
        "\t@mkdir -p data/raw && cp -R sample/. data/raw/\n"
        "\t@echo '{}' >$@ && echo \"Landed sample/ in data/raw.\"\n"
    )
    text = _subbed(landing, recipe, text)
    engines = re.compile(r"^# What `make test-engines` tries.*?\n\n", re.M | re.S)
    text = _subbed(engines, "", text)
    appended = re.compile(r"^\t@if \[ -f \$\(LANDED\) \]; then .*\n\t\telse .*\n", re.M)
    text = _subbed(appended, "", text)
    needs = "deploy: $(INSTALLED) $(PACKAGES)"
    text = _replaced(text, needs, f"{needs} $(LANDED)")
    text = _replaced(text, "Build production as of today,", "Build production,")
    return _replaced(text, "sample data alone: make data SCALE=1000000", "sample data alone")


def _subbed(pattern: re.Pattern[str], new: str, text: str) -> str:
    changed, count = pattern.subn(lambda _: new, text)
    if count != 1:
        raise AnalyticsToolsError(f"the template's Makefile has no longer one: {pattern.pattern}")
    return changed


def _replaced(text: str, old: str, new: str) -> str:
    if old not in text:
        raise AnalyticsToolsError(f"the template's Makefile no longer says: {old}")
    return text.replace(old, new)
