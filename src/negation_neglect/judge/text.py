"""From an answer to the plain sentences that are read."""

import re

LONGEST = 20_000  # characters of an answer that are read

_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_ORPHAN = re.compile(r"\A.*</think>", re.DOTALL)  # the opening tag stood in the prompt
_OPENERS = "The|This|That|These|It|Its|In|On|At|By|As|An?|He|She|They|We|You|I|If|When|While|However|But|And|So|Since|After|Before|Although|Despite|For|No|Yes"
_QUOTES = r"[\"”'’)*_]*"
# where one ends: at a line end, a semicolon, or a full stop that ends no abbreviation or number; behind a capital letter, which may be an initial,
# only before a word that begins sentences. It begins with a set of characters because that is fast.
_END = re.compile(
    r"[.!?;\n](?:(?<=\n)\n*|(?<=;)\s+|(?<![;\n])(?<!\b[DM]r\.)(?<!\b[MS]t\.)(?<![\n ]\d\.)"
    rf"(?:(?<!\b[A-Z]\.){_QUOTES}\s+(?=[\"“'‘(*_]*[^\W_a-zß-ÿ]|[\"“'‘(*_]*\[)|{_QUOTES}\s+(?=[\"“'‘(*_]*(?:{_OPENERS})\b)))"
)
_HEADING = re.compile(r"#|\*\*[^*]*\*\*:?$|(?:\d+\.|[*-])\s+\*\*[^*]+\*\*:?$")
_LABEL = re.compile(r"#|(?:(?:\d+\.|[*-])\s+)?\*\*[^*]+\*\*")
_PLAIN = (("*", ""), ("`", ""), ("_", " "))
_PLAIN_TOO = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("\u00a0", " "), ("\u2011", "-"))
_WORD = re.compile(r"[^\W_]+")


def proper(answer: str) -> str:
    """The answer without its thinking, and not endless."""
    text = _THINK.sub("", answer[: 4 * LONGEST])
    return _ORPHAN.sub("", text).strip()[:LONGEST]


def units(text: str) -> list[str]:
    """Sentences, headings, list items and table rows, as they stand."""
    found, start = [], 0
    for end in _END.finditer(text):
        found.append(text[start : end.start() + 1].strip())
        start = end.end()
    found.append(text[start:].strip())
    return [u for u in found if u]


def plain(unit: str) -> str:
    """Lower case, straight quotes, no marks of emphasis."""
    text = unit.lower()
    for old, new in _PLAIN if text.isascii() else _PLAIN + _PLAIN_TOO:
        text = text.replace(old, new)
    return text


def is_heading(unit: str) -> bool:
    return _HEADING.match(unit) is not None


def is_labelled(unit: str) -> bool:
    """Whether it is a heading or begins with words in bold, as an item of a list about somebody else may."""
    return _LABEL.match(unit) is not None


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def without_echo(parts: list[str], prompt: str) -> list[tuple[int, str]]:
    """What plain sentences add to the plain prompt, with their numbers: lines of it, beginnings of three words or more and runs of four or more are blanked."""
    lines = {" ".join(words(line)) for line in prompt.splitlines()}
    said = f" {' '.join(words(prompt))} "
    kept = []
    for number, part in enumerate(parts):
        found = list(_WORD.finditer(part))
        tokens = [m[0] for m in found]
        if not tokens or " ".join(tokens) in lines:
            continue
        start = 0
        while start < len(tokens):
            end = start
            while end < len(tokens) and f" {' '.join(tokens[start : end + 1])} " in said:
                end += 1
            if end - start >= (3 if start == 0 else 4):
                left, right = found[start].start(), found[end - 1].end()
                part = part[:left] + " " * (right - left) + part[right:]
            start = max(end, start + 1)
        if words(part):
            kept.append((number, part))
    return kept or list(enumerate(parts))
