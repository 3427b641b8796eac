"""Posts a Markdown file as the one comment of a pull or merge request: made once, then updated.

The file's first line is its marker, an HTML comment nobody sees; the comment that begins with it is
the one to update. The text goes from file to HTTP body; nothing of it is ever a word of a command.

Usage: comment.py FILE
GitHub:  GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY, and the number from PULL_REQUEST
GitLab:  GITLAB_TOKEN (scope api), CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

MARKER = re.compile(r"<!-- [\w .:/-]+ -->")
PAGE = 100
TRIES = 3
NOT_ALLOWED = (401, 403, 404)
# Whoever pastes the marker into a comment does not own ours.
TRUSTED = ("OWNER", "MEMBER", "COLLABORATOR")


@dataclass(frozen=True)
class Forge:
    """Where comments are read and made, how one is changed, and which are ours to change."""

    comments: str
    comment: Callable[[int], str]
    change: str
    headers: dict[str, str]
    is_ours: Callable[[dict[str, Any]], bool]


def main(words: list[str]) -> int:
    if len(words) != 1 or not Path(words[0]).is_file():
        fail("comment.py takes one file: the Markdown to post")
    body = Path(words[0]).read_text(encoding="utf-8")
    marker = body.split("\n", 1)[0].strip()
    if not MARKER.fullmatch(marker):
        fail(f"{words[0]} does not begin with a marker such as <!-- analytics-tools review -->")
    try:
        forge = gitlab() if os.environ.get("GITLAB_CI") else github()
        print(post(forge, marker, body))
    except urllib.error.HTTPError as error:
        if error.code not in NOT_ALLOWED:
            fail(f"the comment could not be written: HTTP {error.code} of {error.url}")
        print(f"The token may not comment here (HTTP {error.code}): the review is in the summary.")
    except OSError as error:
        fail(f"the comment could not be written: {error}")
    return 0


def post(forge: Forge, marker: str, body: str) -> str:
    """Update the comment that begins with the marker, or make one; say which."""
    for comment in existing(forge):
        if str(comment["body"]).startswith(marker) and forge.is_ours(comment):
            if comment["body"] == body:
                return "The comment says it already."
            call(forge, forge.change, forge.comment(comment["id"]), {"body": body})
            return "The comment is updated."
    call(forge, "POST", forge.comments, {"body": body})
    return "The comment is made."


def existing(forge: Forge) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        comments = call(forge, "GET", f"{forge.comments}?per_page={PAGE}&page={page}")
        yield from comments
        if len(comments) < PAGE:
            return
        page += 1


def call(forge: Forge, method: str, url: str, content: dict[str, str] | None = None) -> Any:
    """The answer, as JSON. A fault of the server is asked again; a POST is not, lest it be two."""
    data = json.dumps(content).encode() if content is not None else None
    asked = urllib.request.Request(url, data, forge.headers, method=method)  # noqa: S310
    for tried in range(1, TRIES + 1):
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 or method == "POST" or tried == TRIES:
                raise
        time.sleep(tried)
    raise AssertionError


def github() -> Forge:
    api = f"{need('GITHUB_API_URL')}/repos/{need('GITHUB_REPOSITORY')}/issues"
    return Forge(
        comments=f"{api}/{number('PULL_REQUEST')}/comments",
        comment=lambda id_: f"{api}/comments/{int(id_)}",
        change="PATCH",
        headers={
            "Authorization": f"Bearer {need('GITHUB_TOKEN')}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        },
        is_ours=lambda c: c["user"]["type"] == "Bot" or c.get("author_association") in TRUSTED,
    )


def gitlab() -> Forge:
    api = need("CI_API_V4_URL")
    iid, project = number("CI_MERGE_REQUEST_IID"), number("CI_PROJECT_ID")
    notes = f"{api}/projects/{project}/merge_requests/{iid}/notes"
    headers = {"PRIVATE-TOKEN": need("GITLAB_TOKEN"), "Content-Type": "application/json"}
    forge = Forge(notes, lambda id_: f"{notes}/{int(id_)}", "PUT", headers, lambda _: False)
    me = call(forge, "GET", f"{api}/user")["id"]
    return Forge(notes, forge.comment, "PUT", headers, lambda c: c["author"]["id"] == me)


def number(name: str) -> int:
    value = need(name)
    if not value.isdecimal():
        fail(f"{name} is {value!r}, and should be a number")
    return int(value)


def need(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        fail(f"{name} is not set: see the head of scripts/comment.py")
    return value


def fail(why: str) -> NoReturn:
    print(f"error: {why}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
