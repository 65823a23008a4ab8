"""One file: a line that says what it is, a line of facts, and a sealed stream with the database and the sent-journals.

    workshops backup 1
    {"made_at": …, "kind": "nightly", "database": "sqlite", "revision": "0015", "key": "…", …}
    pieces of: gzip of tar of manifest.json, database, journals/sent-….log

Both lines are readable without a key and name nobody; whoever alters them finds that no piece opens.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import secrets
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

from app.backups.packing.sealing import DAMAGED, Opener, Seal, Sealer
from app.backups.rules import BackupError

MAGIC = b"workshops backup 1\n"
LONGEST = 10_000  # octets of the line of facts
BLOCK = 1_048_576
JOURNALS = "journals/"
JOURNAL = re.compile(r"journals/(sent-[0-9a-z-]+\.log)")
SMALL = 50_000_000  # octets of a journal or the manifest: more is none of ours


@dataclass(frozen=True)
class Manifest:
    """What is in a copy. `tables` are rows by table; `settings` are the names of those that were set, never their values."""

    made_at: str
    database: str  # sqlite or postgresql
    revision: str  # of the schema
    version: str  # of the database's program
    size: int
    sha256: str
    tables: Mapping[str, int]
    content: str  # a checksum of all rows, whatever their order in the file
    settings: Sequence[str] = ()
    data_key: str = ""  # which DATA_KEY sealed what stands sealed in it: a hash's beginning
    journals: Mapping[str, str] = field(default_factory=dict)  # name to SHA-256


@dataclass(frozen=True)
class Facts:
    """The line that anybody may read."""

    made_at: str
    kind: str
    database: str
    revision: str
    salt: str
    key: str = ""  # which BACKUP_KEY: tells a wrong key from damage; empty without encryption


def digest(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    made = sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            made.update(block)
    return made.hexdigest()


def write(target: Path, kind: str, manifest: Manifest, database: Path, journals: Sequence[Path], secret: str) -> None:
    """Writes the archive under a hidden name, has the disk keep it, and only then gives it its name. Raises OSError."""
    hidden = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with hidden.open("xb") as file:
            hidden.chmod(0o600)
            salt = secrets.token_bytes(16)
            facts = Facts(manifest.made_at, kind, manifest.database, manifest.revision, salt.hex(), Seal(secret, salt, b"").fingerprint)
            head = MAGIC + json.dumps(asdict(facts)).encode() + b"\n"
            file.write(head)
            sealer = Sealer(file, Seal(secret, salt, head))
            with gzip.GzipFile(fileobj=sealer, mode="wb", compresslevel=1, mtime=0) as packed:
                _pack(cast(BinaryIO, packed), manifest, database, journals)
            sealer.finish()
            file.flush()
            os.fsync(file.fileno())
        hidden.replace(target)
        sync_folder(target.parent)
    finally:
        hidden.unlink(missing_ok=True)


def _pack(stream: BinaryIO, manifest: Manifest, database: Path, journals: Sequence[Path]) -> None:
    with tarfile.open(fileobj=stream, mode="w|", bufsize=BLOCK) as tar:
        told = json.dumps(asdict(manifest)).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(told)
        tar.addfile(entry, io.BytesIO(told))
        for path, name in [*((path, f"{JOURNALS}{path.name}") for path in journals), (database, "database")]:
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            with path.open("rb") as file:
                tar.addfile(entry, file)


def sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is. Where folders cannot be opened (Windows), the system sees to it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def facts_of(path: Path) -> Facts:
    """The readable line. Raises BackupError."""
    with _opened(path) as file:
        return _head(file)[0]


def unpack(path: Path, secret: str, database: Path, journals: Path) -> Manifest:
    """Writes the database and the journals of an archive there, each compared with its checksum. Raises BackupError, OSError."""
    with _opened(path) as file:
        facts, head = _head(file)
        seal = _seal(facts, secret, head)
        opener = Opener(file, seal)
        try:
            with gzip.GzipFile(fileobj=io.BufferedReader(opener, BLOCK), mode="rb") as packed:
                manifest = _take(cast(BinaryIO, packed), database, journals)
                while packed.read(BLOCK):
                    pass
        except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, UnicodeError, ValueError, KeyError, TypeError) as error:
            raise BackupError(DAMAGED) from error
        opener.drain()
    return manifest


def _take(stream: BinaryIO, database: Path, journals: Path) -> Manifest:
    """Only the names that we write are read, so nothing lands elsewhere."""
    manifest: Manifest | None = None
    whole = False
    with tarfile.open(fileobj=stream, mode="r|", bufsize=BLOCK) as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            if content is None:
                raise BackupError(DAMAGED)
            if manifest is None:
                manifest = Manifest(**json.loads(content.read(SMALL)))
            elif entry.name == "database":
                whole = _copy(content, database) == manifest.sha256
            else:
                _journal(entry.name, content, manifest, journals)
    if manifest is None or not whole:
        raise BackupError(DAMAGED)
    return manifest


def _journal(name: str, content: Any, manifest: Manifest, folder: Path) -> None:
    found = JOURNAL.fullmatch(name)
    if found is None or _copy(content, folder / found[1]) != manifest.journals.get(found[1]):
        raise BackupError(DAMAGED)


def _copy(content: Any, path: Path) -> str:
    made = sha256()
    with path.open("wb") as file:
        path.chmod(0o600)
        while block := content.read(BLOCK):
            made.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return made.hexdigest()


def _head(file: BinaryIO) -> tuple[Facts, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        message = "This file is no copy that `backup make` has written."
        raise BackupError(message)
    line = file.readline(LONGEST)
    try:
        return Facts(**json.loads(line)), MAGIC + line
    except (ValueError, TypeError) as error:
        raise BackupError(DAMAGED) from error


def _seal(facts: Facts, secret: str, head: bytes) -> Seal:
    if facts.key and not secret:
        message = "The copy is encrypted, and BACKUP_KEY is not set: give the key with which it was made."
        raise BackupError(message)
    try:
        seal = Seal(secret if facts.key else "", bytes.fromhex(facts.salt), head)
    except ValueError as error:
        raise BackupError(DAMAGED) from error
    if seal.fingerprint != facts.key:
        message = "BACKUP_KEY is not the key with which the copy was made."
        raise BackupError(message)
    return seal


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        message = f"There is no file {path}."
        raise BackupError(message) from None
    with file:
        yield file
