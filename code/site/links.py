"""Ask every address that the built site links to, called by `make links`:  python code/site/links.py

A dead one (404, 410, no such host) is an error. What a host merely refuses a program (403, 429), or answers late,
is listed and left to a person: publishers' sites often do.
"""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
DEAD = {404, 410}
SECONDS = 30
NO_NAME = ("Name or service not known", "nodename nor servname", "getaddrinfo failed")
NO_NETWORK = (*NO_NAME, "Temporary failure in name resolution", "Network is unreachable")


def addresses() -> dict[str, str]:
    """Each outside address, with a page that links to it."""
    found = {}
    for page in sorted(SITE.rglob("*.html")):
        for address in re.findall(r'<a [^>]*href="(https?://[^"#]+)', page.read_text(encoding="utf-8")):
            found.setdefault(unescape(address), page.relative_to(SITE).as_posix())
    return found


def ask(address: str) -> str:
    """ "" if it answers; else what is wrong."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check of a textbook)"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"dead ({error.code})" if error.code in DEAD else f"unclear ({error.code})"
    except urllib.error.URLError as error:
        gone = any(words in str(error.reason) for words in NO_NAME)
        return f"{'dead' if gone else 'unclear'} ({error.reason})"
    except (OSError, ValueError) as error:
        return f"unclear ({error})"


def main() -> int:
    if not SITE.exists():
        sys.exit("There is no site yet: run `make book` first.")
    found = addresses()
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = dict(zip(found, pool.map(ask, found)))
    reached = [answer for answer in answers.values() if not any(words in answer for words in NO_NETWORK)]
    if found and not reached:
        sys.exit(f"Not one of {len(found)} addresses was reached: there is no network, and no link was checked.")
    for address, answer in answers.items():
        if answer:
            print(f"{answer}: {address}, linked from {found[address]}")
    dead = sum(answer.startswith("dead") for answer in answers.values())
    print(f"{len(found)} addresses asked, {dead} dead.")
    return min(dead, 1)


if __name__ == "__main__":
    sys.exit(main())
