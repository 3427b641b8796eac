"""Statements kept between runs, by content, in one file beside the manifest.

The file is replaced as a whole, so a reader never sees half of one; whoever writes last wins, and
what another run wrote is read anew and kept. A file that can't be read is none.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import msgspec

from analytics_tools.artifacts.reading import paused_collector
from analytics_tools.sql.statement import Statement

# Goes up with every change of what is read from SQL: old entries are then as good as none.
VERSION = 10
_NAME = "analytics_tools_lineage.bin"
_DIGEST = 16
_MOST = 60_000  # entries kept; those not asked for in this run go first


class Cache:
    """A memory of statements that outlasts the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = _load(path)
        self._used: dict[str, bytes] = {}
        self._new = False

    def get(self, key: str) -> Statement | None:
        """Return the statement of that key, if one was kept."""
        raw = self._known.get(key)
        if raw is None:
            return None
        try:
            statement = _decoder.decode(raw)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return None
        self._used[key] = raw
        return statement

    def put(self, key: str, statement: Statement) -> None:
        """Keep a statement."""
        self._used[key] = _encoder.encode(statement)
        self._new = True

    def save(self) -> None:
        """Write the file, if there is anything new; a folder that refuses it is no error."""
        if not self._new:
            return
        kept = {**_load(self._path), **self._used}
        if len(kept) > _MOST:
            kept = self._used
        body = _plain.encode({"version": VERSION, "entries": kept})
        data = blake2b(body, digest_size=_DIGEST).digest() + body
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=_NAME)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise


@contextlib.contextmanager
def cache_beside(manifest: Path) -> Iterator[Cache]:
    """Give the cache of a target folder, and write it at the end."""
    cache = Cache(manifest.parent / _NAME)
    yield cache
    cache.save()


_plain = msgspec.msgpack.Encoder()


def _load(path: Path) -> dict[str, bytes]:
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if blake2b(body, digest_size=_DIGEST).digest() != digest:
        return {}
    try:
        with paused_collector():
            file = msgspec.msgpack.decode(body, type=_File)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}
    return file.entries if file.version == VERSION else {}


class _File(msgspec.Struct):
    version: int
    entries: dict[str, bytes]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Statement)
