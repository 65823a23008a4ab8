"""A version of the code whose bytes are other has other validators: nobody keeps the former ones until a workshop changes."""

from __future__ import annotations

import shutil
from pathlib import Path

from flask import Flask

from app.feeds.making.code import APP, MAKERS
from app.feeds.shelf import made_by


def test_the_validator_names_the_code_that_makes_the_bytes(lite: Flask, tmp_path: Path) -> None:
    config = lite.config["CONFIG"]
    first, second = tmp_path / "first", tmp_path / "second"
    for copy in (first, second):
        for file in (file for pattern in MAKERS for file in APP.glob(pattern)):
            (copy / file.relative_to(APP)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy / file.relative_to(APP))
    changed = second / "workshops/showing/entries.py"
    changed.write_text(changed.read_text().replace("%(hours)s in %(city)s", "%(hours)s, %(city)s"))
    made = made_by(config)
    assert (made_by(config, first), made_by(config, second) != made) == (made, True)
    lite.test_client().get("/feeds/all.ics")
    assert f"-{made}-" in lite.test_client().get("/feeds/all.ics").headers["ETag"]
