"""Packs the template's files into the wheel, for `analytics-tools new`. Called by hatchling.

An editable install reads them from the checkout, so it packs none.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("analytics_tools", "template", "source.py")


class PackTemplate(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        spec = importlib.util.spec_from_file_location("template_source", root / SOURCE)
        source = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(source)
        for path in source.template_paths(root):
            packed = SOURCE.parent / source.PACKED.name / path
            build_data["force_include"][str(root / path)] = packed.as_posix()
