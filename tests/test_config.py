"""Settings that make no sense are refused at the start, in words that say which and what to do."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from app.config import Config, ConfigError, Settings, read
from tests.conftest import SETTINGS

NUMBERS = [one.name.upper() for one in fields(Settings) if one.metadata["least"] is not None]


def config(folder: Path, **settings: str) -> Config:
    return read({**SETTINGS, "INSTANCE": str(folder), **settings})


@pytest.mark.parametrize(
    "sender", ["ICLD", "", "ICLD <partnership>", "åsa@icld.se", "a@b@c.se ", "ICLD <a@..se>", "A\r\nBcc: b@c.se <a@b.se>"]
)
def test_a_sender_that_no_server_would_take_is_refused(tmp_path: Path, sender: str) -> None:
    with pytest.raises(ConfigError, match="MAIL_DEFAULT_SENDER must be an address, such as"):
        config(tmp_path, MAIL_DEFAULT_SENDER=sender)


@pytest.mark.parametrize("sender", ["info@malmö.example", "ICLD <partnership@icld.se>", "Åsa Öberg <a.b+c@localhost>"])
def test_a_sender_may_have_a_name_and_a_domain_in_its_own_letters(tmp_path: Path, sender: str) -> None:
    assert config(tmp_path, MAIL_DEFAULT_SENDER=sender).sender[1] in sender


@pytest.mark.parametrize("given", [{"MAIL_USERNAME": "robot"}, {"MAIL_PASSWORD": "open sesame"}])
def test_half_a_log_in_is_refused(tmp_path: Path, given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="MAIL_USERNAME and MAIL_PASSWORD belong together"):
        config(tmp_path, **given)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["-1", "many", "", "1.5"])
def test_a_number_that_is_none_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be"):
        config(tmp_path, **{name: text})


@pytest.mark.parametrize(("name", "text"), [("MAIL_PER_MINUTE", "0"), ("MAIL_PORT", "65536"), ("OUTBOX_LEASE", "0")])
def test_a_number_out_of_bounds_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be .* not {text}"):
        config(tmp_path, **{name: text})


@pytest.mark.parametrize("name", ["PLAN_SECONDS", "TICK_SECONDS"])
def test_a_scheduler_that_beats_too_seldom_to_be_heard_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="SILENCE_SECONDS must be more"):
        config(tmp_path, **{name: "300"})
