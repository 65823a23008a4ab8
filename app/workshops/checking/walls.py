"""Why a wall time is no single instant, in words that offer the nearest that are one."""

from __future__ import annotations

from app.languages import city, day_short
from app.languages import gettext as _
from app.workshops import walltime


def of_wall(problem: walltime.WallProblem) -> str:
    """'Clocks in Stockholm jump over 02:30 on 28 March 2027. The nearest times that exist are 01:59 and 03:00'."""
    facts = {"city": city(problem.zone), "time": f"{problem.wall:%H:%M}", "day": day_short(problem.on)}
    if isinstance(problem, walltime.NoSuchTime):
        words = _("clocks in %(city)s are put forward and skip %(time)s on %(day)s.", **facts)
    else:
        words = _("clocks in %(city)s are put back and show %(time)s twice on %(day)s.", **facts)
    times = [f"{near:%H:%M}" for near in problem.nearest]
    if len(times) == 2:
        return words + " " + _("The nearest times that work are %(before)s and %(after)s", before=times[0], after=times[1])
    return words + " " + (_("The nearest time that works is %(time)s", time=times[0]) if times else _("Choose another day"))
