"""A queue at a file, in which writers wait for their turn: threads of one process among themselves, then processes."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import Busy


class _Queue:
    """One thread's handle on the file; closed with the thread, its lock freed with the process.

    The threads of a process queue among themselves first: a lock in memory passes from one to the next at once, while at the
    file each looks again after a pause, in which nobody writes.
    """

    descriptor = -1

    def __init__(self, path: str) -> None:
        self.path = path
        self.inside = _inside.setdefault(path, threading.Lock())
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __del__(self) -> None:
        if self.descriptor >= 0:  # there may be no such folder
            os.close(self.descriptor)


class _Mine(threading.local):
    """Where this thread queues."""

    queue: _Queue | None = None


_mine = _Mine()
_inside: dict[str, threading.Lock] = {}


@contextmanager
def turn(path: str, seconds: float) -> Iterator[None]:
    """Waits for the turn and has it to the end of the block. Raises Busy after so many seconds."""
    place = _place(path)
    until = time.monotonic() + seconds
    if not place.inside.acquire(timeout=seconds):
        raise Busy
    try:
        _take(place.descriptor, until)
        try:
            yield
        finally:
            _give(place.descriptor)
    finally:
        place.inside.release()


def _place(path: str) -> _Queue:
    if _mine.queue is None or _mine.queue.path != path:
        _mine.queue = _Queue(path)
    return _mine.queue


def _forget() -> None:
    """A forked child would share the parent's lock: it opens the file anew. Whoever held the lock in memory stayed behind."""
    _mine.queue = None
    _inside.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _give(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _take(descriptor: int, until: float) -> None:
    """Waits for the turn; short waits with jitter are fair enough for a handful of writers."""
    pause = 0.0005
    while True:
        try:
            _try_lock(descriptor)
        except OSError:
            if time.monotonic() > until:
                raise Busy from None
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311  jitter, not a secret
            pause = min(pause * 1.5, 0.01)
        else:
            return
