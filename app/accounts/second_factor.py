"""The second factor: time-based codes (RFC 6238), good once, and recovery codes for the day the telephone is lost."""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest
from io import BytesIO

import pyotp
import segno
from sqlalchemy import delete, update

from app.accounts import mails, queries, rules
from app.accounts.models import Person, RecoveryCode
from app.accounts.service import end_all
from app.audit import service as audit
from app.audit.service import Actor
from app.crypto import decrypt, encrypt, hash_token
from app.database import db, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.outbox import service as outbox

ISSUER = "ICLD"


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps read them."""
    return pyotp.random_base32(32)


def address_of(secret: str, person: Person) -> str:
    """What the QR code says, an otpauth link."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.address, issuer_name=ISSUER)


def picture_of(secret: str, person: Person) -> bytes:
    """The QR code as an SVG that is dark on light in any colour scheme."""
    out = BytesIO()
    segno.make(address_of(secret, person), error="m").save(
        out, kind="svg", scale=5, border=4, dark="#271c25", light="#ffffff", xmldecl=False
    )
    return out.getvalue()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step that `code` belongs to, if it is the present one or one beside it."""
    present = int(now.timestamp()) // rules.STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = range(present - rules.STEPS_OF_GRACE, present + rules.STEPS_OF_GRACE + 1)
    typed = rules.digits(code)
    return next((step for step in steps if compare_digest(totp.generate_otp(step), typed)), None) if typed.isascii() else None


def set_up(person: Person, secret: str, code: str, *, session_id: int, now: datetime) -> list[str]:
    """Turns it on when the code shows that the app has the secret. Returns the recovery codes, for this one time. Raises Refused."""
    step = step_of(secret, code, now)
    if step is None:
        raise _wrong()
    mail = mails.notice("second_factor_changed", person, person.address, now)
    with transaction():
        person.totp_secret, person.totp_last_step = encrypt(secret.encode()), step
        codes = _new_recovery_codes(person)
        end_all(person.id, now, but=session_id)
        outbox.queue(mail, now=now)
        _tell_administrators(person, now, by=person.name, is_on=True)
        audit.record("person.second_factor", f"person:{person.id}", by=audit.person(person), now=now, name=person.name)
    return codes


def _tell_administrators(person: Person, now: datetime, *, by: str, is_on: bool) -> None:
    """Of the staff, by mail: who reads a colleague's mailbox could set up the first second factor in the colleague's place."""
    if person.role is None:
        return
    for administrator in queries.administrators(but=person.id):
        outbox.queue(mails.staff_factor(person, administrator, now, by=by, is_on=is_on), now=now)


def check(person: Person, code: str, *, now: datetime) -> None:
    """Spends a code of the app or a recovery code. Raises Refused when it is wrong or was used before."""
    secret = decrypt(person.totp_secret or b"").decode()
    step = step_of(secret, code, now)
    with transaction() as session:
        if step is not None:
            newer = update(Person).where(Person.id == person.id, Person.totp_last_step < step).values(totp_last_step=step)
            spent = session.execute(newer.returning(Person.id)).first()
        else:
            mine = (RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
            hashed = hash_token(rules.recovery_code(code))
            used = update(RecoveryCode).where(*mine, RecoveryCode.code_hash == hashed).values(used_at=now)
            spent = session.execute(used.returning(RecoveryCode.id)).first()
    if spent is None:
        raise _wrong()


def renew_recovery_codes(person: Person, *, now: datetime) -> list[str]:
    """New recovery codes; the old ones are void."""
    with transaction():
        codes = _new_recovery_codes(person)
        audit.record("person.recovery_codes", f"person:{person.id}", by=audit.person(person), now=now, name=person.name)
    return codes


def turn_off(person: Person, *, by: Actor, now: datetime, session_id: int | None = None) -> None:
    """Takes it away: by the person, or by an administrator for somebody who lost telephone and recovery codes."""
    mail = mails.notice("second_factor_removed", person, person.address, now)
    with transaction():
        person.totp_secret, person.totp_last_step = None, 0
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
        end_all(person.id, now, but=session_id)
        outbox.queue(mail, now=now)
        _tell_administrators(person, now, by=by.name, is_on=False)
        audit.record("person.second_factor_removed", f"person:{person.id}", by=by, now=now, name=person.name)


def _new_recovery_codes(person: Person) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [rules.new_recovery_code() for _number in range(rules.RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(person_id=person.id, code_hash=hash_token(code)) for code in codes)
    return codes


def _wrong() -> Refused:
    return Refused(problems={"code": _("That code is not right, or it was used before. Wait for the next one in the app and try again.")})
