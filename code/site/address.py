"""Where this book lives: the one place that says so. Nothing is invented: what cannot be found is None.

    python code/site/address.py      prints what was found

The repository, the site and what `pip install` is given are found in this order:

1. the environment, as a workflow that publishes sets it: BOOK_REPOSITORY, BOOK_SITE, BOOK_INSTALL;
2. `_config.yml`: `repository: url` and `html: baseurl`, for a fork that wants them fixed;
3. for the repository alone, git's remote `origin`, if it is a public address.
"""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
BINDER = "https://mybinder.org"


def repository() -> str | None:
    """The repository's page, as https://host/owner/name."""
    given = os.environ.get("BOOK_REPOSITORY") or settings().get("repository", {}).get("url")
    if given:
        return given.rstrip("/")
    return public(remote())


def site() -> str | None:
    """The published site, without a slash at its end."""
    given = os.environ.get("BOOK_SITE") or settings().get("html", {}).get("baseurl")
    return given.rstrip("/") if given else None


def branch() -> str:
    return settings().get("repository", {}).get("branch") or "main"


def install() -> str | None:
    """What `pip install` is given to get the package: the wheel that the site carries, or the repository."""
    name = package()["name"]
    if os.environ.get("BOOK_INSTALL"):
        return os.environ["BOOK_INSTALL"]
    if site():
        return f"{name}[chapters] @ {site()}/_static/{wheel_name()}"
    if repository():
        return f"{name}[chapters] @ git+{repository()}"
    return None


def binder(page: str) -> str | None:
    """A page's notebook on Binder; None where the repository is not on GitHub."""
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", repository() or "")
    return f"{BINDER}/v2/gh/{found[1]}/{branch()}?urlpath=lab/tree/{page}.ipynb" if found else None


def package() -> dict:
    """Name and version of the distribution."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def wheel_name() -> str:
    return f"{package()['name'].replace('-', '_')}-{package()['version']}-py3-none-any.whl"


def settings() -> dict:
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8")) or {}


def remote() -> str:
    """Git's remote `origin`; '' where there is none, or no git."""
    try:
        asked = subprocess.run(["git", "remote", "get-url", "origin"], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def public(remote: str) -> str | None:
    """The web address of a git remote; None for a folder, this machine or its network."""
    match = re.fullmatch(
        r"(?:https?://|ssh://|git://)(?:[^/@]*@)?(?P<host>[^/:]+)(?::\d+)?/(?P<path>.+?)(?:\.git)?/?"
        r"|(?:[\w.-]+@)(?P<ssh_host>[^/:]+):(?P<ssh_path>[^/].*?)(?:\.git)?/?",
        remote,
    )
    if match is None:
        return None
    name, path = match["host"] or match["ssh_host"], match["path"] or match["ssh_path"]
    private = "." not in name or name.endswith((".local", ".internal", ".lan")) or re.fullmatch(r"[\d.]+", name)
    return None if private or "/" not in path else f"https://{name.lower()}/{path}"


if __name__ == "__main__":
    for what, found in (("repository", repository()), ("site", site()), ("pip install", install())):
        print(f"{what:12} {found or 'unknown'}")
