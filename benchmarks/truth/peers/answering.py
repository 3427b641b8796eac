"""Questions on standard input, answers on standard output, a line of JSON each, until none comes.

It runs in the environment of another tool, so it needs nothing but Python.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def serve(says: Callable[[str, Any], dict[str, Any]]) -> None:
    """Answer every question; `says` gets a node's id and the question it is part of.

    What a tool fails at is unknown to it, and said to have failed.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a tool prints is no answer
    for line in sys.stdin:
        question = json.loads(line)
        found = {uid: _tried(says, uid, question) for uid in question["asked"]}
        print(json.dumps(found), file=answers, flush=True)


def _tried(says: Callable[[str, Any], dict[str, Any]], uid: str, question: Any) -> dict[str, Any]:
    try:
        return says(uid, question)
    except Exception as error:
        return {"says": "unknown", "failed": f"{type(error).__name__}: {error}"[:300]}
