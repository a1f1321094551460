"""Chromium for the tests:  python tests/support/browser.py --install

$CHROMIUM if set, else the one on the PATH, else Playwright's own. With --install, where there is none:
Debian's package when we are root, Playwright's download otherwise. No browser is an error, never a skip.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CURE = (
    "No Chromium for the tests of the site. Install one (Debian: sudo apt-get install chromium; "
    "elsewhere: .venv/bin/playwright install chromium) or name it: CHROMIUM=/path/to/chromium make test"
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


def has_library() -> bool:
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


def install_from_debian(*packages: str) -> None:
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return
    print("Installing", *packages, flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], **quiet)


def main() -> None:
    install = "--install" in sys.argv
    if not has_library() and install:
        install_from_debian("libatomic1")
    if not has_library():
        sys.exit(LIBRARY_CURE)
    if not find_chromium() and install:
        install_from_debian("chromium", "fonts-dejavu-core")
    if not find_chromium() and install:
        print("Installing Playwright's chromium", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
    if not find_chromium():
        sys.exit(CURE)


def unfold(page) -> None:
    """Open every folded solution of a page: a figure in it is drawn only when it can be seen."""
    page.evaluate("() => document.querySelectorAll('.toggle-button').forEach((button) => button.click())")


if __name__ == "__main__":
    main()
