"""A headless Chromium for tests: Debian's, driven by Playwright's library, with nothing of its own to fetch."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

INSTALL = "apt-get install chromium"
REQUIRED = "COALWATCH_TEST_CHROMIUM"  # set by the gate: there, a missing Chromium is a failure
# Nothing but what a page asks for leaves the machine, and the first page is the test's.
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def left_out(what: str) -> NoReturn:
    """Skip the test for want of a browser; where REQUIRED is set, fail it."""
    words = f"{what} is not installed: {INSTALL}"
    raise pytest.fail.Exception(words) if os.environ.get(REQUIRED) else pytest.skip.Exception(words)


@contextmanager
def chromium():
    """A running browser (Playwright's sync API)."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: `make test` installs it")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        left_out("Chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _is_amiss(said):
    """Whether what stands on the console is the page's fault: a driver remarks that it is slow without a processor."""
    return said.type in ("error", "warning") and "GL Driver Message" not in said.text


@contextmanager
def tab(browser, address, **options):
    """A page of a browser of its own (cookies, storage), seen to: no error on its console, no request but to `address`.

    options  of the context, like viewport, color_scheme, java_script_enabled
    """
    context = browser.new_context(base_url=address, **options)
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if _is_amiss(said) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(address) else wrong.append(f"asked {asked.url}"))
    page.wrong = wrong
    try:
        yield page
        assert wrong == []
    finally:
        context.close()


def axe():
    """The script of axe-core, which finds what keeps people from reading a page; it travels in a library for tests."""
    library = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed: `make test` installs it")
    return (Path(library.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
