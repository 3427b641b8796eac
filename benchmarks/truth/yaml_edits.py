"""Edits of YAML: what describes, tests, configures and measures."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import yaml


def edited(text: str, edit: Callable[[Any, random.Random], bool], rng: random.Random) -> str | None:
    """Return YAML after an edit; None where it finds nothing to do."""
    tree = yaml.safe_load(text)
    if not isinstance(tree, dict) or not edit(tree, rng):
        return None
    return str(yaml.safe_dump(tree, sort_keys=False, width=1000, allow_unicode=True))


def _models(tree: Any) -> list[Any]:
    return [one for one in tree.get("models") or () if isinstance(one, dict)]


def _columns(tree: Any) -> list[Any]:
    return [c for one in _models(tree) for c in one.get("columns") or () if isinstance(c, dict)]


def _one(found: list[Any], rng: random.Random) -> Any:
    return rng.choice(found) if found else None


def describe(tree: Any, rng: random.Random) -> bool:
    """Describe a model in other words."""
    one = _one(_models(tree), rng)
    if one is not None:
        one["description"] = f"{one.get('description') or ''} (reworded)"
    return one is not None


def describe_column(tree: Any, rng: random.Random) -> bool:
    """Describe a column in other words."""
    one = _one(_columns(tree), rng)
    if one is not None:
        one["description"] = f"{one.get('description') or ''} (reworded)"
    return one is not None


def tag(tree: Any, rng: random.Random) -> bool:
    """Tag a model, or say who owns it."""
    one = _one(_models(tree), rng)
    if one is None:
        return False
    config = one.setdefault("config", {})
    if rng.random() < 0.5:
        config["tags"] = ["nightly"]
    else:
        config.setdefault("meta", {})["owner"] = "somebody@example.com"
    return True


def add_test(tree: Any, rng: random.Random) -> bool:
    """Test one more thing."""
    one = _one(_columns(tree), rng)
    if one is None:
        return False
    key = "tests" if "tests" in one else "data_tests"
    if "not_null" in (one.get(key) or ()):
        return False
    one[key] = [*(one.get(key) or ()), "not_null"]
    return True


def drop_test(tree: Any, rng: random.Random) -> bool:
    """Test one thing less."""
    keys = ("data_tests", "tests")
    found = [(c, key) for c in _columns(tree) for key in keys if c.get(key)]
    one = _one(found, rng)
    if one is not None:
        one[0].pop(one[1])
    return one is not None


def contract_type(tree: Any, rng: random.Random) -> bool:
    """Declare another type for a column of a contract."""
    found = [c for c in _columns(tree) if c.get("data_type")]
    one = _one(found, rng)
    if one is not None:
        one["data_type"] = rng.choice(["varchar", "double", "bigint", "string", "text"])
    return one is not None


def constraint(tree: Any, rng: random.Random) -> bool:
    """Forbid null in a column of a contract, or allow it."""
    one = _one([c for c in _columns(tree) if c.get("data_type")], rng)
    if one is None:
        return False
    if one.get("constraints"):
        one.pop("constraints")
    else:
        one["constraints"] = [{"type": "not_null"}]
    return True


def alias(tree: Any, rng: random.Random) -> bool:
    """Build a model under another name."""
    one = _one(_models(tree), rng)
    if one is not None:
        one.setdefault("config", {})["alias"] = f"{one['name']}_other"
    return one is not None


def measure(tree: Any, rng: random.Random) -> bool:
    """Aggregate a metric in another way, or filter it."""
    metrics = [m for one in _models(tree) for m in one.get("metrics") or ()]
    one = _one([m for m in metrics if m.get("agg")], rng)
    if one is None:
        return False
    one["agg"] = rng.choice([agg for agg in ("sum", "max", "min", "average") if agg != one["agg"]])
    return True


def label(tree: Any, rng: random.Random) -> bool:
    """Call a metric something else."""
    metrics = [m for one in _models(tree) for m in one.get("metrics") or ()]
    one = _one(metrics, rng)
    if one is not None:
        one["label"] = f"{one.get('label') or one['name']} (new)"
    return one is not None


def tracked(tree: Any, rng: random.Random) -> bool:
    """Track other columns in a snapshot, or treat deleted rows in another way."""
    one = _one([s for s in tree.get("snapshots") or () if isinstance(s, dict)], rng)
    if one is None:
        return False
    config = one.setdefault("config", {})
    columns = config.get("check_cols")
    if isinstance(columns, list) and len(columns) > 1 and rng.random() < 0.5:
        config["check_cols"] = columns[:-1]
    else:
        other = [
            w for w in ("ignore", "invalidate", "new_record") if w != config.get("hard_deletes")
        ]
        config["hard_deletes"] = rng.choice(other)
    return True


def change_var(tree: Any, rng: random.Random) -> bool:
    """Give a variable another value."""
    known = tree.get("vars")
    if not known:
        return False
    name = rng.choice(sorted(known))
    value = known[name]
    if isinstance(value, bool):
        known[name] = not value
    elif isinstance(value, int | float):
        known[name] = value + rng.choice([-3, -1, 1, 10])
    elif isinstance(value, list):
        known[name] = [*value, "dev"]
    else:
        known[name] = str(value).replace("31", "30")
    return bool(known[name] != value)


def add_var(tree: Any, rng: random.Random) -> bool:
    """Define a variable that nobody reads."""
    tree.setdefault("vars", {})["nobody_reads_this"] = rng.randrange(99)
    return True


EDITS = (describe, describe_column, tag, add_test, drop_test, contract_type, constraint, alias,
         measure, label, tracked)  # fmt: skip
