"""Every setting stands in the README, with the default and the meaning that it has in the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from app.config import Settings


def test_the_readme_lists_every_setting_with_its_default_and_meaning(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    table = text.split("## Settings", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    written = {name: (default.strip().strip("`"), meaning.strip()) for name, default, meaning in rows}
    assert written == {field.name.upper(): (str(field.default), str(field.metadata["meaning"])) for field in fields(Settings)}
