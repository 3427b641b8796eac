"""From two versions of a project to what changes between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from analytics_tools.artifacts import AnyNode, Model
from analytics_tools.artifacts.nodes import Source, Test, UnitTest
from analytics_tools.changes.answer import DATA, KINDS, Break, Changes, ColumnChange, NodeChange
from analytics_tools.changes.because import label_of, why
from analytics_tools.changes.breaks import Breaks
from analytics_tools.changes.data import Difference, difference
from analytics_tools.changes.entries import compare_sections, compare_tests
from analytics_tools.changes.order import Order
from analytics_tools.changes.pair import Pair
from analytics_tools.changes.plain_runs import plain_run
from analytics_tools.changes.semantic import Semantics, resolve
from analytics_tools.changes.side import Side
from analytics_tools.graph import in_order
from analytics_tools.impact import owner_of
from analytics_tools.lineage.memory import Memory
from analytics_tools.lineage.texts import is_ephemeral, reads

_BUILT = ("model", "seed", "snapshot")
# What shows no longer what it reads once it is built; anything else may be a view, or like one.
_HOLDS_ROWS = ("table", "incremental", "ephemeral", "external")
_RANK = {kind: place for place, kind in enumerate(KINDS)}


def changes_between(base: Side, head: Side, memory: Memory | None = None) -> Changes:
    """Compare two versions of a project."""
    pair = Pair(base, head, memory)
    try:
        return _Engine(pair).run()
    finally:
        pair.refusals.close()
        pair.contents.close()


class _Engine:
    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._base, self._head = pair.base.project, pair.head.project
        self._nodes: dict[str, NodeChange] = {}
        self._differ: set[str] = set()  # data may differ
        self._rebuild: set[str] = set()
        self._tests: set[str] = set()
        self._unread: dict[str, str] = {}

    def run(self) -> Changes:
        for uid in self._pair.both:
            if uid in self._pair.suspects or uid in self._pair.settings:
                self._compare(uid)
        self._came_and_went()
        self._in_other_order()
        self._readers_of_moved()
        before, after = self._semantics()
        self._entries(before, after)
        self._macro_entries()
        self._find_tests()
        breaks = Breaks(self._pair, before, after).find()
        self._rebuild |= self._fail(breaks)
        return self._answer(breaks)

    def _fail(self, breaks: Iterable[Break]) -> set[str]:
        """Return what can't be built for a break: what is ephemeral fails in its readers."""
        found = {b.unique_id for b in breaks if b.unique_id.startswith(("model.", "snapshot."))}
        todo = list(found)
        while todo:
            uid = todo.pop()
            if is_ephemeral(self._head.models.get(uid)):
                below = {*self._head.children.get(uid, ())} & self._head.nodes.keys()
                below = {u for u in below if u.startswith(("model.", "snapshot."))} - found
                found |= below
                todo += below
        return found

    # -- nodes on both sides -------------------------------------------------------------------

    def _compare(self, uid: str) -> None:
        pair = self._pair
        settings = pair.settings.get(uid)
        kinds: list[str] = []
        because = list(pair.notes.get(uid, ()))
        found = Difference()
        if uid in pair.suspects:
            before, after = pair.before.reading(uid), pair.after.reading(uid)
            tables = self._base.tables.get(uid), self._head.tables.get(uid)
            found = difference(before, after, *tables)
            kinds += found.kinds
            if after.unread and found.kinds:
                self._unread[uid] = after.unread
                because.append(f"it can't be seen through: {after.unread}")
        edited = uid in pair.edited
        if settings:
            kinds += self._of_settings(uid)
            because.append("settings: " + ", ".join(settings.fields))
        elif edited and not found.kinds and uid not in pair.alike:
            kinds.append("cosmetic")
        if uid in pair.alike:
            kinds.append("same_data")
            because.append("run on the seeds as they are, both versions hold the same")
        if not kinds:
            return
        differs = bool(DATA & set(found.kinds))
        if differs:
            self._differ.add(uid)
            because += why(uid, found, edited, self._pair, self._nodes)
        is_another_view = self._is_another_view(uid)
        if is_another_view and not differs:
            because.append("it is a view, and defined otherwise")
        if differs or (settings and settings.rebuilds) or is_another_view:
            self._rebuild.add(uid)
        sure = not any(k == "unknown" for k in kinds) and uid not in pair.notes
        self._put(uid, kinds, edited or bool(settings), sure, found.columns, because,
                  settings.fields if settings else ())  # fmt: skip

    def _is_another_view(self, uid: str) -> bool:
        """Whether a view is defined otherwise, whatever it holds today: it may show other rows
        than its new code when seeds change, or columns that what it reads has gained."""
        node = self._head.models.get(uid)
        if node is None or node.materialized in _HOLDS_ROWS or uid not in self._pair.edited:
            return False
        above = self._head.parents.get(uid, ())
        return self._pair.hangs_on_seeds(uid) or not self._differ.isdisjoint(above)

    def _in_other_order(self) -> None:
        """Where what is built goes by the order of rows, they are put in that order first."""
        for uid, reader in Order(self._pair).stale(self._differ, self._rebuild).items():
            self._rebuild.add(uid)
            label = label_of(reader, self._pair)
            because = [f"its rows come in another order, which {label} may go by"]
            if uid not in self._nodes or self._nodes[uid].change == "cosmetic":
                self._put(uid, ["same_data"], uid in self._pair.edited, True, (), because)

    def _of_settings(self, uid: str) -> list[str]:
        settings = self._pair.settings[uid]
        if set(settings.fields) <= {"description"} and not settings.rebuilds:
            return ["docs"]
        return ["contract"] if "contract" in settings.fields else ["config"]

    # -- nodes on one side ---------------------------------------------------------------------

    def _came_and_went(self) -> None:
        gone = [u for u in self._base.relations if u not in self._head.relations]
        came = [u for u in self._head.relations if u not in self._base.relations]
        renamed = self._renamed(gone, came)
        off = {node.unique_id for node in self._head.disabled}
        was_off = {node.unique_id for node in self._base.disabled}
        for uid in gone:
            if uid in renamed:
                continue
            kind = "disabled" if uid in off else "removed"
            self._put(uid, [kind], True, True, (), [])
        old_of = {new: old for old, new in renamed.items()}
        for uid in came:
            if uid in old_of:
                because = [f"it was {self._base.relations[old_of[uid]].label}, and holds the same"]
                self._put(uid, ["renamed"], True, True, (), because, (old_of[uid],))
            else:
                kind = "enabled" if uid in was_off else "added"
                self._put(uid, [kind], True, True, (), [])
                self._differ.add(uid)
                reason = self._pair.after.reading(uid).unread
                if reason:
                    self._unread[uid] = reason
            self._rebuild.add(uid)

    def _renamed(self, gone: list[str], came: list[str]) -> dict[str, str]:
        """Pair nodes that went with nodes that came and hold the same."""
        found: dict[str, str] = {}
        for old in sorted(gone):
            if old.startswith("source."):
                continue
            before = self._pair.before.reading(old).relation
            for new in sorted(came):
                if new in found.values() or new.partition(".")[0] != old.partition(".")[0]:
                    continue
                if self._pair.after.reading(new).relation.whole == before.whole:
                    found[old] = new
                    break
        return found

    def _readers_of_moved(self) -> None:
        """A view reads a relation by its name: where nothing is built under it any longer, so must
        the view, or it goes on to show what is left there."""
        pair = self._pair
        built = {None, *(one.relation_name for one in self._head.relations.values())}
        left = {uid for uid in pair.relocated
                if uid in self._head.relations
                or self._base.relations[uid].relation_name not in built}  # fmt: skip
        left |= {uid for uid in pair.settings if _vanishes(uid, pair)}
        for uid in pair.both if left else ():
            node = self._head.relations[uid]
            above = left.intersection(reads(self._base, uid))
            if above and isinstance(node, Model) and node.materialized not in _HOLDS_ROWS:
                self._rebuild.add(uid)
                if uid not in self._nodes:
                    one = min(above)
                    where = "now elsewhere" if one in self._head.relations else "built no longer"
                    because = [f"it is a view on {label_of(one, pair)}, which is {where}"]
                    self._put(uid, ["config"], False, True, (), because)

    # -- everything else -----------------------------------------------------------------------

    def _semantics(self) -> tuple[Semantics, Semantics]:
        """Resolve the semantic layers, if anything they stand on may have changed."""
        pair = self._pair
        code = pair.base.code, pair.head.code
        kinds = ("semantic_model.", "metric.", "saved_query.")
        same = (
            not self._differ
            and (code[0].semantic_models or {}).keys() == (code[1].semantic_models or {}).keys()
            and not any(u.startswith(kinds) for u in self._sections)
        )
        if same:
            return Semantics(), Semantics()
        above: set[str] = {uid for uid in self._sections if uid.startswith(kinds)}
        for _ in range(2):  # from metrics to semantic models, and to what these stand on
            above |= {p for uid in above for p in self._head.parents.get(uid, ())}
        touched = pair.suspects | above
        refuses = [
            lambda uid, text, ask=ask: ask(uid, text) if uid in touched else ""
            for ask in (pair.refusals.in_base, pair.refusals.in_head)
        ]
        return resolve(pair.before, code[0], refuses[0]), resolve(pair.after, code[1], refuses[1])

    @property
    def _sections(self) -> dict[str, tuple[str, list[str]]]:
        if not hasattr(self, "_known_sections"):
            self._known_sections = compare_sections(self._pair)
        return self._known_sections

    def _entries(self, before: Semantics, after: Semantics) -> None:
        tests = compare_tests(self._pair)
        for uid, (kind, fields) in {**self._sections, **tests}.items():
            because = [f"{', '.join(fields[:8])} changed"] if fields else []
            self._put(uid, [kind], True, True, (), because, tuple(fields))
            if uid.startswith(("test.", "unit_test.")) and kind in ("added", "enabled", "fields"):
                self._tests.add(uid)
        for uid, made in after.metrics.items():
            if uid in self._nodes or uid not in before.metrics or before.metrics[uid] == made:
                continue
            self._put(uid, ["values"], False, True, (), self._why_moved(uid, before, after))

    def _why_moved(self, uid: str, before: Semantics, after: Semantics) -> list[str]:
        old = {(e.model, e.kind, e.name): e.id for e in before.needs.get(uid, ())}
        reasons = []
        for one in after.needs.get(uid, ()):
            if old.get((one.model, one.kind, one.name)) != one.id:
                reasons.append(f"its {one.kind} {one.name} changed")
            if before.rows.get(one.model) != after.rows.get(one.model):
                reasons.append(f"rows of {label_of(one.model, self._pair)} change")
        return list(dict.fromkeys(reasons)) or ["a metric it is computed from changed"]

    def _macro_entries(self) -> None:
        base, head = self._pair.base.code.macros, self._pair.head.code.macros
        for uid in sorted(self._pair.macros.changed):
            kind = "removed" if uid not in head else "added" if uid not in base else "macro"
            self._put(uid, [kind], True, True, (), [])

    def _find_tests(self) -> None:
        """Tests that are new, changed, or stand on something that is built anew."""
        for uid, node in self._head.nodes_by_id.items():
            if not isinstance(node, Test | UnitTest):
                continue
            parents = self._head.parents.get(uid, ())
            off = self._nodes.get(uid)
            if off is not None and off.change == "disabled":
                continue
            recoded = self._pair.alike & self._pair.edited if isinstance(node, UnitTest) else ()
            if any(parent in self._rebuild or parent in recoded for parent in parents):
                self._tests.add(uid)

    # -- the answer ----------------------------------------------------------------------------

    def _put(
        self,
        uid: str,
        kinds: Iterable[str],
        direct: bool,
        certain: bool,
        columns: tuple[ColumnChange, ...],
        because: list[str],
        fields: tuple[str, ...] = (),
    ) -> None:
        ordered = tuple(sorted(dict.fromkeys(kinds), key=lambda kind: _RANK.get(kind, 99)))
        node = self._head.nodes_by_id.get(uid) or self._base.nodes_by_id.get(uid)
        project = self._head if uid in self._head.nodes_by_id else self._base
        later = plain_run(self._head.nodes_by_id.get(uid), ordered, columns, self._pair)
        self._nodes[uid] = NodeChange(
            unique_id=uid,
            name=node.label if node else uid.rpartition(".")[2],
            kind=uid.partition(".")[0],
            change=ordered[0],
            changes=ordered,
            direct=direct,
            certain=certain,
            columns=columns,
            because=tuple(dict.fromkeys(because)),
            fields=fields,
            full_refresh=later.text,
            plain_run_fails=later.fails,
            owner=owner_of(node, project) if node else "",
        )

    def _answer(self, breaks: tuple[object, ...]) -> Changes:
        order = [uid for uid in in_order(self._head.parents) if self._is_built(uid)]
        rebuild = tuple(uid for uid in order if uid in self._rebuild)
        nodes = sorted(
            self._nodes.values(), key=lambda n: (_RANK.get(n.change, 99), not n.direct, n.unique_id)
        )
        known = self._head.nodes_by_id
        tests = tuple(sorted(uid for uid in self._tests if uid in known))
        apart = [uid for uid in tests if not self._runs_anyway(uid)]
        named = Counter((node.kind, node.name) for node in known.values())
        return Changes(
            nodes=tuple(nodes),
            rebuild=rebuild,
            unchanged=tuple(uid for uid in order if uid not in self._rebuild),
            tests=tests,
            breaks=breaks,  # type: ignore[arg-type]
            selection=tuple(_selector(known[uid], named) for uid in (*rebuild, *apart)),
            unread=self._unread,
            counts=dict(Counter(node.change for node in nodes)),
        )

    def _is_built(self, uid: str) -> bool:
        node = self._head.nodes.get(uid)
        return uid.startswith(_BUILT) and node is not None and not is_ephemeral(node)

    def _runs_anyway(self, uid: str) -> bool:
        """Whether building the chosen nodes runs a test: when all it stands on is among them."""
        parents = [p for p in self._head.parents.get(uid, ()) if not p.startswith("source.")]
        return bool(parents) and all(parent in self._rebuild for parent in parents)


def _vanishes(uid: str, pair: Pair) -> bool:
    """Whether a relation is there no longer, because the model is now ephemeral."""
    models = pair.base.project.models, pair.head.project.models
    return (
        uid in models[0] and not is_ephemeral(models[0][uid]) and is_ephemeral(models[1].get(uid))
    )


def _selector(node: AnyNode, named: Counter[tuple[str, str]]) -> str:
    """Return what selects a node and nothing else; the name alone where that does.

    Args:
        named: how many nodes of a kind have a name.
    """
    if isinstance(node, Model) and node.version is not None:
        return node.label
    if named[node.kind, node.name] == 1 or isinstance(node, Source):
        return node.name
    return f"{node.package_name}.{node.name}"
