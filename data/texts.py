"""What a text may hold: letters that can be read, and nothing that a spreadsheet means as an error or as nothing."""

import re
import unicodedata

BREAKS = "\n\r\t"
_LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_READABLE = (
    "Zs",
    "Cf",
    "Co",
    "Cn",
)  # blanks, joiners, private letters, and those of a newer Unicode than this Python's
# What a spreadsheet shows in place of a value; copied as text it would be one more id or standard.
ERROR_WORD = re.compile(
    r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|GETTING_DATA)"
    r"|#{3,}|ERR:\d{3}",
    re.IGNORECASE,
)


def text_complaint(text: str, breaks: str = "") -> str:
    """What is wrong with the letters of a text, or ''; `breaks` are the line breaks that it may hold."""
    for letter in text:
        if letter.isprintable() or letter in breaks:
            continue
        if letter in _LINE_BREAKS:
            return f"holds a line break (U+{ord(letter):04X})"
        if unicodedata.category(letter) not in _READABLE or _is_no_letter(ord(letter)):
            return f"holds a character that no one can read (U+{ord(letter):04X})"
    return ""


def _is_no_letter(code: int) -> bool:
    """Codes that Unicode keeps free of letters for ever."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def is_error_word(text: str) -> bool:
    """Whether a text is what a spreadsheet writes where a formula failed."""
    return ERROR_WORD.fullmatch(text) is not None


def is_no_name(text: str) -> bool:
    """Whether a text is how programs write a number that is none: as an id it would come and go."""
    return text.lower().lstrip("+-") == "nan"
