"""The mails about accounts: rows to finished messages, without a query."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.accounts import rules
from app.accounts.models import Affiliation, Code, Invitation, Person
from app.languages import moment, using
from app.mailer import Content, link
from app.outbox.service import Item, Mail
from app.wording import render


def code_mail(name: str, digits: str, minutes: int, lang: str) -> Content:
    """A code: `name` is sign_in_code, sign_up_code or address_code."""
    return render(name, lang, code=f"{digits[:3]} {digits[3:]}", minutes=minutes)


def closed_account(lang: str) -> Content:
    """To somebody who asks for a code and whose account is closed."""
    return render("account_closed", lang)


def address_taken(lang: str) -> Content:
    """To an address that somebody wants to move to, though it has an account of its own."""
    return render("address_taken", lang)


def for_code(code: Code, recipient: str, content: Content, lang: str, now: datetime) -> Mail:
    """Six digits on their way: worthless once the code is too old, so it never leaves later."""
    return Mail(
        kind=code.purpose if code.purpose == "change_address" else "sign_in_code",
        person_id=code.person_id,
        lang=lang,
        recipient=recipient,
        recipient_name="",
        content=content,
        items=[Item(f"code:{code.browser_hash[:40]}", f"code:{code.id}")],  # an id may come again, once old codes are gone
        due_at=now,
        expires_at=code.expires_at,
        rank_at=now,
    )


def notice(name: str, person: Person, recipient: str, now: datetime, **facts: str) -> Mail:
    """Tells somebody what was done with the own account: address_changed, password_changed, second_factor_changed."""
    link_to_account = link(f"/{person.lang}/me/account")
    content = render(name, person.lang, when=moment_of(person, now), account=link_to_account, **facts)
    key = f"person:{person.id}:{name}:{now.timestamp():.0f}"
    return Mail(
        kind=name,
        person_id=person.id,
        lang=person.lang,
        recipient=recipient,
        recipient_name=person.name,
        content=content,
        items=[Item(key, f"person:{person.id}")],
        due_at=now,
        expires_at=now + timedelta(days=3),
    )


def staff_factor(person: Person, to: Person, now: datetime, *, by: str, is_on: bool) -> Mail:
    """Tells an administrator that somebody of the staff has set up a second factor, or has lost it: whoever reads a mailbox
    could have done so."""
    content = render(
        "staff_factor",
        to.lang,
        name=person.name,
        address=person.address,
        by=by,
        is_on=is_on,
        when=moment_of(to, now),
        page=link(f"/{to.lang}/staff/people/{person.id}"),
    )
    return Mail(
        kind="staff_factor",
        person_id=to.id,
        lang=to.lang,
        recipient=to.address,
        recipient_name=to.name,
        content=content,
        items=[Item(f"person:{person.id}:factor:{now.timestamp():.0f}:{int(is_on)}:{to.id}", f"person:{person.id}")],
        due_at=now,
        expires_at=now + timedelta(days=3),
    )


def moment_of(person: Person, at: datetime) -> str:
    """An instant on the person's own clock, in the person's language."""
    with using(person.lang):
        return moment(at, person.zone)


def invitation(row: Invitation, token: str, now: datetime) -> Mail:
    """The link that makes somebody staff, or a member of an organisation."""
    accept = link(f"/{row.lang}/invitation/{token}")
    content = render("invitation", row.lang, invitation=row, accept=accept, days=rules.INVITATION_DAYS)
    return Mail(
        kind="invitation",
        person_id=None,
        lang=row.lang,
        recipient=row.address,
        recipient_name="",
        content=content,
        items=[Item(f"invitation:{row.token_hash[:40]}", f"invitation:{row.id}")],
        due_at=now,
        expires_at=row.expires_at,
    )


def about_place(row: Affiliation) -> str:
    """What the question for a place is taken back by, once it is answered."""
    return f"place:{row.person_id}:{row.organisation_id}"


def place_asked(row: Affiliation, coordinator: Person, now: datetime, *, named_by: str = "") -> Mail:
    """To a coordinator: somebody asks to belong to your organisation, or was named by somebody else to come for it.

    Whoever asks again and again is told of once a day.
    """
    key = f"{about_place(row)}:asked:{coordinator.id}:{now:%Y-%m-%d}"
    return _about_place("place_asked", row, coordinator, Item(key, about_place(row)), now, named_by=named_by)


def place_confirmed(row: Affiliation, now: datetime) -> Mail:
    """To who has asked: you belong there now."""
    key = f"{about_place(row)}:confirmed:{now.timestamp():.0f}"
    return _about_place("place_confirmed", row, row.person, Item(key, f"person:{row.person_id}"), now)


def _about_place(name: str, row: Affiliation, to: Person, item: Item, now: datetime, **words: str) -> Mail:
    content = render(name, to.lang, organisation=row.organisation, person=row.person, home=link(f"/{to.lang}/me/"), **words)
    return Mail(
        kind=name,
        person_id=to.id,
        lang=to.lang,
        recipient=to.address,
        recipient_name=to.name,
        content=content,
        items=[item],
        due_at=now,
        expires_at=now + timedelta(days=7),
    )
