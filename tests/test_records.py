"""Text is made sound once, where records are built."""

from hypothesis import example, given
from hypothesis import strategies as st

from technews.records import sound_text


@given(st.text())
@example("e\x01\u0301")  # what stands around a control character composes
@example("a\U0001fffeb")
@example("\ud800\udc00")
def test_sound_text_is_sound_and_stays_so(text):
    """NFC, no control character, no lone surrogate, no noncharacter; a second time changes nothing."""
    import unicodedata

    sound = sound_text(text)
    assert sound_text(sound) == sound
    assert unicodedata.is_normalized("NFC", sound)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r" for char in sound)
    assert not any(ord(char) & 0xFFFE == 0xFFFE for char in sound)
