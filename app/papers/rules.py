"""How a code is written and read, and at what hour news of a certificate may arrive; plain values only."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LENGTH = 12
CODE = re.compile(rf"[A-HJ-NP-Z2-9]{{{LENGTH}}}")
MORNING, EVENING = time(8), time(20)  # a certificate is never so urgent that it wakes somebody


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
