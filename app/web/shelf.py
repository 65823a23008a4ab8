"""Finished pages of many readers, kept in memory until what they show is other."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from app.database import snapshot
from app.languages import current
from app.web.access import acts_as_staff, find_me, reader_name, reader_zone

KEY = "app.web.shelf"
MOST = 200  # pages; about 20 kB each
LONGEST = 200  # of an address: nobody fills the memory with nonsense
Own = Callable[[], str]
Page = list[bytes | Own]
Facts = TypeVar("Facts")


class Shelf:
    """The pages with the facts that each was made of, those asked for last at the end, and what every page shows besides."""

    def __init__(self) -> None:
        self.pages: OrderedDict[Hashable, tuple[object, Page]] = OrderedDict()
        self.everywhere: list[Callable[[], Hashable]] = []
        self.lock = Lock()

    def find(self, key: Hashable, facts: object) -> Page | None:
        """The page in its pieces, if it was made of these facts: comparing them takes a fifth of the time of hashing them."""
        with self.lock:
            of, page = self.pages.get(key, (None, None))
            if page is None or of != facts:
                return None
            self.pages.move_to_end(key)
            return page

    def put(self, key: Hashable, facts: object, page: Page) -> None:
        """Keeps a page in the place of the older one; the one that nobody has asked for the longest makes room."""
        with self.lock:
            self.pages[key] = facts, page
            self.pages.move_to_end(key)
            if len(self.pages) > MOST:
                self.pages.popitem(last=False)


def init_app(app: Flask) -> None:
    """An empty shelf."""
    app.extensions[KEY] = Shelf()


def everywhere(app: Flask, fact: Callable[[], Hashable]) -> None:
    """Names something that every page shows: no page outlives it."""
    app.extensions[KEY].everywhere.append(fact)


def kept(facts: Facts, make: Callable[[Facts], str], *, again: Callable[[], Facts]) -> str:
    """The page at this address: as it was made last of the same facts, or made now.

    `facts` hold whatever it shows but the language, the reader's clock and the frame around every page. Readers of one kind
    share it, unless a message awaits them: what differs, the token of their forms and their name, is put in anew.
    A page is made of one state of the database, for which the facts are read `again`: seats come and go, so that facts of
    before around words of after would one day be true again.
    """
    me = find_me()
    if g.unknown or "_flashes" in session or len(request.full_path) > LONGEST:
        return make(facts)
    shelf: Shelf = current_app.extensions[KEY]
    reader = None if me is None else (me.role, me.is_staff, acts_as_staff())
    around = tuple(fact() for fact in shelf.everywhere)
    key = (request.method, request.root_path, request.full_path, current(), reader_zone(), reader, around)
    page = shelf.find(key, facts)
    if page is None:
        if snapshot():
            facts = again()
        page = _with_places(lambda: make(facts))
        shelf.put(key, facts, page)
    return b"".join(piece if isinstance(piece, bytes) else escape(piece()).encode() for piece in page).decode()


def shown_name() -> str:
    """The reader's name for the head of a page; in one that is made to be kept, the place for it."""
    return str(g.get("place_for_name") or reader_name())


def _with_places(make: Callable[[], str]) -> Page:
    """The page in pieces: its words, and between them what says each reader's own."""
    g.place_for_name = secrets.token_hex()
    try:
        made = make()
    finally:
        places: dict[str, Own] = {g.pop("place_for_name"): reader_name}
    if token := g.get(current_app.config["WTF_CSRF_FIELD_NAME"]):
        places[token] = generate_csrf
    return [places.get(piece) or piece.encode() for piece in re.split(f"({'|'.join(map(re.escape, places))})", made)]
