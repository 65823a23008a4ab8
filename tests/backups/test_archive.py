"""The file of a copy: whatever is done to it is found, with a key and without one."""

from __future__ import annotations

import os
import random
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from app.backups.packing import archive
from app.backups.packing.archive import Manifest
from app.backups.packing.sealing import PIECE
from app.backups.rules import BackupError
from tests.backups.made import KEY

JOURNAL = "sent-abc-2026-11.log"


def written(folder: Path, secret: str, size: int = 3 * PIECE) -> Path:
    """A copy of so many octets that no packing makes smaller."""
    database, journal = folder / "database", folder / JOURNAL
    database.write_bytes(random.Random(7).randbytes(size))
    journal.write_bytes(b"2026-11-29T03:00:00+00:00\t<1@x>\n")
    manifest = Manifest(
        "2026-11-29T03:10:00+00:00", "sqlite", "0015", "3.40", size, archive.digest(database), {"person": 3}, "c0ffee",
        journals={JOURNAL: archive.digest(journal)},
    )  # fmt: skip
    target = folder / "workshops-20261129T031000Z-manual.backup"
    archive.write(target, "manual", manifest, database, [journal], secret)
    return target


def unpacked(file: Path, secret: str, folder: Path) -> Manifest:
    room = folder / "room"
    room.mkdir(exist_ok=True)
    return archive.unpack(file, secret, room / "database", room)


@pytest.mark.parametrize("secret", ["", KEY])
def test_what_goes_in_comes_out_and_nothing_else_is_left(secret: str, tmp_path: Path) -> None:
    file = written(tmp_path, secret)
    manifest = unpacked(file, secret, tmp_path)
    assert (tmp_path / "room" / "database").read_bytes() == (tmp_path / "database").read_bytes()
    assert (tmp_path / "room" / JOURNAL).read_bytes() == (tmp_path / JOURNAL).read_bytes()
    assert (manifest.tables, manifest.revision) == ({"person": 3}, "0015")
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert file.stat().st_mode & 0o077 == 0


def test_with_a_key_nothing_of_it_can_be_read(tmp_path: Path) -> None:
    secret = written(tmp_path, KEY, 100).read_bytes()
    assert b"sent-abc" not in secret
    assert written(tmp_path, KEY, 100).read_bytes() != secret, "no two copies share a key"


@pytest.mark.parametrize("secret", ["", KEY])
def test_a_file_that_is_cut_short_anywhere_is_refused(secret: str, tmp_path: Path) -> None:
    file = written(tmp_path, secret)
    whole = file.read_bytes()
    lengths = {0, 5, 100, len(whole) - 1, len(whole) - 40, *random.Random(1).sample(range(len(whole)), 12)}
    for length in sorted(lengths):
        file.write_bytes(whole[:length])
        with pytest.raises(BackupError, match=r"cut short|damaged|no copy"):
            unpacked(file, secret, tmp_path)
    file.write_bytes(whole + b"x")
    with pytest.raises(BackupError, match="damaged"):
        unpacked(file, secret, tmp_path)


@pytest.mark.parametrize("secret", ["", KEY])
def test_a_bit_that_is_flipped_anywhere_is_found(secret: str, tmp_path: Path) -> None:
    file = written(tmp_path, secret, PIECE + 1000)
    whole = file.read_bytes()
    for place in {0, 25, 60, 200, len(whole) - 1, *random.Random(2).sample(range(len(whole)), 20)}:
        broken = bytearray(whole)
        broken[place] ^= 1 << (place % 8)
        file.write_bytes(broken)
        with pytest.raises(BackupError):
            unpacked(file, secret, tmp_path)


@pytest.mark.parametrize("secret", ["", KEY])
def test_pieces_that_are_swapped_are_found(secret: str, tmp_path: Path) -> None:
    file = written(tmp_path, secret, 5 * PIECE)
    whole = file.read_bytes()
    head = whole.index(b"\n", len(archive.MAGIC)) + 1
    length = int.from_bytes(whole[head : head + 4], "big") + 5
    first, second = whole[head : head + length], whole[head + length : head + 2 * length]
    file.write_bytes(whole[:head] + second + first + whole[head + 2 * length :])
    with pytest.raises(BackupError, match="damaged"):
        unpacked(file, secret, tmp_path)


def test_another_key_and_no_key_are_told_from_damage(tmp_path: Path) -> None:
    file = written(tmp_path, KEY, 1000)
    with pytest.raises(BackupError, match="BACKUP_KEY is not the key"):
        unpacked(file, f"{KEY}x", tmp_path)
    with pytest.raises(BackupError, match="BACKUP_KEY is not set"):
        unpacked(file, "", tmp_path)


def test_a_file_of_somebody_elses_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"SQLite format 3\0" * 100)
    with pytest.raises(BackupError, match="no copy"):
        archive.facts_of(other)
    with pytest.raises(BackupError, match="no file"):
        archive.facts_of(tmp_path / "none")


def test_names_that_lead_elsewhere_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "database").write_bytes(b"x")
    evil = tmp_path / "evil"
    evil.write_bytes(b"y")
    manifest = Manifest("", "sqlite", "", "", 1, archive.digest(tmp_path / "database"), {}, "", journals={"evil": archive.digest(evil)})
    target = tmp_path / "copy"
    archive.write(target, "manual", manifest, tmp_path / "database", [evil], "")
    with pytest.raises(BackupError, match="damaged"):
        unpacked(target, "", tmp_path)
    assert not (tmp_path / "room" / "evil").exists()


def test_a_full_disk_leaves_no_file(tmp_path: Path) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 * PIECE, 2 * PIECE))
        try:
            archive.write(target, "manual", manifest, database, [], "")
        except OSError:
            os._exit(28)

    database = tmp_path / "database"
    database.write_bytes(random.Random(7).randbytes(4 * PIECE))
    manifest = Manifest("", "sqlite", "", "", 4 * PIECE, archive.digest(database), {}, "")
    target = tmp_path / "copies" / "workshops-20261129T031000Z-manual.backup"
    target.parent.mkdir()
    assert _forked(full) == 28
    assert list(target.parent.iterdir()) == []


def _forked(work: Callable[[], object]) -> int:
    """How a child of this process ended."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_memory_stays_flat(tmp_path: Path) -> None:
    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB

    def pack(size: int) -> None:
        folder = tmp_path / str(size)
        folder.mkdir()
        database = folder / "database"
        with database.open("wb") as file:
            for number in range(size):
                file.write(random.Random(number).randbytes(PIECE))
        before = peak()
        manifest = Manifest("", "sqlite", "", "", size * PIECE, archive.digest(database), {}, "")
        archive.write(folder / "copy", "manual", manifest, database, [], KEY)
        unpacked(folder / "copy", KEY, folder)
        os._exit(0 if peak() - before < 16_000 else 1)

    assert _forked(lambda: pack(48)) == 0
