"""The address that stops one kind of mail to one person: signed, so that it works for years without a sign-in (RFC 8058)."""

from __future__ import annotations

from flask import current_app
from itsdangerous import BadSignature, Signer

from app.errors import Missing

KINDS = ("bulletins", "digest", "partnerships", "commitment")  # reminders are stopped by the link of a registration


def stop_path(person_id: int, kind: str) -> str:
    """'/mails/12-digest~…'."""
    return f"/mails/{_signer().sign(f'{person_id}-{kind}').decode()}"


def read_token(token: str) -> tuple[int, str]:
    """Whom and which kind a token speaks of. Raises Missing for one that we have not made."""
    try:
        number, _dash, kind = _signer().unsign(token).decode().partition("-")
    except BadSignature as error:
        raise Missing from error
    return int(number), kind


def _signer() -> Signer:
    """Under a new SECRET_KEY the links in old mails go on working, as long as the old one is named among the fallbacks."""
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"][::-1], current_app.config["SECRET_KEY"]]
    return Signer(keys, salt="app.accounts.stopping", sep="~")
