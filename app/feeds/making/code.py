"""Which code makes the bytes of calendars."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

APP = Path(__file__).resolve().parents[2]
MAKERS = (  # what the bytes depend on beside the rows
    "calendars/*.py",
    "feeds/**/*.py",
    "workshops/showing/*.py",
    "membership/partnership/entries.py",
    "membership/partnership/rules.py",
    "membership/partnership/shown.py",
    "membership/told.py",
    "languages.py",
)
LIBRARIES = ("icalendar", "babel")  # … and whose words and signs they are


@cache
def made_by(app: Path = APP) -> str:
    """Stands for that code: what another version of it has made is neither sent nor called unchanged."""
    files = sorted(file for pattern in MAKERS for file in app.glob(pattern))
    libraries = " ".join(version(name) for name in LIBRARIES)
    return sha256(libraries.encode() + b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
