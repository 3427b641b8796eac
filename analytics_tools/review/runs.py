"""What the runs of both sides did: failures with their SQL, time and rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from analytics_tools.artifacts import Project, Relation
from analytics_tools.artifacts.code import Code, read_code
from analytics_tools.artifacts.nodes import Record
from analytics_tools.artifacts.reading import read_bytes
from analytics_tools.review.answer import BuildResult, Failure, Timing

FAILED = frozenset(("error", "fail", "runtime error", "partial success"))
BUILT = frozenset(("success", "created", "no-op"))
_BUILT_KINDS = ("model", "seed", "snapshot")
_MESSAGE = 1_500


@dataclass(frozen=True)
class Run:
    """What run_results.json says beside statuses: rows, and SQL that failed, by unique id."""

    seconds: float | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    sql: Mapping[str, str] = field(default_factory=dict)


class _Response(Record, frozen=True):
    rows_affected: int | None = None


class _Result(Record, frozen=True):
    unique_id: str = ""
    status: str = ""
    adapter_response: _Response | None = None


class _Results(Record, frozen=True):
    elapsed_time: float | None = None
    results: tuple[_Result, ...] = ()


def read_run(path: Path, manifest: Path | None = None) -> Run:
    """Read time and rows from run_results.json; nothing from a file that has them otherwise.

    Args:
        path: run_results.json.
        manifest: that of the run where it is another than the project's; it has the SQL that ran.
    """
    if not path.is_file():
        return Run()
    try:
        found = msgspec.json.decode(read_bytes(path, "run-results"), type=_Results)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Run()
    rows = {
        one.unique_id: one.adapter_response.rows_affected
        for one in found.results
        if one.adapter_response and (one.adapter_response.rows_affected or -1) >= 0
    }
    failed = [one.unique_id for one in found.results if one.status in (*FAILED, "warn")]
    code = read_code(manifest) if manifest and failed else Code()
    return Run(
        found.elapsed_time,
        {uid: n for uid, n in rows.items() if n is not None},
        {uid: code.node(uid).compiled for uid in failed},
    )


def build_result(
    base: Project | None,
    head: Project,
    code: Code,
    runs: tuple[Run, Run],
    needed: Iterable[str],
    rows: Mapping[str, tuple[int | None, int | None]],
) -> BuildResult:
    """Put together what head's run did, beside base's.

    Args:
        code: of head, for the SQL of what failed.
        runs: of base and head.
        needed: unique ids of what can differ, and so had to be built.
        rows: counted in the warehouses, by unique id; they win over what the run says.
    """
    if not head.results:
        return BuildResult(ran=False)
    before = base.results if base else {}
    results = sorted(head.results.values(), key=lambda one: one.unique_id)
    counts = Counter(f"{one.unique_id.partition('.')[0]} {one.status}" for one in results)
    told = {
        one.unique_id: _failure(
            one.unique_id, head, runs[1].sql.get(one.unique_id, ""), code, before
        )
        for one in results
        if one.status in FAILED or one.status == "warn"
    }
    return BuildResult(
        ran=True,
        seconds=runs[1].seconds,
        base_seconds=runs[0].seconds,
        counts=dict(sorted(counts.items())),
        failures=tuple(one for one in told.values() if one.status in FAILED),
        warnings=tuple(one for one in told.values() if one.status == "warn"),
        skipped=tuple(one.unique_id for one in results if one.status == "skipped"),
        relations=tuple(
            _timing(one.unique_id, base, head, runs, rows)
            for one in results
            if one.unique_id.startswith(_BUILT_KINDS) and one.status in BUILT
        ),
        missing=tuple(uid for uid in needed if uid not in head.results),
    )


def _failure(
    uid: str, head: Project, sql: str, code: Code, before: Mapping[str, object]
) -> Failure:
    result = head.results[uid]
    node = head.nodes_by_id.get(uid)
    was = before.get(uid)
    return Failure(
        unique_id=uid,
        name=node.label if node else uid,
        kind=uid.partition(".")[0],
        status=result.status,
        message=safe_message(result.message or "", head),
        failures=result.failures,
        file=node.original_file_path if node else "",
        sql=sql or code.node(uid).compiled,
        before=str(getattr(was, "status", "")),
    )


def safe_message(message: str, project: Project) -> str:
    """Return a database's message; what it quotes is masked where a personal column is named."""
    from analytics_tools.review.masking import masked_message

    return masked_message(message[:_MESSAGE], project)


def _timing(
    uid: str,
    base: Project | None,
    head: Project,
    runs: tuple[Run, Run],
    rows: Mapping[str, tuple[int | None, int | None]],
) -> Timing:
    node = head.nodes_by_id.get(uid)
    old = base.results.get(uid) if base else None
    counted = rows.get(uid, (None, None))
    stored = isinstance(node, Relation) and node.config.materialized not in ("incremental", "view")
    return Timing(
        unique_id=uid,
        name=node.label if node else uid,
        seconds=_rounded(head.results[uid].execution_time),
        base_seconds=_rounded(old.execution_time) if old else None,
        rows=counted[1] if counted[1] is not None else runs[1].rows.get(uid) if stored else None,
        base_rows=counted[0]
        if counted[0] is not None
        else runs[0].rows.get(uid)
        if stored
        else None,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
