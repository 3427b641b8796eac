"""Additions to YAML that people wrote: lines go in, and not one of theirs is touched.

What was inserted is read back. Unless the file then says just what it said, and the addition, it is
refused: a file in an unusual form is for people to edit.
"""

from __future__ import annotations

import copy
from typing import Any

import yaml

from analytics_tools.errors import UsageError
from analytics_tools.scaffold.yaml_text import dump

# A key of a mapping, or the `name` of the entry of a list.
Step = str


def load(text: str, path: str) -> Any:
    """Return what YAML says. Raises UsageError where it is none."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f", line {line + 1}" if line is not None else ""
        raise UsageError(f"{path}: is not valid YAML{where}; mend it first") from None


def append(text: str, steps: tuple[Step, ...], item: dict[str, Any], path: str) -> str:
    """Return the text with `item` at the end of the list that `steps` lead to.

    Args:
        text: the YAML.
        steps: keys of mappings and names of entries: ``("sources", "shop", "tables")``.
        item: what to add.
        path: whose text it is, for the error.
    """
    expected = copy.deepcopy(load(text, path))
    target = _value(expected, steps)
    if not isinstance(target, list):
        raise _refusal(path, steps)
    target.append(item)
    node = _node(yaml.compose(text, Loader=yaml.SafeLoader), steps)
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        raise _refusal(path, steps)
    lines = text.splitlines(keepends=True)
    at = _last_line(node, lines) + 1
    above = node.value[-1].start_mark.line - 1
    # As the others are parted; a single one says nothing, so at top level as the house does.
    parted = not lines[above].strip() if len(node.value) > 1 else len(steps) == 1
    added = ("\n" if parted else "") + dump([item], node.start_mark.column)
    return _checked(lines, at, added, expected, path, steps)


def insert(
    text: str,
    steps: tuple[Step, ...],
    key: str,
    value: Any,
    path: str,
    before: str = "",
) -> str:
    """Return the text with a new key in the mapping that `steps` lead to.

    It stands before the key `before`, where there is that one, else at the end.
    """
    expected = copy.deepcopy(load(text, path))
    target = _value(expected, steps)
    node = _node(yaml.compose(text, Loader=yaml.SafeLoader), steps)
    if not isinstance(target, dict) or not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise _refusal(path, (*steps, key))
    if key in target:
        raise UsageError(f"{path}: {'.'.join(steps)} has {key} already")
    target[key] = value
    lines = text.splitlines(keepends=True)
    first = node.value[0][0]
    places = [k.start_mark.line for k, _ in node.value[1:] if k.value == before]
    at = places[0] if places else _last_line(node, lines) + 1
    return _checked(lines, at, dump({key: value}, first.start_mark.column), expected, path, steps)


def _checked(
    lines: list[str], at: int, added: str, expected: Any, path: str, steps: tuple[Step, ...]
) -> str:
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    before = lines[:at]
    if before and not before[-1].endswith("\n"):
        before[-1] += ending
    new = "".join([*before, added.replace("\n", ending), *lines[at:]])
    try:
        same = yaml.safe_load(new) == expected
    except yaml.YAMLError:
        same = False
    if not same:
        raise _refusal(path, steps)
    return new


def _value(value: Any, steps: tuple[Step, ...]) -> Any:
    for step in steps:
        if isinstance(value, list):
            named = [one for one in value if isinstance(one, dict) and one.get("name") == step]
            value = named[0] if named else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _node(node: yaml.Node | None, steps: tuple[Step, ...]) -> yaml.Node | None:
    for step in steps:
        if isinstance(node, yaml.SequenceNode):
            node = next((one for one in node.value if _name(one) == step), None)
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        else:
            return None
    return node


def _name(node: yaml.Node) -> str | None:
    found = _node(node, ("name",)) if isinstance(node, yaml.MappingNode) else None
    return found.value if isinstance(found, yaml.ScalarNode) else None


def _last_line(node: yaml.Node, lines: list[str]) -> int:
    """Return the number of the last line of a node, counted from 0."""
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1], lines)
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        key, value = node.value[-1]
        return max(int(key.end_mark.line), _last_line(value, lines))
    line = int(node.end_mark.line)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        line = min(line, len(lines)) - 1
        while line > node.start_mark.line and not lines[line].strip():
            line -= 1
    return int(min(line, len(lines) - 1))


def _refusal(path: str, steps: tuple[Step, ...]) -> UsageError:
    return UsageError(
        f"{path}: {'.'.join(steps)} is written in a form that can't be added to safely: write it "
        "as a block, an entry a line, or add this one by hand"
    )
