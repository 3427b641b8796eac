"""Macros that changed, and the nodes they may change without showing in compiled SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, cached_property

from analytics_tools.artifacts.code import DBT_ADAPTERS, Code, NodeCode
from analytics_tools.graph import reachable, turned_round

_SPACE = re.compile(r"\s+")
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
# What gives other SQL for the same code: by the settings of a run ...
_SETTINGS = re.compile(r"\b(var|env_var)\s*\(|\btarget\b|\bflags\b|\bproject_name\b|\bbuiltins\b")
# ... by the day or the state of the warehouse, which is nothing a change of code does.
_MOMENT = re.compile(r"\brun_started_at\b|\binvocation_id\b|\bmodules\.datetime\b|\bdbt_version\b")
_MODE = re.compile(r"\bis_incremental\b|\bshould_full_refresh\b")
_ITSELF = re.compile(r"\bthis\b")
_WORD = re.compile(r"\w+")
_CALL = re.compile(r"(\w+)\s*\(")
# Macros that are a strategy of incremental models, by what they are called.
_STRATEGY = re.compile(r"\.(?:\w+__)?get_incremental_\w+_sql$")
# What asks the warehouse or the project while code is compiled: another day it may say otherwise.
_ASKS = re.compile(
    r"\b(run_query|statement|load_result|load_relation|get_columns_in_\w+|get_\w*relations?\w*"
    r"|graph)\b|\badapter\.(?!dispatch\b|quote\b)"
)
# What asks for the columns of relations that are there.
_COLUMNS = ("get_columns_in_", "get_filtered_columns_in_relation")
# What says where relations are built.
_PLACING = re.compile(r"^(\w+__)?generate_(schema|alias|database)_name$")
# Macros that only name relations: the names are in the manifest.
_NAMING = re.compile(r"^(\w+__)?(generate_(schema|alias|database)_name|_?log_\w*)")
_ADAPTERS = re.compile(
    r"^(default|duckdb|postgres|snowflake|bigquery|redshift|spark|databricks|"
    r"trino|clickhouse|athena|fabric|sqlserver|mysql|sqlite)__(\w+)$"
)


class Macros:
    """The macros of two versions of a project."""

    def __init__(self, base: Code, head: Code) -> None:
        self._base, self._head = base, head

    @cached_property
    def changed(self) -> frozenset[str]:
        """The macros that were edited, added or removed, dbt's own left out if only dbt changed."""
        both = {*self._base.macros, *self._head.macros}
        return frozenset(
            uid for uid in both if self.text(self._base, uid) != self.text(self._head, uid)
        )

    @staticmethod
    def text(code: Code, uid: str) -> str:
        """Return the code of a macro, but for layout and comments; empty where there is none."""
        macro = code.macros.get(uid)
        if macro is None:
            return ""
        return _SPACE.sub(" ", _COMMENT.sub("", str(macro.macro_sql or ""))).strip() or " "

    def reached(self, code: Code, node: NodeCode) -> set[str]:
        """Return all macros a node's code may call."""
        todo, seen = list(node.macros), set(node.macros)
        while todo:
            macro = code.macros.get(todo.pop())
            for uid in macro.calls if macro else ():
                if uid not in seen:
                    seen.add(uid)
                    todo.append(uid)
        return seen

    def same(self, base: NodeCode, head: NodeCode) -> bool:
        """Whether two nodes have the same code and call the same macros."""
        if base.raw != head.raw:
            return False
        if not self.changed:
            return True
        called = self.reached(self._base, base) | self.reached(self._head, head)
        if called & self.changed:
            return False
        # A macro that dispatch may choose is no listed dependency: go by its name.
        names = {uid.rpartition(".")[2] for uid in called}
        return not any(self._overrides(uid, names) for uid in self.changed)

    @staticmethod
    def _overrides(uid: str, names: set[str]) -> bool:
        name = uid.rpartition(".")[2]
        match = _ADAPTERS.match(name)
        return name in names or bool(match and match.group(2) in names)

    def mentions(self, node: NodeCode) -> tuple[bool, bool]:
        """Return whether SQL depends on settings or the warehouse, and on the moment or mode."""
        text = node.raw
        for uid in self.reached(self._head, node):
            macro = self._head.macros.get(uid)
            package = str(macro.package_name) if macro else "dbt"
            if macro and (not package.startswith("dbt") or package in ("dbt_utils", "dbt_date")):
                text += "\n" + str(macro.macro_sql)
        settings = bool(_SETTINGS.search(text) or _ASKS.search(text))
        return settings, bool(_MOMENT.search(text) or _MODE.search(text))

    def asks(self, code: Code, node: NodeCode) -> bool:
        """Whether what a node's code compiles to hangs on the warehouse or on the moment."""
        texts = [node.raw, *(self.text(code, uid) for uid in self.reached(code, node))]
        return any(_ASKS.search(text) or _MOMENT.search(text) for text in texts)

    def asking_for_columns(self, code: Code) -> Callable[[str], bool]:
        """Return what says of a node whether its code asks the warehouse for columns of others."""

        @cache
        def macros() -> set[str]:
            ask = [uid for uid, one in code.macros.items() if _asks_for_columns(one.macro_sql)]
            return reachable(ask, turned_round({u: one.calls for u, one in code.macros.items()}))

        def asks(uid: str) -> bool:
            node = code.node(uid)
            return _asks_for_columns(node.raw) or not macros().isdisjoint(node.macros)

        return asks

    @cached_property
    def placing(self) -> list[str]:
        """Changed macros that decide where relations are built, by name."""
        first = (
            uid
            for uid in {*self._base.macros, *self._head.macros}
            if _PLACING.match(uid.rpartition(".")[2])
        )
        found = self._reached_by(first) if self.changed else set()
        return sorted(uid.rpartition(".")[2] for uid in found)

    @cached_property
    def building(self) -> dict[str, str]:
        """Changed macros that decide how nodes are built: unique id to the materialization.

        The value is empty where any node may be built by it.
        """
        found: dict[str, str] = {}
        internal = {
            str(macro.name)
            for code in (self._base, self._head)
            for macro in code.macros.values()
            if macro.package_name == "dbt" or str(macro.package_name) in DBT_ADAPTERS
        }
        for uid in self.changed:
            name = uid.rpartition(".")[2]
            if name.startswith("materialization_"):
                found[uid] = name.removeprefix("materialization_").rpartition("_")[0]
                continue
            plain = _ADAPTERS.sub(r"\2", name)
            if not _NAMING.match(name) and (name in internal or plain in internal):
                found[uid] = ""
        own = {uid for uid in self._head.macros if not uid.startswith("macro.dbt")}
        for uid in self._reached_by(uid for uid in own if ".materialization_" in uid):
            found.setdefault(uid, "")
        for uid in self._reached_by(uid for uid in own if _STRATEGY.search(uid)):
            found.setdefault(uid, "incremental")
        return found

    def _reached_by(self, first: Iterable[str]) -> set[str]:
        """Return changed macros among some and what they call."""
        todo = list(first)
        seen = set(todo)
        while todo:
            uid = todo.pop()
            for code in (self._base, self._head):
                macro = code.macros.get(uid)
                called = set(macro.calls if macro else ()) - seen
                seen |= called
                todo += called
        return seen & self.changed

    def asks_for_mode(self, node: NodeCode) -> bool:
        """Whether code may ask if its run is incremental, or what was built before."""
        if _MODE.search(node.raw) or _ITSELF.search(node.raw):
            return True
        return any(
            _MODE.search(self.text(code, uid))
            for uid in self._named(node)
            for code in (self._base, self._head)
        )

    def called(self, node: NodeCode) -> list[str]:
        """Return the changed macros that code may call, as they are on both sides."""
        return [
            f"{uid} {self.text(code, uid)}"
            for uid in sorted(self._named(node) & self.changed)
            for code in (self._base, self._head)
        ]

    def _named(self, node: NodeCode) -> set[str]:
        """Return all macros that code may call: those dbt lists, and those it mentions."""
        words = set(_WORD.findall(node.raw))
        found = self.reached(self._base, node) | self.reached(self._head, node)
        return found | {
            uid
            for code in (self._base, self._head)
            for uid in code.macros
            if uid.rpartition(".")[2] in words
        }

    def in_hooks(self, node: NodeCode) -> list[str]:
        """Return changed macros that the hooks of a node call, themselves or through others."""
        hooks = [one for key in ("pre-hook", "post-hook", "sql_header")
                 if (one := node.settings.get(key))]  # fmt: skip
        called = set(_CALL.findall(str(hooks))) if hooks and self.changed else set()
        return sorted(
            self._reached_by(uid for name in called for uid in self._by_name.get(name, ()))
        )

    @cached_property
    def _by_name(self) -> dict[str, set[str]]:
        """The macros of both sides, by what a call names."""
        found: dict[str, set[str]] = {}
        for uid in {*self._base.macros, *self._head.macros}:
            found.setdefault(uid.rpartition(".")[2], set()).add(uid)
        return found


def _asks_for_columns(text: object) -> bool:
    return isinstance(text, str) and any(name in text for name in _COLUMNS)
