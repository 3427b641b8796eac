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
from analytics_tools.sql import declared
from analytics_tools.sql.statement import Statement

# Goes up with every change of what is read from SQL: old entries are then as good as none.
VERSION = 45
_NAME = "analytics_tools_lineage.bin"
_DIGEST = 16
_MOST = 60_000  # entries kept; those not asked for in this run go first


class Cache:
    """A memory of statements that outlasts the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        file = _load(path)
        self._known = file.entries
        self._types = len(file.types)
        declared.remember(file.types)
        self._used: dict[str, bytes] = {}
        self._new = False

    @property
    def size(self) -> int:
        """How many statements are kept."""
        return len(self._known)

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

    @contextlib.contextmanager
    def noted(self) -> Iterator[dict[str, bytes]]:
        """Give what is put in meanwhile, packed."""
        before, self._used = self._used, {}
        found = self._used
        yield found
        self._used = {**before, **found}

    @staticmethod
    def packed(entries: dict[str, bytes]) -> bytes:
        """Return entries as they can be sent to another process."""
        return _sealed(_File(VERSION, entries))

    def take(self, data: bytes) -> None:
        """Take entries of another process; none where they did not arrive whole."""
        entries = _opened(data).entries
        self._known.update(entries)
        self._new = self._new or bool(entries)

    def save(self) -> None:
        """Write the file, if there is anything new; a folder that refuses it is no error."""
        types = declared.said()
        if not self._new and len(types) <= self._types:
            return
        other = _load(self._path)
        kept = {**other.entries, **self._used}
        if len(kept) > _MOST:
            kept = self._used
        data = _sealed(_File(VERSION, kept, {**other.types, **types}))
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


def _load(path: Path) -> _File:
    try:
        return _opened(path.read_bytes())
    except OSError:
        return _File(VERSION)


def _sealed(file: _File) -> bytes:
    body = _plain.encode(file)
    return blake2b(body, digest_size=_DIGEST).digest() + body


def _opened(data: bytes) -> _File:
    digest, body = data[:_DIGEST], data[_DIGEST:]
    if blake2b(body, digest_size=_DIGEST).digest() != digest:
        return _File(VERSION)
    try:
        with paused_collector():
            file = msgspec.msgpack.decode(body, type=_File)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _File(VERSION)
    return file if file.version == VERSION else _File(VERSION)


class _File(msgspec.Struct):
    version: int
    entries: dict[str, bytes] = {}
    types: dict[str, declared.Said] = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Statement)
