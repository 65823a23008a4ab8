"""What the documents say is there: links, commands, addresses, rooms of the house."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.house.conftest import ROOT

PAPERS = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_link_in_the_papers_leads_somewhere(paper: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", paper.read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (paper.parent / target).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_flask_command_in_the_papers_exists(paper: Path, lite: Flask) -> None:
    missing = []
    for words in re.findall(r"flask --app wsgi ([^`\n#]+)", paper.read_text(encoding="utf-8")):
        command: click.Command | None = lite.cli
        for word in words.split():
            if not isinstance(command, click.Group) or not re.fullmatch(r"[a-z-]+", word):
                break
            command = command.get_command(click.Context(command), word)
        options = {option for parameter in (command.params if command else []) for option in parameter.opts}
        unknown = set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", words)) - options
        if command is None or (unknown and not isinstance(command, click.Group)):
            missing.append(words)
    assert missing == []


def test_run_knows_the_options_of_the_readme() -> None:
    row = next(line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `python3 run.py ["))
    said = subprocess.run([sys.executable, "run.py", "--help"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert [option for option in re.findall(r"--[a-z-]+", row) if option not in said] == []


def test_every_address_of_the_readme_is_served(lite: Flask) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("## Addresses", 1)[1].split("\n## ", 1)[0]
    addresses = re.findall(r"`(/[^`…?]*)[^`]*`", text)
    adapter = lite.url_map.bind("127.0.0.1")
    missing = []
    for address in addresses:
        path = re.sub(r"<[^>]+>", "x", address.replace("<lang>", "en"))
        try:
            adapter.match(path)
        except RequestRedirect:
            continue
        except HTTPException:
            missing.append(address)
    assert len(addresses) > 10
    assert missing == []


def test_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.stem for path in (ROOT / "app").iterdir() if path.suffix in {"", ".py"} and not path.stem.startswith("__")}
    assert {room for room in rooms if not re.search(rf"\b{room}\b", text)} == set()
