"""How a code is written and read, when a run that fails is tried again, and at what hour news may arrive; plain values only."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LENGTH = 12
CODE = re.compile(rf"[A-HJ-NP-Z2-9]{{{LENGTH}}}")
MORNING, EVENING = time(8), time(20)  # a certificate is never so urgent that it wakes somebody

MOST_TRIES, FIRST_PAUSE = 6, timedelta(minutes=1)  # half an hour in all: what passes by itself has passed by then


def pause(tries: int) -> timedelta | None:
    """How long a run rests after so many errors in a row, twice as long each time; None when it is given up."""
    return FIRST_PAUSE * 2 ** (tries - 1) if tries < MOST_TRIES else None


def written(code: str) -> str:
    """'ABCD-EFGH-JKMN', as it is printed and read aloud."""
    return "-".join(code[place : place + 4] for place in range(0, LENGTH, 4))


def code_in(typed: str) -> str:
    """The code in what was typed, however it was written; else nothing."""
    plain = re.sub(r"[\s-]", "", typed).upper()
    return plain if CODE.fullmatch(plain) else ""


def civil(now: datetime, zone: str) -> datetime | None:
    """The next morning there if it is night now; None when mail may leave at once."""
    wall = now.astimezone(ZoneInfo(zone))
    if MORNING <= wall.time() <= EVENING:
        return None
    on = wall.date() if wall.time() < MORNING else wall.date() + timedelta(days=1)
    return datetime.combine(on, MORNING, ZoneInfo(zone)).astimezone(now.tzinfo)
