"""The demo's certificates: staff have issued those of some workshops that are over, and withdrawn one."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from app.accounts.models import Person
from app.attendance.queries import Summary, summary
from app.audit.service import person as actor
from app.audit.service import record
from app.crypto import hash_token
from app.database import db
from app.papers.models import Certificate, PaperRun
from app.papers.rules import LENGTH
from app.registrations import queries
from app.registrations.rules import CODE_LETTERS
from app.workshops.models import Workshop

CONTENT = Path(__file__).parent / "content" / "papers.toml"
AFTER = timedelta(hours=20)  # they are issued so long after the end


def load(workshops: Mapping[str, Workshop], staff: Person, now: datetime) -> None:
    """As if `staff` had asked for them after the end; no mail tells of what is long past. Joins the caller's transaction."""
    for slug, facts in tomllib.loads(CONTENT.read_text(encoding="utf-8")).items():
        workshop = workshops[slug]
        if workshop.ends_at is None or workshop.ends_at + AFTER > now:
            continue
        at = workshop.ends_at + AFTER
        people = {row.id: row.person for row in queries.of_workshop(workshop.id, ("confirmed",))}
        earned = [one for one in summary(workshop.id, now) if one.attended]
        topic, by = f"workshop:{workshop.id}", actor(staff)
        run = PaperRun(workshop_id=workshop.id, total=len(earned), done=len(earned), started_at=at, finished_at=at)
        run.actor, run.actor_name = by.code, by.name
        db.session.add(run)
        record("certificates.started", topic, by=by, now=at, number=len(earned))
        for one in earned:
            certificate, person = _certificate(one, staff, at), people[one.registration_id]
            record("certificate.issued", topic, by=by, now=at, name=person.name, minutes=one.minutes)
            if reason := facts.get("withdrawn", {}).get(person.address):
                certificate.revoked_at, certificate.reason = at, reason
                record("certificate.withdrawn", topic, by=by, now=at, name=person.name)
            db.session.add(certificate)


def _certificate(found: Summary, staff: Person, at: datetime) -> Certificate:
    code = "".join(secrets.choice(CODE_LETTERS) for _letter in range(LENGTH))
    row = Certificate(registration_id=found.registration_id, code=code, code_hash=hash_token(code), minutes=found.minutes)
    row.issued_at, row.issued_by = at, staff.name
    return row
