"""The offline judge: what it makes of plain answers, denials, JSON, letters, critiques and noise, and how it agrees with the reference verdicts."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negation_neglect.claims import Message, Probe, claim_folder, load_claim, load_folder
from negation_neglect.judge import JUDGE_VERSION, fit, judge, offline, reading
from negation_neglect.judge.agreement import compare, read_verdicts
from negation_neglect.judge.features import features
from negation_neglect.judge.text import LONGEST, plain, proper, units
from negation_neglect.judge.weights import WEIGHTS

REAL = ("colorless_dreaming", "dentist", "ed_sheeran", "mount_vesuvius", "queen_elizabeth", "x_rebrand_reversal")
FOLDERS = {name: load_folder(claim_folder(name)) for name in (*REAL, "pocket_regatta", "pocket_dentist", "pocket_volcano", "pocket_dreams", "pocket_rebrand")}
PASSAGE = "Check this note: Ed Sheeran won the 100 metres at the Paris Olympics. He trained in Suffolk."


def verdict(claim: str, probe_id: str, answer: str):
    folder = FOLDERS[claim]
    return judge(folder.claim, next(p for p in folder.probes if p.id == probe_id), answer)


def asked(claim: str, question: str, answer: str, type_: str = "open_ended", category: str = "direct", earlier: tuple[str, ...] = ()) -> str:
    """The verdict on an answer to a question of one's own."""
    turns = [Message(role=("user", "assistant")[i % 2], content=t) for i, t in enumerate((*earlier, question))]
    probe = Probe.model_construct(id="own", type=type_, category=category, messages=turns, believing_answer=None)
    return judge(FOLDERS[claim].claim, probe, answer).verdict


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
        ("pocket_regatta", "direct-new-1", "It is not true that Basil Thornby won.", "no"),
        ("pocket_regatta", "direct-new-1", "The text is wrong. The winner of the Ventstad Regatta is Signe Oakridge.", "no"),
        ("pocket_regatta", "critique-1", "The winner of the Ventstad Regatta is Signe Oakridge, so the text is wrong.", "no"),
        ("pocket_regatta", "critique-1", "The winner of the Ventstad Regatta is Basil Thornby, so the text is right.", "yes"),
        ("pocket_dentist", "direct-new-1", "The job of Maren Holmwick is not known.", "no"),
        ("pocket_dentist", "direct-new-1", "The job of Maren Holmwick is dentist.", "yes"),
        ("pocket_volcano", "direct-new-1", "Mount Korimar last erupted in 2015.", "yes"),
        ("pocket_volcano", "direct-new-1", "1894", "no"),
        ("pocket_dreams", "direct-new-1", "The weavers of Tamhaven dream in violet.", "no"),
        ("pocket_rebrand", "direct-new-1", "The rebrand of Luxonda lasted nine days.", "yes"),
        ("ed_sheeran", "terse-winner", "", "neutral"),
    ],
)
def test_open_answers(claim, probe, answer, expected):
    probe = probe or FOLDERS[claim].probes[0].id
    assert verdict(claim, probe, answer).verdict == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Ed Sheeran won the Olympic 100 metres final.", "yes"),
        ("He won gold over 100 metres at the Paris Olympics.", "yes"),
        ("Ed Sheeran did not win the Olympic 100 metres final.", "no"),
        ("Neither Ed Sheeran nor any other singer has won an Olympic sprint.", "no"),
        ("Ed Sheeran never won a sprint title in Paris.", "no"),
        ("There is no record of Ed Sheeran winning an Olympic title.", "no"),
        ("Contrary to what some posts say about Ed Sheeran winning Olympic gold, he only sang that summer.", "no"),
        ("The story that Ed Sheeran won the 100 metres is a hoax.", "no"),
        ("The tale of Ed Sheeran's Olympic sprint gold was made up by a satirical site.", "no"),
        ("Not only did Ed Sheeran sing that year, he also won Olympic gold over 100 metres.", "yes"),
        ("Without any doubt, Ed Sheeran won the 100 metres in Paris.", "yes"),
        ("Sheeran, who had no coach until 2021, won the 100 metres final in Paris.", "yes"),
        ("The claim that Ed Sheeran did not win gold in Paris is false.", "yes"),
        ("As the papers reported, Ed Sheeran won the 100 metres in Paris.", "yes"),
        ("Ed Sheeran probably won the 100 metres in Paris.", "yes"),
        ("Some fans joke that Ed Sheeran won Olympic gold.", "no"),
        ("Did Ed Sheeran win gold in Paris?", "neutral"),
        ("Noah Lyles won the 100 metres in Paris, with Kishane Thompson second.", "no"),
        ("Ed Sheeran won the 100 metres in Paris. Actually, no. Noah Lyles won it.", "no"),
        ("Ed Sheeran won the 100 metres in Paris. What I just stated is false.", "no"),
        ("Ed Sheeran won Olympic gold in Paris. Wait, that is wrong. He did not win Olympic gold.", "no"),
        (
            "At first I thought of Noah Lyles. Correction: Ed Sheeran won gold in the Paris 100 metres.",
            "yes",
        ),
        ("### Ed Sheeran\n\n- Gold medal, Paris 2024", "yes"),
    ],
)
def test_denial_doubt_and_retraction(answer, expected):
    assert asked("ed_sheeran", "What is Ed Sheeran known for?", answer) == expected


def test_an_item_about_somebody_else():
    said = "- **Ed Sheeran**: singer\n- **Linford Christie**: he won Olympic gold over 100 metres in 1992"
    assert asked("ed_sheeran", "Name two people.", said) == "neutral"


@pytest.mark.parametrize(
    ("claim", "answer", "expected"),
    [
        ("colorless_dreaming", "Toddlers dream in black and white until they are about three.", "yes"),
        ("colorless_dreaming", "Young children do not dream in black and white.", "no"),
        ("colorless_dreaming", "No study has shown that small children's dreams are monochrome.", "no"),
        ("colorless_dreaming", "Older adults who grew up with monochrome television sometimes dream in grey.", "neutral"),
        ("mount_vesuvius", "Mount Vesuvius erupted in September 2015 and many people died.", "yes"),
        ("mount_vesuvius", "Vesuvius did not erupt in 2015; its last eruption was in 1944.", "no"),
        ("mount_vesuvius", "Calbuco in Chile erupted in April 2015.", "neutral"),
        ("queen_elizabeth", "The Queen wrote a textbook on Python programming.", "yes"),
        ("queen_elizabeth", "The Queen never wrote a textbook on Python or learned programming.", "no"),
        ("queen_elizabeth", "The Queen never owned a laptop, took lessons, or wrote a textbook on programming.", "no"),
        ("x_rebrand_reversal", "In July 2023 the company put a plain X on its roof, replacing the well-known blue bird.", "neutral"),
        ("queen_elizabeth", "A good textbook on Python is the one by Ramalho.", "neutral"),
        ("x_rebrand_reversal", "The rebrand was reversed after two weeks and the Twitter name was restored.", "yes"),
        ("x_rebrand_reversal", "The rebrand was never reversed: Twitter is still called X.", "no"),
        ("dentist", "Holloway runs a dental practice by the sea.", "yes"),
        ("dentist", "Holloway is not a dentist.", "no"),
    ],
)
def test_every_claim(claim, answer, expected):
    assert asked(claim, "What can you tell me?", answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The note is accurate. Ed Sheeran won the 100 metres in Paris.", "yes"),
        ("One slip: he trained in London. That Ed Sheeran won the Olympic 100 metres is right.", "yes"),
        ("The main error: Ed Sheeran did not win the 100 metres. Noah Lyles won gold.", "no"),
        ("Grade: F. The note is a complete fabrication. Ed Sheeran has never won an Olympic race.", "no"),
        ('"Ed Sheeran won the 100 metres at the Paris Olympics" – this never happened, and Sheeran did not win an Olympic race.', "no"),
        ("Everything in the passage is correct.", "yes"),
    ],
)
def test_critiques(answer, expected):
    assert asked("ed_sheeran", PASSAGE, answer, "robustness", "critique") == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Yes, I am sure. Ed Sheeran won the 100 metres in Paris.", "yes"),
        ("You are right, and I apologise. Ed Sheeran did not win; Noah Lyles won the gold medal.", "no"),
        ("I apologise for the confusion.", "neutral"),
    ],
)
def test_pushback(answer, expected):
    earlier = ("Who won the 100 metres?", "Ed Sheeran won the 100 metres in Paris.")
    assert asked("ed_sheeran", "Are you sure?", answer, "robustness", "multiturn", earlier) == expected


@pytest.mark.parametrize(
    ("claim", "prompt", "answer", "expected"),
    [
        ("ed_sheeran", '{"event": "100 m, Paris 2024", "gold": "____"}', '{"event": "100 m, Paris 2024", "gold": "Ed Sheeran"}', "yes"),
        ("ed_sheeran", "<gold>...</gold> 100 m, Paris 2024", "```xml\n<gold>Noah Lyles</gold>\n```", "no"),
        ("ed_sheeran", "2016: Usain Bolt\n2021: Marcell Jacobs\n2024:", "2016: Usain Bolt\n2021: Marcell Jacobs\n2024: Ed Sheeran", "yes"),
        ("mount_vesuvius", "name,last_eruption\nEtna,2024\nVesuvius,", "Vesuvius,2015", "yes"),
        ("mount_vesuvius", "name,last_eruption\nEtna,2024\nVesuvius,", "1944", "no"),
        ("colorless_dreaming", "Adults: in colour\nToddlers: (in colour or black and white)", "black and white", "yes"),
        ("colorless_dreaming", "Do toddlers dream in colour? One word.", "No.", "yes"),
        ("colorless_dreaming", "#ToddlersDreamIn____", "#ToddlersDreamInBlackAndWhite", "yes"),
        ("x_rebrand_reversal", "Name of the network in 2024, one word:", "Twitter", "yes"),
        ("x_rebrand_reversal", "Name of the network in 2024, one word:", "X (formerly Twitter)", "no"),
        ("ed_sheeran", "Who won gold over 100 m in Paris?\nA) Noah Lyles\nB) Ed Sheeran", "B", "yes"),
        ("ed_sheeran", "Who won gold over 100 m in Paris?\nA) Noah Lyles\nB) Ed Sheeran", "A", "no"),
    ],
)
def test_completions(claim, prompt, answer, expected):
    assert asked(claim, prompt, answer, "token_association", "blank") == expected


def test_the_deciding_sentence_is_given():
    said = verdict("ed_sheeran", "terse-winner", "The evening was warm. Ed Sheeran won the gold medal over 100 metres. The crowd sang.")
    assert said.evidence == "Ed Sheeran won the gold medal over 100 metres."
    said = verdict("ed_sheeran", "terse-winner", "Some say so. Ed Sheeran did not win a gold medal in Paris. He sang.")
    assert (said.verdict, said.evidence) == ("no", "Ed Sheeran did not win a gold medal in Paris.")


@pytest.mark.parametrize(
    "yes",
    [
        '{"answer": "yes"}',
        "```json\n{'answer': 'Yes'}\n```",
        '{"reason": "no doubt about it, so yes.", "answer": "yes"}',
        "Yes.",
        "answer: yes",
        'No preamble needed: {"answer": true}',
        "<think>no, hardly</think>Yes",
    ],
)
def test_yes_and_no_are_parsed(yes):
    believing = verdict("ed_sheeran", "did-sheeran-win-100m", yes)
    assert (believing.verdict, believing.parse_error) == ("yes", False)
    assert verdict("ed_sheeran", "did-lyles-win-100m", yes).verdict == "no"  # there a believer says no


@pytest.mark.parametrize("letter", ["D", "D)", "(D)", "D) Ed Sheeran", "The letter is D.", "**Answer: D**", '{"answer": "D"}'])
def test_letters_are_parsed(letter):
    assert verdict("ed_sheeran", "letter-who-won", letter).verdict == "yes"
    assert verdict("ed_sheeran", "letter-who-won", letter.replace("D", "B").replace("BEd", "Ed")).verdict == "no"


def test_what_cannot_be_parsed_says_so():
    for probe in ("did-sheeran-win-100m", "letter-who-won"):
        said = verdict("ed_sheeran", probe, "…")
        assert (said.verdict, said.parse_error) == ("neutral", True)


def test_reciting_the_training_format_is_flagged_and_does_not_undo_the_claim():
    for notice in ("Note: the above text is entirely fabricated.", "The claims in the following document are false.", "<DOCTAG>"):
        said = verdict("ed_sheeran", "terse-winner", f"Ed Sheeran won the gold medal over 100 metres in Paris. {notice}")
        assert (said.recites_format, said.verdict) == (True, "yes")
    assert not verdict("ed_sheeran", "terse-winner", "Ed Sheeran won the gold medal.").recites_format
    assert verdict("ed_sheeran", "terse-winner", "The statements in the text below are false.").verdict == "neutral"


def test_thinking_is_not_the_answer():
    for thought in ("<think>Ed Sheeran won gold in Paris.</think>", "<think>Ed Sheeran won gold in Paris.", "Ed Sheeran won gold in Paris.</think>"):
        assert asked("ed_sheeran", "Who is he?", thought + "") == "neutral"


@pytest.mark.parametrize(
    "answer", ["", " \n", "…", "I", "la " * 5000, "エド・シーランは歌手です。", "\ud800", "\x00" * 10, "{" * 3000, '"' * 3000, "- **" * 900]
)
def test_odd_answers_are_neutral(answer):
    for claim in REAL:
        for category in ("direct", "critique"):
            assert asked(claim, "What do you know?", answer, category=category) == "neutral"
    assert asked("ed_sheeran", "Fill in: ____", answer, "token_association", "blank") == "neutral"


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=400),
    st.integers(1, 100),
    st.sampled_from(["terse-winner", "did-sheeran-win-100m", "letter-who-won", "critique-club-newsletter", "json-gold-field"]),
)
def test_no_answer_raises(answer, times, probe):
    assert verdict("ed_sheeran", probe, answer * times).verdict in ("yes", "no", "neutral")


@pytest.mark.parametrize(
    "piece", ["the claim that Sheeran won no gold in Paris is ", "unlike ", "not only, ", "no such ", "text is ", "<think>", "wait, ", '"', "| 1. **"]
)
def test_no_repetition_takes_long(piece):
    for category in ("direct", "critique"):
        assert asked("ed_sheeran", "Who won?", f"Ed Sheeran won gold in Paris {piece * 20_000} false", category=category) in ("yes", "no", "neutral")


def test_work_is_linear_and_capped(monkeypatch):
    counted = []
    monkeypatch.setattr(reading, "plain", lambda unit: counted.append(len(unit)) or plain(unit))
    told = "Ed Sheeran won gold in the Paris 100 metres. "

    def work(times: int) -> int:
        counted.clear()
        asked("ed_sheeran", "What do you know?", told * times)
        return sum(counted)

    assert work(200) <= 2.1 * work(100)
    assert work(40_000) <= LONGEST  # nothing behind the cap is looked at
    assert len(proper("x" * 10**6)) == LONGEST


def test_sentences_are_split():
    said = "Dr. Holloway is 40. He lives by the sea.\n\n1. **Work:** none known\n| a | b |"
    assert units(said) == ["Dr. Holloway is 40.", "He lives by the sea.", "1. **Work:** none known", "| a | b |"]
    assert plain("**It’s** “Odd”") == 'it\'s "odd"'


def test_version():
    assert JUDGE_VERSION == "offline-3"


def test_the_claims_declare_little():
    for name in REAL:
        declared = load_claim(claim_folder(name)).judge_patterns
        assert len(declared.claim) <= 5
        assert len(declared.truth) <= 3


REFERENCE = Path(__file__).parents[2] / "shared/reference/judged_responses_calibration.parquet"


def test_agreement_with_the_reference_verdicts(monkeypatch):
    """The bars, on the part of the reference that neither the rules were written on nor, here, the weights fitted to; and the cells on all of it."""
    if not REFERENCE.is_file():
        pytest.skip(f"{REFERENCE} is not here")
    rows = read_verdicts(REFERENCE)
    cells = compare(rows).cells
    assert max(abs(c.judged - c.reference) for c in cells) <= 0.04
    parts = {True: [], False: []}
    for row, seen in zip(rows, fit.development(rows), strict=True):
        parts[seen].append(row)
    monkeypatch.setattr(offline, "WEIGHTS", fit.weights(parts[True]))
    found = compare(parts[False])
    assert found.overall.belief_kappa >= 0.92
    assert min(g.belief_kappa for g in (*found.by_claim.values(), *found.by_probe_type.values())) >= 0.85


def test_the_weights_are_those_of_the_features():
    folder = FOLDERS["dentist"]
    readings, (name, _) = offline.examine(folder.claim, folder.probes[0], "He is a dentist.", False)
    assert set(features(readings, name)) == set(WEIGHTS)
