"""What every folder of tests shares."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    """The file whose first test builds the site comes first; pytest itself sorts a folder's files by name."""
    items.sort(key=lambda item: item.path.name != "test_build.py")


@pytest.fixture(scope="session")
def site(root) -> Path:
    """The folder of the built site, up to date: `make book` runs beside the tests that need no site."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    (root / "_build").mkdir(exist_ok=True)
    with open(root / "_build" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one worker builds, the others wait
        done = subprocess.run(["make", "book"], cwd=root, env=kept, capture_output=True, text=True)
    if done.returncode:
        pytest.fail("The site cannot be built. `make book` says why.", pytrace=False)
    return root / "_build" / "html"
