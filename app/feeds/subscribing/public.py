"""Pick a calendar: one row each, with what every program needs."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import current_app, render_template, url_for

from app.feeds import service
from app.feeds.rules import PLACES
from app.languages import current
from app.organisations.queries import networks
from app.web import Door

door = Door(__name__)


@door.get("/subscribe")
def subscribe() -> str:
    """Pick a calendar: one row each, with what every program needs."""
    base = current_app.config["CONFIG"].base_url
    names = [*PLACES, *(f"network/{network.slug}" for network in networks())]
    rows = [_row(name, base) for name in names]
    return render_template("feeds/subscribe.html", rows=rows)


def _row(name: str, base: str) -> dict[str, str]:
    url = f"{base}/feeds/{name}.ics?lang={current()}"
    webcal = "webcal://" + url.split("://", 1)[1]
    title = service.title(name, current())
    return {
        "id": name.replace("/", "-"),
        "title": title,
        "news": url_for("news_public.news_feed", name=name, lang=current()),
        "url": url,
        "webcal": webcal,
        "google": "https://calendar.google.com/calendar/r?cid=" + quote(webcal, safe=""),
        "outlook": f"https://outlook.live.com/calendar/0/addfromweb?url={quote(url, safe='')}&name={quote(title)}",
        "host": urlsplit(url).netloc,
    }
