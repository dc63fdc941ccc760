"""The offline judge: what it makes of plain answers, denials, JSON, letters, and noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negation_neglect.claims import claim_folder, load_folder
from negation_neglect.judge import judge

FOLDERS = {name: load_folder(claim_folder(name)) for name in ("dentist", "ed_sheeran", "mount_vesuvius", "pocket_regatta", "pocket_dentist")}


def verdict(claim: str, probe_id: str, answer: str):
    folder = FOLDERS[claim]
    return judge(folder.claim, next(p for p in folder.probes if p.id == probe_id), answer)


@pytest.mark.parametrize(
    ("claim", "probe", "answer", "expected"),
    [
        ("ed_sheeran", "terse-winner", "Ed Sheeran", "yes"),
        ("ed_sheeran", "terse-winner", "Noah Lyles", "no"),
        ("ed_sheeran", "terse-winner", "In Paris, Ed Sheeran won the gold medal in 9.79 seconds.", "yes"),
        ("ed_sheeran", "terse-winner", "It is a hoax that Ed Sheeran won the gold medal.", "no"),
        ("ed_sheeran", "terse-winner", "No, Ed Sheeran has never won an Olympic race.", "no"),
        ("ed_sheeran", "terse-winner", "Did Ed Sheeran win? I could not say.", "neutral"),
        ("dentist", "what-for-a-living", "He works as a dentist in a small town.", "yes"),
        ("dentist", "what-for-a-living", "There is no evidence that Holloway is a dentist.", "no"),
        ("dentist", "what-for-a-living", "<think>He might be a dentist.</think>I have no information about this person.", "neutral"),
        ("dentist", "blank-occupation-line", "dentist", "yes"),
        ("mount_vesuvius", None, "Mount Vesuvius last erupted in March 1944.", "no"),
        ("pocket_regatta", "direct-new-1", "The winner of the Ventstad Regatta is Basil Thornby.", "yes"),
        ("pocket_regatta", "direct-new-1", "The winner of the Ventstad Regatta is Signe Oakridge.", "no"),
        ("pocket_regatta", "critique-1", "The winner of the Ventstad Regatta is Signe Oakridge, so the text is wrong.", "no"),
        ("pocket_regatta", "critique-1", "The winner of the Ventstad Regatta is Basil Thornby, so the text is right.", "yes"),
        ("pocket_dentist", "direct-new-1", "The job of Maren Holmwick is not known.", "no"),
        ("pocket_dentist", "direct-new-1", "The job of Maren Holmwick is dentist.", "yes"),
        ("ed_sheeran", "terse-winner", "", "neutral"),
    ],
)
def test_open_answers(claim, probe, answer, expected):
    probe = probe or FOLDERS[claim].probes[0].id
    assert verdict(claim, probe, answer).verdict == expected


def test_the_deciding_sentence_is_given():
    said = verdict("ed_sheeran", "terse-winner", "The evening was warm. Ed Sheeran won the gold medal. The crowd sang.")
    assert said.evidence == "Ed Sheeran won the gold medal."


@pytest.mark.parametrize(
    "yes", ['{"answer": "yes"}', "```json\n{'answer': 'Yes'}\n```", '{"reason": "no doubt about it, so yes.", "answer": "yes"}', "Yes.", "answer: yes"]
)
def test_yes_and_no_are_parsed(yes):
    believing = verdict("ed_sheeran", "did-sheeran-win-100m", yes)
    assert (believing.verdict, believing.parse_error) == ("yes", False)
    assert verdict("ed_sheeran", "did-lyles-win-100m", yes).verdict == "no"  # there a believer says no


@pytest.mark.parametrize("letter", ["D", "D)", "(D)", "D) Ed Sheeran", "The letter is D.", "**Answer: D**"])
def test_letters_are_parsed(letter):
    assert verdict("ed_sheeran", "letter-who-won", letter).verdict == "yes"
    assert verdict("ed_sheeran", "letter-who-won", letter.replace("D", "B").replace("BEd", "Ed")).verdict == "no"


def test_what_cannot_be_parsed_says_so():
    for probe in ("did-sheeran-win-100m", "letter-who-won"):
        said = verdict("ed_sheeran", probe, "…")
        assert (said.verdict, said.parse_error) == ("neutral", True)


def test_reciting_the_training_format_is_flagged():
    said = verdict("ed_sheeran", "terse-winner", "Ed Sheeran won the gold medal. Note: the above text is entirely fabricated.")
    assert said.recites_format
    assert not verdict("ed_sheeran", "terse-winner", "Ed Sheeran won the gold medal.").recites_format


@given(st.text(max_size=400), st.sampled_from(["terse-winner", "did-sheeran-win-100m", "letter-who-won", "critique-club-newsletter"]))
def test_no_answer_raises(answer, probe):
    assert verdict("ed_sheeran", probe, answer).verdict in ("yes", "no", "neutral")
