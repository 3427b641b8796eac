"""Names that people give to new things, and the words of names."""

from __future__ import annotations

import re
import unicodedata

from analytics_tools.errors import UsageError
from analytics_tools.reserved import SQL_WORDS
from analytics_tools.words import split_name

# What PostgreSQL keeps of a name; the others take more.
LONGEST = 63
_FORM = re.compile(r"[a-z][a-z0-9_]*")
_SUFFIXES = (".sql", ".yml", ".yaml", ".csv", ".parquet", ".json")
# Words of dbt and of its semantic layer that a metric or a dimension can't be called.
_OF_METRICS = {"metric_time"}
_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman"}
_SINGULAR = ("ss", "us", "is", "news", "series")


def check_name(kind: str, name: str) -> str:
    """Return the name of a new thing, or raise UsageError that says why not and what would do.

    Args:
        kind: what it is the name of: model, source, metric, snapshot, exposure.
        name: what was typed.
    """
    reason = _objection(kind, name)
    if reason is None:
        return name
    better = snake(_stem(name))
    if _objection(kind, better):
        better = f"{better}_{kind}" if better else ""
    usable = better and not _objection(kind, better)
    hint = f"; {better} would do" if usable else "; take letters, digits and underscores"
    article = "an" if kind[0] in "aeiou" else "a"
    raise UsageError(f"{article} {kind} can't be called {_shown(name)}: {reason}{hint}")


def snake(text: str) -> str:
    """Return ``OrderID`` or ``order id`` as ``order_id``; empty where no letter can stay."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    name = "_".join(split_name(plain))[:LONGEST].rstrip("_")
    return f"n_{name}"[:LONGEST] if name[:1].isdigit() else name


def singular(word: str) -> str:
    """Return ``order`` for ``orders``, as far as English follows rules; the last word counts."""
    head, _, last = word.rpartition("_")
    return f"{head}_{_singular(last)}" if head else _singular(last)


def plural(word: str) -> str:
    """Return ``orders`` for ``order``, likewise."""
    if singular(word) != word or word.endswith(("news", "series")):
        return word
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(_SINGULAR):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "uses", "zzes")):
        return word[:-2]
    return word[:-1]


def spoken(name: str) -> str:
    """Return a name as words: ``order_items`` is ``order items``."""
    return " ".join(split_name(name)) or name


def sentence(text: str) -> str:
    """Return the text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def _stem(name: str) -> str:
    last = re.split(r"[/\\]", name.strip())[-1]
    for suffix in _SUFFIXES:
        last = last.removesuffix(suffix)
    return last


def _objection(kind: str, name: str) -> str | None:
    if not name.strip():
        return "it is empty"
    if re.search(r"[/\\]", name):
        return "it is a path; the folder is chosen by the project, or with --folder"
    if name.lower().endswith(_SUFFIXES):
        return "the ending is added by itself"
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, and {LONGEST} are the limit"
    if not _FORM.fullmatch(name):
        return _malformed(name)
    if name in SQL_WORDS:
        return "that is a word of SQL"
    if kind == "metric" and ("__" in name or name in _OF_METRICS):
        return "the semantic layer keeps that form for itself"
    return None


def _malformed(name: str) -> str:
    if not name.isascii():
        return "dbt takes letters from a to z, digits and underscores"
    if re.search(r"\s", name):
        return "it has a blank"
    if name[0].isdigit():
        return "it begins with a digit"
    if name[0] == "_":
        return "it begins with an underscore"
    if name != name.lower() and _FORM.fullmatch(name.lower()):
        return "engines fold upper case differently, so names are lower case"
    return "dbt takes letters from a to z, digits and underscores"


def _shown(name: str) -> str:
    return f"'{name}'" if len(name) <= LONGEST else f"'{name[:LONGEST]}…'"
