"""What codes are called, in the language in force."""

from __future__ import annotations

from app.clock import now
from app.languages import city, language, zone
from app.languages import gettext as _

Options = list[tuple[str, str]]


def theme_name(code: str) -> str:
    """What a workshop is about."""
    names = {
        "representation": _("Women's political representation"),
        "violence": _("Gender-based violence"),
        "economy": _("Economic empowerment"),
        "services": _("Equal access to education and health"),
        "urban_planning": _("Urban planning"),
        "care": _("Care work"),
    }
    return names.get(code, code)


def format_name(code: str) -> str:
    """On site, online or both."""
    return {"on_site": _("On site"), "online": _("Online"), "both": _("On site and online")}[code]


def kind_name(code: str) -> str:
    """What happens in a session."""
    names = {
        "talk": _("Talk"),
        "panel": _("Panel"),
        "group_work": _("Group work"),
        "visit": _("Study visit"),
        "ceremony": _("Ceremony"),
        "meal": _("Meal"),
        "break": _("Break"),
    }
    return names.get(code, code)


def access_name(code: str) -> str:
    """Who may register, as an option of a list."""
    names = {"network": _("Members of the network"), "invited": _("Invited organisations only"), "open": _("Anyone, no account needed")}
    return names.get(code, code)


def language_name(code: str) -> str:
    """'Spanish', with a capital letter as an option of a list."""
    name = language(code)
    return name[:1].upper() + name[1:]


def reminder_names() -> list[str]:
    """What each code of REMINDERS is called."""
    return [_("7 days before, at 09:00"), _("The day before, at 09:00"), _("1 hour before, for those who join online")]


def zone_name(name: str) -> str:
    """'Panajachel (UTC-6)' as the offset is now."""
    offset = now().astimezone(zone(name)).strftime("%z")
    hours, minutes = int(offset[:3]), offset[3:5]
    sign = "−" if hours < 0 else "+"  # noqa: RUF001  a minus, not a hyphen
    return f"{city(name)} (UTC{sign}{abs(hours)}{':' + minutes if minutes != '00' else ''})"
