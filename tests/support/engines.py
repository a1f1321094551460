"""One window in each engine: Chromium, Firefox, and WebKitGTK, which is Safari's.

A test that takes the fixture `window` (tests/site/conftest.py) runs in all three. What it may ask is the same in each:

    window.open(address, width=1250, height=900)   the page in a frame of that size; waits until it is loaded
    window.resize(320, 640)                        the same page in a smaller frame
    window.run("return document.title")            a script in the page, with `arguments`; its value
    window.wait("return window.ready")             until the script's value is true, or an error with its text
    window.picture(path)                           what is seen, as a PNG file
    window.errors()                                what the page's scripts left uncaught, and what its policy refused

The page stands in a frame: no engine makes a window as narrow as a phone, and the frame's width is what a page's style
sheet sees. The frame's document is of the same origin, so scripts reach into it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.firefox.service import Service as FirefoxService
from selenium.webdriver.webkitgtk.service import Service as WebKitService
from support.browser import CURE, FIREFOX_CURE, WEBKIT_CURE, find_chromium, find_firefox, find_geckodriver, find_webkit

ENGINES = ("chromium", "firefox", "webkit")
PATIENCE = 90  # seconds: for a machine that is busy, not for a slow page

# The page's own errors are collected from the moment the frame has a window: before its first script runs.
FRAME = """<!doctype html><html lang="en"><title>frame</title>
<style>body { margin: 0 } iframe { border: 0; display: block }</style><body></body></html>"""

OPEN = """
const [address, width, height] = arguments;
document.querySelector("iframe")?.remove();
const frame = document.createElement("iframe");
Object.assign(frame, { width, height });
window.frameErrors = [];
window.frameLoaded = false;
document.body.append(frame);
const listen = () => {
    const inside = frame.contentWindow;
    if (inside.descentListens) return;
    inside.descentListens = true;
    inside.addEventListener("error", (event) => window.frameErrors.push(String(event.message ?? event)));
    inside.addEventListener("unhandledrejection", (event) => window.frameErrors.push(String(event.reason)));
    inside.document.addEventListener("securitypolicyviolation",
        (event) => window.frameErrors.push(`${event.violatedDirective}: ${event.blockedURI}`));
};
// A new document replaces the empty one: listen as soon as it is there.
const early = setInterval(() => {
    try { if (frame.contentWindow.location.href !== "about:blank") listen(); } catch { /* not yet */ }
}, 1);
frame.addEventListener("load", () => { clearInterval(early); listen(); window.frameLoaded = true; });
frame.src = address;
"""

# `document` and `window` in a script are those of the page. It runs outside: the page's policy may forbid `Function`.
RUN = """
const { contentWindow: window, contentDocument: document } = top.document.querySelector("iframe");
const getComputedStyle = (...parts) => window.getComputedStyle(...parts);
"""


class Window:
    """A browser's window with one page in it. `evaluate` and `photograph` are the engine's own."""

    def __init__(self, engine: str, evaluate, go, photograph):
        self.engine, self.evaluate, self.go, self.photograph = engine, evaluate, go, photograph

    def open(self, address: str, width: int = 1250, height: int = 900) -> None:
        # The test's server has this page beside the site's.
        origin = "/".join(address.split("/")[:3])
        self.go(origin + "/frame.html")
        self.evaluate(OPEN, address, width, height)
        self.wait_for(lambda: self.evaluate("return window.frameLoaded"), f"{address} does not load")

    def resize(self, width: int, height: int) -> None:
        script = 'Object.assign(document.querySelector("iframe"), { width: arguments[0], height: arguments[1] });'
        self.evaluate(script, width, height)
        self.wait("return window.innerWidth === arguments[0]", width)

    def run(self, script: str, *arguments):
        return self.evaluate(RUN + script, *arguments)

    def wait(self, script: str, *arguments) -> None:
        self.wait_for(lambda: self.run(script, *arguments), script)

    def wait_for(self, condition, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{self.engine}: not after {PATIENCE} s: {what}")
            time.sleep(0.1)

    def picture(self, path: Path) -> None:
        Path(path).write_bytes(self.photograph())

    def errors(self) -> list[str]:
        return self.evaluate("return window.frameErrors")


@contextlib.contextmanager
def chromium(browser):
    """`browser` is Playwright's, which the other tests have open already."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})

    def evaluate(script, *arguments):
        return page.evaluate("([script, args]) => Function(script).apply(null, args)", [script, list(arguments)])

    yield Window("chromium", evaluate, page.goto, page.screenshot)
    page.close()


@contextlib.contextmanager
def selenium(engine: str, driver):
    try:
        driver.set_window_size(1400, 1000)
        driver.set_script_timeout(PATIENCE)
        driver.set_page_load_timeout(PATIENCE)
        yield Window(engine, driver.execute_script, driver.get, driver.get_screenshot_as_png)
    finally:
        driver.quit()


@contextlib.contextmanager
def firefox():
    options = webdriver.FirefoxOptions()
    options.add_argument("-headless")
    options.binary_location = find_firefox() or fail(FIREFOX_CURE)
    for name in (
        "app.update.enabled",
        "browser.safebrowsing.downloads.remote.enabled",
        "network.captive-portal-service.enabled",
    ):
        options.set_preference(name, False)
    service = FirefoxService(find_geckodriver() or fail(FIREFOX_CURE), log_output=subprocess.DEVNULL)
    with selenium("firefox", webdriver.Firefox(options=options, service=service)) as window:
        yield window


@contextlib.contextmanager
def webkit():
    """MiniBrowser has no headless mode: it gets a screen of its own, which nobody sees."""
    driver, browser = find_webkit() or fail(WEBKIT_CURE)
    with screen() as display:
        options = webdriver.WebKitGTKOptions()
        options.binary_location = browser
        options.add_argument("--automation")
        environment = os.environ | {"DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        service = WebKitService(driver, env=environment, log_output=subprocess.DEVNULL)
        with selenium("webkit", webdriver.WebKitGTK(options=options, service=service)) as window:
            yield window


@contextlib.contextmanager
def screen():
    """A virtual screen; its name is the first number that Xvfb finds free."""
    read, write = os.pipe()
    words = [shutil.which("Xvfb"), "-displayfd", str(write), "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def fail(message: str):
    raise RuntimeError(message)


def open_window(engine: str, browser):
    """The window of an engine, as a context; `browser` is Playwright's Chromium."""
    if engine == "chromium":
        find_chromium() or fail(CURE)
        return chromium(browser)
    return {"firefox": firefox, "webkit": webkit}[engine]()
