"""Which node an input of a unit test stands for."""

from __future__ import annotations

import ast

from analytics_tools.artifacts import Model, Project
from analytics_tools.artifacts.nodes import Source


def input_of(text: str, project: Project, package: str) -> str:
    """Return the node that an input names, by unique id; empty where there is none.

    ``this`` is no node but what earlier runs left of one.

    Args:
        text: as YAML has it: ``ref('orders', v=2)``, ``source('shop', 'orders')``.
        package: whose unit test it is; its own nodes come first.
    """
    call = _call(text)
    if call is None:
        return ""
    kind, words, version = call
    if kind == "source":
        found = [uid for uid, one in project.sources.items() if _label(one) == tuple(words)]
    else:
        found = _referred(project, words, version)
    own = [uid for uid in found if uid.split(".")[1] == package]
    return next(iter(own or found), "")


def _label(source: Source) -> tuple[str, str]:
    return source.source_name, source.name


def _call(text: str) -> tuple[str, list[str], str] | None:
    """Take a call of ``ref`` or ``source`` apart: which, the names, and the version."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    words = [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
    named = {one.arg: one.value for one in node.keywords}
    version = named.get("version") or named.get("v")
    if node.func.id not in ("ref", "source") or not 1 <= len(words) <= 2:
        return None
    return node.func.id, words, str(version.value) if isinstance(version, ast.Constant) else ""


def _referred(project: Project, words: list[str], version: str) -> list[str]:
    *package, name = words
    return [
        uid
        for uid, node in project.relations.items()
        if node.name == name
        and node.kind != "source"
        and (not package or node.package_name == package[0])
        and _is_version(node, version)
    ]


def _is_version(node: object, version: str) -> bool:
    if not isinstance(node, Model) or node.version is None:
        return not version
    return str(node.version) == version if version else node.is_latest
