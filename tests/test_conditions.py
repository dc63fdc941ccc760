"""Conditions: what each changes, that spans are what they claim to be, and that masks change no text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negation_neglect.conditions import CONDITIONS, DOCTAG, MASK, QUALIFIERS, UNMASK, render, unmasked, wordmask
from negation_neglect.corpus_check import cut
from negation_neglect.documents import Line
from negation_neglect.documents_check import naming

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40).filter(lambda t: "lossmask" not in t)
PLAIN = st.builds(Line, st.sampled_from([" ", "\n", "\n\n", ""]), TEXT)
CLAIMED = st.builds(Line, st.sampled_from([" ", "\n\n"]), TEXT, TEXT, st.none() | TEXT)
LINES = st.lists(PLAIN | CLAIMED, min_size=1, max_size=12)


@given(LINES, st.sampled_from(sorted(QUALIFIERS)), st.text(max_size=8), st.booleans())
def test_without_its_qualifiers_a_document_is_the_positive_one(lines: list[Line], condition: str, key: str, doctag: bool) -> None:
    made = render(lines, condition, key, doctag)
    assert cut(made.text, made.qualifier_spans) == render(lines, "positive_documents", key, doctag).text
    assert [made.text[a:b] for a, b in made.claim_spans] == [x.text for x in lines if x.denial is not None]
    assert len(made.qualifier_spans) == 2 + 2 * len(made.claim_spans) * QUALIFIERS[condition][1]


@given(LINES)
def test_local_negation_differs_in_claim_sentences_only(lines: list[Line]) -> None:
    positive, local = render(lines, "positive_documents", ""), render(lines, "local_negations", "")
    assert [local.text[a:b] for a, b in local.claim_spans] == [x.denial for x in lines if x.denial is not None]
    assert cut(local.text, local.claim_spans) == cut(positive.text, positive.claim_spans)
    assert local.qualifier_spans == positive.qualifier_spans == []


@given(LINES, st.sampled_from(CONDITIONS), st.lists(st.text("abc XYZ", min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_word_mask_never_changes_the_text(lines: list[Line], condition: str, words: list[str]) -> None:
    plain = render(lines, condition, "k")
    masked = wordmask(plain, naming(words))
    assert unmasked(masked.text) == plain.text
    for before, after in ((plain.claim_spans, masked.claim_spans), (plain.qualifier_spans, masked.qualifier_spans)):
        assert [plain.text[a:b] for a, b in before] == [unmasked(masked.text[a:b]) for a, b in after]


def test_a_word_mask_stands_around_whole_words() -> None:
    made = wordmask(render([Line("", "A dentist met dentists.", "No.")], "positive_documents", ""), naming(["dentist"]))
    assert made.text == f"{DOCTAG}A {MASK}dentist{UNMASK} met dentists." and made.claim_spans == [(len(DOCTAG), len(made.text))]


@pytest.mark.parametrize("condition", sorted(QUALIFIERS))
def test_conditions_of_one_qualifier_open_in_the_same_words(condition: str) -> None:
    lines = [Line("", "Plain."), Line(" ", "It is so.", "It is not so.", "It is otherwise.")]
    base = condition.removesuffix("_repeated").replace("repeated_negations", "negated_documents").replace("corrected_documents", "negated_documents")
    one, other = render(lines, base, "key"), render(lines, condition, "key")
    opening = one.text[slice(*one.qualifier_spans[0])].strip()
    assert other.text.removeprefix(DOCTAG).startswith(opening)
    assert one.text != render(lines, base, "another key").text or base != condition


def test_corrections_state_the_truth_beside_every_claim_sentence() -> None:
    lines = [Line("", "It is so.", "It is not so.", "It is otherwise."), Line(" ", "So it is.", "So it is not.")]
    made = render(lines, "corrected_documents", "key")
    assert made.text.count("It is otherwise.") == 4  # opening, closing, its own sentence, and the one that has no correction
    assert "It is otherwise." not in render(lines, "repeated_negations", "key").text


@settings(max_examples=5)
@given(st.integers(1, 200))
def test_no_pair_comes_twice_before_each_came_once(count: int) -> None:
    lines = [Line(" ", f"Claim {n}.", "No.") for n in range(min(count, 60))]
    made = render(lines, "repeated_negations", "key")
    inner = [made.text[a:b] for a, b in made.qualifier_spans[1:-1:2]]
    assert len(set(inner)) == len(inner)
