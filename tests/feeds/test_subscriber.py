"""A real program that subscribes, vdirsyncer, over HTTP: created, moved, cancelled, restored; and what stays alone keeps every byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from app.organisations.models import Network
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.showing.entries import page_url
from tests import factories, servers
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, day, values

HOUR = timedelta(hours=1)
CONFIG = """
[general]
status_path = "{folder}/status/"
[pair workshops]
a = "ours"
b = "theirs"
collections = null
conflict_resolution = "a wins"
[storage ours]
type = "http"
url = "{url}"
[storage theirs]
type = "filesystem"
path = "{folder}/calendar/"
fileext = ".ics"
"""


@dataclass(frozen=True)
class Subscriber:
    """Somebody's computer: it syncs when told to, and has a file for each entry."""

    folder: Path

    def sync(self) -> dict[str, list[bytes]]:
        """The files of each workshop by the address of its page, after a sync: what this program has for UIDs are hashes of its own."""
        self._run("sync")
        found: dict[str, list[bytes]] = {}
        for path in sorted((self.folder / "calendar").iterdir()):
            (event,) = Calendar.from_ical(path.read_bytes()).walk("VEVENT")
            found.setdefault(str(event["URL"]), []).append(path.read_bytes())
        return found

    def discover(self) -> None:
        """Once, before the first sync."""
        self._run("discover")

    def _run(self, verb: str) -> None:
        command = [sys.executable, "-m", "vdirsyncer", "-c", str(self.folder / "config"), verb]
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        done = subprocess.run(command, env=environment, input="y\n" * 9, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert "error" not in done.stderr.lower(), done.stderr


@pytest.fixture
def subscriber(lite: Flask, tmp_path: Path) -> Iterator[Subscriber]:
    """Subscribed to all workshops, in Spanish, over a real server."""
    port = servers.free_port()
    folder = tmp_path / "subscriber"
    (folder / "calendar").mkdir(parents=True)
    (folder / "config").write_text(CONFIG.format(folder=folder, url=f"http://127.0.0.1:{port}/feeds/all.ics?lang=es"), encoding="utf-8")
    with servers.web(lite, port):
        found = Subscriber(folder)
        found.discover()
        yield found


def published(network: Network, *days: int) -> Workshop:
    draft = service.save_draft(values(network, days=tuple(map(day, days))), by=KARIN, now=NOW)
    return acts.publish(draft.id, by=KARIN, now=NOW)


def facts(files: dict[str, list[bytes]], url: str) -> tuple[Any, ...]:
    """What stands in the one file of a workshop."""
    (body,) = files[url]
    event: Any = Calendar.from_ical(body).walk("VEVENT")[0]
    return event["STATUS"], event["SEQUENCE"], event["DTSTART"].dt.isoformat(), str(event["SUMMARY"]).partition(": ")[0]


def test_a_subscriber_sees_a_workshop_created_moved_cancelled_and_restored(lite: Flask, subscriber: Subscriber) -> None:
    network = factories.network(factories.organisation("SE"))
    other = page_url(published(network, 10, 11), "es")
    first = subscriber.sync()
    assert {url: len(files) for url, files in first.items()} == {other: 2}

    workshop = published(network, 3)
    url, number = page_url(workshop, "es"), workshop.id
    created = subscriber.sync()
    assert facts(created, url) == ("CONFIRMED", 0, "2025-06-03T09:00:00-05:00", "Ciudad segura (es)")

    saved = queries.values_of(workshop)
    days = (replace(saved.days[0], on=saved.days[0].on + timedelta(days=14)),)
    service.save(number, replace(saved, days=days), workshop.version, by=KARIN, now=NOW + HOUR)
    moved = subscriber.sync()
    assert facts(moved, url) == ("CONFIRMED", 1, "2025-06-17T09:00:00-05:00", "Ciudad segura (es)")

    acts.cancel(number, REASONS, by=KARIN, now=NOW + 2 * HOUR)
    cancelled = subscriber.sync()
    assert facts(cancelled, url) == ("CANCELLED", 2, "2025-06-17T09:00:00-05:00", "CANCELADO")

    acts.restore(number, by=KARIN, now=NOW + 3 * HOUR)
    restored = subscriber.sync()
    assert facts(restored, url) == ("CONFIRMED", 3, "2025-06-17T09:00:00-05:00", "Ciudad segura (es)")

    for files in (created, moved, cancelled, restored):
        assert files.keys() == {other, url}
        assert files[other] == first[other]
