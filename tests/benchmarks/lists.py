"""Lists and searches with 1,000 workshops and 10,000 people, beside the same minimal list."""

from __future__ import annotations

import time
from urllib.parse import quote

from flask import Flask

from tests.benchmarks.crowd import STAFF
from tests.benchmarks.measure import beside, client, median, reference
from tests.conftest import counted

LISTS = {
    "public list": ("", "/es/workshops/"),
    "its last page": ("", "/es/workshops/?page=17"),
    "past": ("", "/es/workshops/?when=past"),
    "the past's last page": ("", "/es/workshops/?when=past&page=16"),
    "one country": ("", "/es/workshops/?country=SE"),
    "open ones, in Spanish": ("", "/es/workshops/?open=1&language=es"),
    "for staff, signed in": (STAFF, "/es/workshops/"),
    "a workshop's page": ("", "/es/workshops/{slug}/"),
    "staff's list": (STAFF, "/es/staff/workshops/"),
    "staff's coming": (STAFF, "/es/staff/workshops/?tab=coming"),
    "staff's, by a word": (STAFF, "/es/staff/workshops/?q=umea"),
    "staff's last page": (STAFF, "/es/staff/workshops/?page=34"),
    "people": (STAFF, "/es/staff/people"),
}
PUBLIC = ("umea", "Bogotá", "niñez publico", "municipio de", "a", "kein Wort davon")
PRIVATE = ("umea", "Núñez", "maria garcia", "person9999@municipality.example", "a", "kein Wort davon")
MOST_MS = 50


def lists(app: Flask) -> None:
    """Each list: statements, bytes, time, and how many of the reference it makes up (2.5 is the most we want)."""
    small = reference(app)
    print(f"{'1,000 workshops':<28}{'statements':>11}{'bytes':>8}{'CPU ms':>8}{'× list of 60':>14}{'share of its speed':>20}")
    slug = client(app, "").get("/es/workshops/").get_data(as_text=True).split("/es/workshops/workshop-")[1].split("/")[0]
    for name, (who, address) in LISTS.items():
        browser, url = client(app, who), address.format(slug=f"workshop-{slug}")
        body = browser.get(url).data
        with counted(app) as seen:
            browser.get(url)
        seconds, ratio = beside(lambda: browser.get(url), lambda: small.get("/"))  # noqa: B023  called at once
        print(f"{name:<28}{len(seen):>11}{len(body):>8}{seconds * 1000:>8.1f}{ratio:>14.1f}{1 / ratio:>20.2f}")


def search(app: Flask) -> None:
    """Each question: results, statements, time of the whole page."""
    small = reference(app)
    base = median(lambda: small.get("/"))
    print(f"{'1,000 workshops and 10,000 people':<50}{'results':>8}{'statements':>11}{'bytes':>8}{'ms':>8}{'CPU ms':>8}")
    print(f"{'(the minimal list of 60)':<50}{'':>27}{base * 1000:>8.1f}")
    slow, dear = [], []
    for who, address, questions in (("", "/en/search", PUBLIC), (STAFF, "/en/staff/search", PRIVATE), (STAFF, "/en/staff/people", PRIVATE)):
        browser = client(app, who)
        for question in questions:
            url = f"{address}?q={quote(question)}"
            body = browser.get(url).data
            with counted(app) as seen:
                browser.get(url)
            ms, cpu = (median(lambda: browser.get(url), watch) * 1000 for watch in (time.perf_counter, time.thread_time))  # noqa: B023
            slow += [question] if ms >= MOST_MS else []
            dear += [question] if cpu >= MOST_MS else []
            number = body.split(b'role="status">')[-1].split(b" ", 1)[0].split(b"<")[0].decode()
            print(f"{address + ' ' + question:<50}{number:>8}{len(seen):>11}{len(body):>8}{ms:>8.1f}{cpu:>8.1f}")
    print(
        f"under {MOST_MS} ms each"
        if not slow
        else f"slower than {MOST_MS} ms: {', '.join(slow)}; by CPU time alone: {', '.join(dear) or 'none'}"
    )
