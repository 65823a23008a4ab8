"""What can go wrong in the product's own words; doors turn these into pages, and no HTTP codes live here."""

from __future__ import annotations


class AppError(Exception):
    """The root of every error that a reader may be shown. `message` is finished text in the reader's language."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class Refused(AppError):
    """A rule says no. `problems` name the fields they belong to: {field: words}; the empty name is the whole form."""

    def __init__(self, message: str = "", problems: dict[str, str] | None = None) -> None:
        self.problems: dict[str, str] = problems or ({"": message} if message else {})
        super().__init__(message or next(iter(self.problems.values()), ""))


class Missing(AppError):
    """There is no such thing, or this reader may not know that there is."""


class Gone(AppError):
    """It was there and will not come back."""


class Conflict(AppError):
    """Somebody else changed it first; nothing was overwritten."""


class Busy(AppError):
    """The database is held by somebody else; trying again in a moment helps. Nothing was written."""


class TooMany(AppError):
    """Too many tries; `retry_after` seconds from now the door opens again."""

    def __init__(self, message: str = "", retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after
