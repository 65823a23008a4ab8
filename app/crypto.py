"""Random tokens, their hashes, and encryption with DATA_KEY."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet
from flask import current_app


def new_token() -> str:
    """A fresh secret of 256 bits that fits into an address."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored of a secret with enough randomness of its own: SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def encrypt(plain: bytes) -> bytes:
    """Sealed with DATA_KEY."""
    return _fernet(current_app.config["CONFIG"].data_key).encrypt(plain)


def decrypt(sealed: bytes) -> bytes:
    """Opens what encrypt() sealed. Raises cryptography.fernet.InvalidToken under another key."""
    return _fernet(current_app.config["CONFIG"].data_key).decrypt(sealed)


@lru_cache(8)
def _fernet(key: bytes) -> Fernet:
    """Made once a key, which the settings hold as long."""
    return Fernet(key)
