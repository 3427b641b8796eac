"""`add metric`: in the latest semantic spec, simple ones beside their model, others on top."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics_tools.artifacts import Model, find_model
from analytics_tools.errors import UsageError
from analytics_tools.layers import Layer
from analytics_tools.scaffold.answer import Added, Change
from analytics_tools.scaffold.describing import harmless
from analytics_tools.scaffold.dimensions import check_filter
from analytics_tools.scaffold.house import House
from analytics_tools.scaffold.names import check_name, sentence, spoken
from analytics_tools.scaffold.semantics import with_metric
from analytics_tools.scaffold.writing import check_free
from analytics_tools.scaffold.yaml_edit import append
from analytics_tools.scaffold.yaml_files import yaml_files
from analytics_tools.scaffold.yaml_text import Flow, dump


@dataclass(frozen=True)
class WantedMetric:
    """What was asked for. Which of the fields are filled says of which type it is."""

    name: str
    model: str = ""
    agg: str = ""
    expr: str = ""
    time: str = ""
    filter: str = ""
    numerator: str = ""
    denominator: str = ""
    metrics: tuple[str, ...] = ()
    cumulative: str = ""
    window: str = ""
    grain_to_date: str = ""
    label: str = ""
    description: str = ""
    owner: str = ""

    @property
    def type(self) -> str:
        """The type that the filled fields ask for. Raises UsageError for none, or for two."""
        asked = {
            "simple": bool(self.model or self.agg),
            "ratio": bool(self.numerator or self.denominator),
            "derived": bool(self.metrics),
            "cumulative": bool(self.cumulative),
        }
        types = [name for name, is_asked in asked.items() if is_asked]
        if len(types) == 1:
            return types[0]
        found = f", not {' and '.join(types)} at once" if types else ""
        raise UsageError(
            "say what the metric is made of: --model and --agg; --numerator and --denominator; "
            f"--metric and --expr; or --cumulative{found}"
        )


def plan_metric(house: House, wanted: WantedMetric) -> Added:
    """Return the file with the new metric. Raises UsageError."""
    name, kind = check_name("metric", wanted.name), wanted.type
    if house.project is not None and not house.spelling.has_metrics_in_models:
        raise UsageError(
            "metrics are written in the form that dbt 1.12 reads, and the manifest is of "
            f"dbt {house.project.dbt_version}; upgrade first"
        )
    known = _known_metrics(house)
    if name in known:
        raise UsageError(f"the metric {name} is there already, in {known[name]}")
    if kind == "simple":
        change, notes = _beside_model(house, wanted)
    else:
        _check_inputs(wanted, known)
        check_filter(wanted.filter)
        change, notes = _at_top(house, wanted), _notes_at_top(wanted)
    return Added("metric", name, (change,), notes=notes, next=_question(name))


def _notes_at_top(wanted: WantedMetric) -> tuple[str, ...]:
    filtered = "the models of its metrics must have the dimensions that the filter names"
    return (filtered,) if wanted.filter else ()


def _question(name: str) -> str:
    """What asks for the metric: mf reads what the last parse wrote, and some need a time."""
    return f"dbt parse && mf query --metrics {name} --group-by metric_time__month"


def _known_metrics(house: House) -> dict[str, str]:
    """Return the file of every metric by its name: in the manifest, and on disk."""
    known = {m.name: m.original_file_path for m in house.known.metrics.values()}
    for file in yaml_files(house.dbt, "metrics:"):
        for owner in (file.data, *file.entries("models")):
            listed = owner.get("metrics")
            for entry in listed if isinstance(listed, list) else ():
                if isinstance(entry, dict) and isinstance(entry.get("name"), str):
                    known[entry["name"]] = file.path
    return known


def _check_inputs(wanted: WantedMetric, known: dict[str, str]) -> None:
    named = {
        "ratio": (wanted.numerator, wanted.denominator),
        "derived": wanted.metrics,
        "cumulative": (wanted.cumulative,),
    }[wanted.type]
    if "" in named:
        raise UsageError("a ratio needs both, --numerator and --denominator")
    missing = [name for name in named if name not in known]
    if missing:
        raise UsageError(f"there is no metric {missing[0]}; `analytics-tools add metric` makes one")
    if wanted.type == "derived":
        words = set(re.findall(r"[a-z_]\w*", wanted.expr))
        unused = [name for name in named if name not in words]
        if unused:
            raise UsageError(f"--expr doesn't use the metric {unused[0]}: say how they combine")
    if wanted.window and wanted.grain_to_date:
        raise UsageError("--window and --grain-to-date exclude each other")


def _entry(wanted: WantedMetric, owner: str) -> dict[str, Any]:
    label = wanted.label or sentence(spoken(wanted.name))
    said = harmless(wanted.description) or _described(wanted)
    entry: dict[str, Any] = {"name": wanted.name, "label": label, "description": said}
    entry["type"] = wanted.type
    entry |= dict(_parts(wanted))
    owner = wanted.owner or owner
    if owner:
        entry["config"] = {"meta": Flow(owner=owner)}
    return entry


def _described(wanted: WantedMetric) -> str:
    """Say what it is made of, which is true, and what a person can make better."""
    if wanted.type == "ratio":
        return f"{sentence(spoken(wanted.numerator))} over {spoken(wanted.denominator)}."
    if wanted.type == "cumulative":
        base = sentence(spoken(wanted.cumulative))
        if wanted.window:
            return f"{base} of the {wanted.window} up to a day."
        return (
            f"{base} since the {wanted.grain_to_date} began."
            if wanted.grain_to_date
            else (f"{base} so far.")
        )
    if wanted.type == "derived":
        return f"{sentence(spoken(wanted.name))}: {wanted.expr}."
    verb = {
        "sum": "Sum of", "count": "Number of", "count_distinct": "Number of different",
        "average": "Average of", "min": "Least", "max": "Greatest", "median": "Median of",
        "sum_boolean": "Number of rows with",
    }[wanted.agg]  # fmt: skip
    only = ", of those that the filter keeps" if wanted.filter else ""
    return f"{verb} {spoken(wanted.expr or 'rows')} in {wanted.model}{only}."


def _parts(wanted: WantedMetric) -> Iterator[tuple[str, Any]]:
    if wanted.type == "simple":
        yield "agg", wanted.agg
        yield "expr", wanted.expr
    elif wanted.type == "ratio":
        yield "numerator", wanted.numerator
        yield "denominator", wanted.denominator
    elif wanted.type == "derived":
        yield "expr", wanted.expr
        yield "input_metrics", [Flow(name=name) for name in wanted.metrics]
    else:
        yield "input_metric", wanted.cumulative
        if wanted.window:
            yield "window", wanted.window
        if wanted.grain_to_date:
            yield "grain_to_date", wanted.grain_to_date
    if wanted.filter:
        yield "filter", wanted.filter


def _beside_model(house: House, wanted: WantedMetric) -> tuple[Change, tuple[str, ...]]:
    """The model's YAML with the metric, and with what the semantic layer needs of the model."""
    if not wanted.model or not wanted.agg:
        raise UsageError("a simple metric needs both, --model and --agg")
    model = find_model(house.known, wanted.model)
    if model.version is not None:
        raise UsageError(f"{model.label} has versions, and dbt drops the metrics of such a model")
    path = (model.patch_path or "").partition("://")[2]
    file = next((f for f in yaml_files(house.dbt, "models:") if f.path == path), None)
    if file is None or file.entry("models", model.name) is None:
        raise UsageError(f"{model.name} has no YAML beside it, where its metric would stand")
    wanted_entry = _entry(wanted, _owner_of(house, model))
    text, notes = with_metric(house, model, file, wanted_entry, wanted.time)
    return Change(file.path, text, before=file.text), notes


def _owner_of(house: House, model: Model) -> str:
    """The e-mail address of the group that owns a model."""
    group = house.known.group_named(model.group or model.config.group)
    mail = group.owner.email if group and group.owner else None
    return mail if isinstance(mail, str) else ""


def _at_top(house: House, wanted: WantedMetric) -> Change:
    """The file that holds the metrics across models, with one more; or a new one."""
    files = [f for f in yaml_files(house.dbt, "metrics:") if f.entries("metrics")]
    first = (wanted.numerator, *wanted.metrics, wanted.cumulative)
    entry = _entry(wanted, _owner_of_metric(house, next(name for name in first if name)))
    if not files:
        path = f"{house.folder(Layer.MARTS)}/_metrics.yml"
        check_free(house.root, path)
        return Change(path, dump({"metrics": [entry]}))
    file = max(files, key=lambda one: len(one.entries("metrics")))
    return Change(file.path, append(file.text, ("metrics",), entry, file.path), before=file.text)


def _owner_of_metric(house: House, name: str) -> str:
    for file in yaml_files(house.dbt, "metrics:"):
        for holder in (file.data, *file.entries("models")):
            listed = holder.get("metrics")
            for entry in listed if isinstance(listed, list) else ():
                if isinstance(entry, dict) and entry.get("name") == name:
                    meta = (entry.get("config") or {}).get("meta") or {}
                    return str(meta.get("owner") or "")
    return ""
