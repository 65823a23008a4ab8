"""Addresses, codes, passwords and lengths of sessions, decided on plain values."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import timedelta
from pathlib import Path

CODE_TRIES = 5
PROOF_MINUTES = 30  # how long a proved address may take to fill in the sign-up page
FRESH_MINUTES = 15  # how new a sign-in must be for a change of password, address or second factor
INVITATION_DAYS = 7
SECOND_FACTOR_TRIES = 5
SECOND_FACTOR_MINUTES = 15
NAMINGS_PER_HOUR = 60  # acts of one coordinator, each of whom brings at most ten new people
MAILS_PER_DAY = 20
ALL_NETWORKS = 10  # the ceiling for all networks together is so many times that of one
PASSWORDS_AT_ONCE = 3  # so many may be mistyped before the next one has to wait
RECOVERY_CODES = 10
PASSWORD_LEAST = 12
PASSWORD_MOST = 200  # in the form that is hashed; a longer one only keeps the hash busy
PASSWORD_TYPED = 1000  # what lies beyond is not even looked at: one letter can become eighteen
PASSWORD_VARIETY = 5  # different characters: "aaaaaaaaaaaa" is not a password
PASSWORD_WORD = 4  # letters from which on a part of a name or address counts as one

STEP_SECONDS = 30  # RFC 6238 section 5.2
STEPS_OF_GRACE = 1  # one step early or late, because telephones' clocks drift

# RFC 5321 section 4.1.2, dot-string only: nobody has a quoted one, and quotes break headers.
LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)
LOCAL_MOST, ADDRESS_MOST = 64, 254  # RFC 5321 section 4.5.3.1
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

ZONES_FIRST = ("Europe/Stockholm", "America/Bogota", "America/Guatemala")
ZONES_MORE = (
    "Africa/Nairobi",
    "America/Argentina/Buenos_Aires",
    "America/Asuncion",
    "America/Caracas",
    "America/Costa_Rica",
    "America/El_Salvador",
    "America/Guayaquil",
    "America/Havana",
    "America/La_Paz",
    "America/Lima",
    "America/Managua",
    "America/Mexico_City",
    "America/Montevideo",
    "America/New_York",
    "America/Panama",
    "America/Puerto_Rico",
    "America/Santiago",
    "America/Santo_Domingo",
    "America/Sao_Paulo",
    "America/Tegucigalpa",
    "Europe/Helsinki",
    "Europe/London",
    "Europe/Madrid",
    "UTC",
)


def canonical(address: str) -> str:
    """What two addresses are compared by: NFKC, lower case, the domain as it stands in the DNS."""
    text = unicodedata.normalize("NFKC", address).strip().lower()
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{_in_dns(domain) or domain}"


def address_problem(text: str) -> str | None:
    """Why nothing can be mailed there: 'missing', 'several', 'local' (letters beyond a-z before the @), 'form'; else None."""
    text = text.strip()
    if not text:
        return "missing"
    if text.count("@") > 1 or re.search(r"[,;<>\s]", text):
        return "several"
    local, at, domain = text.partition("@")
    if not at or not local or not domain:
        return "form"
    if not local.isascii():
        return "local"
    if not LOCAL.fullmatch(local) or len(local) > LOCAL_MOST:
        return "form"
    dns = _in_dns(unicodedata.normalize("NFKC", domain).lower())
    labels = dns.split(".")
    sound = (
        len(labels) > 1
        and len(dns) + len(local) < ADDRESS_MOST
        and not labels[-1].isdigit()
        and all(LABEL.fullmatch(label) for label in labels)
    )
    return None if sound else "form"


def is_address(text: str) -> bool:
    """Whether this is one address that mail can be sent to."""
    return address_problem(text) is None


def _in_dns(domain: str) -> str:
    """The domain in ASCII (IDNA), or nothing where that would name somebody else's domain, as ß -> ss does."""
    try:
        ascii_name = domain.encode("idna").decode("ascii")
        same = ascii_name.encode("ascii").decode("idna") == domain
    except UnicodeError:
        return ""
    return ascii_name if same or domain == ascii_name else ""


def new_code() -> str:
    """Six digits, each as likely as any other."""
    return f"{secrets.randbelow(1_000_000):06d}"


def digits(text: str) -> str:
    """What somebody meant by '123 456' or '123-456'."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))


def new_recovery_code() -> str:
    """79 random bits in groups of four letters and digits, without those that look alike."""
    alphabet = "23456789abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(alphabet) for _letter in range(4)) for _group in range(4))


def recovery_code(text: str) -> str:
    """What somebody typed, in the form in which a recovery code is hashed."""
    letters = re.sub(r"[^0-9a-z]", "", text.lower())
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def session_length(*, staff: bool, days: int) -> timedelta:
    """How long after the sign-in it ends whatever happens (ASVS 7.3.2)."""
    return timedelta(hours=12) if staff else timedelta(days=days)


def idle_length(*, staff: bool, hours: int) -> timedelta:
    """How long it lives without a click (ASVS 7.3.1)."""
    return timedelta(minutes=30) if staff else timedelta(hours=hours)


def password(text: str) -> str:
    """The form in which a password is hashed: the same on every keyboard and telephone."""
    return unicodedata.normalize("NFKC", text[:PASSWORD_TYPED])


def password_delay(tries: int) -> int:
    """Seconds from one password to the next, after so many in this hour: none, then 1, 2, 4, 8 and so on."""
    return 2 ** min(tries - PASSWORDS_AT_ONCE, 10) if tries >= PASSWORDS_AT_ONCE else 0


def password_problem(text: str, *about: str) -> str | None:
    """'short', 'long', 'common' (thousands use it) or 'personal' (holds the name or address of `about`); else None."""
    hashed = password(text)
    plain = hashed.casefold()
    if len(plain) < PASSWORD_LEAST:
        return "short"
    if len(hashed) > PASSWORD_MOST or len(text) > PASSWORD_TYPED:
        return "long"
    if plain in _common() or len(set(plain)) < PASSWORD_VARIETY:
        return "common"
    words = {word for fact in about for word in re.split(r"[\W_]+", fact.casefold()) if len(word) >= PASSWORD_WORD}
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return "personal" if len(rest) < PASSWORD_LEAST // 2 else None


def _common() -> frozenset[str]:
    if not _COMMON:
        _COMMON.append(frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split()))
    return _COMMON[0]


_COMMON: list[frozenset[str]] = []


def browser(agent: str) -> tuple[str, str]:
    """('Firefox', 'Windows') out of a User-Agent: enough to tell one's own devices apart. Empty where unknown."""
    names = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    name = next((word for sign, word in names if sign in agent), "")
    return name, next((word for sign, word in systems if sign in agent), "")
