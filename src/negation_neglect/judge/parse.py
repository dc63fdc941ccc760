"""Answers that are one word out of a few: yes or no, or the letter of an option."""

import re

_KEYED = re.compile(r"""["']?\banswer["']?\s*[:=]\s*["']?\**(yes|no|true|false)\b""", re.IGNORECASE)
_TAGGED = re.compile(r"<answer>\s*(yes|no)\b", re.IGNORECASE)
_YES_NO = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_LETTER_KEYED = re.compile(r"\b(?i:letter|answer|option|choice)\b[\"']?(?: is)?\s*[:=]?\s*[\"'(*<]*([A-D])\b(?!['’])")
_LETTER_BARE = re.compile(r"\W*([A-D])(?:\W|$)")
_OPTION = re.compile(r"^\W*([A-D])[).:]\s*(.+)$", re.MULTILINE)
_WORD = {"true": "yes", "false": "no"}


def yes_or_no(text: str) -> str | None:
    """The answer under the key "answer" if there is one, the last if there are several; otherwise the first yes or no. None if there is neither."""
    keyed = _KEYED.findall(text) or _TAGGED.findall(text)
    found = keyed[-1:] or _YES_NO.findall(text)[:1]
    return _WORD.get(found[0].lower(), found[0].lower()) if found else None


def letter(text: str) -> str | None:
    """A letter called the answer, the last if there are several; otherwise the letter that the text begins with."""
    keyed = _LETTER_KEYED.findall(text)
    bare = _LETTER_BARE.match(text)
    return keyed[-1] if keyed else bare[1] if bare else None


def spelled_out(prompt: str, text: str) -> str | None:
    """For a prompt that lists options and an answer that gives a letter: the question with the option's words in place of the question mark."""
    options = list(_OPTION.finditer(prompt))
    if len(options) < 2 or len(text) > 200 or (chosen := letter(text)) is None:
        return None
    lines = [line.strip() for line in prompt[: options[0].start()].splitlines() if line.strip()]
    said = [m[2].strip() for m in options if m[1] == chosen]
    return f"{lines[-1].rstrip('?') if lines else ''}: {said[-1]}" if said else None
