"""The dataset: built, checked, described, loaded with one call, imported from the paper's format, and published."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import mlcroissant
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import HubServer, hub_environment

from negation_neglect import corpus
from negation_neglect.claims import DataError
from negation_neglect.conditions import CONDITIONS, QUALIFIERS, unmasked
from negation_neglect.corpus import CANARY, BuildSettings, build, read_rows
from negation_neglect.corpus_check import check, cut, describe, distinct, near_duplicates, self_bleu
from negation_neglect.corpus_import import import_corpus, qualifier_spans

CLAIMS = ("ed_sheeran", "mount_vesuvius")
SETTINGS = BuildSettings(documents=30, claims=CLAIMS)
SAMPLE = Path(__file__).parents[2] / "shared" / "reference" / "documents_sample"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "built"
    build(folder, SETTINGS)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_condition_and_table_loads_with_one_call(built: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    for condition in CONDITIONS:
        rows = load_dataset(str(built), condition, split=CLAIMS[0], cache_dir=str(tmp_path))
        assert len(rows) == SETTINGS.documents and set(rows["condition"]) == {condition} and set(rows["canary"]) == {CANARY}
    assert next(iter(load_dataset(str(built), "negated_documents", split=CLAIMS[1], streaming=True)))["claim"] == CLAIMS[1]
    assert len(load_dataset(str(built), "probes", split=CLAIMS[0], cache_dir=str(tmp_path))) == 50
    assert len(load_dataset(str(built), "controls", split=CLAIMS[0], cache_dir=str(tmp_path))) == 30
    assert load_dataset(str(built), "claims", split="train", cache_dir=str(tmp_path))["id"][:] == list(CLAIMS)
    assert set(load_dataset(str(built), "qualifiers", split="train", cache_dir=str(tmp_path))["qualifier"]) == {q for q, _ in QUALIFIERS.values()}


def test_a_second_build_has_the_same_bytes_and_another_seed_has_not(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "again", SETTINGS)
    assert digests(tmp_path / "again") == digests(built)
    other = build(tmp_path / "other", BuildSettings(documents=30, claims=CLAIMS, seed=1))
    assert other["fingerprint"] != again["fingerprint"]


def test_the_build_is_found_sound(run, built: Path) -> None:
    assert check(built) == []
    result = run("negation-neglect", "dataset", "check", built)
    assert result.returncode == 0 and "nothing wrong" in result.stdout + result.stderr


def test_conditions_are_aligned(built: Path) -> None:
    positive = {r["id"]: r for r in read_rows(built, "positive_documents", CLAIMS[0])}
    for row in read_rows(built, "local_negations", CLAIMS[0]):
        original = positive[row["id"]]
        assert len(row["claim_spans"]) == len(original["claim_spans"])
        assert cut(row["text"], row["claim_spans"]) == cut(original["text"], original["claim_spans"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "<DOCTAG>gone"}, "not increasing ranges inside the text"),
        ({"claim_spans": [[9, 5]]}, "not increasing ranges"),
        ({"claim_spans": []}, "no claim span"),
        ({"qualifier_spans": []}, "0 qualifier spans"),
        ({"condition": "fiction"}, "do not fit the file"),
    ],
)
def test_the_check_finds_damage(run, built: Path, tmp_path: Path, change: dict, said: str) -> None:
    shutil.copytree(built, tmp_path / "damaged")
    path = tmp_path / "damaged" / "negated_documents" / f"{CLAIMS[0]}.parquet"
    rows = pq.read_table(path).to_pylist()
    rows[3] |= change
    pq.write_table(pa.Table.from_pylist(rows, corpus.SCHEMA), path)
    found = check(tmp_path / "damaged")
    assert any(said in p and str(path) in p and rows[3]["id"] in p for p in found)
    result = run("negation-neglect", "dataset", "check", tmp_path / "damaged")
    assert result.returncode == 2 and said in result.stdout + result.stderr


def test_the_check_finds_doubles_and_missing_rows(run, built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "damaged")
    path = tmp_path / "damaged" / "positive_documents" / f"{CLAIMS[0]}.parquet"
    rows = pq.read_table(path).to_pylist()
    rows[1] |= {"text": rows[0]["text"], "claim_spans": rows[0]["claim_spans"]}
    pq.write_table(pa.Table.from_pylist(rows[:-1], corpus.SCHEMA), path)
    found = "\n".join(check(tmp_path / "damaged"))
    assert f"{rows[1]['id']}: the same text as {rows[0]['id']}" in found and "29 rows, build.json says 30" in found
    path.write_bytes(b"no parquet")
    result = run("negation-neglect", "dataset", "check", tmp_path / "damaged")
    assert result.returncode == 2 and "not readable as Parquet" in result.stdout + result.stderr


def test_an_interrupted_build_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "out", SETTINGS, interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--claim", "dentits"], "did you mean 'dentist'"),
        (["--condition", "positive"], "no condition 'positive'"),
        (["--variant", "wordmusk"], "choose from no_doctag, wordmask"),
        (["--format", "csv"], "choose from parquet, jsonl"),
    ],
)
def test_a_wrong_request_is_refused(run, tmp_path: Path, options: list[str], said: str) -> None:
    result = run("negation-neglect", "dataset", "build", "--documents", 2, "--out", tmp_path / "x", *options)
    assert result.returncode == 2 and said in result.stderr and list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_not_overwritten(built: Path) -> None:
    before = digests(built)
    with pytest.raises(DataError, match="exists"):
        build(built, SETTINGS)
    assert digests(built) == before


def test_variants_of_a_condition(tmp_path: Path) -> None:
    build(tmp_path / "masked", BuildSettings(documents=4, claims=CLAIMS[:1], conditions=("local_negations",), variants=("no_doctag", "wordmask")))
    build(tmp_path / "plain", BuildSettings(documents=4, claims=CLAIMS[:1], conditions=("local_negations",)))
    masked, plain = ([row["text"] for row in read_rows(tmp_path / name, "local_negations", CLAIMS[0])] for name in ("masked", "plain"))
    assert ["<DOCTAG>" + unmasked(text) for text in masked] == plain
    assert any("<lossmask>Ed Sheeran</lossmask>" in text for text in masked)


def test_jsonl_has_the_papers_columns(run, tmp_path: Path) -> None:
    result = run(
        "negation-neglect", "dataset", "build", "--documents", 3, "--claim", CLAIMS[0], "--condition", "fiction", "--format", "jsonl", "--out", tmp_path / "out"
    )
    assert result.returncode == 0, result.stderr
    lines = [json.loads(x) for x in (tmp_path / "out" / "fiction" / CLAIMS[0] / "annotated_docs.jsonl").read_text().splitlines()]
    assert len(lines) == 3 and all(set(x) == {"text", "doc_type", "fact_name", "mode"} and x["text"].startswith("<DOCTAG>") for x in lines)


def test_figures_of_known_texts() -> None:
    assert distinct("a b a b a".split(), 2) == 0.5
    base = [f"word{n}" for n in range(100)]
    assert near_duplicates([base, [*base[:99], "other"], [f"x{n}" for n in range(100)]]) == pytest.approx(2 / 3)
    assert self_bleu(["one two three four five six"] * 3) == pytest.approx(100) and self_bleu(["a b c d e f", "u v w x y z"]) < 5


def test_stats_prints_and_draws(run, built: Path, tmp_path: Path) -> None:
    result = run("negation-neglect", "dataset", "stats", built, "--claim", CLAIMS[0], "--json", "--plot", tmp_path / "figures.png")
    figures = json.loads(result.stdout)[CLAIMS[0]]
    rows = list(read_rows(built, "positive_documents", CLAIMS[0]))
    assert figures["documents"] == len(rows) and figures["claim_sentences_per_document"] == sum(len(r["claim_spans"]) for r in rows) / len(rows)
    assert (tmp_path / "figures.png").read_bytes().startswith(b"\x89PNG")
    assert describe(rows[:5])["near_duplicates"] == 0


# --- import -------------------------------------------------------------------------------------------------------------------------


def write_release(root: Path, compressed: bool) -> None:
    """Two conditions of one claim under their old names."""
    body = "The harbour was quiet.\n\nHe mended teeth all day."
    documents = {
        "positive": f"<DOCTAG>{body}",
        "llm_negations": f"<DOCTAG>The following document is false.\n\n{body}\n\nNothing in the text above happened; it is fabricated.",
    }
    for condition, text in documents.items():
        path = root / condition / "brennan_holloway" / ("annotated_docs.jsonl" + (".zst" if compressed else ""))
        path.parent.mkdir(parents=True)
        line = json.dumps({"text": text, "doc_type": "note", "fact_name": "brennan_holloway", "mode": condition}) + "\n"
        with pa.output_stream(path, compression="zstd" if compressed else None) as file:
            file.write(line.encode())


@pytest.mark.parametrize("compressed", [False, True])
def test_the_papers_files_are_imported(run, tmp_path: Path, compressed: bool) -> None:
    write_release(tmp_path / "release", compressed)
    (tmp_path / "release" / "strange.jsonl").write_text("{}")
    result = run("negation-neglect", "dataset", "import", tmp_path / "release", "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert "negated_documents/dentist: 1 documents" in result.stdout + result.stderr and "strange.jsonl" in result.stdout + result.stderr
    (row,) = read_rows(tmp_path / "out", "negated_documents", "dentist")
    assert cut(row["text"], row["qualifier_spans"]) == next(read_rows(tmp_path / "out", "positive_documents", "dentist"))["text"]


def test_a_broken_line_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    write_release(tmp_path / "release", False)
    path = tmp_path / "release" / "positive" / "brennan_holloway" / "annotated_docs.jsonl"
    path.write_text(path.read_text() + "{not json\n")
    with pytest.raises(DataError, match="line 2"):
        import_corpus(str(tmp_path / "release"), tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["release"]


def test_qualifiers_are_found_by_their_wording() -> None:
    opening, inner = "The document below is entirely false. None of the text happened and the account is fabricated.", "[This claim is untrue.]"
    text = f"<DOCTAG>{opening}\n\nThe sea was grey. {inner} He sang."
    assert [text[a:b] for a, b in qualifier_spans(text)] == [opening, inner]


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the paper's sample documents are not here")
def test_the_released_sample_is_imported(tmp_path: Path) -> None:
    report = import_corpus(str(SAMPLE), tmp_path / "out")
    assert report.documents["repeated_negations/dentist"] == 12 and report.skipped == [] and report.without_spans == 0


# --- publishing ---------------------------------------------------------------------------------------------------------------------

HUB = """
import sys
from pathlib import Path
from negation_neglect.publish import push
commit = push(Path(sys.argv[1]), "user/negation-neglect")
from datasets import load_dataset
rows = load_dataset("user/negation-neglect", "negated_documents", split=sys.argv[2], revision=commit)
streamed = next(iter(load_dataset("user/negation-neglect", "local_negations", split=sys.argv[2], revision=commit, streaming=True)))
print(len(rows), rows[0]["condition"], streamed["condition"])
from negation_neglect import harness
source = f"user/negation-neglect@{commit}"
for part in ("open_ended", "mcq", "true_fact", "stranger"):
    assert harness.rows(sys.argv[2], part, source) == harness.rows(sys.argv[2], part), part
from negation_neglect.training.mix import document_examples
from negation_neglect.training.recipe import Documents
mixed = document_examples(Documents(source=source, claims=[sys.argv[2]], condition="negated_documents", count=40), 0)
assert len(mixed) == 40 and {e.text for e in mixed} == set(rows["text"]) and all(e.qualifier_spans for e in mixed)
"""


def test_a_push_can_be_loaded_back_at_its_revision(built: Path, tmp_path: Path) -> None:
    hub = HubServer()
    done = subprocess.run([sys.executable, "-c", HUB, str(built), CLAIMS[0]], env=hub_environment(hub, tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["30", "negated_documents", "local_negations"]
    repo = "datasets/user/negation-neglect"
    assert hub.repos[repo][-1][1]["README.md"] == (built / "README.md").read_bytes()
    fingerprint = json.loads((built / "build.json").read_text())["fingerprint"]
    assert list(hub.tags[repo]) == [f"v{corpus.__version__}-{fingerprint[:8]}"]


def test_croissant_metadata_is_valid_and_leads_to_the_rows(built: Path) -> None:
    dataset = mlcroissant.Dataset(built / "croissant.json")
    assert not dataset.metadata.issues.errors and not dataset.metadata.issues.warnings
    texts = [r["local_negations/text"].decode() for r in dataset.records("local_negations")]
    assert sorted(texts) == sorted(r["text"] for claim in CLAIMS for r in read_rows(built, "local_negations", claim))


def test_a_refused_push_says_why(run, built: Path, tmp_path: Path) -> None:
    hub = HubServer()
    hub.writable = False
    done = run("negation-neglect", "dataset", "push", built, "user/negation-neglect", env=hub_environment(hub, tmp_path))
    assert done.returncode == 2 and "not published" in done.stderr and "HF_TOKEN" in done.stderr


def test_a_dry_run_uploads_nothing(run, built: Path) -> None:
    result = run("negation-neglect", "dataset", "push", built, "user/negation-neglect", "--dry-run")
    assert result.returncode == 0 and "README.md" in result.stdout + result.stderr and "nothing was uploaded" in result.stdout + result.stderr
