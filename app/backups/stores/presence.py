"""Which processes of this instance live: each that serves or mails holds a file, and who puts a copy back must have it alone."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.backups.rules import BackupError
from app.config import ConfigError

NAME = "running.lock"
PATIENCE = 5.0  # seconds that a start waits for a copy that is just being put in place
held: dict[Path, int] = {}  # the files that this process holds to its end

if sys.platform == "win32":  # pragma: no cover

    def _try(_descriptor: int, *, alone: bool) -> bool:  # noqa: ARG001
        """There nobody can hold a file together with others; whoever restores looks for themselves."""
        return True

else:
    import fcntl

    def _try(descriptor: int, *, alone: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def attend(instance: Path) -> None:
    """This process, and whatever it forks, lives here until its end. Raises ConfigError while a copy is being put back."""
    path = instance / NAME
    if path in held:
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + PATIENCE
    while not _try(descriptor, alone=False):
        if time.monotonic() > until:
            os.close(descriptor)
            message = "a copy of the database is being put back. Start again when that is done."
            raise ConfigError(message)
        time.sleep(0.1)
    held[path] = descriptor


def leave(instance: Path) -> None:
    """This process no longer serves or mails."""
    descriptor = held.pop(instance / NAME, None)
    if descriptor is not None:
        os.close(descriptor)


@contextmanager
def alone(instance: Path) -> Iterator[None]:
    """Nobody serves or mails meanwhile, and nobody begins to. Raises BackupError."""
    descriptor = os.open(instance / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try(descriptor, alone=True):
            message = "Web or scheduler of this instance are running. Stop them first: what they write now would be lost."
            raise BackupError(message)
        yield
    finally:
        os.close(descriptor)
