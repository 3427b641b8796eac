"""Which nodes dbt's ``--select`` means: names, paths, tags and the like, with ``+`` around them.

Words are a union, commas an intersection, as in dbt. Known are the methods that the artifacts of a
single run can answer.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

from analytics_tools.artifacts import AnyNode, Model, Project, Relation
from analytics_tools.artifacts.nodes import Exposure, Source, Test, meta_of, tags_of
from analytics_tools.errors import UsageError
from analytics_tools.graph import reachable

_WORD = re.compile(
    r"^(?P<at>@)?(?P<above>\d*\+)?(?:(?P<method>[a-z_]+(?:\.[\w.]+)?):)?(?P<value>.+?)(?P<below>\+\d*)?$"
)


def select(project: Project, words: Iterable[str], exclude: Iterable[str] = ()) -> frozenset[str]:
    """Return the unique ids of what `words` select, less what `exclude` does.

    Each word may itself hold several, with blanks between.

    Raises:
        UsageError: a word can't be read, or uses a method that isn't known.
    """
    chosen = _union(project, words)
    return frozenset(chosen - _union(project, exclude))


def _union(project: Project, words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for word in (part for text in words for part in text.split()):
        parts = [_selected(project, part) for part in word.split(",") if part]
        if parts:
            found |= set.intersection(*parts)
    return found


def _selected(project: Project, word: str) -> set[str]:
    """Return what one word selects, with what stands above and below if it says so."""
    match = _WORD.match(word)
    if match is None:
        raise UsageError(f"can't read the selector {word!r}")
    start = _matching(project, match.group("method") or "", match.group("value"))
    chosen = set(start)
    above, below = match.group("above"), match.group("below")
    if match.group("at"):
        return reachable(reachable(start, project.children), project.parents)
    if above:
        chosen |= reachable(start, project.parents, _depth(above[:-1]))
    if below:
        chosen |= reachable(start, project.children, _depth(below[1:]))
    return chosen


def _depth(number: str) -> int | None:
    """Return how far a ``+`` goes: as far as the number beside it, or all the way."""
    return int(number) if number else None


def _matching(project: Project, method: str, value: str) -> set[str]:
    method, _, key = method.partition(".")
    if not method:
        looks_like_path = "/" in value or value.endswith((".sql", ".py", ".csv", ".yml"))
        method = "path" if looks_like_path else "fqn"
    check = _METHODS.get(method)
    if check is None:
        known = ", ".join(sorted(_METHODS))
        raise UsageError(f"--select doesn't know the method {method!r}; it knows {known}")
    return {uid for uid, node in project.nodes_by_id.items() if check(node, value, key)}


def _fqn(node: AnyNode, value: str, _key: str) -> bool:
    if value in ("*", node.name, node.label, node.unique_id):
        return not isinstance(node, Test) or value != "*"
    folders = node.original_file_path.replace("\\", "/").split("/")[1:-1]
    names = [node.package_name, *folders, node.name]
    wanted = value.split(".")
    if len(wanted) == 1 and not any(mark in value for mark in "*?["):
        return value in names
    return any(
        len(parts) >= len(wanted)
        and all(fnmatch.fnmatchcase(p, w) for p, w in zip(parts, wanted, strict=False))
        for parts in (names, names[1:], [node.name])
    )


def _path(node: AnyNode, value: str, _key: str) -> bool:
    file = node.original_file_path.replace("\\", "/")
    wanted = value.replace("\\", "/").rstrip("/").removeprefix("./")
    return fnmatch.fnmatchcase(file, wanted) or file.startswith(wanted + "/") or file == wanted


def _file(node: AnyNode, value: str, _key: str) -> bool:
    name = node.original_file_path.replace("\\", "/").rpartition("/")[2]
    return fnmatch.fnmatchcase(name, value) or fnmatch.fnmatchcase(name.rpartition(".")[0], value)


def _tag(node: AnyNode, value: str, _key: str) -> bool:
    tags = tags_of(node.tags) if isinstance(node, Relation) else ()
    return any(fnmatch.fnmatchcase(tag, value) for tag in tags)


def _config(node: AnyNode, value: str, key: str) -> bool:
    if not isinstance(node, Relation):
        return False
    if key.startswith("meta."):
        return str(meta_of(node).get(key[5:])).lower() == value.lower()
    if key == "tags":
        return _tag(node, value, "")
    found = getattr(node.config, key, None)
    return isinstance(found, str) and found == value


def _source(node: AnyNode, value: str, _key: str) -> bool:
    if not isinstance(node, Source):
        return False
    name = value.rpartition(".")
    return any(fnmatch.fnmatchcase(one, value) for one in (node.source_name, node.label)) or (
        name[0] == f"{node.package_name}.{node.source_name}" and name[2] == node.name
    )


def _named(kind: str) -> Callable[[AnyNode, str, str], bool]:
    def check(node: AnyNode, value: str, _key: str) -> bool:
        return node.kind == kind and fnmatch.fnmatchcase(node.name, value)

    return check


def _access(node: AnyNode, value: str, _key: str) -> bool:
    return isinstance(node, Model) and (node.access or node.config.access or "protected") == value


def _group(node: AnyNode, value: str, _key: str) -> bool:
    return isinstance(node, Model) and value in (node.group, node.config.group)


def _owner(node: AnyNode, value: str, _key: str) -> bool:
    return isinstance(node, Exposure) and value in str(node.owner or "")


def _version(node: AnyNode, value: str, _key: str) -> bool:
    if not isinstance(node, Model) or node.version is None:
        return isinstance(node, Model) and value == "none"
    if value == "latest":
        return node.is_latest
    return value == "old" and not node.is_latest


_METHODS: dict[str, Callable[[AnyNode, str, str], bool]] = {
    "fqn": _fqn,
    "path": _path,
    "file": _file,
    "tag": _tag,
    "config": _config,
    "source": _source,
    "package": lambda node, value, _: fnmatch.fnmatchcase(node.package_name, value),
    "resource_type": lambda node, value, _: node.kind == value,
    "access": _access,
    "group": _group,
    "owner": _owner,
    "version": _version,
    "exposure": _named("exposure"),
    "metric": _named("metric"),
    "semantic_model": _named("semantic_model"),
    "saved_query": _named("saved_query"),
    "unit_test": _named("unit_test"),
}
