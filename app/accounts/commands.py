"""`flask --app wsgi staff …`: the first administrator, and others."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.accounts import staffing
from app.accounts.models import STAFF_ROLES
from app.audit.service import COMMAND
from app.clock import now
from app.errors import Refused
from app.languages import LANGUAGES, using
from app.mailer import link

staff = AppGroup("staff", help="People who run the workshops.")


@staff.command("invite")
@click.argument("address")
@click.option("--role", type=click.Choice(STAFF_ROLES), required=True, help="what they may do")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="language of the mail")
def invite(address: str, role: str, lang: str) -> None:
    """Mails ADDRESS a link that makes its reader staff, and prints the link, for where mail does not work yet."""
    try:
        with using(lang):
            token = staffing.invite(address, lang=lang, role=role, by=COMMAND, now=now())
    except Refused as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"Invited {address} as {role}. The link is good for a week: {link(f'/{lang}/invitation/{token}')}")
