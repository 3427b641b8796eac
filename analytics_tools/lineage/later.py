"""What an incremental model sends to the warehouse in a later run, rendered from a manifest alone.

Compiled code shows one run, most often a full one. The macros are all in the manifest, so the other
can be written as well: `this`, `ref` and `source` stand as ``"dbt node"."<unique id>"``, and what a
macro asks of the warehouse stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cached_property
from typing import Any

from jinja2 import TemplateError

from analytics_tools.artifacts import Project
from analytics_tools.artifacts.code import Code, MacroCode, NodeCode
from analytics_tools.lineage.jinja import Choices, Sandbox, UndecidedError, Unknown, renderings
from analytics_tools.sql.dialect import dialect_of, fold

SCHEMA = "dbt node"
NODES = re.compile(rf'"{SCHEMA}"\."([^"]+)"')
_WORD = re.compile(r"\w+|\*")
_PREFIXES = {"redshift": ("redshift", "postgres"), "databricks": ("databricks", "spark")}
_TICKS = ("bigquery", "databricks", "spark", "mysql", "singlestore")
# Of these only the answer of the warehouse counts, which nobody knows.
_ASKS = ("run_query", "get_single_value", "get_query_results_as_dict")
_TYPES = {"string": "TEXT", "timestamp": "TIMESTAMP", "float": "FLOAT", "integer": "INT",
          "bigint": "BIGINT", "numeric": "NUMERIC", "boolean": "BOOLEAN"}  # fmt: skip


class Later:
    """Renders the models of one project for a later run."""

    def __init__(self, project: Project, code: Code) -> None:
        self._project, self._code = project, code
        self._adapter = project.adapter
        self.sandbox = Sandbox()
        # What the warehouse is asked before the query is written: by model the nodes in it, and
        # all words where the model itself is among them.
        self.asked: dict[str, set[str]] = {}
        self.words: dict[str, set[str]] = {}

    def texts(self, uid: str) -> tuple[str, ...]:
        """Return what may be sent. Raises UndecidedError."""
        node = self._code.node(uid)

        def render(choices: Choices) -> str:
            return _Rendering(self, uid, node, choices).text()

        try:
            return tuple(renderings(render))
        except (TemplateError, RecursionError, ArithmeticError, LookupError, TypeError,
                ValueError, AttributeError) as error:  # fmt: skip
            raise UndecidedError(f"{type(error).__name__} while it was rendered") from None

    @cached_property
    def macros(self) -> Mapping[str, Mapping[str, MacroCode]]:
        """The macros by package and name."""
        found: dict[str, dict[str, MacroCode]] = {}
        for macro in self._code.macros.values():
            if "macro" in str(macro.macro_sql)[:80]:
                found.setdefault(str(macro.package_name), {})[str(macro.name)] = macro
        return found

    @cached_property
    def internal(self) -> tuple[str, ...]:
        """The packages of dbt itself, those of an adapter before dbt's."""
        own = [
            name for name in self.macros if name.startswith("dbt_") and name[4:] in _adapters(self)
        ]
        return (*own, "dbt")

    @property
    def project(self) -> Project:
        """The project."""
        return self._project

    @property
    def adapter(self) -> str:
        """The adapter's name."""
        return self._adapter

    @cached_property
    def dialect(self) -> str:
        """The dialect of its SQL."""
        return dialect_of(self._adapter)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What stands before the name of a macro that dispatch looks for."""
        return (*_PREFIXES.get(self._adapter, (self._adapter,)), "default")


def _adapters(later: Later) -> tuple[str, ...]:
    return _PREFIXES.get(later.adapter, (later.adapter,))


class _ReturnedError(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class _RaisedError(Exception):
    """The code itself refuses to go on."""


class _Relation:
    """A relation: as text its node, which is another relation in every environment."""

    def __init__(self, uid: str, choices: Choices) -> None:
        self._uid, self._choices = uid, choices

    def __str__(self) -> str:
        return f'"{SCHEMA}"."{self._uid}"'

    __repr__ = __str__

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "jinja_")) or name in ("unsafe_callable", "alters_data"):
            raise AttributeError(name)
        if name in ("include", "quote", "render"):
            return lambda *_, **__: self
        return Unknown(self._choices, f"{self._uid} {name}")


class _Names:
    """A namespace: attributes that Jinja may read."""

    def __init__(self, given: Mapping[str, Any], otherwise: Unknown | None = None) -> None:
        self._given, self._otherwise = given, otherwise

    def __getattr__(self, name: str) -> Any:
        if name in self._given:
            return self._given[name]
        if self._otherwise is None or name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._otherwise, name)

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._given["()"](*args, **named)


class _Rendering:
    """One rendering of one model."""

    def __init__(self, later: Later, uid: str, node: NodeCode, choices: Choices) -> None:
        self._later, self._uid, self._node, self._choices = later, uid, node, choices
        self._sandbox = later.sandbox
        self._sandbox.begin()
        self._results: dict[str, Unknown] = {}
        self._package = uid.split(".")[1]
        self._globals: dict[str, dict[str, Any]] = {}
        self._namespaces: dict[str, dict[str, Any]] = {}

    def text(self) -> str:
        template = self._sandbox.template(self._node.raw, self._of(self._package))
        try:
            return template.render()
        except _RaisedError as error:
            return f"raised {error}"
        except _ReturnedError as error:
            return str(error.value)

    def _of(self, package: str) -> dict[str, Any]:
        """Return all names that code of a package knows."""
        if package not in self._globals:
            known = self._globals[package] = {}
            macros = self._later.macros
            internal = [self._namespace(one) for one in reversed(self._later.internal)]
            merged = {name: one for names in internal for name, one in names.items()}
            known.update(merged)
            known.update({name: _Names(self._namespace(name)) for name in macros})
            known["dbt"] = _Names(merged)
            known.update(self._namespace(package))
            known.update(self._built_in(package))
        return self._globals[package]

    def _namespace(self, package: str) -> dict[str, Any]:
        if package not in self._namespaces:
            found = self._later.macros.get(package, {})
            made = {name: self._macro(macro, package) for name, macro in found.items()}
            self._namespaces[package] = made
        return self._namespaces[package]

    def _macro(self, macro: MacroCode, package: str) -> Callable[..., Any]:
        name = str(macro.name)
        if name in _ASKS:
            return lambda *args, **named: self._asked(name, *args, *sorted(named.items()))
        made: list[Any] = []

        def call(*args: Any, **named: Any) -> Any:
            if not made:
                text = str(macro.macro_sql)
                template = self._sandbox.template(text, self._of(package))
                made.append(getattr(template.module, name))
            try:
                return made[0](*args, **named)
            except _ReturnedError as error:
                return error.value

        return call

    def _unknown(self, *parts: object) -> Unknown:
        return Unknown(self._choices, " ".join(map(repr, parts)))

    def _asked(self, name: str, *given: Any) -> Unknown:
        """Return what the warehouse answers, and note what that hangs on."""
        text = " ".join(map(str, given))
        nodes = set(NODES.findall(text))
        self._later.asked.setdefault(self._uid, set()).update(nodes - {self._uid})
        # Where one value is taken from the answer, nobody sees how its columns are called.
        folded = name == "get_single_value"
        first, words = _read(str(given[0]) if given else "", self._later.dialect, folded)
        if self._uid in nodes:
            self._later.words.setdefault(self._uid, set()).update(words)
        return self._unknown(name, first, *given[1:])

    # -- what dbt gives to code ----------------------------------------------------------------

    def _built_in(self, package: str) -> dict[str, Any]:
        names = {
            **self._of_the_node(),
            **self._of_the_run(),
            "adapter": self._adapter_of(package),
            "return": _returned,
            "statement": self._statement,
            "load_result": lambda name: self._results.get(name, self._unknown("result", name)),
            **_PLAIN,
        }
        return {**names, "builtins": _Names(names)}

    def _of_the_node(self) -> dict[str, Any]:
        settings = deepcopy(dict(self._node.settings))  # code may change what it is given
        config = {
            "()": _nothing,
            "get": lambda key, default=None, *_, **__: settings.get(key, default),
            "require": lambda key, *_: settings[key],
            "persist_relation_docs": lambda: False,
            "persist_column_docs": lambda: False,
        }
        about = {
            "unique_id": self._uid,
            "name": self._uid.split(".")[2],
            "resource_type": "model",
            "package_name": self._package,
            "config": _Names(config, self._unknown("config")),
        }
        return {
            "this": _Relation(self._uid, self._choices),
            "model": _Names(about, self._unknown("model")),
            "config": _Names(config),
            "ref": self._ref,
            "source": self._source,
        }

    def _of_the_run(self) -> dict[str, Any]:
        column = _Names({"translate_type": _translated}, self._unknown("column"))
        refusals = dict.fromkeys(("raise_compiler_error", "raise_not_implemented"), _raised)
        variables = {
            "()": lambda *args: self._unknown("var", *args),
            "has_var": lambda name: self._unknown("has var", name),
        }
        return {
            "var": _Names(variables),
            "env_var": lambda *args: self._unknown("env_var", *args),
            "is_incremental": lambda: True,
            "should_full_refresh": lambda: False,
            "execute": True,
            "flags": _Names({"FULL_REFRESH": False}, self._unknown("flags")),
            "target": _Names({"type": self._later.adapter}, self._unknown("target")),
            "api": _Names({"Column": column}, self._unknown("api")),
            "exceptions": _Names(refusals, self._unknown("exceptions")),
            **{name: self._unknown(name) for name in _OF_THE_RUN},
        }

    def _adapter_of(self, package: str) -> _Names:
        tick = "`" if self._later.adapter in _TICKS else '"'
        given = {
            "dispatch": lambda name, macro_namespace=None, **_: self._dispatched(
                name, macro_namespace, package
            ),
            "quote": lambda name: f"{tick}{name}{tick}",
            "type": lambda: self._later.adapter,
        }
        return _Names(given, self._unknown("adapter"))

    def _dispatched(self, name: str, asked: str | None, package: str) -> Any:
        own = str(self._later.project.name)
        places = [own, asked] if asked else [package, own]
        places = [place for place in places if place != "dbt"] + list(self._later.internal)
        for place in dict.fromkeys(places):
            known = self._later.macros.get(str(place), {})
            for prefix in self._later.prefixes:
                macro = known.get(f"{prefix}__{name}")
                if macro is not None:
                    return self._macro(macro, str(place))
        raise UndecidedError(f"no macro {name} to dispatch to")

    def _ref(self, *names: Any, **named: Any) -> _Relation:
        version = named.get("version", named.get("v"))
        label = str(names[-1])
        for uid in self._later.project.parents.get(self._uid, ()):
            parts = uid.split(".")
            plain = parts[2] == label and (len(names) < 2 or parts[1] == names[0])
            if plain and (version is None or parts[-1] in (f"v{version}", str(version))):
                return _Relation(uid, self._choices)
        raise UndecidedError(f"it refers to {label}, which it doesn't depend on")

    def _source(self, *names: Any) -> _Relation:
        for uid in self._later.project.parents.get(self._uid, ()):
            if uid.startswith("source.") and uid.split(".", 2)[2] == ".".join(map(str, names)):
                return _Relation(uid, self._choices)
        raise UndecidedError(f"it reads the source {'.'.join(map(str, names))}, unknown to it")

    def _statement(self, name: Any = None, *_: Any, **named: Any) -> str:
        self._results[str(name)] = self._asked("statement", str(named["caller"]()))
        return ""


def _read(sql: str, dialect: str, folded: bool) -> tuple[str, set[str]]:
    """Return a query in one spelling of it, and the names of the columns in it.

    Args:
        folded: write names as the warehouse takes them.
    """
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(sql, dialect=dialect or None)
    except (sqlglot.errors.SqlglotError, RecursionError):
        return sql, set(_WORD.findall(sql))
    for column in tree.find_all(exp.Column) if folded else ():
        is_quoted = bool(column.this.args.get("quoted"))
        column.this.set("this", fold(column.name, is_quoted, dialect))
    names = {column.name for column in tree.find_all(exp.Column)}
    stars = [star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    return tree.sql(dialect=dialect or None, comments=False), names | ({"*"} if stars else set())


def _returned(value: Any = None) -> Any:
    raise _ReturnedError(value)


def _raised(*said: Any) -> Any:
    raise _RaisedError(" ".join(map(str, said)))


def _nothing(*_: Any, **__: Any) -> str:
    return ""


def _translated(name: Any) -> str:
    return _TYPES.get(str(name).lower(), str(name))


_OF_THE_RUN = (
    "run_started_at", "invocation_id", "dbt_version", "project_name", "modules", "graph",
    "selected_resources", "database", "schema", "thread_id", "dbt_metadata_envs",
)  # fmt: skip
_PLAIN: dict[str, Any] = {
    "zip": lambda *many: list(zip(*many, strict=False)),
    "set": lambda many=(): set(many),
    "tojson": lambda value, *_: repr(value),
    **dict.fromkeys(("log", "print", "debug", "warn"), _nothing),
}
