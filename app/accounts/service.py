"""Sign-up, sign-in by code or password, and what people change about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import mails, passwords, places, queries, rules
from app.accounts.models import Code, Invitation, Person, SignIn, Tries
from app.announcements import announce
from app.audit import service as audit
from app.audit.service import Actor
from app.crypto import hash_token, new_token
from app.database import db, retrying, transaction
from app.errors import Gone, Missing, Refused
from app.languages import gettext as _
from app.languages import using
from app.mailer import Content
from app.outbox import service as outbox
from app.outbox.bounces import service as bounces


@dataclass(frozen=True)
class Details:
    """What somebody says about themselves. `organisation_id` is where they ask to belong, if they belong nowhere yet."""

    name: str
    lang: str
    zone: str
    kind: str | None = None
    gender: str | None = None
    organisation_id: int | None = None


def find_or_make_person(address: str, name: str, *, lang: str, zone: str, now: datetime) -> Person:
    """Whoever has this address, unchanged, or a new guest. Joins the caller's transaction. Raises Refused for no address."""
    if not rules.is_address(address):
        raise Refused(problems={"address": _("Enter one address, such as name@municipality.se")})
    with transaction():
        person = queries.find_by_address(address)
        if person is not None:
            return person
        person = Person(
            address=address.strip(), canonical_address=rules.canonical(address), name=name, lang=lang, zone=zone, created_at=now
        )
        try:
            with db.session.begin_nested():
                db.session.add(person)
        except IntegrityError:
            person = queries.find_by_address(address)  # somebody with the same address was quicker
            if person is None:
                raise
    return person


# Sign-in ------------------------------------------------------------------------------------------------------------


def start_sign_in(address: str, *, lang: str, minutes: int, now: datetime) -> str:
    """Mails six digits, good for `minutes`, and returns the token that the asking browser must bring back with them.

    Known or not, the answer is the same; only the mail tells. A known person's goes to the address that we keep.
    """
    person = queries.find_by_address(address)
    digits = rules.new_code()
    if person is None or (person.confirmed_at is None and person.disabled_at is None):
        person = None  # nobody, or a guest whose address anybody may have typed
        content = mails.code_mail("sign_up_code", digits, minutes, lang)
    elif person.disabled_at is not None:
        content = mails.closed_account(lang)
    else:
        content = mails.code_mail("sign_in_code", digits, minutes, lang)
    recipient = person.address if person else address.strip()
    person_id = person.id if person else None
    mail = (recipient, content, lang)
    return _send_code("sign_in", rules.canonical(address), person_id, digits, mail=mail, minutes=minutes, now=now)


def _send_code(
    purpose: str, canonical: str, person_id: int | None, digits: str, *, mail: tuple[str, Content, str], minutes: int, now: datetime
) -> str:
    """Keeps the hash of the digits together with the browser's token, and queues `mail`: recipient, words, language."""
    recipient, content, lang = mail
    token = new_token()
    with transaction():
        code = Code(
            purpose=purpose,
            canonical_address=canonical,
            person_id=person_id,
            browser_hash=hash_token(token),
            code_hash=hash_token(f"{token}:{digits}"),
            created_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )
        db.session.add(code)
        db.session.flush()
        outbox.queue(mails.for_code(code, recipient, content, lang, now), now=now)
    return token


def finish_sign_in(token: str, digits: str, *, now: datetime) -> tuple[str, Person | None]:
    """The proved address (canonical) and its person, if there is one. Raises Refused, with words for the field `code`.

    A guest who never proved the address is nobody: anybody may have typed it, under any name.
    """
    code = spend_code("sign_in", token, digits, now=now)
    person = queries.find_by_address(code.canonical_address)
    if person is not None and person.disabled_at is not None:
        raise _wrong_code()
    return code.canonical_address, person if person and person.confirmed_at else None


def spend_code(purpose: str, token: str, digits: str, *, now: datetime) -> Code:
    """The code that this browser asked for, if these are its digits: good once, for a short time, for five tries. Raises Refused."""
    with transaction() as session:
        found = (Code.browser_hash == hash_token(token), Code.purpose == purpose, Code.used_at.is_(None))
        live = update(Code).where(*found, Code.tries < rules.CODE_TRIES, Code.expires_at > now)
        row = session.execute(live.values(tries=Code.tries + 1).returning(Code.id, Code.code_hash)).one_or_none()
        right = row is not None and row.code_hash == hash_token(f"{token}:{rules.digits(digits)}")
        if row is not None and right:
            session.execute(update(Code).where(Code.id == row.id).values(used_at=now))
    if row is None:
        raise Refused(problems={"code": _("That code is no longer good. Ask for a new one.")})
    if not right:
        raise _wrong_code()
    code = db.session.scalars(select(Code).where(Code.id == row.id)).one()
    bounces.proved(code.canonical_address, now=now)
    return code


def _wrong_code() -> Refused:
    return Refused(problems={"code": _("Those are not the six digits of the newest mail. Look again, or ask for a new code.")})


def check_password(address: str, password: str) -> Person:
    """The person whose address and password these are. Takes as long, and says the same, for a stranger. Raises Refused."""
    person = queries.find_by_address(address)
    right = passwords.is_right(person.password_hash if person else None, password)
    if person is None or not right or person.disabled_at is not None:
        raise Refused(
            problems={"password": _("The address and the password do not belong together. Try again, or ask for a code by mail.")}
        )
    return person


def sign_up(token: str, address: str, details: Details, *, now: datetime) -> Person:
    """A new account for the address that the code of this browser has proved: once, within half an hour.

    Raises Gone when the proof is spent or somebody has that account already, who then signs in; Refused.
    """
    with transaction() as session:
        proved = (Code.browser_hash == hash_token(token), Code.purpose == "sign_in", Code.joined_at.is_(None))
        live = update(Code).where(*proved, Code.used_at > now - timedelta(minutes=rules.PROOF_MINUTES))
        canonical = session.execute(live.values(joined_at=now).returning(Code.canonical_address)).scalar_one_or_none()
        if canonical is None or queries.find_known(canonical) is not None:
            raise Gone
        return join(canonical, address, details, now=now)


def join(canonical_address: str, address: str, details: Details, *, now: datetime) -> Person:
    """Makes the account of a proved address. A guest's row, which anybody may have typed, becomes what its owner says.

    Joins the caller's transaction. Raises Gone for a closed account, Refused.
    """
    with transaction():
        person = find_or_make_person(address, details.name, lang=details.lang, zone=details.zone, now=now)
        if person.canonical_address != canonical_address or person.disabled_at is not None:
            raise Gone
        person.address, person.confirmed_at = address.strip(), now
        _write_details(person, details, now)
        audit.record("person.joined", f"person:{person.id}", by=audit.person(person), now=now, name=person.name)
    return person


# One's own account ----------------------------------------------------------------------------------------------------


def change_details(person: Person, details: Details, *, by: Actor, now: datetime) -> None:
    """Name, language, zone, official or politician, gender in the own words. Mails follow a new language and zone. Raises Refused."""
    retrying(lambda: _change_details(person, details, by=by, now=now))


def _change_details(person: Person, details: Details, *, by: Actor, now: datetime) -> None:
    with transaction():
        before = person.lang, person.zone
        _write_details(person, details, now)
        audit.record("person.changed", f"person:{person.id}", by=by, now=now, name=person.name)
        if (person.lang, person.zone) != before:
            announce("person_reads_otherwise", person=person, now=now)


def _write_details(person: Person, details: Details, now: datetime) -> None:
    person.name, person.lang, person.zone = details.name, details.lang, details.zone
    person.kind, person.gender = details.kind or None, details.gender or None
    places.ask(person, details.organisation_id, now=now)


def set_password(person: Person, password: str, *, session_id: int, now: datetime) -> None:
    """A new password; every other session ends, and a mail says so. Raises Refused for a weak one, with the reason."""
    problem = rules.password_problem(password, person.name, person.canonical_address)
    words = {
        "short": _("Use at least %(least)s characters. A few words that do not belong together are good.", least=rules.PASSWORD_LEAST),
        "long": _("Use at most %(most)s characters.", most=rules.PASSWORD_MOST),
        "common": _("Thousands of people use that password. Choose another one."),
        "personal": _("That password holds your name or address. Choose another one."),
    }
    if problem:
        raise Refused(problems={"password": words[problem]})
    hashed = passwords.make_hash(password)
    mail = mails.notice("password_changed", person, person.address, now)
    with transaction():
        person.password_hash = hashed
        end_all(person.id, now, but=session_id)
        outbox.queue(mail, now=now)
        audit.record("person.password_changed", f"person:{person.id}", by=audit.person(person), now=now, name=person.name)


def start_address_change(person: Person, address: str, *, minutes: int, now: datetime) -> str:
    """Mails a code to the new address and returns the browser's token. An address that is taken gets a mail without a code.

    It is not taken by a guest who never proved it: that row joins this account once the code has come back.
    """
    if rules.canonical(address) == person.canonical_address and address.strip() == person.address:
        raise Refused(problems={"address": _("That is the address you have now")})
    digits = rules.new_code()
    owner = queries.find_by_address(address)
    taken = owner is not None and owner.id != person.id and not _is_nobodys(owner)
    content = mails.address_taken(person.lang) if taken else mails.code_mail("address_code", digits, minutes, person.lang)
    recipient = owner.address if owner and taken else address.strip()
    mail = (recipient, content, person.lang)
    return _send_code("change_address", rules.canonical(address), person.id, digits, mail=mail, minutes=minutes, now=now)


def finish_address_change(person: Person, address: str, token: str, digits: str, *, session_id: int, now: datetime) -> None:
    """The proved address becomes the account's; the old one is told, other sessions end. Raises Refused."""
    code = spend_code("change_address", token, digits, now=now)
    if code.person_id != person.id or code.canonical_address != rules.canonical(address):
        raise _wrong_code()
    old = person.address
    with using(person.lang):
        mail = mails.notice("address_changed", person, old, now, new_address=address.strip())

    def change() -> None:
        with transaction():
            _take_address(person, address.strip(), code.canonical_address, now)
            announce("person_reads_otherwise", person=person, now=now)  # what has not left yet goes to the new address
            end_all(person.id, now, but=session_id)
            outbox.queue(mail, now=now)
            audit.record("person.address_changed", f"person:{person.id}", by=audit.person(person), now=now, name=person.name)

    try:
        retrying(change)
    except IntegrityError as error:
        raise _wrong_code() from error


def _take_address(person: Person, address: str, canonical: str, now: datetime) -> None:
    """The address is the person's, and so is what hangs on a guest's row that had it; the empty row goes at night."""
    guest = queries.find_by_address(canonical)
    met = guest if guest is not None and guest.id != person.id and _is_nobodys(guest) else None
    if met is not None:
        announce("people_meet", guest=met, person=person)
        met.address = met.canonical_address = f"{met.id}@absorbed.invalid"  # RFC 2606: nobody's, for ever
        db.session.flush()
    before = person.address
    person.address, person.canonical_address = address, canonical
    db.session.flush()
    if met is not None:  # now that mails about it go to the address that is proved
        announce("person_absorbed", guest=met, person=person, before=before, now=now)


def _is_nobodys(person: Person) -> bool:
    """Whether nobody has proved the address: anybody may have typed it."""
    return person.confirmed_at is None and person.disabled_at is None


def end_all(person_id: int, at: datetime, *, but: int | None = None) -> int:
    """Ends every session of a person but the one with the id `but`. How many ended. Joins the caller's transaction."""
    with transaction():
        found = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > at)
        if but is not None:
            found = found.where(SignIn.id != but)
        ended = db.session.execute(found.values(ended_at=at).returning(SignIn.id)).all()
    return len(ended)


def end_session(person: Person, sign_in_id: int, *, now: datetime) -> None:
    """Ends one of the own sessions. Raises Missing for somebody else's."""
    with transaction():
        mine = update(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id, SignIn.ended_at.is_(None))
        if db.session.execute(mine.values(ended_at=now).returning(SignIn.id)).first() is None:
            raise Missing


def forget_old(now: datetime) -> int:
    """The nightly job: codes, tries, sessions and invitations that are of no use any more. How many rows went."""
    month, quarter = now - timedelta(days=30), now - timedelta(days=90)
    old: list[Any] = [
        delete(Code).where(Code.expires_at < now - timedelta(days=1)),
        delete(Tries).where(Tries.hour < now - timedelta(days=2)),
        delete(SignIn).where(or_(SignIn.expires_at < month, SignIn.ended_at < month)),
        delete(Invitation).where(Invitation.expires_at < quarter),
    ]
    with transaction():
        audit.forget_fact("address", ("person.invited", "person.invitation_taken_back"), before=quarter)
        return sum(db.session.execute(statement).rowcount for statement in old)  # type: ignore[attr-defined]  # a DELETE gives a cursor
