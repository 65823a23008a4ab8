"""The camera at the door: it reads a code, says who it is, and is off as soon as nobody looks; refused, there is the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import servers
from tests.conftest import axe
from tests.journeys.conftest import Running
from tests.journeys.test_check_in import HELPER, recorded, scan, today

OPENS = "#camera:not([hidden])"
DETECTOR = """
  // As Chromium on Android gives it, and Debian's does not: what is before the lens is `window.before`.
  window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["aztec", "qr_code"]; }
    constructor({ formats }) { this.formats = formats; }
    async detect(video) {
      if (!(video instanceof HTMLVideoElement) || !video.videoWidth || video.paused) throw new DOMException("", "InvalidStateError");
      return window.before && this.formats.includes("qr_code") ? [{ rawValue: window.before, format: "qr_code" }] : [];
    }
  };
  const stop = MediaStreamTrack.prototype.stop;
  MediaStreamTrack.prototype.stop = function () { stop.call(this); sessionStorage.setItem("lens", this.readyState); };
"""


@pytest.fixture(scope="module")
def with_lens(browser: Browser) -> Iterator[Browser]:
    """A Chromium on a device with a camera, which shows a test picture."""
    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--use-fake-device-for-media-stream"]
    launched = browser.browser_type.launch(executable_path=servers.chromium(), args=quiet)
    yield launched
    launched.close()


@pytest.fixture
def door(running: Running, with_lens: Browser, browse: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
    """The page at the door; `allowed` answers the browser's question about the camera."""
    contexts: list[BrowserContext] = []

    def open_one(workshop_id: int, *, allowed: bool, lang: str = "en") -> Page:
        context = with_lens.new_context(base_url=running.url, viewport={"width": 390, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        kept = [(cookie.get("name", ""), cookie.get("value", "")) for cookie in browse(HELPER).cookies()]
        context.add_cookies([{"name": name, "value": value, "url": running.url} for name, value in kept])
        if allowed:
            context.grant_permissions(["camera"], origin=running.url)
        context.add_init_script(DETECTOR)
        page = context.new_page()
        page.goto(f"/{lang}/staff/workshops/{workshop_id}/check-in/")
        return page

    yield open_one
    for context in contexts:
        context.close()


def test_the_camera_takes_a_code_says_who_it_is_and_is_off_when_stopped(running: Running, door: Callable[..., Page]) -> None:
    workshop_id, codes = today(running)
    page = door(workshop_id, allowed=True)
    page.locator(OPENS).click()
    expect(page.locator("#lens")).to_be_visible()
    expect(page.locator("#camera")).to_have_text("Stop the camera")
    assert axe(page) == []
    page.evaluate("(shown) => { window.before = shown; }", f"{running.url}/sv/staff/workshops/{workshop_id}/check-in/?code={codes[0]}")
    expect(page.locator("#said")).to_contain_text("Ana Ñandú is here.")
    expect(page.locator("#count")).to_have_text("1 of 3 are here")
    page.evaluate("window.before = 'BBBB2222'")
    expect(page.locator("#said")).to_contain_text("No one here has this code: BBBB2222")
    page.evaluate("(shown) => { window.before = shown; }", codes[1])
    expect(page.locator("#count")).to_have_text("2 of 3 are here")
    expect(page.locator("#unsent")).to_be_hidden()
    assert recorded(running, workshop_id) == [(codes[0], "scan"), (codes[1], "scan")]
    page.locator("#camera").click()
    expect(page.locator("#lens")).to_be_hidden()
    expect(page.locator("#camera")).to_have_text("Scan with the camera")
    assert page.evaluate("sessionStorage.getItem('lens')") == "ended"


@pytest.mark.parametrize("how", ["left", "put away"])
def test_the_camera_is_off_when_the_page_is_left_or_put_away(running: Running, door: Callable[..., Page], how: str) -> None:
    workshop_id, _codes = today(running)
    page = door(workshop_id, allowed=True)
    page.locator(OPENS).click()
    expect(page.locator("#lens")).to_be_visible()
    assert page.evaluate("document.getElementById('lens').srcObject.getTracks().map((track) => track.readyState)") == ["live"]
    if how == "left":
        page.goto("/en/staff/check-in/")
    else:  # as when another app comes to the front
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true}); document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("#lens")).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('lens')") == "ended"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "This page may not use the camera. Allow it in the browser, or type the code."),
        ("sv", "Sidan får inte använda kameran. Tillåt det i webbläsaren, eller skriv koden."),
        ("es", "Esta página no puede usar la cámara. Permítalo en el navegador o escriba el código."),
    ],
)
def test_a_camera_that_is_refused_is_said_in_words_and_typing_works(
    running: Running, door: Callable[..., Page], lang: str, words: str
) -> None:
    workshop_id, codes = today(running)
    page = door(workshop_id, allowed=False, lang=lang)
    page.locator(OPENS).click()
    expect(page.locator("#said p")).to_have_text(words)
    expect(page.locator("#lens")).to_be_hidden()
    assert axe(page) == []
    scan(page, codes[2])
    expect(page.locator("#said")).to_contain_text("Cy Left")
    expect(page.locator("#unsent")).to_be_hidden()
    assert recorded(running, workshop_id) == [(codes[2], "scan")]
