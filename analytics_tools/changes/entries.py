"""What is compared as it is written: tests, exposures, metrics and the rest of the YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics_tools.artifacts.code import NodeCode, items_of, keys_of
from analytics_tools.changes.pair import Pair

# Written by dbt about the run, the file or itself: nothing anybody changed.
_NOISE = frozenset(
    ("created_at", "path", "original_file_path", "patch_path", "build_path", "root_path", "fqn",
     "checksum", "metadata", "doc_blocks", "unrendered_config", "relation_name", "node_relation",
     "database", "schema", "compiled_path", "unique_id", "refs", "sources", "metrics",
     "depends_on", "resource_type", "package_name", "input_measures", "file_key_name",
     "config_call_dict", "raw_code", "docs", "schema_name", "latest_version")
)  # fmt: skip
_WORDS = frozenset(("description", "label", "meta", "tags", "docs"))
_SECTIONS = {
    "exposures": "exposure",
    "metrics": "metric",
    "semantic_models": "semantic_model",
    "saved_queries": "saved_query",
    "unit_tests": "unit_test",
    "functions": "function",
}


def differing(before: Any, after: Any, path: str = "") -> list[str]:
    """Return the paths at which two entries differ, noise left out."""
    if before == after:
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found: list[str] = []
        for key in sorted({*before, *after}, key=str):
            if key in _NOISE and not (key == "metrics" and path):
                continue
            found += differing(
                before.get(key), after.get(key), f"{path}.{key}" if path else str(key)
            )
        return found
    if _plain(before) == _plain(after):
        return []
    if _named(before) is not None and _named(after) is not None:
        return differing(_named(before), _named(after), path)
    return [path]


def _plain(value: Any) -> Any:
    """Return a value so that empty is absent and noise inside of lists is gone."""
    if isinstance(value, Mapping):
        inner = {k: _plain(v) for k, v in value.items() if k not in _NOISE}
        return {k: v for k, v in inner.items() if v is not None} or None
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value] or None
    return None if value == "" else value


def _named(value: Any) -> dict[str, Any] | None:
    """Return a list of named things by their names: their order says nothing."""
    if (
        isinstance(value, list)
        and value
        and all(isinstance(v, Mapping) and v.get("name") for v in value)
    ):
        return {str(one["name"]): one for one in value}
    return None


def only_words(fields: list[str]) -> bool:
    """Whether nothing but descriptions, labels and the like differs."""
    return all(_WORDS & set(field.split(".")) for field in fields)


def compare_sections(pair: Pair) -> dict[str, tuple[str, list[str]]]:
    """Compare what isn't a node of the warehouse, by unique id: the change, and the fields."""
    found: dict[str, tuple[str, list[str]]] = {}
    for section in _SECTIONS:
        before: Mapping[str, Any] = getattr(pair.base.code, section) or {}
        after: Mapping[str, Any] = getattr(pair.head.code, section) or {}
        for uid in sorted({*before, *after}):
            if uid not in after:
                found[uid] = ("removed", [])
            elif uid not in before:
                found[uid] = ("added", [])
            else:
                fields = differing(before[uid], after[uid])
                if section == "exposures":
                    fields += _reads(before[uid], after[uid])
                if fields:
                    found[uid] = ("docs" if only_words(fields) else "fields", fields)
    return found


def _reads(before: Any, after: Any) -> list[str]:
    def nodes(entry: Any) -> list[str]:
        depends = entry.get("depends_on") if isinstance(entry, Mapping) else None
        return sorted(map(str, items_of(keys_of(depends).get("nodes"))))

    return [] if nodes(before) == nodes(after) else ["depends_on"]


def compare_tests(pair: Pair) -> dict[str, tuple[str, list[str]]]:
    """Compare data tests, by unique id."""
    found: dict[str, tuple[str, list[str]]] = {}
    base, head = _tests(pair.base.code.nodes), _tests(pair.head.code.nodes)
    for uid in sorted({*base, *head}):
        if uid not in head:
            found[uid] = ("removed", [])
        elif uid not in base:
            found[uid] = ("added", [])
        else:
            fields = _test_fields(pair, uid)
            switched = "config.enabled" in fields
            if switched:
                off = pair.head.code.node(uid).settings.get("enabled") is False
                found[uid] = ("disabled" if off else "enabled", fields)
            elif fields:
                found[uid] = ("docs" if only_words(fields) else "fields", fields)
    return found


def _tests(nodes: Mapping[str, NodeCode]) -> set[str]:
    return {uid for uid in nodes if uid.startswith("test.")}


def _test_fields(pair: Pair, uid: str) -> list[str]:
    before, after = pair.base.code.node(uid), pair.head.code.node(uid)
    fields = differing(before.settings, after.settings, "config")
    fields += differing(before.test_metadata, after.test_metadata, "arguments")
    if before.column_name != after.column_name:
        fields.append("column_name")
    if (before.description or "") != (after.description or ""):
        fields.append("description")
    if before.compiled and after.compiled:
        one, two = pair.before.canonical(uid), pair.after.canonical(uid)
        if one.split() != two.split():
            fields.append("sql")
    elif not pair.macros.same(before, after):
        fields.append("sql")
    return list(dict.fromkeys(fields))
