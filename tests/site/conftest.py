"""The built site, a server for it, and a browser that lets nothing out and forgives nothing.

    site       the folder of the built site (tests/conftest.py)
    serve      its address on this machine: f"{serve}/chapters/adam.html"
    browser    Chromium
    open_page  a new page of it, with the context options of Playwright (a phone, dark, no JavaScript ...)
    page       open_page() on a wide light screen
    window     one page in each of three engines, Chromium, Firefox and WebKit: see support/engines.py

A test that opens a page fails in the end if the page asked another host for anything, wrote anything to
the console, or left an error uncaught. What was asked is in `page.foreign`, what was written in `page.said`.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from support.browser import CURE, find_chromium, find_webkit
from support.engines import ENGINES, FRAME, open_window

# Every chapter in the page's Python takes minutes and a download: make test-page-python.
collect_ignore = [] if os.environ.get("PAGE_PYTHON") else ["test_page_python_chapters.py"]

# Chromium talks to its maker at every start, unless told not to. Root, as in a container, has no sandbox.
QUIET = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no page reaches another host
]
ROOT_ONLY = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # a page asks for more at once than the 5 that may wait by default


class Handler(http.server.SimpleHTTPRequestHandler):
    headers_too: dict[str, str] = {}

    def do_GET(self):
        if self.path != "/frame.html":  # where `window` puts a page
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        super().end_headers()
        self.wfile.write(FRAME.encode())

    def end_headers(self):
        for name, value in self.headers_too.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serving(folder: Path, headers: dict[str, str] | None = None):
    """Serve a folder on a free port of this machine, with additional headers."""
    handler = type("Handler", (Handler,), {"headers_too": headers or {}})
    server = Server(("127.0.0.1", 0), functools.partial(handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def serve(site) -> str:
    with serving(site) as address:
        yield address


@pytest.fixture
def serve_with(site):
    """serve_with({header: value}) -> address: the site, served with these headers."""
    with contextlib.ExitStack() as stack:
        yield lambda headers: stack.enter_context(serving(site, headers))


@pytest.fixture
def serve_folder():
    """serve_folder(folder, {header: value}) -> address: any folder, served with these headers."""
    with contextlib.ExitStack() as stack:
        yield lambda folder, headers=None: stack.enter_context(serving(folder, headers))


@pytest.fixture(scope="session")
def browser():
    program = find_chromium() or pytest.fail(CURE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET + ROOT_ONLY)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    contexts, pages = [], []

    def open_page(**options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"} | options)
        contexts.append(context)
        context.waiting = set()  # what it has asked for and has not got: see settle
        context.on("request", lambda request: context.waiting.add(request))
        for end in ("requestfinished", "requestfailed"):
            context.on(end, lambda request: context.waiting.discard(request))
        page = context.new_page()
        pages.append(page)
        page.foreign, page.said = [], []

        def note_foreign(request):
            if not request.url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:")):
                page.foreign.append(request.url)

        context.on("request", note_foreign)
        page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.said.append(f"uncaught: {error}"))
        page.on(
            "requestfailed",
            lambda request: (
                "ERR_ABORTED" in request.failure  # the page was left meanwhile
                or page.said.append(f"failed: {request.url} {request.failure}")
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    for page in pages:
        assert page.foreign == [], "the page asked another host"
        assert page.said == [], "the page's console is not empty"


@pytest.fixture
def page(open_page):
    return open_page()


# WebKitGTK exists on Linux only; elsewhere WebKit is not among the engines. Where it exists and is missing, tests fail.
HERE = [engine for engine in ENGINES if engine != "webkit" or sys.platform == "linux" or find_webkit()]


@pytest.fixture(scope="session", params=HERE)
def engine(request, browser):
    """The window of one engine, opened once: Firefox takes five seconds to start."""
    with open_window(request.param, browser) as window:
        yield window


@pytest.fixture
def window(engine):
    yield engine
    assert engine.errors() == [], f"in {engine.engine}, the page's scripts"
