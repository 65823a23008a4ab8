"""Needs on their way into the database and out of it: sealed with DATA_KEY, all of one length, so that it tells nothing."""

from __future__ import annotations

import json

from cryptography.fernet import InvalidToken

from app.crypto import decrypt, encrypt
from app.needs.rules import Said

BLOCK = 512  # bytes; "vegan" and "halal" are as long as two sentences


def seal(said: Said) -> bytes:
    """What the database keeps."""
    plain = json.dumps({"choices": said.choices, "words": said.words}, ensure_ascii=False).encode()
    return encrypt(plain.ljust(-(-len(plain) // BLOCK) * BLOCK))


def unseal(sealed: bytes) -> Said | None:
    """What it means; None if it was sealed with another key."""
    try:
        facts = json.loads(decrypt(sealed))
    except InvalidToken:
        return None
    return Said(tuple(facts["choices"]), facts["words"])
