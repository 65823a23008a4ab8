"""One workshop of the demo as rows: its texts, its days with their programme, its documents. Names of entries are always the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from app.demo import content
from app.organisations.models import Network, Organisation
from app.workshops.models import Workshop, WorkshopDay, WorkshopDocument, WorkshopSession, WorkshopSessionTitle, WorkshopText


def workshop_row(facts: content.Workshop, network: Network, host: Organisation, made_by: int | None, now: datetime) -> Workshop:
    """The workshop as it would be if its days had been chosen in good time before `now`."""
    zone, today = ZoneInfo(facts.zone), now.date()
    (opens, opens_time), (closes, closes_time) = facts.window(today)
    opens_at = datetime.combine(opens, opens_time, zone)
    made_at = min(opens_at - timedelta(days=14), now - timedelta(days=1))
    changed_at = max(made_at, min(now - timedelta(hours=3), opens_at + timedelta(days=5)))
    if facts.state == "draft":
        changed_at = made_at
    uid = f"{uuid5(NAMESPACE_URL, 'workshop/' + facts.slug)}@icld.se"
    days = _days(facts, uid, today, made_at, changed_at)
    before = facts.moved_from(today)
    return Workshop(
        slug=facts.slug,
        network=network,
        organisation=host,
        state=facts.state,
        format=facts.format,
        original_lang=facts.original,
        spoken=" ".join(facts.spoken),
        theme=facts.theme,
        venue=facts.venue,
        street_address=facts.street_address,
        place=facts.place,
        country=facts.country,
        latitude=facts.latitude,
        longitude=facts.longitude,
        join_url=facts.join_url,
        zone=facts.zone,
        capacity=facts.capacity,
        access=facts.access,
        opens_at=opens_at,
        closes_at=datetime.combine(closes, closes_time, zone),
        letters_until=letters.replace(tzinfo=zone) if (letters := facts.letters(today)) else None,
        contact=content.network().contact,
        uid=uid,
        sequence=days[0].sequence,
        starts_at=days[0].starts_at,
        ends_at=days[-1].ends_at,
        moved_from=before[0] if before else None,
        moved_to=before[1] if before else None,
        created_at=made_at,
        changed_at=changed_at,
        published_at=None if facts.state == "draft" else min(max(made_at, opens_at), changed_at),
        created_by=made_by,
        in_series=facts.in_series,
        days=days,
        documents=[
            WorkshopDocument(position=place, title=one.title, url=one.url, lang=one.lang) for place, one in enumerate(facts.documents)
        ],
        texts={
            lang: WorkshopText(
                lang=lang,
                title=text.title,
                summary=text.summary,
                description=text.description,
                practical=text.practical,
                reason=text.reason,
                changed_at=made_at,
            )
            for lang, text in facts.texts.items()
        },
    )


def _days(facts: content.Workshop, uid: str, today: date, made_at: datetime, changed_at: datetime) -> list[WorkshopDay]:
    zone = ZoneInfo(facts.zone)
    return [
        WorkshopDay(
            on=on,
            starts=starts,
            ends=ends,
            starts_at=datetime.combine(on, starts, zone),
            ends_at=datetime.combine(on, ends, zone),
            uid=uid.replace("@", f"-{number}@"),
            sequence=0 if facts.moved_days is None and facts.state in {"draft", "published"} else 1,
            created_at=made_at,
            changed_at=changed_at,
            sessions=_sessions(facts, number, on, made_at, changed_at),
        )
        for number, (on, starts, ends) in enumerate(facts.days(today), 1)
    ]


def _sessions(facts: content.Workshop, number: int, on: date, made_at: datetime, changed_at: datetime) -> list[WorkshopSession]:
    """The programme of the day of that number, each session named by its place in the whole programme."""
    zone, name = ZoneInfo(facts.zone), f"workshop/{facts.slug}/session"
    return [
        WorkshopSession(
            starts=one.hours.starts,
            ends=one.hours.ends,
            starts_at=datetime.combine(on, one.hours.starts, zone),
            ends_at=datetime.combine(on, one.hours.ends, zone),
            kind=one.kind,
            room=one.room,
            facilitators=one.led_by,
            spoken=" ".join(one.spoken),
            interpreted=" ".join(one.interpreted),
            uid=f"{uuid5(NAMESPACE_URL, f'{name}/{place}')}@icld.se",
            created_at=made_at,
            changed_at=changed_at,
            titles={lang: WorkshopSessionTitle(lang=lang, title=title) for lang, title in one.titles.items()},
        )
        for place, one in enumerate(facts.sessions, 1)
        if one.day == number
    ]
