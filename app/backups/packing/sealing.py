"""A stream of any length in pieces that nobody can alter, swap, cut off or, with a key, read. Memory stays flat.

With a key each piece is AES-256-GCM (cryptography's AESGCM) under a key of its own for this file, and its nonce is its number and
whether it is the last one (the STREAM construction, Hoang et al. 2015). Without a key each piece carries a SHA-256 instead: that
finds damage, not malice.
"""

from __future__ import annotations

import io
import struct
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.backups.rules import BackupError

PIECE = 1_048_576  # octets
LENGTH = struct.Struct(">I?")  # of the piece as it stands in the file, and whether it is the last
DAMAGED = "The copy is damaged: what stands in it is not what was written. Take another one."
CUT = "The copy is cut short: its end is missing. Take another one."


class Seal:
    """Closes and opens the pieces of one file. `secret` empty: no encryption."""

    def __init__(self, secret: str, salt: bytes, head: bytes) -> None:
        self._head = sha256(head).digest()
        self._cipher: AESGCM | None = None
        self.fingerprint = ""
        if secret:
            derived = HKDF(SHA256(), 40, salt, b"workshops backup 1").derive(secret.encode())
            self._cipher, self.fingerprint = AESGCM(derived[:32]), derived[32:].hex()

    def close(self, number: int, *, last: bool, piece: bytes) -> bytes:
        """The piece as it is written."""
        if self._cipher is None:
            return piece + self._sum(number, piece, last=last)
        return self._cipher.encrypt(_nonce(number, last=last), piece, self._head)

    def open(self, number: int, *, last: bool, closed: bytes) -> bytes:
        """The piece as it was. Raises BackupError."""
        if self._cipher is None:
            piece, told = closed[:-32], closed[-32:]
            if told != self._sum(number, piece, last=last):
                raise BackupError(DAMAGED)
            return piece
        try:
            return self._cipher.decrypt(_nonce(number, last=last), closed, self._head)
        except InvalidTag:
            raise BackupError(DAMAGED) from None

    def _sum(self, number: int, piece: bytes, *, last: bool) -> bytes:
        return sha256(self._head + _nonce(number, last=last) + piece).digest()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealer(io.RawIOBase):
    """What is written into it goes into `file` in closed pieces; nothing is whole before finish()."""

    def __init__(self, file: BinaryIO, seal: Seal) -> None:
        self._file, self._seal, self._number, self._held = file, seal, 0, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # whatever the standard library's writers hand over
        self._held += data
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(data)

    def finish(self) -> None:
        """The last piece, without which a copy counts as cut short."""
        self._put(bytes(self._held), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        closed = self._seal.close(self._number, last=last, piece=piece)
        self._file.write(LENGTH.pack(len(closed), last) + closed)
        self._number += 1


class Opener(io.RawIOBase):
    """Reads what a Sealer has written, up to its end and no further. Raises BackupError where it is not as it was."""

    def __init__(self, file: BinaryIO, seal: Seal) -> None:
        self._file, self._seal, self._number, self._held, self._over = file, seal, 0, b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io.BufferedReader hands over
        while not self._held and not self._over:
            self._next()
        number = min(len(buffer), len(self._held))
        buffer[:number] = self._held[:number]
        self._held = self._held[number:]
        return number

    def drain(self) -> None:
        """To the end, so that nobody takes a copy without one for whole."""
        while not self._over:
            self._next()
        if self._file.read(1):
            raise BackupError(DAMAGED)

    def _next(self) -> None:
        head = self._file.read(LENGTH.size)
        if len(head) < LENGTH.size:
            raise BackupError(CUT)
        length, last = LENGTH.unpack(head)
        if length > PIECE + 64:
            raise BackupError(DAMAGED)
        closed = self._file.read(length)
        if len(closed) < length:
            raise BackupError(CUT)
        self._held, self._over = self._seal.open(self._number, last=last, closed=closed), last
        self._number += 1
