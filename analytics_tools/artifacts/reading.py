"""From a path to bytes to typed structs, with one clear line for everything that can go wrong.

Only this module opens files. The happy path is a single typed decode with the garbage collector
off; whatever fails there is looked at again, slower, by `analytics_tools.artifacts.salvage`.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from analytics_tools.errors import ArtifactError

# The newest schema of each artifact that this package has been tried on. dbt v2 still writes v12.
KNOWN_SCHEMAS = {"manifest": 12, "catalog": 1, "run-results": 6, "sources": 3}

Content: TypeAlias = bytes | mmap.mmap

# From this size on a file is mapped into memory instead of copied there, which takes a third of the
# time. The price: if somebody cuts the file short in that moment, the process ends with SIGBUS.
_MAPPED_FROM = 8 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SCHEMA_URL = re.compile(r"/dbt/([a-z-]+)/v(\d+)(?:\.\d+)*\.json$")
_HOW_TO_WRITE = {
    "manifest": "run `dbt parse` (or any dbt command) to write one",
    "catalog": "run `dbt docs generate` to write one",
    "run-results": "run `dbt build` to write one",
    "sources": "run `dbt source freshness` to write one",
}


class Metadata(msgspec.Struct, frozen=True):
    """The head of every artifact."""

    dbt_schema_version: str | None = None
    dbt_version: str | None = None
    generated_at: str | None = None
    adapter_type: str | None = None
    project_name: str | None = None
    project_id: str | None = None


class _Headed(msgspec.Struct):
    metadata: Metadata | None = None


# What the quick decode raises when a file is broken, or not quite as expected.
UNUSUAL = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@contextmanager
def paused_collector() -> Iterator[None]:
    """Keep the cyclic garbage collector off: it doubles the time of building many small objects."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_bytes(path: Path, kind: str) -> Content:
    """Return the content of `path`. Raises ArtifactError when it can't be JSON text of `kind`."""
    try:
        data = _content(path)
    except FileNotFoundError:
        raise ArtifactError(f"{path}: no such file; {_HOW_TO_WRITE[kind]}") from None
    except IsADirectoryError:
        raise ArtifactError(f"{path}: is a directory, not a {kind} file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ArtifactError(f"{path}: can't be read ({reason})") from None
    if data[:3] == _BYTE_ORDER_MARK:
        data = data[3:]
    if not data[:4096].strip() and not data[:].strip():
        raise ArtifactError(f"{path}: the file is empty; {_HOW_TO_WRITE[kind]}")
    if data[:2] == b"\x1f\x8b" or data[:4] in (b"PK\x03\x04", b"\x28\xb5\x2f\xfd"):
        raise ArtifactError(f"{path}: is compressed; unpack it first and give the .json file")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ArtifactError(f"{path}: is UTF-16 text; dbt writes UTF-8: save it as that")
    return data


def _content(path: Path) -> Content:
    """Return the bytes of a file, those of a large one without copying them."""
    with path.open("rb") as file:
        if os.name == "posix" and os.fstat(file.fileno()).st_size >= _MAPPED_FROM:
            try:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError):
                pass  # a file system that can't map
        return file.read()


def decode_any(content: Content, path: Path) -> Any:
    """Decode JSON without types. Raises ArtifactError that says where the text is broken.

    Python's own parser is tried when the quick one refuses, for it reads ``NaN`` and lone
    surrogates, which dbt (being Python) may write.
    """
    data = bytes(content)
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    except RecursionError:
        raise ArtifactError(f"{path}: the JSON is nested too deeply to be a dbt artifact") from None
    try:
        return _whole_letters(json.loads(data))
    except json.JSONDecodeError as error:
        raise ArtifactError(_broken(path, data, error)) from None
    except UnicodeDecodeError as error:
        raise ArtifactError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except (RecursionError, ValueError) as error:
        raise ArtifactError(f"{path}: is not usable JSON ({error})") from None


def _whole_letters(value: Any) -> Any:
    """Return decoded JSON with a question mark for each half of a surrogate pair on its own."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole_letters(key): _whole_letters(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_letters(item) for item in value]
    return value


def _broken(path: Path, data: bytes, error: json.JSONDecodeError) -> str:
    """Say whether the file was cut off or is no JSON at all."""
    if data.lstrip()[:1] != b"{":
        start = data.lstrip()[:12].decode("ascii", "replace")
        return f"{path}: is not a JSON object (it begins with {start!r})"
    if not data.rstrip().endswith(b"}"):
        return f"{path}: the file is cut off after {len(data):,} bytes; was dbt still writing it?"
    return f"{path}: is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"


def peek_metadata(data: Content) -> Metadata | None:
    """Return the head of an artifact without decoding the rest, or None when there is none."""
    try:
        return msgspec.json.decode(data, type=_Headed).metadata
    except UNUSUAL:
        return None


def require_schema(metadata: Metadata | None, kind: str, path: Path) -> int:
    """Return the schema version. Raises ArtifactError for another artifact or a newer version."""
    url = (metadata.dbt_schema_version if metadata else None) or ""
    match = _SCHEMA_URL.search(url)
    if match is None:
        raise ArtifactError(
            f"{path}: is not a dbt {kind}: it has no metadata.dbt_schema_version of dbt's"
        )
    found, version = match.group(1), int(match.group(2))
    if found != kind:
        raise ArtifactError(f"{path}: is a dbt {found}, not a {kind}; give the {kind} file")
    if version > KNOWN_SCHEMAS[kind]:
        raise ArtifactError(
            f"{path}: is a {kind} of schema v{version}, newer than v{KNOWN_SCHEMAS[kind]}, the "
            "newest this version knows; upgrade dbt-analytics-tools, or write it with an older dbt"
        )
    return version
