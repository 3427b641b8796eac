"""How a new project comes by the tools: from where this very package came from."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from analytics_tools.errors import UsageError
from analytics_tools.template.source import DISTRIBUTION


def tools_requirement(asked: str | None = None) -> str:
    """Return one line for pip: what was asked for, the origin of this package, or its version."""
    if asked is None:
        return _origin(metadata.distribution(DISTRIBUTION))
    if not asked.strip() or not asked.isprintable():
        raise UsageError("--tools is one line: a requirement, a URL, or the path of a wheel")
    path = Path(asked)
    return _at(path.resolve().as_uri()) if path.exists() else asked.strip()


def is_of_this_machine(requirement: str) -> bool:
    """Tell whether a requirement names a path that no other machine has."""
    return "file:" in requirement


def _origin(installed: metadata.Distribution) -> str:
    """What pip and uv write down when they install from a path or a URL (PEP 610)."""
    written = installed.read_text("direct_url.json")
    if not written:
        return f"{DISTRIBUTION}=={installed.version}"
    said = json.loads(written)
    if "vcs_info" in said:
        return _at(f"{said['vcs_info']['vcs']}+{said['url']}@{said['vcs_info']['commit_id']}")
    return _at(said["url"])


def _at(url: str) -> str:
    return f"{DISTRIBUTION} @ {url}"
