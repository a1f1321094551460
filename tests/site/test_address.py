"""No address in the book is invented: each is found in one place, or absent."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys

import pytest

GITHUB = "https://github.com/somebody/book"


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://github.com/somebody/book.git", GITHUB),
        ("https://github.com/somebody/book/", GITHUB),
        ("https://name:secret@github.com/somebody/book.git", GITHUB),
        ("git@github.com:somebody/book.git", GITHUB),
        ("ssh://git@github.com:22/somebody/book", GITHUB),
        ("git@gitlab.com:group/part/book.git", "https://gitlab.com/group/part/book"),
        ("/srv/git/book.git", None),
        ("../book", None),
        ("file:///srv/git/book.git", None),
        ("C:/books/book", None),
        ("http://localhost:3000/somebody/book", None),
        ("http://127.0.0.1/somebody/book", None),
        ("git@box:somebody/book.git", None),
        ("https://git.firm.internal/somebody/book", None),
        ("", None),
    ],
)
def test_a_remote_is_an_address_only_if_everybody_can_go_there(root, monkeypatch, remote, expected):
    monkeypatch.syspath_prepend(root / "code" / "site")
    import address

    assert address.public(remote) == expected


def found(folder, **environment) -> dict[str, str]:
    """What a copy of the book says of itself."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOK_")}
    said = subprocess.run(
        [sys.executable, folder / "code" / "site" / "address.py"],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return dict(
        re.split(r"\s{2,}", line, maxsplit=1) if "  " in line else line.split(" ", 1) for line in said.splitlines()
    )


@pytest.fixture
def copy(root, tmp_path):
    (tmp_path / "code" / "site").mkdir(parents=True)
    shutil.copy(root / "code" / "site" / "address.py", tmp_path / "code" / "site")
    shutil.copy(root / "pyproject.toml", tmp_path)
    (tmp_path / "_config.yml").write_text('repository:\n  url: ""\n')
    return tmp_path


def test_each_address_follows_from_one_setting(copy):
    assert set(found(copy).values()) == {"unknown"}  # a zip, without git
    subprocess.run(["git", "init", "-q", copy], check=True)
    subprocess.run(["git", "-C", copy, "remote", "add", "origin", "git@github.com:somebody/book.git"], check=True)
    cloned = found(copy)
    assert cloned["repository"] == GITHUB and cloned["site"] == "unknown"
    assert cloned["pip install"].endswith(f" @ git+{GITHUB}")
    published = found(copy, BOOK_REPOSITORY="https://github.com/else/fork", BOOK_SITE="https://else.github.io/fork/")
    assert published["repository"] == "https://github.com/else/fork"
    assert published["site"] == "https://else.github.io/fork"
    assert re.search(
        r"@ https://else\.github\.io/fork/_static/how_adam_works-[\d.]+-py3-none-any\.whl$", published["pip install"]
    )
    (copy / "_config.yml").write_text(
        "repository:\n  url: https://codeberg.org/a/b\nhtml:\n  baseurl: https://a.org/b\n"
    )
    fixed = found(copy)
    assert (fixed["repository"], fixed["site"]) == ("https://codeberg.org/a/b", "https://a.org/b")


def test_serving_on_a_port_that_is_taken_says_so(root):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, root / "code" / "site" / "serve.py", root / "code", str(port)]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert asked.returncode == 1 and asked.stdout == ""
    assert f"Port {port} is taken" in asked.stderr and f"make serve PORT={port + 1}" in asked.stderr
    assert "Traceback" not in asked.stderr
