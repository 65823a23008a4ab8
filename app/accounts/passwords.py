"""Hashes of passwords: Argon2id with what OWASP asks for (19 MiB, two rounds, one lane)."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts import rules

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def make_hash(password: str) -> str:
    """What is stored. The password has been normalised before (NFKC), so that every keyboard types the same one."""
    return _hasher.hash(rules.password(password))


def is_right(stored: str | None, password: str) -> bool:
    """Whether it is the password. Without a stored hash it takes as long, and the answer is no."""
    try:
        _hasher.verify(stored or _nobodys(), rules.password(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of somebody who is not there")
