"""Debian's Chromium over a bank that serves the whole story."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web.story import Story

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


# A file's own: while Playwright runs, this thread counts as inside an event loop, in which other
# tests could not start a worker.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail("chromium is missing; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


class Visit:
    """A visitor's window, and everything the browser complained about in it."""

    def __init__(self, page: Page, url: str, size: str) -> None:
        self.page, self.url, self.size = page, url, size
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind in {"error", "warning"}:
            self.complaints.append(f"{kind}: {text}")

    def _see(self, request: object) -> None:
        if not request.url.startswith(self.url):  # type: ignore[attr-defined]
            self.complaints.append(f"loads {request.url}")  # type: ignore[attr-defined]

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def sign_in(self, key: str) -> Page:
        """With the keyboard alone: the field has the focus, Enter sends."""
        self.go("/sign-in")
        expect(self.page.get_by_label("Your key")).to_be_focused()
        self.page.keyboard.type(key)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/balance")
        return self.page


@pytest.fixture(params=list(SIZES))
def visit(chromium: Browser, story: Story, request: pytest.FixtureRequest) -> Iterator[Visit]:
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height})
    visit = Visit(context.new_page(), story.served.url, request.param)
    yield visit
    context.close()
    assert visit.complaints == []
