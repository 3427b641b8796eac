"""Reading very many statements on several cores.

The graph is gone through level by level. For each, copies of this process read their shares: a
fork has all that was read so far, so that only what it reads itself travels back, as the cache
keeps it. What a copy could not read, or did not bring back, this process reads itself.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator

from analytics_tools.graph import in_order
from analytics_tools.lineage.cache import Cache
from analytics_tools.lineage.reading import Lineages

# Of one level, not in the cache: with fewer a copy costs more than it spares.
_ENOUGH = 500
_MOST_CORES = 4


def read_ahead(lineages: Lineages, cache: Cache, wanted: Iterable[str]) -> None:
    """Read nodes, and all above them: on all cores where that pays."""
    cores = _cores()
    if cores < 2 or len(lineages.project.models) < cache.size + _ENOUGH:
        return
    for level in _levels(lineages, wanted):
        missing = [uid for uid in level if not lineages.is_remembered(uid)]
        if len(missing) >= _ENOUGH:
            _read_apart(lineages, cache, missing, cores)
        for uid in level:
            lineages.reading(uid)


def _cores() -> int:
    """Return how many cores there are to use; one where a fork isn't safe."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST_CORES)


def _levels(lineages: Lineages, wanted: Iterable[str]) -> Iterator[list[str]]:
    """Return nodes such that whatever one reads is in a level before its own."""
    relations = lineages.project.relations
    depth: dict[str, int] = {}
    levels: list[list[str]] = []
    parents = {
        uid: tuple(p for p in lineages.project.parents.get(uid, ()) if p in relations)
        for uid in relations
    }
    asked, todo = set(wanted), list(wanted)
    while todo:
        above = [p for p in parents.get(todo.pop(), ()) if p not in asked]
        asked.update(above)
        todo += above
    for uid in in_order(parents):
        depth[uid] = 1 + max((depth.get(p, -1) for p in parents[uid]), default=-1)
        levels += [[] for _ in range(depth[uid] + 1 - len(levels))]
        if uid in asked:
            levels[depth[uid]].append(uid)
    yield from levels


def _read_apart(lineages: Lineages, cache: Cache, uids: list[str], cores: int) -> None:
    """Read some nodes here and in copies of this process, each a share."""
    started: list[tuple[int, int]] = []
    gc.freeze()  # what is there already stays in memory that all copies share
    try:
        for number in range(1, cores):
            with contextlib.suppress(OSError):
                started.append(_copy(lineages, cache, uids[number::cores]))
        for uid in uids[::cores]:
            lineages.reading(uid)
        for _, pipe in started:
            cache.take(_all_of(pipe))
    finally:
        for child, pipe in started:
            with contextlib.suppress(OSError):
                os.close(pipe)
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _copy(lineages: Lineages, cache: Cache, share: list[str]) -> tuple[int, int]:
    """Start a copy of this process that reads a share; return it, and where it answers."""
    inward, outward = os.pipe()
    child = os.fork()
    if child:
        os.close(outward)
        return child, inward
    try:
        os.close(inward)
        with cache.noted() as found:
            for uid in share:
                lineages.reading(uid)
        with os.fdopen(outward, "wb") as pipe:
            pipe.write(cache.packed(found))
    finally:
        os._exit(0)  # nothing of this process is this one's to end


def _all_of(pipe: int) -> bytes:
    parts = []
    while part := os.read(pipe, 1 << 20):
        parts.append(part)
    return b"".join(parts)
