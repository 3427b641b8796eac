"""Edits that touch whole models: their files, and how they are built."""

from __future__ import annotations

import random
import re
from pathlib import Path

Change = dict[str, "str | None"]
_REF = re.compile(r"\bref\(\s*['\"](\w+)['\"]\s*\)")
_BUILT_AS = re.compile(r"materialized\s*=\s*'(table|view)'")


def _models(root: Path) -> list[Path]:
    return sorted((root / "models").rglob("*.sql"))


def _readers(root: Path, name: str) -> list[Path]:
    every = [p for p in root.rglob("*") if p.suffix in (".sql", ".yml") and p.is_file()]
    every = [p for p in every if not {"dbt_packages", "target"} & set(p.relative_to(root).parts)]
    return [p for p in sorted(every) if name in _REF.findall(p.read_text())]


def added(root: Path, rng: random.Random) -> Change | None:
    """A new model that reads another."""
    read = rng.choice(_models(root)).stem
    name = f"extra_{rng.randrange(99)}"
    body = "select count(*) as number from {{ ref('MODEL') }}\n"
    return {f"models/{name}.sql": body.replace("MODEL", read)}


def built_as(root: Path, rng: random.Random) -> Change | None:
    """A view becomes a table, a table a view or ephemeral."""
    path = rng.choice(_models(root))
    text = path.read_text()
    if "incremental" in text:
        return None
    found = _BUILT_AS.search(text)
    if found:
        other = "view" if found[1] == "table" else "table"
        return {str(path.relative_to(root)): text.replace(found[0], f"materialized='{other}'")}
    if "config(" in text:
        return None
    kind = rng.choice(["table", "view", "ephemeral"])
    return {str(path.relative_to(root)): f"{{{{ config(materialized='{kind}') }}}}\n{text}"}


def renamed(root: Path, rng: random.Random) -> Change | None:
    """A model with another name, followed everywhere in SQL and YAML."""
    paths = [p for p in _models(root) if not p.with_suffix(".yml").exists()]
    path = rng.choice(paths or _models(root))
    old, new = path.stem, path.stem + "_new"
    made: Change = {str(path.relative_to(root)): None}
    made[str(path.with_stem(new).relative_to(root))] = path.read_text()
    for reader in _readers(root, old):
        text = _REF.sub(
            lambda m: m[0].replace(old, new) if m[1] == old else m[0], reader.read_text()
        )
        made[str(reader.relative_to(root))] = text
    for yml in (root / "models").rglob("*.yml"):
        text = str(made.get(str(yml.relative_to(root))) or yml.read_text())
        after = re.sub(rf"(- name: ){old}$", rf"\g<1>{new}", text, flags=re.MULTILINE)
        if after != text:
            made[str(yml.relative_to(root))] = after
    return made


def for_runs_to_come(root: Path, rng: random.Random) -> Change | None:
    """An incremental model that treats a changed schema in another way."""
    paths = [p for p in _models(root) if "on_schema_change" in p.read_text()]
    if not paths:
        return None
    path = rng.choice(paths)
    other = rng.choice(["ignore", "sync_all_columns", "fail"])
    text = re.sub(r"on_schema_change\s*=\s*'\w+'", f"on_schema_change='{other}'", path.read_text())
    return {str(path.relative_to(root)): text}


EDITS = (added, built_as, renamed, for_runs_to_come)
