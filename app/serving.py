"""The web processes of an installation: one loads everything, the others share its memory."""

from __future__ import annotations

import gc
import signal
import threading
from importlib import import_module

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from app.backups.stores.presence import attend
from app.database import let_go
from app.feeds.making.warm import warm_up
from app.languages import LANGUAGES

THREADS = 2  # of a process: one works while the other waits; more would pass the interpreter's lock to and fro
PAGES = ("", "workshops/", "subscribe")  # whose templates and words every process needs


def serve(app: Flask, host: str, port: int, *, workers: int, threads: int) -> None:
    """Answers until SIGTERM; a worker that dies is replaced, for else all would end with it. What is loaded here is there once, however
    many workers are forked (where there is no fork, each loads it again); the collector leaves it alone from now on, for to look at it
    is to copy it."""
    attend(app.config["CONFIG"].instance)
    server = Granian(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
    )
    _load(app)
    gc.collect()
    gc.freeze()
    server.serve(target_loader=in_worker)


def in_worker(_target: str) -> Flask:
    """The app in a new worker, which makes a calendar before it listens: the pages of memory that this writes to become its own now,
    not while somebody waits for the first one. Until it listens, whoever ends it ends it: it still has the first process's handlers."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    app: Flask = import_module("wsgi").app
    warming = threading.Thread(target=warm_up, args=[app])  # as requests are: what this one would write to is the shared heap
    warming.start()
    warming.join()
    return app


def _load(app: Flask) -> None:
    """Looks at a few pages, as anybody may, and leaves no connection that a worker would share."""
    browser = app.test_client()
    for lang in LANGUAGES:
        for page in PAGES:
            browser.get(f"/{lang}/{page}", base_url=app.config["CONFIG"].base_url)
    with app.app_context():
        let_go()
