"""`python -m tests.pictures` takes the README's pictures of the running demo, in docs/pictures/."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Literal

from flask_migrate import upgrade
from playwright.sync_api import sync_playwright

from app import create_app
from app.clock import now
from app.demo import service as demo
from tests import servers
from tests.conftest import SETTINGS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PICTURES: dict[str, tuple[str, int, int, Literal["light", "dark"]]] = {"home": ("/es/", 1280, 800, "light")}


def main() -> None:
    """Takes every picture anew."""
    FOLDER.mkdir(exist_ok=True)
    port = servers.free_port()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({**SETTINGS, "INSTANCE": folder, "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite", "DEMO": "1"})
        with app.app_context():
            upgrade()
            demo.load(now=now())
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        with servers.web(app, port) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=servers.chromium(), args=sandbox)
            for name, (path, width, height, scheme) in PICTURES.items():
                page = browser.new_page(base_url=url, viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(path, wait_until="networkidle")
                page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=78)
            browser.close()


if __name__ == "__main__":
    main()
