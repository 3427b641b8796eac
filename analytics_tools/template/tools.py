"""How a new project comes by the tools: from where this very package came from.

A path of this machine helps no colleague and no CI, so a wheel goes along in `vendor/`: the one
that this package was installed from, or one built of the checkout that it runs from.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from analytics_tools.errors import UsageError
from analytics_tools.template.source import DISTRIBUTION

VENDOR = "vendor"


@dataclass(frozen=True)
class Tools:
    """One line for pip, and the wheel that it names where that goes along."""

    requirement: str
    files: dict[str, bytes] = field(default_factory=dict)


def find_tools(asked: str | None = None) -> Tools:
    """Return what was asked for, or the origin of this package, or its version."""
    if asked is None:
        return _origin(metadata.distribution(DISTRIBUTION))
    if not asked.strip() or not asked.isprintable():
        raise UsageError("--tools is one line: a requirement, a URL, or the path of a wheel")
    path = Path(asked)
    if _is_wheel(path):
        return _going_along(path)
    return Tools(_at(path.resolve().as_uri()) if path.exists() else asked.strip())


def is_of_this_machine(requirement: str) -> bool:
    """Tell whether a requirement names a path that no other machine has."""
    return "file:" in requirement


def _origin(installed: metadata.Distribution) -> Tools:
    """What pip and uv write down when they install from a path or a URL (PEP 610)."""
    written = installed.read_text("direct_url.json")
    if not written:
        return Tools(f"{DISTRIBUTION}=={installed.version}")
    said = json.loads(written)
    if "vcs_info" in said:
        return Tools(
            _at(f"{said['vcs_info']['vcs']}+{said['url']}@{said['vcs_info']['commit_id']}")
        )
    url = urlsplit(said["url"])
    path = Path(url2pathname(url.path))
    if url.scheme == "file" and _is_wheel(path):
        return _going_along(path)
    built = _built(path) if url.scheme == "file" and path.is_dir() else None
    return built or Tools(_at(said["url"]))


def _is_wheel(path: Path) -> bool:
    return path.suffix == ".whl" and path.is_file()


def _going_along(wheel: Path) -> Tools:
    place = f"{VENDOR}/{wheel.name}"
    return Tools(f"./{place}", {place: wheel.read_bytes()})


def _built(checkout: Path) -> Tools | None:
    """A wheel of the checkout; None where what builds wheels is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        build = ["-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        done = subprocess.run(
            [sys.executable, *build], cwd=checkout, capture_output=True, check=False
        )
        wheels = sorted(Path(folder).glob("*.whl"))
        return _going_along(wheels[0]) if done.returncode == 0 and wheels else None


def _at(url: str) -> str:
    return f"{DISTRIBUTION} @ {url}"
