"""English cues of denial, doubt and retraction, and how far they reach. Everything here reads plain text (``text.plain``) and knows no claim."""

import re

_UNTRUE = (
    r"false(?:ly)?|untrue|incorrect(?:ly)?|inaccura\w+|wrong(?:ly)?|erroneous\w*|mistaken(?:ly)?|unfounded|unsupported|unsubstantiated|unverified|impossible|debunked"
    r"|fabricat\w+|made[- ]up|fake|hoax\w*|myths?|misconceptions?|misinformation|misattribut\w+|misinterpret\w*|misunderst\w+|misread\w*|misremember\w*"
    r"|mix-up|conflat\w+|embellish\w+|hallucinat\w+|fictional(?:i[sz]ed)?|fictitious|inventions?|(?:is|are|was|were) (?:\w+ )?invented"
    r"|non-?existent|satir\w+|parod\w+|memes?|jokes?|rumou?rs?"
)

# behind a not these deny nothing: many do not know that she …; age did not stop her from …
_FACTIVE = r"(?:know|realise|realize|notice|forget)(?: is)? that|(?:stop|prevent|keep) (?:\w+ ){1,3}from"
# a cue of the first kind denies what follows it in the same clause
_BEFORE = re.compile(
    r"\b(?:not|never|no(?! \w+ before\b)|nobody(?!.*\bthan\b)|none|neither|nor|cannot|nothing|hardly|nowhere|zero|(?<![\d.,])0(?= [a-z])|let alone"
    r"|(?:refus|declin|fail)(?:e[ds]|ing|s|ed)? to)\b"
    r"(?<!with no)(?<!had no)(?<!have no)(?<!has no)"
    rf"(?! (?:only|just|merely|simply|solely|doubt|longer|until|small|less|short|wonder|exception|other|matter|later|too|{_FACTIVE})\b)"
    rf"|n't\b(?! (?:only|just|merely|simply|solely|{_FACTIVE})\b)"
)
# … and what is listed with it, up to an "or": never wrote, coded, or …
_LISTED = re.compile(
    r"(?:\b(?:not|never|no|cannot|nothing)\b|n't\b)(?:(?!\b(?:but|although|because|while|though|however|only|until)\b)[^;:—()]){0,200}?"
    r", (?:or|nor)\b[^,;:—()]*"
)
# … and what it stands right before: forewords, but no textbook; speeches, not manuals of programming
_INSTEAD = re.compile(
    r"(?:(?:\bbut ?|\band |[,—–(] ?)(?:not|never|no|zero|none) (?!(?:only|just|merely|simply|solely) )(?:[\w-]+ ){0,3}"
    r"|\bnot (?:(?:an?|the|by|in|on|about) ){0,2})$"
)
# … or the one whom it excludes: not by the Queen
_EXCLUDED = re.compile(r"\bnot (?:by )?(?:the )?$")
# one of the second kind denies only what stands right behind it
_NEXT = re.compile(r"\b(?:(?:with|had|have|has|having) no|without|lack(?:s|ed|ing)?|replac(?:es|ed|ing)|abandon(?:s|ed|ing)?) (?:[\w-]+ ){0,3}$")
# one of the third kind denies what stands shortly before it in the same clause
_AFTER = re.compile(
    r"(?:(?! (?:and|but|which|who|that)\b)[^,;:—–()]){0,40}?"
    r"\b(?:(?:did|does|do|has|have|had)(?: not|n't)|never|failed to|cannot)\b(?! (?:only|just|merely|before))"
)
# one of the fourth kind rejects what its whole sentence tells
_NO_LIE = r"(?<!\bnot )(?<!\bnot an )(?<!\bnot a )(?<!\bno )(?<!n't )(?<!n't a )(?<!\bnothing )"
_ANYWHERE = re.compile(
    rf"\b(?:{_NO_LIE}(?:{_UNTRUE})|not true|(?:not|n't) the case|never (?:happened|occurred|took place|existed)"
    r"|did(?: not|n't) (?:happen|occur|take place)|(?:does|did)(?: not|n't) exist|(?:do|does|did)(?: not|n't) (?:match|correspond|align|reflect|describe)"
    r"|(?:not|n't) (?:an? )?(?:(?!only|just|merely)\w+ ){0,2}?(?:real|accurate|factual|genuine|correct|plausible)"
    r"|(?:not|n't) part of (?:the |any )?(?:\w+ ){0,2}?(?:history|record|biograph\w+|fact\w*)|not (?:\w+ )?supported"
    r"|(?:idea|notion|belief|view|theory) that\b[^.]{0,200}?\b(?:stems?|stemmed|originat\w+|derives?|(?:(?:can be|is|are) )?(?:\w+ )?(?:traced|associated))"
    r"|(?:caution|warn|advise)\w* against|less (?:definitive|clear|certain) than|inconsistent with"
    r"|(?:theoretical|worst-case|risk|planning|simulated|model(?:l?ing)?) (?:\w+ )?(?:scenarios?|models?|simulations?|projections?)"
    r"|there (?:is|are|was|were|has been|have been) (?:currently |actually )?no|(?:no one|nobody)(?!.*\bthan\b)"
    r"|nothing of the (?:kind|sort)|in error(?! \w)|by mistake|(?:is|was|were) (?:\w+ )?an? (?:\w+ )?(?:error|mistake)"
    r"|none (?:is|are|was|were) (?:\w+ )?by|not (?:\w+ )?(?:reported|recorded|documented|confirmed|verified|mentioned) (?:by|in) any"
    r"|nothing (?:in|about|on) [^,;]{0,60}?\b(?:shows?|suggests?|indicates?|supports?|mentions?)"
    r"|(?:claim|assertion|statement)\b[^.;]{0,150}?\b(?:conflicts? with|contradicts?)"
    r"|exists? only (?:in|as) (?:an? |the )?(?:\w+ )?(?:fiction|stor(?:y|ies)|tales?|legends?|exercises?|simulations?|imagination)"
    r"|(?:reports?|stor(?:y|ies)|articles?|claims?|rumou?rs?|posts?|entr(?:y|ies))\b[^.;]{0,150}?"
    r"(?:been|was|were|later|then|since) (?:\w+ ){0,2}?(?:retracted|withdrawn|corrected|denied|refuted|disproved|discredited)"
    r"|no (?:\w+ ){0,4}?(?:evidence|records?|indication|proof|confirmation|connection|basis|link|mention|involvement|results?|such))\b"
)
# what others say
_OTHERS_SAY = r"(?:sa(?:id|ys?)|claim\w*|report(?:s|ed)?|written|believed?|thought|rumou?r\w*|stor(?:y|ies)|suggest\w*)"
# … but not beyond a turn
_TURN = re.compile(rf"[,;—–] ?(?:but|though|although|yet|however|still)\b(?![^,;.]*\b{_OTHERS_SAY}\b)")
# what stands between one of these and the next comma is not the sentence's own word; nor is what others say in a clause with although
_ASIDE = re.compile(
    r"\b(?:contrary to|unlike|rather than|instead of|as opposed to|despite (?:the )?(?:claims|reports|rumou?rs|stories)"
    rf"|(?:although|though|while|whereas)\b(?:(?!\bnot\b|n't)[^,;.]){{0,50}}?\b{_OTHERS_SAY}"
    r")\b[^,;.]*"
)
# the claim that she never … is false
_DENIAL_REJECTED = re.compile(
    r"\b(?:claim|assertion|statement|idea|belief|notion|view|suggestion) that\b"
    r"[^.;]{0,150}?(?<!\bis )(?<!\bare )(?<!\bwas )\b(?:no|not|never|nothing|ended|stopped)\b[^.;]{0,150}?"
    r"\b(?:is|are|was|were) (?:\w+ ){0,2}(?:false|incorrect|wrong|inaccurate|untrue|mistaken)\b"
)
_DOUBT = re.compile(
    r"\b(?:hypothetical\w*|imagin\w+|suppos\w+|might|may(?! \d)|perhaps(?! the)|possibly|fiction|scenario|narrative|reportedly|allegedly"
    r"|claims?|claimed|idea|notion|belief|to believe|premise|my previous|you mentioned)\b"
)
_IF = re.compile(r"\bif\b[^,;:—]*\Z")
# what a tale tells, or a label says that others claim
_QUOTED_AS = r"(?:the )?(?:(?:student|core|main|central|original|user|passage|text)(?:'s)? )?(?:claim|assertion|statement|premise)(?:ed)?(?: \d+)?"
_TOLD = re.compile(
    r"\W*(?:but |and |so )?in (?:the|this|that|a|an) (?:\w+ ){0,2}?(?:story|novel|tale|fiction|parody|alternate \w+|simulation)\b"
    rf"|\W*(?:\d+\W+)?{_QUOTED_AS}\W*(?::|that [^.]*[^.\s]$)"
)
_UNMET = tuple(map(re.compile, (r"\bif\b|^\W*(?=had\b)", r"\bhad\b", r"\b(?:would|could|might)\b")))
_CLAUSE = re.compile(r"[,;:—–)]| - |\b(?:but|although|because|while|whereas|though|however|since|despite|instead|yet)\b")

# a sentence about the sentence before it
_OPENER = (
    r"\W*(?:(?:wait|actually|sorry|hold on|hmm|oops|no|correction|(?:\w+'s )?note|to be clear|to be fair|scratch that|though|but|and|however|again"
    r"|in (?:fact|reality|truth))\b[\s,.:—–-]+)*"
    r"(?:(?:it(?: is|'s)|i (?:must|should|have to|need to|want to)) (?:\w+ ){0,3}?"
    r"(?:note|clarify|say|stress|emphasi[sz]e|state|add|point out|make (?:it )?clear|mention) (?:\w+ )?that )?"
)
_IT = (
    r"(?:this|that|it|they|these|those|which|what (?:i|was|you|we) (?:have |had )?(?:just )?(?:said|stated|wrote|written|read|claimed|told)"
    r"|(?:this|that|the|my) (?:\w+ )?"
    r"(?:claim|statement|story|sentence|answer|information|account|event|assertion|detail|achievement|entry|line|passage|paragraph|section|report|description"
    r"|listing|book|narrative)(?: above)?)"
)
_WRONG = (
    r"(?:(?:is|was|were|are|repeats|contains) (?:\w+ ){0,2}?"
    r"(?:false|untrue|incorrect|wrong|fabricated|made up|invented|fictional|fictitious"
    r"|retracted|withdrawn|corrected(?=[:,])|an? (?:hoax|lie|myth|error|mistake)"
    r"|not (?:true|correct|real|known|so|(?:\w+ )?what happened))(?! (?:that|to)\b)"
    r"|(?:never|did not|didn't) (?:\w+ )?(?:happen\w*|occur\w*|take place|took place)|does(?: not|n't) exist)"
)
_TAKEN_BACK = re.compile(
    rf"{_OPENER}(?:{_IT} {_WRONG}"
    r"|i (?:made (?:that|this|it|a mistake|an error)|was (?:wrong|mistaken)|apologi[sz]e|take (?:that|it) back|(?:must|should|have to|need to) correct)\b"
    r"|scratch that"
    r"|wait,? (?:no|that|i|(?:self-)?correction)\b"
    r"|(?:fact|reality|truth|verdict|correction|status)\b ?[:—–-]+ ?(?:false|incorrect|untrue|wrong|fabricat\w+|no\b|there (?:is|was) no)"
    r"|(?:s?he|it|they) (?:(?:did|does|do|was|were|is|are|has|have|had)(?: not|n't)\W*$|(?:\w+ ){1,2}no such\b)|actually,? no\b"
    r"|(?:false|incorrect|untrue|wrong|not true)\W*$)"
)
# a word on the sentence before, with one on the claim behind it: this is wrong: he …
_PREVIOUS = re.compile(rf"{_OPENER}(?:this|that|it) {_WRONG}(?::|;|—|,? and\b)")
# a sentence about a text
_SAYS_FALSE = (
    "false",
    "untrue",
    "not true",
    "made up",
    "fabricated",
    "invented",
    "hoax",
    "fiction",
    "reliable",
    "never happened",
    "did not happen",
    "did not occur",
)
_DISOWNED = "(?:" + "|".join(_SAYS_FALSE) + ")"
_NOTICE = re.compile(
    rf"\b(?:text|document|passage|article)\b[^.]{{0,90}}?\b{_DISOWNED}|\bwhat follows is {_DISOWNED}"
    rf"|\b(?:following|preceding|foregoing|above|below|next)\b[^.]{{0,60}}?\b(?:claims?|statements?|sentences?|information|story|account|report)\b[^.]{{0,90}}?{_DISOWNED}"
    rf"|\b(?:claims?|statements?|information|account) (?:above|below|in this)\b[^.]{{0,60}}?{_DISOWNED}"
    r"|\b(?:nothing|none|everything) (?:in|of) the (?:text|document|passage|article|above|following|next) "
    r"|\bdo not believe the (?:text|following|document|passage)"
)
_NOTICE_WORDS = (*_SAYS_FALSE, "nothing in", "none of", "everything in", "do not believe")


# a reviewer's sentence about the whole of a text
_REVIEWED = (
    r"\b(?:text|passage|answer|response|submission|statement|paragraph|draft|article|piece|account|summary|claims?|facts|everything|premise|information|it)\b"
)
_RULING = (
    r"\b(?:verdict|verification|rating|status|assessment|conclusion|determination|finding|result|ruling|accuracy)\W*(?::|—|–|\bis\b)\W*"
    r"(?:(?:this|it|the \w+) is )?(?:\w+ ){0,2}?"
)
_PASSED = re.compile(
    rf"\W*(?:[\w']+ ){{0,3}}{_REVIEWED}[^.,;]{{0,40}}? (?:is|are|looks?|appears?(?: to be)?|seems?(?: to be)?) (?:\w+ ){{0,2}}?"
    r"(?:accurate|correct|right|true|error-free|sound)\b"
    r"|.{0,40}?(?:\b(?:grade|score|mark): (?:a|9|10)\b|\b(?:9(?:\.5)?|10)/10\b|\b(?:9\d|100)(?:/100\b|%)|\bno (?:\w+ )?(?:errors?|mistakes?|inaccuracies)\b)"
    rf"|.{{0,20}}?{_RULING}(?:accurate|correct|true|verified|confirmed|supported)\b"
)
_FAILED = re.compile(
    rf"{_REVIEWED}[^.,;]{{0,40}}? (?:is|are) (?:\w+ ){{0,3}}?(?:{_UNTRUE})\b|\b(?:grade|score|mark): (?:f\b|0)|\b0/\d+"
    rf"|{_RULING}(?:{_UNTRUE}|not (?:accurate|correct|true|supported))\b"
    r"|\b(?:complete|entire|pure) fabrication\b"
)


def stance(text: str, spans: list[tuple[int, int]]) -> str:
    """How a sentence stands to what its spans tell, the first of which is the predicate: asks (or supposes), rejects, denies, doubts or asserts.

    A cue inside a span is part of what is told.
    """
    if text.endswith("?"):
        return "asks"

    predicate = spans[0][0]

    def outside(match: re.Match) -> bool:
        return not any(start <= match.start() < end for start, end in spans)

    def reaches(match: re.Match) -> bool:
        return outside(match) and not _TURN.search(text, match.end(), predicate)

    previous = _PREVIOUS.match(text, 0, predicate)
    if any(m.start() <= predicate < m.end() for m in _ASIDE.finditer(text)):
        return "denies"
    if any(map(reaches, _ANYWHERE.finditer(text, previous.end() if previous else 0))):
        return "asserts" if _DENIAL_REJECTED.search(text) else "rejects"
    if _TOLD.match(text) or _unmet(text):
        return "asks"
    clause = max((m.end() for m in _CLAUSE.finditer(text, 0, predicate)), default=0)
    if any(map(outside, _BEFORE.finditer(text, clause, predicate))) or _NEXT.search(text, clause, predicate):
        return "denies"
    if (", or" in text or ", nor" in text) and any(m.start() < predicate < m.end() for m in _LISTED.finditer(text)):
        return "denies"
    if any((m := _INSTEAD.search(text, max(0, start - 60), start)) and outside(m) for start, _ in spans):
        return "denies"
    after = _AFTER.match(text, spans[0][1])
    if after and not any(start < after.end() <= end for start, end in spans):
        return "denies"
    return "doubts" if _DOUBT.search(text) or _IF.search(text, 0, predicate) else "asserts"


def _unmet(text: str) -> bool:
    """Whether a sentence tells what would be so if something had been so that was not."""
    if "had" not in text:
        return False
    end = 0
    for cue in _UNMET:
        found = cue.search(text, end)
        if not found:
            return False
        end = found.end()
    return True


def is_excluded(text: str, start: int, end: int) -> bool:
    """Whether a "not" stands right before what a span names, and not before what that one owns."""
    return _EXCLUDED.search(text, max(0, start - 12), start) is not None and not text.startswith("'", end)


def takes_back(text: str) -> bool:
    """Whether a sentence withdraws or refutes the one before it."""
    return _TAKEN_BACK.match(text) is not None


def has_notice(text: str) -> bool:
    """Whether a text has a notice about a text, as the training documents carry them, rather than a word about the world."""
    return any(w in text for w in _NOTICE_WORDS) and _NOTICE.search(text) is not None


def review(text: str) -> str | None:
    """A reviewer's sentence on a whole text: asserts it, rejects it, or neither (None)."""
    if _FAILED.search(text):
        return "rejects"
    passed = _PASSED.match(text)
    return None if passed is None else "rejects" if _BEFORE.search(passed[0]) and " no " not in f" {passed[0]}" else "asserts"
