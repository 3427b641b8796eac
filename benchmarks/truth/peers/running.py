"""The other tools as processes: one each, for all edits of a run."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import msgspec

from analytics_tools.graph import Edges
from benchmarks.jobs import HOME, install_peers
from benchmarks.truth.peers.nodes import Answer, Nodes, asked, predicted

# Pinned, as their answers are to be the same in every run: the parser is half of each.
PEERS = {
    "sqlmesh": ("sqlmesh==0.236.4", "sqlglot==30.8.0"),
    "recce": ("recce==1.69.1", "sqlglot==30.30.0"),
}
# They ask nobody and report to nobody: recce looks for its newest version as it is imported.
_ALONE = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true",
}


class _Question(msgspec.Struct):
    asked: list[str]
    base: Nodes
    head: Nodes


class Peer:
    """One tool, and how many changed nodes it was asked about and failed at."""

    def __init__(self, name: str) -> None:
        self.name, self.asked = name, 0
        self.failed: Counter[str] = Counter()
        home = (HOME / "peers" / name).absolute()
        script = Path(__file__).with_name(f"{name}_says.py")
        self._process = subprocess.Popen(
            [str(home / "bin" / "python"), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ALONE},
        )

    def predicted(self, base: Nodes, head: Nodes, children: Edges) -> set[str]:
        """Return what must be rebuilt by this tool."""
        about = sorted(asked(base, head))
        answers = self._answers(_Question(about, base, head)) if about else {}
        self.asked += len(about)
        missing = Answer("unknown", failed="no answer")
        self.failed.update(found for uid in about if (found := answers.get(uid, missing).failed))
        return predicted(base, head, answers, children)

    def line(self) -> str:
        """Return how often it was asked, on one line."""
        why = f", most often: {self.failed.most_common(1)[0][0]}" if self.failed else ""
        return f"{self.name}: asked about {self.asked} nodes, failed at {self.failed.total()}{why}"

    def _answers(self, question: _Question) -> dict[str, Answer]:
        """Ask; a tool that has ended answers nothing."""
        if self._process.stdin is None or self._process.stdout is None:
            return {}
        try:
            self._process.stdin.write(msgspec.json.encode(question) + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            return msgspec.json.decode(line, type=dict[str, Answer])
        except (BrokenPipeError, msgspec.DecodeError):
            return {}


def peers_at_hand() -> list[Peer]:
    """Install the tools and start them; what can't be installed is said to be left out."""
    return [Peer(name) for name in install_peers(PEERS)]
