"""A made-up GitHub and GitLab: comments are kept in memory, and every call is written down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

BOT = {"user": {"type": "Bot", "login": "github-actions[bot]"}, "author": {"id": 7}}
PERSON = {"user": {"type": "User", "login": "someone"}, "author": {"id": 8}}


@dataclass
class Forge:
    """What a forge holds, and what it was asked; `faults` go first, one a call, 0 for none."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    faults: list[int] = field(default_factory=list)
    url: str = ""

    def holds(self, body: str, **author: Any) -> int:
        """Put a comment there; its id."""
        self.comments.append({"id": len(self.comments) + 1, "body": body, **author})
        return len(self.comments)

    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.comments]

    def answer(self, method: str, path: str, content: dict[str, Any] | None) -> tuple[int, Any]:
        if self.faults and (fault := self.faults.pop(0)):
            return fault, {}
        asked = urlparse(path)
        if asked.path.endswith("/user"):
            return 200, {"id": 7}
        if method == "GET":
            words = parse_qs(asked.query)
            size, page = int(words["per_page"][0]), int(words["page"][0])
            return 200, self.comments[size * (page - 1) : size * page]
        assert content is not None
        if method == "POST":
            return 201, {"id": self.holds(content["body"], **BOT)}
        self.comments[int(asked.path.rsplit("/", 1)[1]) - 1]["body"] = content["body"]
        return 200, {}


@contextmanager
def running(forge: Forge) -> Iterator[Forge]:
    """Serve a forge on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            content = json.loads(self.rfile.read(size)) if size else None
            forge.calls.append((self.command, urlparse(self.path).path))
            token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN")
            forge.tokens.add(str(token))
            code, said = forge.answer(self.command, self.path, content)
            data = json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = respond  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    forge.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
