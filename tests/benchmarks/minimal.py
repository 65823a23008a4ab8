"""The least that a registration can be: one transaction of seat check, insert and outbox row, answered in JSON. The reference."""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, request

URL = os.environ["REFERENCE_URL"]
SQLITE = URL.startswith("sqlite:///")
TABLES = (
    "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, capacity INTEGER, taken INTEGER, CHECK (taken <= capacity))",
    "CREATE TABLE IF NOT EXISTS place (id {serial}, event_id INTEGER NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS outgoing (id {serial}, recipient TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL)",
)
BODY = "You have a seat. " * 60
app = Flask(__name__)
mine = threading.local()


def connection() -> Any:
    """One a thread, kept."""
    if not hasattr(mine, "connection"):
        if SQLITE:
            mine.connection = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                mine.connection.execute(f"PRAGMA {pragma}")
        else:
            mine.connection = psycopg.connect(URL.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
    return mine.connection


def set_up() -> None:
    """Its tables, and one event that is never full."""
    there = connection()
    for table in TABLES:
        there.execute(table.format(serial="INTEGER PRIMARY KEY" if SQLITE else "SERIAL PRIMARY KEY"))
    if there.execute("SELECT count(*) FROM event").fetchone()[0] == 0:
        there.execute("INSERT INTO event VALUES (1, 1000000, 0)")


@app.post("/register")
def register() -> Response:
    """A seat, a row, a mail, a commit."""
    sign = "?" if SQLITE else "%s"
    there, name, address = connection(), request.form["name"], request.form["address"]
    there.execute("BEGIN IMMEDIATE" if SQLITE else "BEGIN")
    took = there.execute("UPDATE event SET taken = taken + 1 WHERE id = 1 AND taken < capacity").rowcount
    if took:
        there.execute(f"INSERT INTO place (event_id, name, address) VALUES (1, {sign}, {sign})", (name, address))  # noqa: S608  no input in it
        there.execute(f"INSERT INTO outgoing (recipient, body, state) VALUES ({sign}, {sign}, 'pending')", (address, BODY))  # noqa: S608
    there.execute("COMMIT")
    return jsonify(seat=bool(took))


set_up()
