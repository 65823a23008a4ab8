"""Who carries mail: each process writes a heartbeat, and says which of its neighbours have died."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from app.database import db, transaction
from app.outbox.models import Beat, Worker

mine: set[UUID] = set()  # the workers that this process is


def start_worker(*, now: datetime) -> UUID:
    """Enters this process among the workers; its id."""
    worker = uuid4()
    mine.add(worker)
    beat(worker, now=now)
    return worker


def beat(worker: UUID, *, now: datetime) -> None:
    """This process is alive."""
    with transaction() as session:
        row = session.get(Worker, worker)
        if row is None:
            row = Worker(id=worker, host=this_machine(), pid=os.getpid(), started_at=now)
            session.add(row)
        row.beat_at = now


def finished(job: str, *, now: datetime) -> None:
    """A recurring job has come to its end: a process that lives and gets nothing done must be seen."""
    with transaction() as session:
        row = session.get(Beat, job)
        if row is None:
            row = Beat(job=job)
            session.add(row)
        row.at = now


def dead_neighbours(me: UUID | None) -> list[UUID]:
    """Workers of this machine whose process is gone: what they had in hand need not wait for its lease."""
    rows = db.session.execute(select(Worker.id, Worker.pid).where(Worker.host == this_machine())).all()
    return [row.id for row in rows if row.id != me and row.id not in mine and not _lives(row.pid)]


def forget_workers(*, before: datetime) -> int:
    """Throws away rows of processes that have been silent since long; how many."""
    with transaction() as session:
        return len(session.scalars(delete(Worker).where(Worker.beat_at < before).returning(Worker.id)).all())


@cache
def this_machine() -> str:
    """This machine's name and, on Linux, which start of it and which namespace of process numbers: a number means nothing elsewhere."""
    parts = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            parts.append(str(Path(path).readlink()) if path.endswith("pid") else Path(path).read_text(encoding="ascii"))
        except OSError:
            parts.append("")
    return f"{socket.gethostname()[:200]} {sha256('|'.join(parts).encode()).hexdigest()[:12]}"


def _lives(pid: int) -> bool:
    """Whether a process of this number runs. Where asking could hurt it (Windows), we take it for alive."""
    if os.name != "posix":
        return True
    if pid == os.getpid():
        return False  # an earlier process had our number
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
