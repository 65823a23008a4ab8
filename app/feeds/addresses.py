"""One calendar's address, in the forms in which programs want it: the specification of feeds, section 3."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import segno
from flask import current_app
from markupsafe import Markup


@dataclass(frozen=True)
class Addresses:
    """`url` is the one to copy: new Outlook cuts `webcal:` off. Google takes no https in `cid`, Outlook on the web nothing else."""

    url: str
    webcal: str
    google: str
    outlook: str
    office: str
    square: Markup  # for a telephone's camera: the webcal address, which opens the calendar there


def addresses(path: str, title: str) -> Addresses:
    """All forms of the address of the calendar at this path; `title` is what it is called there."""
    url = f"{current_app.config['CONFIG'].base_url}{path}"
    webcal = "webcal://" + url.split("://", 1)[1]
    from_web = f"addfromweb?url={quote(url, safe='')}&name={quote(title, safe='')}"
    return Addresses(
        url=url,
        webcal=webcal,
        google="https://calendar.google.com/calendar/r?cid=" + quote(webcal, safe=""),
        outlook=f"https://outlook.live.com/calendar/0/{from_web}",
        office=f"https://outlook.office.com/calendar/0/{from_web}",
        square=_square(webcal),
    )


def _square(address: str) -> Markup:
    """Drawn into the page itself: another request would be slower than its two kilobytes."""
    made = segno.make(address, error="m", micro=False)
    return Markup(made.svg_inline(border=4, dark="#271c25", light="#fff", omitsize=True, svgclass="qr", lineclass=None))  # noqa: S704  segno draws it, and the address is not in it
