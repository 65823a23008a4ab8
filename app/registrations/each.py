"""What the scheduler does to many: to each in a transaction of its own, so that one that fails keeps nobody else waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import current_app

from app.database import retrying
from app.errors import Busy


def one_by_one(numbers: Iterable[int], work: Callable[[int], bool], complaint: str) -> int:
    """Runs `work`, which opens its own transaction and says whether there was anything to do, for each number. How many times there was.

    An error is written down as `complaint`, which names the number as %s. Raises Busy: the next one would wait as long.
    """
    done = 0
    for number in numbers:
        try:
            done += retrying(lambda wanted=number: work(wanted))  # type: ignore[misc]
        except Busy:
            raise
        except Exception:
            current_app.logger.exception(complaint, number)
    return done
