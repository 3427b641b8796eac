"""The first screen of a review: the verdict, why, whom to tell, and the figures."""

from __future__ import annotations

from analytics_tools.changes import Break
from analytics_tools.render.review_parts import (
    Block,
    Bold,
    Bullets,
    Line,
    Para,
    Piece,
    cut,
    joined,
    name,
    names,
)
from analytics_tools.review.answer import Item, Reason, Review, Verdict
from analytics_tools.words import counted

TITLES = {
    Verdict.BREAKS: ("🛑", "Breaks"),
    Verdict.LOOK: ("👀", "Look here"),
    Verdict.SAFE: ("✅", "Safe"),
}
PHRASES = {
    "build-failed": "Not built",
    "test-failed": "Test fails",
    "contract-broken": "Contract broken",
    "reader-breaks": "Breaks",
    "no-base": "Nothing to compare with yet",
    "reader-may-break": "May break",
    "removed": "Gone",
    "renamed": "Renamed",
    "moved": "Stands elsewhere now",
    "column-removed": "Columns gone",
    "column-renamed": "Columns renamed",
    "type-changed": "Types changed",
    "rows-change": "Other rows",
    "values-change": "Other values",
    "metric-changed": "Metrics that count otherwise",
    "contract-loosened": "Contracts that hold less",
    "access-narrowed": "Open to fewer readers",
    "full-refresh": "Needs a full refresh",
    "not-read": "Can't be seen through, so the worst is assumed",
    "not-built": "Can differ, and this run did not build it",
    "test-lost": "Tests gone",
    "test-weakened": "Tests that ask for less",
    "test-changed": "Tests that ask for something else",
    "test-warns": "Tests that warn now",
    "data-differs": "Data differs where the code does not say so",
    "score-drops": "Score drops",
}
_EACH = frozenset(
    ("build-failed", "test-failed", "contract-broken", "reader-breaks", "reader-may-break",
     "full-refresh", "not-read")
)  # fmt: skip
_MOST_EACH = 5
_MOST_IN_LINE = 5


def first_screen(review: Review) -> Piece:
    """Return what everybody reads."""
    blocks: list[Block] = [Para(_lead(review))]
    for level in (Verdict.BREAKS, Verdict.LOOK):
        found = [reason for reason in review.reasons if reason.level is level]
        points = tuple(point for reason in found for point in _points(reason, review))
        points = (*_people(review, level), *points)
        if level is Verdict.LOOK and points and review.verdict is Verdict.BREAKS:
            blocks.append(Para(("Besides, this deserves a look:",)))
        if points:
            blocks.append(Bullets(points))
    blocks += [Para(line) for line in (_tell(review), _figures(review)) if line]
    blocks += [Para((note,)) for note in review.notes]
    return Piece("", "", 0, tuple(blocks))


def _people(review: Review, level: Verdict) -> list[Line]:
    """Return what people look at and that breaks, before the models that it stands on."""
    broken = [one for one in review.consumers if one.effect == "breaks"]
    if level is not Verdict.BREAKS or not broken:
        return []
    kinds: dict[str, list[str]] = {}
    for one in broken:
        kinds.setdefault(one.kind, []).append(one.name)
    lines: list[Line] = [
        (spoken_kind(kind, len(every)) + " ", *names(every, 4)) for kind, every in kinds.items()
    ]
    return [(Bold("What people look at"), ": ", *joined(lines, ", "))]


def _lead(review: Review) -> Line:
    if not review.has_base:
        return (
            "There is no base to compare with yet, so this looks at the project as it is. "
            "Once production's artifacts are kept, the next review says what changes.",
        )
    if review.verdict is Verdict.BREAKS:
        return ("This worked before, and doesn't with this change:",)
    if review.verdict is Verdict.LOOK:
        return ("Nothing breaks. This is what deserves a look:",)
    if not review.scope.rebuild and not review.scope.tests:
        return ("Nothing that is built or tested changes.",)
    return ("Nobody who reads what is there today sees a difference.", *_news(review))


def _news(review: Review) -> Line:
    added = [n for n in review.nodes if n.change in ("added", "enabled") and n.kind != "test"]
    told: list[Line] = [(*names((n.name for n in added if n.kind == "model"), 4),)]
    columns = [
        f"{n.name}.{c.name}" for n in review.nodes if n.change != "added"
        for c in n.columns if c.change == "added" and n.direct
    ]  # fmt: skip
    told.append(names(columns, 4))
    told = [line for line in told if line]
    return (" New: ", *joined(told), ".") if told else ()


def _points(reason: Reason, review: Review) -> list[Line]:
    """Return the points that tell a reason: one for each thing that breaks, else one for all."""
    phrase = Bold(PHRASES[reason.rule])
    if reason.rule == "no-base":
        return []
    if reason.rule == "score-drops":
        return [(phrase, ": ", *_score(reason, review))]
    if reason.rule in ("reader-breaks", "reader-may-break"):
        lines = broken_lines(review, reason.level is Verdict.BREAKS)
    else:
        items = [item for item in reason.items if not _is_told_elsewhere(item, reason, review)]
        in_data = reason.rule in ("rows-change", "values-change") and review.data
        lines = [] if in_data else _alike(items)
        lines = lines or [
            (*_item(item, review), *_in_data(item.unique_id, review) * bool(in_data))
            for item in items
        ]
    if not lines:
        return []
    if reason.rule not in _EACH:
        return [(phrase, ": ", *joined(lines, "; ", _MOST_IN_LINE))]
    points: list[Line] = [(phrase, ": ", *line) for line in lines[:_MOST_EACH]]
    if len(lines) > _MOST_EACH:
        points.append((phrase, f": {len(lines) - _MOST_EACH:,} more, below"))
    return points


def _in_data(uid: str, review: Review) -> Line:
    """Say what of it is seen in today's data, where that was compared."""
    one = next((diff for diff in review.data if diff.unique_id == uid), None)
    if one is None or one.rows_before is None or one.rows_after is None:
        return ()
    if one.rows_before != one.rows_after:
        return (f", {one.rows_before:,} → {one.rows_after:,} rows",)
    if one.skipped:
        return ()
    if not one.differs:
        return (", the same on today's data",)
    number = max(one.changed, one.added, one.lost)
    return (f", {number:,} of {one.rows_after:,} rows",)


def _alike(items: list[Item]) -> list[Line]:
    """Return one line for nodes of one kind of which there is no more to say than the name."""
    kinds = {item.kind for item in items}
    if len(kinds) != 1 or len(items) < 2 or kinds & {"model", "test", "unit_test"}:
        return []
    if any(item.detail or item.columns for item in items):
        return []
    kind = spoken_kind(kinds.pop(), len(items))
    return [(f"{kind} ", *names((item.name for item in items), _MOST_IN_LINE))]


def spoken_kind(kind: str, number: int = 1) -> str:
    """Return the word for a kind of node: ``saved queries`` for two of ``saved_query``."""
    word = kind.replace("_", " ")
    if number == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def broken_lines(review: Review, certain: bool) -> list[Line]:
    """Return what breaks, whoever misses the same in one line."""
    groups: dict[tuple[str, str, str], list[Break]] = {}
    failed = {one.unique_id for one in review.build.failures}
    for one in review.breaks:
        if one.certain != certain or (certain and "contract" in one.reason):
            continue
        if not certain and one.unique_id in failed:
            continue
        key = one.upstream, one.column, "" if one.upstream and one.column else one.reason
        groups.setdefault(key, []).append(one)
    return [_broken(*key, found, review) for key, found in groups.items()]


def _broken(upstream: str, column: str, reason: str, found: list[Break], review: Review) -> Line:
    kinds = {one.kind for one in found}
    who: Line = names(dict.fromkeys(one.name for one in found), _MOST_IN_LINE)
    if len(kinds) == 1 and kinds != {"model"}:
        who = (spoken_kind(found[0].kind, len(found)) + " ", *who)
    if reason:
        line: Line = (*who, ": ", cut(reason, 200))
    else:
        where = review.names.get(upstream, upstream.rpartition(".")[2])
        verb = "needs" if len(found) == 1 else "need"
        line = (*who, f" {verb} ", name(f"{where}.{column}"), *_fate(upstream, column, review))
    theirs = {one.unique_id for one in found}
    said = next((f for f in review.build.failures if f.message and f.unique_id in theirs), None)
    return (*line, "; the build says: ", cut(error_of(said.message), 160)) if said else line


def _fate(upstream: str, column: str, review: Review) -> Line:
    """Say what became of a column that is missed."""
    for node in review.nodes:
        for one in node.columns if node.unique_id == upstream else ():
            if one.change in ("renamed", "recased") and one.before.lower() == column.lower():
                return ", which is ", name(one.after), " now"
            if one.change == "removed" and one.name.lower() == column.lower():
                return (", which is gone",)
    return (", which it can't get",)


def _is_told_elsewhere(item: Item, reason: Reason, review: Review) -> bool:
    """Whether a graver reason says it: what breaks needs no word on its values."""
    others = {
        "build-failed": ("reader-breaks", "contract-broken"),
        "values-change": ("rows-change",),
        "column-removed": ("removed",),
    }.get(reason.rule, ())
    return any(
        item.unique_id == other.unique_id
        for one in review.reasons
        if one.rule in others or (one.level is Verdict.BREAKS) > (reason.level is Verdict.BREAKS)
        for other in one.items
    )


def _item(item: Item, review: Review) -> Line:
    test = next((t for t in review.tests if t.unique_id == item.unique_id), None)
    if test is not None and item.kind in ("test", "unit_test"):
        line: Line = (name(test.name), *test_place(test.on, test.column, review))
        return (*line, f" ({cut(item.detail, 160)})") if item.detail else line
    kind = "" if item.kind in ("model", "test") else item.kind.replace("_", " ") + " "
    line = (kind, name(item.name)) if kind else (name(item.name),)
    if len(item.columns) == 1 and item.kind not in ("test", "unit_test"):
        return (*line[:-1], *_column(item))
    if item.columns:
        line = (*line, " (", *names(item.columns, 4), ")")
    if item.detail:
        between = ": " if item.kind in ("test", "unit_test") or len(item.detail) > 40 else ", "
        line = (*line, between, cut(item.detail, 220))
    failed = next((f for f in review.build.failures if f.unique_id == item.unique_id), None)
    if failed and failed.before in ("error", "fail"):
        line = (*line, " (it failed in base too)")
    return line


def _column(item: Item) -> Line:
    """Return a column and what becomes of it."""
    column = item.columns[0]
    line: Line = (name(f"{item.name}.{column}"),)
    now = item.detail.removeprefix(f"{column} is now ")
    if now != item.detail:
        return (*line, " is now ", name(now))
    return (*line, ": ", cut(item.detail, 220)) if item.detail else line


def error_of(message: str) -> str:
    """Return the line of a message that says what is wrong."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return next((line for line in lines if "Error:" in line), lines[0] if lines else "")


def test_place(on: str, column: str, review: Review) -> Line:
    """Return where a test stands: on which column of what."""
    if not on:
        return ()
    where = review.names.get(on, on.rpartition(".")[2])
    return " on ", name(f"{where}.{column}" if column else where)


def _score(reason: Reason, review: Review) -> Line:
    items = [(name(item.name), " ", item.detail) for item in reason.items]
    change = review.score
    whole: Line = ()
    if change.before is not None and change.after is not None and change.after < change.before:
        whole = (f"{change.before:g} to {change.after:g}",)
    models = joined(items, "; ", 4)
    if whole and models:
        return (*whole, " (", *models, ")")
    return whole or models


def _tell(review: Review) -> Line:
    if not review.contacts:
        return ()
    told = {one.unique_id: one for one in review.consumers}
    lines: list[Line] = []
    for contact in review.contacts:
        theirs: list[Line] = []
        for uid in contact.of:
            consumer = told.get(uid)
            kind = uid.partition(".")[0].replace("_", " ")
            label = consumer.name if consumer else review.names.get(uid, uid.rpartition(".")[2])
            theirs.append((f"{kind} ", name(label)))
        lines.append((Bold(cut(contact.owner, 80)), " (", *joined(theirs, ", ", 4), ")"))
    return ("Tell ", *joined(lines, ", ", 6), ".")


def _figures(review: Review) -> Line:
    """Return one line of figures: build, tests, score."""
    parts = (_built(review), _tested(review), _scored(review))
    return (" · ".join(part for part in parts if part),)


def _built(review: Review) -> str:
    build = review.build
    if not build.ran and review.has_base and not review.scope.rebuild:
        return "Nothing had to be built"
    if not build.ran:
        return "No run to judge: this is read from code alone"
    whole = review.scope.kept + len(review.scope.rebuild)
    of = f" of {whole:,}" if review.has_base and whole else ""
    number = len(review.scope.built)
    noun = "relation" if (whole or number) == 1 else "relations"
    time = f" in {build.seconds:.1f} s" if build.seconds is not None else ""
    return f"Built {number:,}{of} {noun}{time}"


def _tested(review: Review) -> str:
    found: dict[str, int] = {}
    for key, count in review.build.counts.items():
        kind, _, status = key.partition(" ")
        if kind in ("test", "unit_test"):
            word = "failed" if status in ("fail", "error") else status
            found[word] = found.get(word, 0) + count
    if not found:
        return "no tests ran" if review.build.ran else ""
    words = {"pass": "passed", "warn": "warned", "success": "passed"}
    parts: dict[str, int] = {}
    for status, count in found.items():
        word = words.get(status, status)
        parts[word] = parts.get(word, 0) + count
    listed = ", ".join(f"{parts[word]:,} {word}" for word in sorted(parts, key=_gravity))
    return f"{counted(sum(parts.values()), 'test')}: {listed}"


def _gravity(word: str) -> tuple[int, str]:
    order = ("failed", "warned", "passed", "skipped")
    return (order.index(word) if word in order else 9), word


def _scored(review: Review) -> str:
    score = review.score
    if score.after is None:
        return ""
    if score.before is None:
        return f"score {score.after:g}"
    if score.before == score.after:
        return f"score {score.after:g}, as before"
    return f"score {score.before:g} → {score.after:g}"
