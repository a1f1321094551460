"""The package outside a clone: wheel and source archive carry the front end and the data, and run alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

RUN = """
import sys
from pathlib import Path
import descent
from descent import Adam, Network, Ravine, descend, explore, schedules
assert Path(descent.__file__).is_relative_to(sys.argv[1]), descent.__file__
figure = explore(Ravine(), Adam(0.1), steps=5)
from descent.figures.widget import bundle, stylesheet
assert "descent" in stylesheet() and len(bundle()) > 10_000
path = descend(Adam(0.01), Network(), Network().start, 3)
assert path.losses[-1] < path.losses[0]
print(descent.printed(Adam))
"""


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps", "-w", folder, root],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_name_is_our_own(wheel):
    """On the public index `descent` is somebody else's package."""
    assert wheel.name.startswith("how_adam_works-")


def test_the_wheel_has_all_files_of_the_package(root, wheel):
    package = root / "code" / "descent"
    carried = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("descent/")}
    ours = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file()
        and not {"__pycache__", "build", "README.md"} & set(path.relative_to(package).parts)  # those serve a clone
    }
    assert carried == ours
    assert any(name.endswith("lab/settings/overrides.d/descent.json") for name in zipfile.ZipFile(wheel).namelist())


def test_the_wheel_runs_outside_the_clone(wheel, tmp_path):
    target = tmp_path / "mit Umlaut ä"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "-t", target, wheel],
        check=True,
    )
    done = subprocess.run(
        [sys.executable, "-c", RUN, target],
        cwd=tmp_path,
        env={"PYTHONPATH": str(target), "PATH": "", "SYSTEMROOT": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "def update(self, theta, g, m, v" in done.stdout
