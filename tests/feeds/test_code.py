"""A version of the code whose bytes are other has other validators: nobody keeps the former ones until a workshop changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask

from app.feeds.making.code import APP, MAKERS
from app.feeds.shelf import made_by

OTHERWISE = {
    "hours of a workshop": ("workshops/showing/entries.py", "%(hours)s in %(city)s", "%(hours)s, %(city)s"),
    "the pair of a partnership": ("membership/told.py", "%(one)s and %(other)s", "%(one)s, %(other)s"),
    "what leaves nobody busy": ("membership/partnership/rules.py", '("milestone", "report")', '("report",)'),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_the_validator_names_the_code_that_makes_the_bytes(lite: Flask, tmp_path: Path, case: str) -> None:
    file_name, now_so, then_so = OTHERWISE[case]
    config = lite.config["CONFIG"]
    first, second = tmp_path / "first", tmp_path / "second"
    for copy in (first, second):
        for file in (file for pattern in MAKERS for file in APP.glob(pattern)):
            (copy / file.relative_to(APP)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy / file.relative_to(APP))
    changed = second / file_name
    changed.write_text(changed.read_text().replace(now_so, then_so))
    made = made_by(config)
    assert (made_by(config, first), made_by(config, second) != made) == (made, True)
    lite.test_client().get("/feeds/all.ics")
    assert f"-{made}-" in lite.test_client().get("/feeds/all.ics").headers["ETag"]
