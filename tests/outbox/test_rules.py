"""How long to wait before the next try."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.outbox.rules import wait_after


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 5), (4, 10), (5, 30), (6, 60), (7, 60), (99, 60)])
def test_the_pause_grows_to_an_hour_and_is_spread_by_half(attempts: int, minutes: int) -> None:
    assert wait_after(attempts, 0.5) == timedelta(minutes=minutes)
    assert wait_after(attempts, 0.0) == timedelta(minutes=minutes) / 2
    assert wait_after(attempts, 1.0) == timedelta(minutes=minutes) * 1.5
