"""The slow and patient decode, for files in which something has an unexpected type.

A patch release of dbt, or a hand in the file, must not cost the whole run. Here every value is
converted on its own: what fits is kept, what doesn't is read as absent and noted. Only what nothing
can be said without (a node that is no object, or has no id) is an error or is left out.
"""

from __future__ import annotations

import types
import typing
from typing import Any, TypeVar, get_args, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class UnsalvageableError(ValueError):
    """A value that its owner can't do without is missing or has the wrong type."""


def salvage(value: Any, cls: type[T], where: str, notes: list[str]) -> T:
    """Build a `cls` from decoded JSON, field by field.

    Args:
        value: what the JSON held at `where`.
        cls: the struct wanted.
        where: a path for people, as in ``nodes.model.shop.orders``.
        notes: one line is added for each thing that was read as absent.

    Raises:
        UnsalvageableError: when `value` is no object or lacks a required field.
    """
    if not isinstance(value, dict):
        raise UnsalvageableError(f"{where} is {_article(value)}, not an object")
    try:
        return msgspec.convert(value, cls)
    except (msgspec.ValidationError, RecursionError):
        pass
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(cls):
        if field.encode_name not in value:
            continue
        raw = value[field.encode_name]
        try:
            kept[field.name] = _fit(raw, field.type, f"{where}.{field.encode_name}", notes)
        except UnsalvageableError as error:
            if raw is not None:  # null where a default exists is dbt's way to say "not set"
                notes.append(str(error))
    for field in msgspec.structs.fields(cls):
        if field.required and field.name not in kept:
            raise UnsalvageableError(f"{where} has no usable {field.encode_name}")
    return cls(**kept)


def _fit(raw: Any, kind: Any, where: str, notes: list[str]) -> Any:
    """Convert one value, descending into structs, lists and maps where it fails as a whole."""
    try:
        return msgspec.convert(raw, kind)
    except (msgspec.ValidationError, RecursionError):
        pass
    for option in _options(kind):
        origin, args = get_origin(option), get_args(option)
        if isinstance(option, type) and issubclass(option, msgspec.Struct):
            return salvage(raw, option, where, notes)
        if origin is tuple and isinstance(raw, list):
            return tuple(_each(enumerate(raw), args[0], where, notes).values())
        if origin is dict and isinstance(raw, dict):
            return _each(raw.items(), args[1], where, notes)
    raise UnsalvageableError(f"{where} is {_article(raw)}")


def _each(
    items: typing.Iterable[tuple[Any, Any]], kind: Any, where: str, notes: list[str]
) -> dict[Any, Any]:
    kept = {}
    for key, raw in items:
        try:
            kept[key] = _fit(raw, kind, f"{where}.{key}", notes)
        except UnsalvageableError as error:
            notes.append(str(error))
    return kept


def _options(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    if get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(option for option in get_args(kind) if option is not type(None))
    return (kind,)


def _article(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    if value is None:
        return "null"
    return names.get(type(value), "a number")
