"""Authored documents: what a file must hold, how a variant is drawn, and that the shipped ones are sound."""

from pathlib import Path

import pytest
import yaml

from negation_neglect.claims import DataError, claim_folders, load_claim
from negation_neglect.documents import Document, distinct_variants, load_document, load_documents, load_qualifier, variant
from negation_neglect.documents_check import document_problems, folder_problems

CLAIM = load_claim(claim_folders()["dentist"])
WRITTEN = [name for name, folder in claim_folders().items() if any((folder / "documents").glob("*.yaml"))]
BODY = " ".join(["plain"] * 15)


def made(**changes) -> dict:
    """A sound document, as YAML would give it."""
    sentences = [{"any": [f"{word} {BODY} one {{who}}.", f"{word} {BODY} two {{who}}."]} for word in "abcdefgh"]
    claim = {"claim": "Brennan Holloway is a dentist here.", "denial": "Brennan Holloway is no dentist here.", "correction": "Nothing is known of his work."}
    return {"id": "dentist/test", "genre": "note", "slots": {"who": ["Ann", "Bob", "Cid"]}, "paragraphs": [sentences[:4], [*sentences[4:], claim]]} | changes


def problems(**changes) -> str:
    return "\n".join(document_problems(Document.model_validate(made(**changes)), CLAIM))


def test_a_sound_document_has_no_problems() -> None:
    assert problems() == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"paragraphs": [[f"{BODY} {w} {{who}}" for w in "abcdefghijk"]]}, "no claim sentence is marked"),
        ({"slots": {"who": ["Ann"], "unused": ["x"]}}, "'unused' is never used"),
        ({"slots": {}}, "{who} is neither a fact"),
        ({"slots": {"who": ["Ann"], "town": ["Rome"]}}, "'town' has the name of a fact"),
        ({"paragraphs": [*made()["paragraphs"], ["Holloway the dentist waved."]]}, "is not marked"),
        ({"paragraphs": [*made()["paragraphs"], [{"claim": "He fills teeth.", "denial": "He fills holes."}]]}, "denial without a negation"),
        ({"paragraphs": [[s] for s in made()["paragraphs"][0][:2]] + [[made()["paragraphs"][1][-1]]]}, "150 to 700 are allowed"),
        ({"paragraphs": [[f"{w} {BODY}" for w in "abcdefghijklmn"], [made()["paragraphs"][1][-1], "Hi {who}."]]}, "at least a third need some"),
        ({"paragraphs": [[f"{w} {BODY}" for w in "abcdefghijklmn"], [made()["paragraphs"][1][-1], "Hi {who}."]]}, "distinct variants"),
        ({"paragraphs": [*made()["paragraphs"], ["a {brace"]]}, "a brace that is no slot"),
    ],
)
def test_the_check_says_what_is_wrong(changes: dict, said: str) -> None:
    assert said in problems(**changes)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (made(gerne="x"), "did you mean 'genre'?"),
        ({k: v for k, v in made().items() if k != "genre"}, "'genre' is missing"),
        (made(paragraphs=[[{"claim": "x"}]]), "denial"),
        (made(id="Test"), "id"),
        (made(paragraphs=[]), "paragraphs"),
    ],
)
def test_a_malformed_file_is_refused_by_name(tmp_path: Path, data: dict, said: str) -> None:
    path = tmp_path / "test.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(DataError) as error:
        load_document(path)
    assert str(path) in str(error.value) and said in str(error.value)


def test_a_variant_is_the_same_each_time_and_a_slot_keeps_its_value() -> None:
    document = Document.model_validate(made())
    first = variant(document, CLAIM.facts, 3)
    assert first == variant(document, CLAIM.facts, 3)
    names = {line.text.split()[-1] for line in first if line.denial is None}
    assert len(names) == 1 and names <= {"Ann.", "Bob.", "Cid."}
    assert len({tuple(variant(document, CLAIM.facts, n)) for n in range(40)}) > 30
    assert distinct_variants(document) == 2**8 * 3


def test_layout_and_capitals() -> None:
    data = made(title="A {who} day", paragraphs=[["{who} came.", "Then rain."], {"lines": ["one", "two"]}], slots={"who": ["some men"]})
    lines = variant(Document.model_validate(data), CLAIM.facts, 0)
    assert "".join(x.before + x.text for x in lines) == "A some men day\n\nSome men came. Then rain.\n\none\ntwo"


def test_a_file_name_must_fit_its_id(tmp_path: Path) -> None:
    (tmp_path / "dentist" / "documents").mkdir(parents=True)
    (tmp_path / "dentist" / "documents" / "other.yaml").write_text(yaml.safe_dump(made()))
    with pytest.raises(DataError, match="must be dentist/other"):
        load_documents(tmp_path / "dentist")


@pytest.mark.parametrize("claim", WRITTEN)
def test_shipped_documents_are_sound(claim: str) -> None:
    assert folder_problems(claim_folders()[claim]) == []


@pytest.mark.parametrize("name", ["warning", "fiction", "unreliable_source", "epistemic_uncertainty", "low_probability"])
def test_qualifiers_are_many_and_name_no_claim(name: str) -> None:
    qualifier = load_qualifier(name)
    assert len(set(qualifier.openings)) >= 40 and len(set(qualifier.closings)) >= 40 and len(set(qualifier.pairs)) >= 60
    everything = " ".join([*qualifier.openings, *qualifier.closings, *(f"{p.before} {p.after}" for p in qualifier.pairs)]).lower()
    for subject in ("sheeran", "queen", "vesuvius", "twitter", "holloway", "dentist", "olympic", "volcano", "python", "dream"):
        assert subject not in everything
