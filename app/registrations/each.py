"""What the scheduler does to many: to each in a transaction of its own, so that one that fails keeps nobody else waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from flask import current_app

from app.database import retrying
from app.errors import Busy

T = TypeVar("T")


def one_by_one(those: Iterable[T], work: Callable[[T], bool], complaint: str) -> int:
    """Runs `work`, which opens its own transaction and says whether there was anything to do, for each. How many times there was.

    An error is written down as `complaint`, which names the one as %s. Raises Busy: the next one would wait as long.
    """
    done = 0
    for one in those:
        try:
            done += retrying(partial(work, one))
        except Busy:
            raise
        except Exception:  # whatever it is, it must not keep the others waiting
            current_app.logger.exception(complaint, one)
    return done
