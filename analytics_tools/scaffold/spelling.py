"""How YAML is spelt for the version of dbt at hand: newer ones deprecate what older ones take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Spelling:
    """What a version of dbt reads. Without a version, the newest."""

    version: tuple[int, int] = (99, 0)

    @property
    def has_unit_tests(self) -> bool:
        return self.version >= (1, 8)

    @property
    def has_yaml_snapshots(self) -> bool:
        return self.version >= (1, 9)

    @property
    def has_metrics_in_models(self) -> bool:
        """Whether semantic models and simple metrics stand inside a model's YAML."""
        return self.version >= (1, 12)

    @property
    def data_tests(self) -> str:
        """The key of tests."""
        return "data_tests" if self.version >= (1, 8) else "tests"

    def test(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        config: dict[str, Any] | None = None,
    ) -> Any:
        """Return a data test as it stands in a list of tests."""
        if not arguments and not config:
            return name
        if self.version >= (1, 11):
            inner: dict[str, Any] = {"arguments": arguments} if arguments else {}
        else:
            inner = dict(arguments or {})
        return {name: {**inner, **({"config": config} if config else {})}}

    def settings(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return settings of a column or source: below `config`, where dbt has that."""
        if not values:
            return {}
        return {"config": values} if self.version >= (1, 10) else values


def spelling_of(dbt_version: str) -> Spelling:
    """Return the spelling for a version such as ``1.12.6``; the newest where it says nothing."""
    match = re.match(r"(\d+)\.(\d+)", dbt_version)
    return Spelling((int(match.group(1)), int(match.group(2)))) if match else Spelling()
