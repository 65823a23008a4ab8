"""Finished pages of readers who are nobody in particular, and parts of pages, kept in memory until what they show is other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.languages import current
from app.web.access import find_me, reader_zone

KEY = "app.web.shelf"
MOST = 200  # pages; about 20 kB each
LONGEST = 200  # of an address: nobody fills the memory with nonsense


class Shelf:
    """The pages, those asked for last at the end, and what every page shows besides its own facts."""

    def __init__(self) -> None:
        self.pages: OrderedDict[Hashable, list[bytes]] = OrderedDict()
        self.everywhere: list[Callable[[], Hashable]] = []
        self.lock = Lock()

    def find(self, key: Hashable) -> list[bytes] | None:
        """The page between its tokens."""
        with self.lock:
            if key in self.pages:
                self.pages.move_to_end(key)
            return self.pages.get(key)

    def put(self, key: Hashable, pieces: list[bytes]) -> None:
        """Keeps a page; the one that nobody has asked for the longest makes room."""
        with self.lock:
            self.pages[key] = pieces
            if len(self.pages) > MOST:
                self.pages.popitem(last=False)


def init_app(app: Flask) -> None:
    """An empty shelf."""
    app.extensions[KEY] = Shelf()


def everywhere(app: Flask, fact: Callable[[], Hashable]) -> None:
    """Names something that every page shows: no page outlives it."""
    app.extensions[KEY].everywhere.append(fact)


def kept(facts: Hashable, make: Callable[[], str]) -> str:
    """The page at this address: as it was made last of the same facts, or made now.

    `facts` hold whatever it shows but the language, the reader's clock and the frame around every page. Kept are only the
    pages of readers who have not signed in and whom no message awaits; they differ in nothing but the token of their forms,
    which is put in anew.
    """
    if find_me() is not None or g.unknown or "_flashes" in session:
        return make()
    shelf: Shelf = current_app.extensions[KEY]
    return _find(shelf, ("page", *(fact() for fact in shelf.everywhere), facts), make)


def kept_part(facts: Hashable, make: Callable[[], str]) -> Markup:
    """A part of the page at this address that is the same for whoever may see it; `facts` hold whatever it shows."""
    return Markup(_find(current_app.extensions[KEY], ("part", facts), make))  # noqa: S704  a template of ours made it


def _find(shelf: Shelf, facts: Hashable, make: Callable[[], str]) -> str:
    if len(request.full_path) > LONGEST:
        return make()
    key = (request.method, request.root_path, request.full_path, current(), reader_zone(), facts)
    pieces = shelf.find(key)
    if pieces is None:
        made = make()
        token = g.get(current_app.config["WTF_CSRF_FIELD_NAME"])
        shelf.put(key, [piece.encode() for piece in (made.split(token) if token else [made])])
        return made
    return (generate_csrf().encode() if len(pieces) > 1 else b"").join(pieces).decode()
