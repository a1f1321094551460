"""`make links`: what is said of an address, and of a machine without a network."""

import sys
import urllib.error
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "code" / "site"))
import links

ADDRESSES = {"https://one.example/": "a.html", "https://two.example/": "b.html"}


@pytest.fixture
def answers(monkeypatch):
    """Let each host answer with an error, or with nothing wrong."""
    errors = {}

    class Answer:
        def __enter__(self): ...
        def __exit__(self, *error): ...

    def open_address(request, timeout):
        if error := errors.get(request.full_url):
            raise error
        return Answer()

    monkeypatch.setattr(links.urllib.request, "urlopen", open_address)
    monkeypatch.setattr(links, "addresses", lambda: ADDRESSES)
    monkeypatch.setattr(links, "SITE", Path(__file__).parent)
    return errors


def test_a_dead_link_is_an_error_with_its_page(answers, capsys):
    answers["https://one.example/"] = urllib.error.HTTPError("https://one.example/", 404, "gone", {}, None)
    assert links.main() == 1
    assert "dead (404): https://one.example/, linked from a.html" in capsys.readouterr().out


def test_a_host_that_is_no_more_is_dead_and_one_that_refuses_is_unclear(answers, capsys):
    answers["https://one.example/"] = urllib.error.URLError("[Errno -2] Name or service not known")
    answers["https://two.example/"] = urllib.error.HTTPError("https://two.example/", 403, "no", {}, None)
    assert links.main() == 1
    said = capsys.readouterr().out
    assert "dead ([Errno -2]" in said and "unclear (403): https://two.example/" in said
    assert "2 addresses asked, 1 dead." in said


def test_without_a_network_nothing_is_called_dead(answers):
    for address in ADDRESSES:
        answers[address] = urllib.error.URLError("[Errno -3] Temporary failure in name resolution")
    with pytest.raises(SystemExit, match="there is no network, and no link was checked"):
        links.main()
