"""What it refuses to start with: weak keys, an address without https, a secret that is not there."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread

import pytest

from app.config import Config, ConfigError, Settings, check
from tests.conftest import SETTINGS

KEY = "x" * 32


def made(tmp_path: Path, **values: str) -> Config:
    """The settings of production with these."""
    facts = {"base_url": "https://workshops.example", "secret_key": KEY, "data_key": KEY}
    return check(Settings(app_env="production", instance=str(tmp_path), **{**facts, **values}))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("data_key", "x" * 31, "DATA_KEY must have at least 32 characters"),
        ("secret_key", "x" * 31, "SECRET_KEY must have at least 32 characters"),
        ("base_url", "http://workshops.example", "BASE_URL must begin with https:// in production"),
        ("base_url", "ftp://workshops.example", "BASE_URL must be an http or https address"),
        ("base_url", "https://", "BASE_URL must be an http or https address"),
        ("base_url", "https://a:b@workshops.example", "BASE_URL must be an http or https address"),
        ("base_url", "https://workshops.example:port", "BASE_URL must be an http or https address"),
        ("base_url", "https://[::1", "BASE_URL must be an http or https address"),
    ],
)
def test_production_refuses_what_weakens_it(tmp_path: Path, name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        made(tmp_path, **{name: value})


@pytest.mark.parametrize("address", ["HTTPS://Workshops.Example/", "Https://workshops.example"])
def test_the_scheme_may_be_typed_in_capitals_and_counts_all_the_same(tmp_path: Path, address: str) -> None:
    config = made(tmp_path, base_url=address)
    assert (config.base_url, config.https, config.trusted_hosts) == ("https://workshops.example", True, ("workshops.example",))


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_this_machine_itself_needs_no_certificate(tmp_path: Path, host: str) -> None:
    assert made(tmp_path, base_url=f"http://{host}").base_url == f"http://{host}"


def test_two_that_start_at_one_moment_have_one_secret(tmp_path: Path) -> None:
    for number in range(50):
        folder = tmp_path / str(number)
        folder.mkdir()
        start, read = Barrier(4), list[bytes]()

        def begin(folder: Path = folder, start: Barrier = start, read: list[bytes] = read) -> None:
            start.wait()
            config = check(Settings(instance=str(folder)))
            read.append(config.secret_key.encode() + config.data_key)

        threads = [Thread(target=begin) for _thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(read), len(set(read))) == (4, 1)
        assert sorted(path.name for path in folder.iterdir()) == ["data_key", "secret_key"]
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ConfigError, match="holds no secret"):
        check(Settings(instance=str(tmp_path)))
    assert SETTINGS["SECRET_KEY"] == check(Settings(instance=str(tmp_path), secret_key=SETTINGS["SECRET_KEY"])).secret_key
