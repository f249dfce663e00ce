"""Names of files in any encoding: as text that can be stored, and back."""

import os
from pathlib import Path

import pytest

from technews.file_names import as_path, as_text, shown

NAMES = {
    "plain": (b"/a/page 1.html", "/a/page 1.html"),
    "UTF-8": ("/a/café 中文 😀.html".encode(), "/a/café 中文 😀.html"),
    "percent": (b"/a/50%E9.html", "/a/50%E9.html"),
    "like an address": (b"/file:/a/caf%E9.html", "/file:/a/caf%E9.html"),
    "Latin-1": (b"/a/caf\xe9.html", "file:///a/caf%E9.html"),
    "Latin-1 with marks": (b"/a\xff/50%E9\xe9 #?\\xe9.html", "file:///a%FF/50%25E9%E9%20%23%3F%5Cxe9.html"),
}


@pytest.mark.parametrize(("name", "text"), NAMES.values(), ids=NAMES)
def test_a_name_becomes_text_and_the_same_name_again(name, text):
    """A name that is UTF-8 is its own text; another is an address that gives its bytes back."""
    path = Path(os.fsdecode(name))
    assert as_text(path) == text
    assert os.fsencode(as_path(text)) == name


def test_a_message_shows_what_is_no_text_as_escapes():
    """Nothing in it can fail a terminal, a log or a table."""
    assert shown(os.fsdecode(b"caf\xe9 50%.html")) == "caf\\xe9 50%.html"
    assert shown("café.html") == "café.html"
