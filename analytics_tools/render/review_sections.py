"""What stands below the first screen of a review, section by section."""

from __future__ import annotations

from collections.abc import Iterable

from analytics_tools.changes import Break
from analytics_tools.diff import ColumnChange, RelationChange, spoken_name
from analytics_tools.render.mermaid import drawing_of
from analytics_tools.render.review_build import build_pieces
from analytics_tools.render.review_data import data_pieces
from analytics_tools.render.review_head import first_screen, test_place
from analytics_tools.render.review_parts import (
    Block,
    Bold,
    Bullets,
    Drawing,
    Fold,
    Line,
    Para,
    Piece,
    Source,
    cut,
    joined,
    name,
    names,
    table,
)
from analytics_tools.review.answer import Consumer, Review, TestChange, Verdict
from analytics_tools.review.consumers import MOVED, OTHER
from analytics_tools.words import counted

_ROWS = 40
_MOST_MIGRATIONS = 12


def pieces_of(review: Review) -> list[Piece]:
    """Return everything a review says, in the order in which it is read."""
    pieces = [first_screen(review)]
    pieces += _picture(review)
    pieces += _breaks(review)
    pieces += build_pieces(review)
    pieces += _sees_other_values(review)
    pieces += _schema(review)
    pieces += _values(review)
    pieces += data_pieces(review)
    pieces += _came_and_went(review)
    pieces += _tests(review)
    pieces += _score(review)
    pieces += _scope(review)
    return [piece for piece in pieces if piece.blocks]


def _picture(review: Review) -> list[Piece]:
    text = drawing_of(review.picture)
    if not text:
        return []
    more = review.picture.left_out
    blocks: tuple[Block, ...] = (Drawing(text),)
    if more:
        blocks = (*blocks, Para((f"And {more:,} more nodes that no picture can hold.",)))
    if len(review.picture.nodes) > 10:
        summary: Line = (f"The touched part of the graph: {len(review.picture.nodes)} nodes",)
        blocks = (Fold(summary, blocks, in_text=False),)
    return [Piece("", "the picture", 50, blocks)]


# -- what breaks -------------------------------------------------------------------------------


def _breaks(review: Review) -> list[Piece]:
    rows: list[tuple[Line, ...]] = []
    for one in sorted(review.breaks, key=lambda b: (not b.certain, b.kind != "exposure")):
        sure = "" if one.certain else "perhaps: "
        rows.append(
            (
                (f"{one.kind.replace('_', ' ')} ", name(one.name)),
                (name(one.column),) if one.column else (),
                (sure + cut(one.reason, 160), *_gone_from(one, review)),
                names((spoken_name(uid) for uid in one.hits), 4),
                (cut(", ".join(one.owners), 120),) if one.owners else (),
            )
        )
    pieces = []
    hit = [_felt(one, review) for one in review.consumers if one.effect != OTHER]
    if hit:
        told = table(("Who looks at it", "What happens", "Through", "Owner"), hit, _ROWS)
        pieces.append(Piece("What breaks", "who looks at what breaks", 1, told))
    if rows:
        told = table(("What", "Column", "Why", "Stands on it", "Owners"), rows, _ROWS)
        pieces.append(Piece("What breaks", "what breaks", 1, told))
    return pieces


def _felt(one: Consumer, review: Review) -> tuple[Line, ...]:
    return (
        (f"{one.kind.replace('_', ' ')} ", name(one.name)),
        (one.effect,),
        names((review.names.get(uid, spoken_name(uid)) for uid in one.via), 4),
        (cut(one.owner, 80),) if one.owner else (),
    )


def _sees_other_values(review: Review) -> list[Piece]:
    rows = [_felt(one, review) for one in review.consumers if one.effect == OTHER]
    if not rows:
        return []
    told = table(("Who looks at it", "What happens", "Through", "Owner"), rows, _ROWS)
    if len(rows) > 8:
        told = (Fold((f"{len(rows):,} exposures, metrics and saved queries",), told),)
    return [Piece("Who sees other values", "who sees other values", 12, told)]


def _gone_from(one: Break, review: Review) -> Line:
    if not one.upstream or one.upstream == one.unique_id:
        return ()
    return "; it was in ", name(review.names.get(one.upstream, spoken_name(one.upstream)))


# -- columns and values ------------------------------------------------------------------------


def _schema(review: Review) -> list[Piece]:
    rows = [_column(relation, one) for relation in review.schema for one in relation.columns]
    if not rows:
        return []
    head = ("Column", "Change", "Class", "Used by")
    pieces = [Piece("Columns and types", "columns and types", 10, table(head, rows, _ROWS))]
    told = [relation for relation in review.schema if relation.migrations]
    for relation in told[:_MOST_MIGRATIONS]:
        blocks: list[Block] = []
        for one in relation.migrations:
            blocks += [Para((one.title.capitalize() + ":",)), Source(one.code, one.language)]
        summary: Line = ("The safe way for ", name(relation.name))
        label = f"the safe way for {cut(relation.name, 60)}"
        pieces.append(Piece("Columns and types", label, 70, (Fold(summary, tuple(blocks)),)))
    return pieces


def _column(relation: RelationChange, one: ColumnChange) -> tuple[Line, ...]:
    told: Line = (one.change,)
    if one.change in ("retyped", "reordered"):
        told = (one.change, " ", name(one.before), " → ", name(one.after))
    elif one.change == "renamed":
        told = ("renamed to ", name(one.after))
    elif one.change == "added" and one.after:
        told = ("added ", name(one.after))
    effect: Line = (Bold(str(one.effect)) if one.effect.is_breaking else str(one.effect),)
    sure, unsure = one.certain_readers, one.uncertain_readers
    readers = _readers("", sure) + _readers("perhaps ", unsure)
    if not readers and one.change in ("removed", "renamed", "retyped"):
        readers = [("nobody in the project",)]
    return (name(f"{relation.name}.{one.column}"),), told, effect, joined(readers)


def _readers(word: str, uids: Iterable[str]) -> list[Line]:
    """Return who reads a column, tests only counted."""
    every = list(uids)
    shown = [spoken_name(uid) for uid in every if not uid.startswith(("test.", "unit_test."))]
    tests = len(every) - len(shown)
    lines: list[Line] = [(word, *names(shown, 5)) if word else names(shown, 5)] if shown else []
    return lines + ([(word + counted(tests, "test"),)] if tests else [])


def _values(review: Review) -> list[Piece]:
    rows: list[tuple[Line, ...]] = []
    broken = {item.unique_id for reason in review.reasons if reason.level is Verdict.BREAKS
              for item in reason.items}  # fmt: skip
    for node in review.nodes:
        if node.unique_id in broken:
            continue
        kinds = set(node.changes) & (MOVED - {"removed", "disabled"})
        if not kinds & {"rows", "values", "unknown", "types"}:
            continue
        columns = [c.name for c in node.columns if c.change in ("value", "type")]
        what: list[Line] = []
        if "unknown" in kinds:
            what.append(("anything, it can't be seen through",))
        if "rows" in kinds:
            what.append(("which rows there are",))
        if columns:
            what.append(names(columns, 8))
        rows.append(
            (
                ("" if node.kind == "model" else node.kind.replace("_", " ") + " ",
                 name(node.name)),
                joined(what) or ("values",),
                joined([(cut(reason, 160),) for reason in node.because], "; ", 3),
            )
        )  # fmt: skip
    if not rows:
        return []
    blocks = table(("Where", "What differs", "Because"), rows, _ROWS)
    if len(rows) > 8:
        summary: Line = (counted(len(rows), "node"), " hold other values or rows")
        blocks = (Fold(summary, blocks),)
    return [Piece("Values that change", "values that change", 30, blocks)]


def _came_and_went(review: Review) -> list[Piece]:
    lines: list[Line] = []
    nodes = [n for n in review.nodes if n.kind not in ("test", "unit_test", "macro")]
    for change in ("added", "enabled", "removed", "disabled", "renamed"):
        these = [n for n in nodes if n.change == change]
        if these:
            told = [(f"{n.kind.replace('_', ' ')} ", name(n.name)) for n in these]
            lines.append((Bold(change.capitalize()), ": ", *joined(told, ", ", 12)))
    for change, word in (("added", "New columns"), ("removed", "Columns gone")):
        columns = [
            f"{n.name}.{c.name}"
            for n in nodes
            if n.change not in ("added", "removed")
            for c in n.columns
            if c.change == change
        ]
        if columns:
            lines.append((Bold(word), ": ", *names(columns, 16)))
    if not lines:
        return []
    return [Piece("Came and went", "what came and went", 40, (Bullets(tuple(lines)),))]


# -- tests and score ---------------------------------------------------------------------------


def _tests(review: Review) -> list[Piece]:
    lost = [one for one in review.tests if one.is_loss]
    rest = [one for one in review.tests if not one.is_loss]
    head = ("Test", "What became of it", "What differs")
    pieces = []
    if lost:
        rows = [_test(one, review) for one in lost]
        pieces.append(Piece("Tests", "tests that ask for less", 11, table(head, rows, _ROWS)))
    if rest:
        blocks = table(head, [_test(one, review) for one in rest], _ROWS)
        kinds = dict.fromkeys(one.change for one in rest)
        told = ", ".join(f"{sum(o.change == k for o in rest):,} {k}" for k in kinds)
        fold = Fold((f"Other tests that differ: {told}",), blocks)
        pieces.append(Piece("Tests", "other tests that differ", 65, (fold,)))
    return pieces


def _test(one: TestChange, review: Review) -> tuple[Line, ...]:
    kind = "unit test " if one.kind == "unit_test" else ""
    why = cut("; ".join(one.why), 240)
    return (kind, name(one.name), *test_place(one.on, one.column, review)), (one.change,), (why,)


def _score(review: Review) -> list[Piece]:
    score = review.score
    if not score.deductions and not (score.before is not None and score.before != score.after):
        return []
    blocks: list[Block] = []
    blocks += _models_that_came_or_went(review)
    if not score.deductions and not blocks:
        blocks.append(Para(("No deduction differs: models have more or fewer readers.",)))
    for found, word in ((score.worse, "Worse"), (score.better, "Better")):
        if not found:
            continue
        rows: list[tuple[Line, ...]] = [
            (
                (name(one.name),),
                (one.rule,),
                (f"{-one.before} → {-one.after}" if one.before and one.after
                 else f"{one.before - one.after:+d}",),
                (cut(one.message, 160),),
                (cut(one.fix, 120),) if one.after > one.before else (),
            )
            for one in found
        ]  # fmt: skip
        head = (word, "Rule", "Points", "What", "Fix")
        told = table(head, rows, _ROWS, (2,))
        if len(rows) > 6:
            told = (Fold((f"{word}: {counted(len(rows), 'deduction')}",), told),)
        blocks += told
    if score.note:
        blocks.append(Para((f"Scored alike on both sides: {score.note}.",)))
    return [Piece("Score", "the score's deductions", 45, tuple(blocks))]


def _models_that_came_or_went(review: Review) -> list[Block]:
    lines: list[Block] = []
    for word, came in (("New, with its score: ", True), ("Gone, with its score: ", False)):
        found: list[Line] = [
            (name(one.name), f" {one.after if came else one.before}")
            for one in review.score.models
            if (one.before if came else one.after) is None
        ]
        if found:
            lines.append(Para((word, *joined(found, ", ", 12), ".")))
    return lines


# -- what was built, and what stayed -----------------------------------------------------------


def _scope(review: Review) -> list[Piece]:
    if not review.has_base:
        return []
    scope = review.scope
    lines: list[Line] = []
    if scope.rebuild:
        told = names(map(spoken_name, scope.rebuild), 12)
        lines.append(("Had to be built: ", *told, f", with {counted(scope.tests, 'test')}."))
    extra = len(set(scope.built) - set(scope.rebuild))
    if scope.kept:
        stay, pronoun = ("stays", "it is") if scope.kept == 1 else ("stay", "they are")
        also = f" This run built {extra:,} of them as well." if extra else ""
        alike = any(node.change == "same_data" for node in review.nodes)
        come = ", or come to the same" if alike else ""
        lines.append(
            (
                f"{counted(scope.kept, 'relation')} {stay} as {pronoun}, which is safe: their "
                f"SQL, their settings and everything they read are the same{come}.{also}",
            )
        )
    lines += _looks(review.scope.looks, review)
    if not lines:
        return []
    return [Piece("Built and kept", "what was built and what stayed", 55, (Bullets(tuple(lines)),))]


def _looks(uids: Iterable[str], review: Review) -> list[Line]:
    changes = {node.unique_id: node.change for node in review.nodes}
    looks = [uid for uid in uids if changes.get(uid) == "cosmetic"]
    words = [uid for uid in uids if changes.get(uid) == "docs"]
    alike = [uid for uid in uids if changes.get(uid) == "same_data"]
    lines: list[Line] = []
    if looks:
        lines.append(("Edited in looks only: ", *names(map(spoken_name, looks), 12), "."))
    if alike:
        told = names(map(spoken_name, alike), 12)
        lines.append(("Made otherwise, and the same rows as before: ", *told, "."))
    if words:
        lines.append(("Described otherwise: ", *names(map(spoken_name, words), 12), "."))
    return lines
