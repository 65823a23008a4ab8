"""Staff: after a copy was put back, what would go out now; and the button that lets it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.backups.queries import ahead
from app.clock import now
from app.languages import gettext as _
from app.outbox import service as outbox
from app.outbox import shown
from app.outbox.queries import put_back
from app.web import Door, get_me, reader_zone

door = Door(__name__, "/staff/mails")
SHOWN = 100  # mails in full; the others are counted
HOME = "Europe/Stockholm"


@door.get("/put-back")
def look() -> str | Response:
    """What would go out if mail were let go now."""
    copy, instant = put_back(), now()
    if copy is None:
        return redirect(url_for("outbox_staff.mails"), 303)
    coming = ahead(copy, instant, SHOWN)
    return render_template(
        "backups/put_back.html",
        copy=copy,
        coming=coming,
        zone=reader_zone(),
        rows=[shown.row(message, HOME, reader_zone(), instant) for message in coming.rows],
    )


@door.post("/put-back")
def let_go() -> Response:
    """Staff have looked: mail goes out again. Twice is once."""
    outbox.resume(by=person(get_me()), now=now())
    flash(_("Mail goes out again."))
    return redirect(url_for("outbox_staff.mails"), 303)
