"""What the tests of the assignments share."""

import grade
import pytest
import variants
from support.graded_answers import Bench  # which also makes the modules of assignments/ importable


@pytest.fixture(scope="session")
def bench():
    return Bench()


@pytest.fixture(scope="session")
def grader(tmp_path_factory):
    """What grade.py makes at its start, with the best kind of room on this machine."""
    folder = tmp_path_factory.mktemp("packages")
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)
    return grade.Grader(variants.BOOK, None, 60, folder)
