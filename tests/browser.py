"""Chromium for the tests:  python tests/browser.py --install

$CHROMIUM if set, else the one on the PATH, else Playwright's own. With --install, where there is none:
Debian's package when we are root, Playwright's download otherwise. No browser is an error, never a skip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CURE = ("No Chromium for the tests of the site. Install one (Debian: sudo apt-get install chromium; "
        "elsewhere: .venv/bin/playwright install chromium) or name it: CHROMIUM=/path/to/chromium make test")


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


def install() -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's chromium", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
                       **quiet)
    if not find_chromium():
        print("Installing Playwright's chromium", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


if __name__ == "__main__":
    if not find_chromium() and "--install" in sys.argv:
        install()
    if not find_chromium():
        sys.exit(CURE)
