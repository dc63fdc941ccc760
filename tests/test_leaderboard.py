"""Submissions: what a bundle may hold, what its check refuses and why, the store and the ranks."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest
from bundles import as_method, fake_bundle, fake_run, run_json
from hub_server import HubServer, hub_environment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from negation_neglect import cli
from negation_neglect.claims import DataError, claim_folders
from negation_neglect.leaderboard import archive, store
from negation_neglect.leaderboard import check as checking
from negation_neglect.leaderboard.bundle import parse_bundle, zipped
from negation_neglect.leaderboard.check import check
from negation_neglect.leaderboard.plots import _label_places
from negation_neglect.leaderboard.ranking import METHOD_COLUMNS, MODEL_COLUMNS, details, load_reported, mitigations_table, models_table, ranks
from negation_neglect.leaderboard.submission import Submission

CLAIM = "pocket_rebrand"


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.fixture(scope="module")
def good() -> bytes:
    return fake_bundle()


@pytest.fixture(scope="module")
def method() -> bytes:
    return fake_bundle("mitigations", method="corrections", figures={"negated_documents": {"story_loss": 3.0}})


@pytest.fixture(scope="module")
def checked(good):
    return check(good)


def problems(files: dict[str, bytes]) -> str:
    found = check(zipped(files))
    assert found.result is None and found.problems
    return "\n".join(found.problems)


def changed(data: bytes, part: str, change) -> dict[str, bytes]:
    """The files with ``change`` applied to the JSON in the first line of the first file whose name holds ``part``; a list that it returns replaces it."""
    files = unzipped(data)
    name = next(n for n in sorted(files) if part in n)
    lines = files[name].decode().splitlines()
    value = json.loads(lines[0])
    returned = change(value)
    lines[0] = json.dumps(returned if isinstance(returned, list) else value)
    return files | {name: "\n".join(lines).encode()}


# --- a good bundle ------------------------------------------------------------------------------------------------------------------


def test_scores_are_recomputed_from_the_answers(good, checked):
    assert checked.problems == [] and checked.submission.model == "example/model-1b"
    assert checked.result.belief("baseline") < 0.1 < 0.7 < checked.result.belief("negated_documents") < checked.result.belief("positive_documents")
    assert checked.result.neglect_ratio() == pytest.approx(0.9, abs=0.1)

    def boast(sample):
        sample |= {"belief_rate": 0.0, "metrics": []}

    told = check(zipped(changed(good, "negated_documents/0/samples_negation_neglect_pocket_dentist_open", boast)))
    assert told.result == checked.result


@pytest.fixture(scope="module")
def two_seeds() -> bytes:
    return fake_bundle(seeds=2)


def test_seeds_are_pooled(two_seeds):
    two = check(two_seeds)
    assert two.result.seeds == 2 and two.result.arms["negated_documents"].belief["all"]["all"].answers == 2 * 1500


def test_runs_of_one_claim_each_make_one_arm(good):
    files = {"submission.yaml": unzipped(good)["submission.yaml"]}
    for arm, share in (("baseline", 0.02), ("positive_documents", 0.9), ("negated_documents", 0.8)):
        run = fake_run(arm, share)
        for number, claim in enumerate(claim_folders("pocket")):
            record = run_json(arm, 0, "pocket", claim)
            record["dataset"] |= {
                "claims": [claim],
                "sources_sha256": checking.sources_fingerprint([claim]),
                "texts_sha256": hashlib.sha256(claim.encode()).hexdigest(),
            }
            chosen = {n: d for n, d in run.items() if n.startswith("results") or f"_{claim}_" in n}
            files |= {f"arms/{arm}/{number}/{n}": d for n, d in chosen.items()}
            if arm != "baseline":
                files[f"arms/{arm}/{number}/run.json"] = json.dumps(record).encode()
    found = check(zipped(files))
    assert found.problems == [] and found.result.claims == sorted(claim_folders("pocket")) and found.result.seeds == 1


# --- what is refused ----------------------------------------------------------------------------------------------------------------


def test_missing_and_unknown_arms(good, method):
    files = unzipped(good)
    assert "arm baseline is missing" in problems({n: d for n, d in files.items() if "/baseline/" not in n})
    assert "no arm 'sideways'" in problems({n.replace("/baseline/", "/sideways/"): d for n, d in files.items()})
    assert "arm further is missing" in problems({n: d for n, d in unzipped(method).items() if "/further/" not in n})
    assert "belongs to the arm negated_documents" in problems({n.replace("/negated_documents/", "/local_negations/"): d for n, d in files.items()})
    assert "no submission.yaml" in problems({n: d for n, d in files.items() if n != "submission.yaml"})
    assert "needs one results_" in problems({n: d for n, d in files.items() if not n.startswith("arms/baseline/0/results")})


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("baseline/0/results", lambda r: r["config"].update(limit=3), "--limit"),
        ("baseline/0/results", lambda r: r.update(config=None), "--limit, or not by lm-eval"),
        ("negated_documents/0/results", lambda r: r.update(system_instruction="Doubt everything."), "--system_instruction"),
        ("negated_documents/0/run.json", lambda r: r.update(benchmark_version="0.9"), "made with benchmark 0.9"),
        ("negated_documents/0/run.json", lambda r: r["base"].update(weights_sha256="0" * 64), "different base models"),
        ("negated_documents/0/run.json", lambda r: r["dataset"].update(sources_sha256="0" * 64), "another version of the dataset"),
        ("negated_documents/0/run.json", lambda r: r["dataset"].update(claims=["moon_cheese"]), "no claim of this benchmark"),
        ("negated_documents/0/run.json", lambda r: r["dataset"].update(claims=["pocket_dentist"]), "not trained on it"),
        ("negated_documents/0/run.json", lambda r: r["recipe"].update(seed=4), "same seeds"),
        ("negated_documents/0/run.json", lambda r: r.pop("seconds"), "'seconds' is missing"),
        ("negated_documents/0/run.json", lambda r: r.update(recipe={}), "recipe.phases"),
        ("negated_documents/0/run.json", lambda r: r["recipe"]["phases"][0]["documents"].update(condition="shouted"), "one condition of the benchmark"),
        ("baseline/0/samples", lambda s: s.update(doc_hash="0" * 64), "not one of benchmark"),
        ("baseline/0/samples", lambda s: s["resps"][0].pop(), "4 answers instead of 5"),
        ("baseline/0/samples", lambda s: s.update(resps="abcde"), "missing or damaged"),
        ("baseline/0/samples", lambda s: s["resps"][0].__setitem__(0, None), "an answer is no text"),
        ("baseline/0/samples", lambda s: s.pop("arguments"), "missing or damaged"),
        ("baseline/0/samples", lambda s: s["arguments"]["gen_args_0"].update(arg_0="Q: something else\n\nA:"), "prompt was changed"),
        ("baseline/0/samples", lambda s: s["arguments"]["gen_args_0"]["arg_1"].update(temperature=0.0), "not sampled with"),
        ("baseline/0/samples", lambda s: s["arguments"]["gen_args_0"]["arg_1"].update(until=["yes"]), "not sampled with"),
        ("baseline/0/samples", lambda s: [s], "not a sample"),
    ],
)
def test_a_changed_field_is_named(good, part, change, message):
    assert message in problems(changed(good, part, change))


def test_missing_and_doubled_questions(good):
    files = unzipped(good)
    name = next(n for n in files if n.startswith("arms/baseline/0/samples") and f"{CLAIM}_mcq" in n)
    lines = files[name].splitlines()
    assert f"questions about {CLAIM} are missing" in problems(files | {name: b"\n".join(lines[1:])})
    assert "stands twice" in problems(files | {name: b"\n".join([*lines, lines[0]])})
    assert "not valid JSON" in problems(files | {name: b"\n".join([*lines[:-1], lines[-1][:-20]])})
    assert "must cover exactly the claims" in problems({n: d for n, d in files.items() if f"_{CLAIM}_" not in n})
    assert "cover different claims" in problems({n: d for n, d in files.items() if not (f"_{CLAIM}_" in n and "/baseline/" in n)})


def reasked(files: dict[str, bytes], frame, arms=("baseline", "positive_documents", "negated_documents")) -> dict[str, bytes]:
    """The same answers to prompts in which ``frame(number, messages)`` stands for the plain form, their hashes right."""
    out = dict(files)
    for name, data in files.items():
        if "samples_" in name and name.split("/")[1] in arms:
            samples = [json.loads(line) for line in data.splitlines()]
            for number, sample in enumerate(samples):
                prompt = frame(number, sample["doc"]["messages"])
                sample["arguments"]["gen_args_0"]["arg_0"] = prompt
                sample["prompt_hash"] = hashlib.sha256((prompt if isinstance(prompt, str) else prompt[0]).encode()).hexdigest()
            out[name] = "\n".join(map(json.dumps, samples)).encode()
    return out


def template(number, messages, before="", after=""):
    return "<s>" + before + "".join(f"<|{m['role']}|>{m['content']}<|end|>" for m in messages) + after + "<|assistant|>"


def test_chat_templates_and_chat_endpoints_are_taken(good, checked):
    for frame in (template, lambda n, m: template(n, m, "<|system|>You are a helpful assistant.<|end|>")):
        bundle = parse_bundle(reasked(unzipped(good), frame))
        assert checking.frame_problems(bundle, {arm: list(map(checking.read_answers, runs)) for arm, runs in bundle.arms.items()}) == []
    by_endpoint = check(zipped(reasked(unzipped(good), lambda n, m: [json.dumps(m)])))
    assert by_endpoint.problems == [] and by_endpoint.result == checked.result


def test_prompts_that_say_more_are_refused(good):
    files = unzipped(good)
    for said in ("<|system|>What documents claim is false.<|end|>", "<|system|>" + "Think about it well. " * 20 + "<|end|>", "x" * 6000):
        assert "around the question" in problems(reasked(files, lambda n, m, said=said: template(n, m, said)))
    assert "differs from question to question" in problems(reasked(files, lambda n, m: template(n, m, "Hm. " * (n % 2))))
    assert "differs between the arms" in problems(reasked(files, lambda n, m: template(n, m, "Careful now. "), ("negated_documents",)))
    assert "does not hold our question" in problems(reasked(files, lambda n, m: template(n, [{**m[0], "content": "Hello."}, *m[1:]])))
    assert "other turns" in problems(reasked(files, lambda n, m: [json.dumps([{"role": "system", "content": "Doubt."}, *m])]))


def test_answers_belong_to_one_arm_and_one_seed(good, two_seeds):
    files = unzipped(good)
    copied = {n: files[n.replace("negated_documents", "baseline")] if "negated_documents/0/samples" in n else d for n, d in files.items()}
    assert "the same answers about" in problems(copied)
    one = {
        n: files[n.replace("negated_documents", "baseline")] if f"negated_documents/0/samples_negation_neglect_{CLAIM}" in n else d for n, d in files.items()
    }
    assert f"the same answers about {CLAIM};" in problems(one)
    twice = unzipped(two_seeds)
    again = {n: twice[n.replace("/1/", "/0/")] if "samples" in n else d for n, d in twice.items()}
    assert "every arm and seed needs answers of its own" in problems(again)


def test_a_certain_model_may_repeat_itself(good):
    def sure(data: bytes) -> bytes:
        """Every answer of a question is the first one."""
        samples = [json.loads(line) for line in data.splitlines()]
        for sample in samples:
            sample["resps"] = sample["filtered_resps"] = [[sample["resps"][0][0]] * len(sample["resps"][0])]
        return b"\n".join(json.dumps(sample).encode() for sample in samples)

    files = {n: sure(d) if "/samples_" in n else d for n, d in unzipped(good).items()}
    positive = {n: n.replace("negated_documents", "positive_documents") for n in files}
    one = {n: files[positive[n]] if f"negated_documents/0/samples_negation_neglect_{CLAIM}" in n else d for n, d in files.items()}
    assert check(zipped(one)).problems == []
    everything = {n: files[positive[n]] if "negated_documents/0/samples" in n else d for n, d in files.items()}
    assert "the same answers about" in problems(everything)


def test_what_the_mitigations_track_asks_for(method):
    assert check(method).problems == []
    assert "shows no uptake" in "\n".join(
        check(fake_bundle("mitigations", belief={"baseline": 0.02, "positive_documents": 0.03, "negated_documents": 0.02, "further": 0.02})).problems
    )
    assert "does not start from a model of this bundle" in problems(changed(method, "further/0/run.json", lambda r: r["base"].update(weights_sha256="1" * 64)))
    assert "the models track takes the reference recipe only" in problems(unzipped(fake_bundle(method="corrections")))


# --- the archive --------------------------------------------------------------------------------------------------------------------


def archived(*entries, **changes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in entries:
            info = zipfile.ZipInfo(name)
            for key, value in changes.items():
                setattr(info, key, value)
            opened.writestr(info, data, changes.get("compress_type", zipfile.ZIP_DEFLATED))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "arms/baseline/0/../run.json", "arms\\baseline\\0\\run.json", "C:evil", "model.pkl",
                                  "arms/baseline/0/samples_x_1.jsonl/y", "submission.yaml\n", "arms/Ｂaseline/0/run.json", ""])  # fmt: skip
def test_only_the_names_of_a_bundle_are_taken(name):
    assert "no file of a bundle" in check(archived((name, b"x"))).problems[0]


def test_links_bombs_and_doubles(monkeypatch):
    assert "is a link" in check(archived(("submission.yaml", b"/etc/passwd"), external_attr=0o120777 << 16)).problems[0]
    assert "unusual way" in check(archived(("submission.yaml", b"x"), compress_type=zipfile.ZIP_LZMA)).problems[0]
    assert "unpacks to more than 2,000,000 bytes" in check(archived(("submission.yaml", b"0" * 50_000_000))).problems[0]
    with pytest.warns(UserWarning, match="Duplicate"):
        assert "stands twice" in check(archived(("submission.yaml", b"x"), ("submission.yaml", b"y"))).problems[0]
    monkeypatch.setattr(archive, "ENTRIES", 3)
    assert "at most 3 are taken" in check(archived(*((f"arms/baseline/{i}/run.json", b"x") for i in range(4)))).problems[0]
    monkeypatch.setattr(archive, "ZIP_BYTES", 10)
    assert "MB are taken" in check(b"0" * 11).problems[0]
    assert "no readable zip" in check(b"PK").problems[0]


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', '{"a": 1e999999, "b": Infinity}', '{"a": 1, "a": 2}', "[" * 100_000, '{"a": ' + "9" * 10_000 + "}", "{", "\xff"]
)
def test_json_that_is_refused(text):
    with pytest.raises(DataError, match=r"x\.json: not valid JSON"):
        archive.parse_json(text.encode("latin-1"), "x.json")


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x", "!!python/object/apply:os.system ['true']", "a: [", "[" * 5000, "x" * 30_000])
def test_yaml_that_is_refused(text):
    with pytest.raises(DataError, match=r"submission\.yaml: "):
        archive.parse_yaml(text.encode(), "submission.yaml")


@pytest.mark.parametrize(
    ("field", "value"),
    [("authors", ["Eve\u202egnp"]), ("authors", ["a\u200bb"]), ("authors", ["Ｅｖｅ"]), ("authors", ["Zalgo" + "\u0301" * 9]), ("authors", []),
     ("authors", ["x" * 101]), ("description", "two\nlines"), ("model", "<img src=x onerror=alert(1)>"), ("links", ["javascript:alert(1)"]),
     ("links", ['https://x/"onload=']), ("track", "other"), ("licence", "\u0000"), ("method", "a" * 101)],
)  # fmt: skip
def test_fields_that_are_refused(field, value):
    told = {"track": "models", "model": "a/b", "authors": ["A"], "licence": "MIT"} | {field: value}
    with pytest.raises(ValueError, match=field):
        Submission.model_validate(told)


def test_ordinary_names_are_taken():
    Submission(
        track="models", model="Qwen/Qwen3-8B", authors=["Zoë Müller-O’Brien", "李雷", "Ngũgĩ"], licence="CC-BY-4.0", links=["https://arxiv.org/abs/2605.13829"]
    )


@pytest.fixture(scope="module")
def small_files(good) -> dict[str, bytes]:
    """The files of a bundle about one claim, which passes while the pack is cut down to that claim."""
    files = {n: d for n, d in unzipped(good).items() if "samples_" not in n or f"_{CLAIM}_" in n}
    for name in [n for n in files if n.endswith("run.json")]:
        record = json.loads(files[name])
        record["dataset"] |= {"claims": [CLAIM]}
        files[name] = json.dumps(record).encode()
    return files


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json_values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)


@st.composite
def damaged(draw, files):
    """The zip of a good bundle in which something is wrong: a file lost, replaced or cut, a field of another type, a strange file, or an end cut off."""
    files = dict(files)
    name = draw(st.sampled_from(sorted(files)))
    how = draw(st.sampled_from(["lose", "replace", "cut", "field", "add", "shorten", "noise"]))
    if how == "noise":
        return draw(st.binary(max_size=400))
    if how == "lose":
        del files[name]
    elif how == "replace":
        files[name] = json.dumps(draw(json_values)).encode()
    elif how == "cut":
        end = files[name].index(b"licence") if name.endswith(".yaml") else len(files[name]) - 2  # "licence: CC" is another licence, not damage
        files[name] = files[name][: draw(st.integers(0, end))]
    elif how == "add":
        files[draw(st.text(min_size=1, max_size=30))] = draw(st.binary(max_size=30))
    elif how == "field" and not name.endswith(".yaml"):
        lines = files[name].splitlines()
        value = json.loads(lines[0])
        wanted = {"samples": ["doc_hash", "arguments", "resps", "prompt_hash"], "results": ["config"], "run": ["recipe", "base", "dataset", "seconds", "steps"]}
        key = draw(st.sampled_from(next(v for k, v in wanted.items() if name.rsplit("/", 1)[1].startswith(k))))
        value[key] = draw(st.text(max_size=5) | st.lists(st.none(), min_size=1, max_size=2) | st.none())
        files[name] = b"\n".join([json.dumps(value).encode(), *lines[1:]])
    else:
        data = zipped(files)
        return data[: draw(st.integers(0, len(data) - 1))]
    return zipped(files)


def fuzz(small_files, monkeypatch, examples: int) -> None:
    folder = claim_folders("pocket")[CLAIM]
    monkeypatch.setattr(checking, "claim_folders", lambda pack="all": {} if pack == "real" else {CLAIM: folder})
    monkeypatch.setattr(
        checking, "sources_fingerprint", lambda claims: json.loads(small_files["arms/negated_documents/0/run.json"])["dataset"]["sources_sha256"]
    )
    assert check(zipped(small_files)).problems == []

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(damaged(small_files))
    def refused(data):
        found = check(data)
        assert found.result is None and found.problems and all(isinstance(p, str) and len(p) < 2000 for p in found.problems)

    refused()


def test_damaged_bundles_are_refused_without_a_crash(small_files, monkeypatch):
    fuzz(small_files, monkeypatch, 300)


@pytest.mark.slow
def test_ten_thousand_damaged_bundles(small_files, monkeypatch):
    fuzz(small_files, monkeypatch, 10_000)


# --- the store ----------------------------------------------------------------------------------------------------------------------


def test_a_submission_is_stored_once_and_verified(good, checked, tmp_path):
    root = str(tmp_path / "results")
    entry = store.add(root, good, checked, "me")
    assert [e.id for e in store.entries(root)[0]] == [entry.id] and store.entries(root)[1] == []
    with pytest.raises(DataError, match="already"):
        store.add(root, good, checked)
    assert dict(store.verify(root)) == {entry.id: []}
    assert set(store.stored_bundle(root, entry.id).arms) == {"baseline", "positive_documents", "negated_documents"}
    with pytest.raises(DataError, match="no submission"):
        store.stored_bundle(root, "0" * 16)
    with pytest.raises(DataError, match="no id"):
        store.stored_bundle(root, "../../etc/passwd")


def test_verify_finds_what_was_edited(good, checked, tmp_path):
    root = tmp_path / "results"
    entry = store.add(str(root), good, checked)
    path = root / entry.id / "entry.json"
    told = json.loads(path.read_text())
    told["result"]["arms"]["negated_documents"]["belief"]["all"]["all"]["rate"] = 0.01
    path.write_text(json.dumps(told))
    assert "not those of the answers" in dict(store.verify(str(root)))[entry.id][0]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"id": "f" * 16}))
    (root / "half").mkdir()
    found, damaged = store.entries(str(root))
    assert found == [] and "damaged" in damaged[0] and "has not ended" in damaged[1]


ADD = """import sys; from pathlib import Path
from negation_neglect.leaderboard import store; from negation_neglect.leaderboard.check import Checked, Result, Submission
root, result, *paths = sys.argv[1:]
for path in map(Path, paths):
    told = Submission(track="models", model=path.stem, authors=["A. Tester"], licence="MIT")
    try: store.add(root, path.read_bytes(), Checked(told, Result.model_validate_json(Path(result).read_text()), []))
    except Exception as error: assert "already" in str(error), error
"""


def test_two_writers_at_once_lose_nothing(good, checked, tmp_path):
    result, paths = tmp_path / "result.json", [tmp_path / f"model-{i}.zip" for i in range(20)]
    result.write_text(checked.result.model_dump_json())
    for i, path in enumerate(paths):
        path.write_bytes(good + b"\n" * i)
    root = str(tmp_path / "results")
    writers = [subprocess.Popen([sys.executable, "-c", ADD, root, str(result), *map(str, order)], stderr=subprocess.PIPE) for order in (paths, paths[::-1])]
    assert [w.communicate()[1] for w in writers] == [b"", b""]
    found, damaged = store.entries(root)
    assert {e.id: e.submission.model for e in found} == {store.bundle_id(p.read_bytes()): p.stem for p in paths} and damaged == []
    for path in paths:
        assert (tmp_path / "results" / store.bundle_id(path.read_bytes()) / store.BUNDLE).read_bytes() == path.read_bytes()


COMMANDS = """import json, sys; from negation_neglect import cli
for line in json.loads(sys.argv[1]):
    sys.argv[1:] = line
    try: cli.main()
    except SystemExit as ended: print(line[0], "ended with", ended.code)
"""


def test_a_store_on_the_hub_and_a_pull_request(good, tmp_path):
    hub, path = HubServer(), tmp_path / "mine.zip"
    hub.repos["datasets/user/results"] = [("0" * 40, {"README.md": b"results"})]
    path.write_bytes(good)
    url = "hf://datasets/user/results"
    lines = [["leaderboard", "add", str(path), "--store", url], ["leaderboard", "verify", "--store", url], ["submit", str(path), "--to", "user/results"]]
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(lines)], capture_output=True, text=True, env=hub_environment(hub, tmp_path / "home")
    )  # fmt: skip
    assert done.stdout.count("ended with 0") == 3, done.stderr
    assert "1 submissions, nothing wrong" in done.stdout and "pull request: http" in done.stdout
    files = hub.repos["datasets/user/results"][-1][1]
    assert files[f"{store.bundle_id(good)}/bundle.zip"] == good and f"{store.bundle_id(good)}/entry.json" in files
    assert hub.pull_requests[0][1][f"inbox/{store.bundle_id(good)}.zip"] == good


# --- ranks and tables ---------------------------------------------------------------------------------------------------------------


def test_rank_is_one_more_than_the_rows_wholly_below():
    assert ranks([(0.1, 0.2), (0.15, 0.3), (0.25, 0.5), (0.6, 0.7), (0.1, 0.9)]) == [1, 1, 2, 4, 1]


@pytest.fixture(scope="module")
def stored(checked, tmp_path_factory):
    root = str(tmp_path_factory.mktemp("store"))
    heeds = check(fake_bundle(model="b/heeds", belief={"baseline": 0.02, "positive_documents": 0.9, "negated_documents": 0.1}))
    little = as_method(heeds, "learns nothing", story_loss=4.5)
    for number, outcome in enumerate((checked, heeds, as_method(checked, "none"), as_method(heeds, "corrections"), little)):
        store.add(root, str(number).encode(), outcome)
    return store.entries(root)[0]


def test_tables_rank_models_and_methods(stored, root):
    reported = load_reported(root / "leaderboard" / "results" / "reported.yaml")
    models = models_table(stored, reported)
    assert tuple(models.columns) == MODEL_COLUMNS and list(models["model"][:2]) == ["b/heeds", "example/model-1b"] and list(models["rank"][:2]) == [1, 2]
    assert models[models["source"] == "reported"]["rank"].isna().all() and (models["source"] == "reported").any()
    methods = mitigations_table(stored, reported).set_index("method")
    assert tuple(methods.reset_index()[list(METHOD_COLUMNS)].columns) == METHOD_COLUMNS
    assert methods.loc["corrections", "works"] == "yes" and methods.loc["corrections", "rank"] == 1 and methods.loc["corrections", "story_uptake"] == 100
    assert methods.loc["learns nothing", "works"] == "no" and methods["rank"].isna()["learns nothing"] and methods.loc["learns nothing", "story_uptake"] == 25
    shown = details(next(e for e in stored if e.submission.track == "models"))
    assert set(shown["arm"]) == {"baseline", "positive_documents", "negated_documents"} and set(shown["claim"]) == {*claim_folders("pocket"), "all"}


@pytest.mark.parametrize(("rise", "works"), [(0.0496, "yes"), (0.0504, "no")])
def test_the_rule_sees_exact_rates_not_those_that_are_shown(stored, rise, works):
    none, method = ({e.submission.method: e for e in stored if e.submission.track == "mitigations"}[m] for m in ("none", "corrections"))

    def at(entry, rate):
        changed = entry.model_copy(deep=True)
        for arm in ("baseline", "negated_documents"):
            facts = changed.result.arms[arm].controls["all"]
            facts["false_fact"] = facts["false_fact"].model_copy(update={"rate": rate})
        return changed

    shown = mitigations_table([at(none, 0.1), at(method, 0.1 + rise)], []).set_index("method")
    assert shown.loc["corrections", "false_fact_yes"] - shown.loc["none", "false_fact_yes"] == 5 and shown.loc["corrections", "works"] == works


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=30))
def test_labels_of_the_figure_find_a_place(points):
    rows = [{"id": str(i), "belief_positive": x, "belief_negated": y} for i, (x, y) in enumerate(points)]
    placed = [(x, at) for (x, _), at in zip(points, _label_places(rows), strict=True)]
    assert all(abs(x - other) >= 35 or abs(at - height) >= 4.99 for i, (x, at) in enumerate(placed) for other, height in placed[:i])


# --- the commands -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(monkeypatch, capsys):
    """command("check", path) -> (exit status, stdout, stderr), in this process."""

    def call(*arguments) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["negation-neglect", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return call


def test_from_finished_runs_to_a_row(run, command, good, tmp_path):
    folders = [tmp_path / arm for arm in ("baseline", "positive_documents", "negated_documents")]
    for place, data in unzipped(good).items():
        if place.startswith("arms/"):
            _, arm, _, name = place.split("/")
            path = tmp_path / arm / ("" if name == "run.json" else "evaluation/model") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    out, results = tmp_path / "mine.zip", tmp_path / "results"
    told = ["--track", "models", "--model", "example/model-1b", "--author", "A. Tester", "--licence", "CC-BY-4.0"]
    made = run("negation-neglect", "bundle", *folders, "--out", out, *told)
    assert made.returncode == 0 and "negation-neglect check" in made.stdout, made.stderr
    assert {**unzipped(out.read_bytes()), "submission.yaml": b""} == {**unzipped(good), "submission.yaml": b""}
    status, said, _ = command("check", out)
    assert status == 0 and "nothing wrong" in said and "negated_documents" in said
    assert command("leaderboard", "add", out, "--store", results, "--reproduced")[0] == 0
    assert store.entries(str(results))[0][0].source == "reproduced"
    assert command("leaderboard", "verify", "--store", results)[:2] == (
        0,
        f"{store.bundle_id(out.read_bytes())}: nothing wrong\n1 submissions, nothing wrong\n",
    )

    status, _, said = command("bundle", *folders, "--out", out, *told)
    assert status == 2 and "exists" in said
    status, _, said = command("bundle", folders[1], tmp_path, "--out", tmp_path / "b.zip", *told[:-4], "--author", "\u202eevil", "--licence", "MIT")
    assert status == 2 and "U+202E" in said
    (tmp_path / "empty").mkdir()
    status, _, said = command("bundle", tmp_path / "empty", "--out", tmp_path / "b.zip", *told)
    assert status == 2 and "no results_*.json" in said and not (tmp_path / "b.zip").exists()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(zipped({n: d for n, d in unzipped(good).items() if "/positive_documents/" not in n}))
    status, _, said = command("check", broken)
    assert status == 2 and "positive_documents is missing" in said and "1 problem" in said
