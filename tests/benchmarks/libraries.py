"""The same registration by the libraries that the service is built on, and nothing of the service: a signed session, a form with its
token (Flask-WTF), objects (Flask-SQLAlchemy), a line of history, a mail of text and HTML. What is left of the minimal one with them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from flask import Flask, flash, g, redirect, session
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Connection, ForeignKey, event, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.wrappers import Response

URL = os.environ["REFERENCE_URL"]
SQLITE = URL.startswith("sqlite:///")
PEOPLE = 2_000
BODY = "You have a seat. " * 60


class Base(DeclarativeBase):
    """Of its own tables."""


db = SQLAlchemy(model_class=Base)


class Event(Base):
    """A workshop, as far as its seats go."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    taken: Mapped[int]


class Person(Base):
    """Who is signed in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    address: Mapped[str]


class Place(Base):
    """A registration."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str]
    created_at: Mapped[datetime]


class Line(Base):
    """Of the history."""

    __tablename__ = "line"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    action: Mapped[str]
    about: Mapped[str]


class Outgoing(Base):
    """A mail that waits."""

    __tablename__ = "outgoing"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    body: Mapped[bytes]
    state: Mapped[str]


app = Flask(__name__)
app.config.update(SECRET_KEY="a secret key for benchmarks alone", SQLALCHEMY_DATABASE_URI=URL)
db.init_app(app)
CSRFProtect(app)


def set_up() -> None:
    """Its tables, one event that is never full, and people."""
    if SQLITE:
        event.listen(db.engine, "connect", _on_connect)
        event.listen(db.engine, "begin", _on_begin)
    db.create_all()
    if db.session.get(Event, 1) is None:
        numbers = range(1, PEOPLE + 1)
        people = [Person(id=number, token=f"t{number}", name=f"Person {number}", address=f"p{number}@there.example") for number in numbers]
        db.session.add_all([Event(id=1, capacity=1_000_000, taken=0), *people])
        db.session.commit()
    db.session.remove()
    db.engine.dispose()


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if g.get("writing") else "BEGIN")


@app.get("/healthz")
def alive() -> str:
    """That it listens."""
    return "ok"


@app.get("/<int:number>")
def form(number: int) -> str:
    """Signs that person in; the token of the form."""
    session["sid"] = f"t{number}"
    return str(generate_csrf())


@app.post("/register")
def register() -> Response | tuple[str, int]:
    """Who it is, what was sent, and in one transaction a seat, a row, a line, a mail."""
    me = db.session.scalars(select(Person).where(Person.token == session["sid"])).one().id
    if not FlaskForm().validate_on_submit():
        return "", 422
    db.session.rollback()
    g.writing = True
    person, workshop = db.session.get_one(Person, me), db.session.get_one(Event, 1, with_for_update=True)
    free = update(Event).where(Event.id == workshop.id, Event.taken < Event.capacity).values(taken=Event.taken + 1)
    taken = db.session.scalar(free.returning(Event.taken).execution_options(synchronize_session=False))
    if taken is None:
        return "", 422
    at = datetime.now(UTC).replace(tzinfo=None)
    place = Place(event_id=workshop.id, person_id=person.id, state="confirmed", created_at=at)
    db.session.add(place)
    db.session.flush()
    mail = EmailMessage()
    mail["To"], mail["Subject"] = person.address, "You have a seat"
    mail.set_content(BODY)
    mail.add_alternative(f"<p>{BODY}</p>", subtype="html")
    outgoing = Outgoing(recipient=person.address, body=bytes(mail), state="pending")
    db.session.add_all([Line(at=at, action="registered", about=f"place:{place.id}"), outgoing])
    db.session.commit()
    flash("You have a seat")
    return redirect("/", 303)


with app.app_context():
    set_up()
