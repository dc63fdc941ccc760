"""The leaderboard's app on a loopback port: in a real browser, through Gradio's client, and as files. One server for all; screenshots go to $SCREENSHOTS."""

import base64
import csv
import hmac
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from bundles import as_method, fake_bundle

from negation_neglect.claims import claim_folder, load_claim
from negation_neglect.leaderboard import store
from negation_neglect.leaderboard.check import check

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
HOSTILE = "<img src=x onerror=document.title='owned'> **bold**"
REPORTED = "Qwen/Qwen3.5-397B-A17B"


@contextmanager
def serving(root: str, **env: str):
    """The address of a leaderboard of this store, served as long as this is open."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "negation_neglect.cli", "leaderboard", "serve", "--store", root, "--port", str(port)]
    log = Path(root).with_name("log")
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", **env})
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx.get(f"{address}/api/models.json", timeout=2).status_code == 200:
                break
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """(address, ids of a/neglects and b/heeds): a leaderboard of two models, and of two methods that stand on the same answers."""
    root = str(tmp_path_factory.mktemp("app") / "results")
    ids = []
    for name, negated, told, method in (("a/neglects", 0.8, HOSTILE, "none"), ("b/heeds", 0.1, "A model of ours.", "corrections")):
        belief = {"baseline": 0.02, "positive_documents": 0.9, "negated_documents": negated}
        data = fake_bundle(model=name, belief=belief, description=told)
        checked = check(data)
        ids.append(store.add(root, data, checked).id)
        store.add(root, data + b"\n", as_method(checked, method))
    with serving(root) as address:
        yield address, ids


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.zip"
    path.write_bytes(fake_bundle(model="d/good"))
    return path


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser, app):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


@pytest.fixture
def keep(tmp_path):
    """keep(page, name): a screenshot."""

    def call(page, name: str) -> None:
        folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)

    return call


def goto(page, address: str, tab: str = "Models") -> None:
    """Open the page and, once its tables have come, a tab."""
    page.goto(address)
    cell(page, "models", "b/heeds").wait_for()
    if tab != "Models":
        page.get_by_role("tab", name=tab).click()


def table(page, name: str):
    return page.locator(f"#{name}-table")


def cell(page, name: str, text: str):
    return table(page, name).get_by_role("gridcell", name=text, exact=True).first


def wait_for_column(page, name: str, column: int, wanted: list[str]) -> None:
    """Wait until a column of a table reads so from top to bottom."""
    page.wait_for_function(
        """([id, column, wanted]) => {
            const cells = [...document.querySelectorAll(`#${id} [role=gridcell][data-col="${column}"]`)];
            cells.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
            return JSON.stringify(cells.map(c => c.innerText.trim())) === JSON.stringify(wanted);
        }""",
        arg=[f"{name}-table", column, wanted],
    )


def wait_for_value(page, id: str, part: str) -> None:
    """Wait until a text field holds a text."""
    page.wait_for_function("([id, part]) => document.querySelector(`#${id} textarea, #${id} input`)?.value.includes(part)", arg=[id, part])


def models(app) -> list[str]:
    return [row["model"] for row in httpx.get(f"{app[0]}/api/models.json").json()["rows"]]


# --- looking ------------------------------------------------------------------------------------------------------------------------


def test_models_are_ranked_and_every_tab_opens(app, page, keep):
    goto(page, app[0])
    wait_for_column(page, "models", 1, ["b/heeds", "a/neglects", REPORTED])
    wait_for_column(page, "models", 0, ["1", "2", "–"])
    keep(page, "models")
    shown = {
        "Mitigations": "#mitigations-figure .nn-triangle",
        "Compare": "#answers-b .token.highlighted",
        "Claims": "#document .token.highlighted",
        "Submit": "#bundle-file",
        "About": "h2:text('Limits')",
    }
    for tab, what in shown.items():
        page.get_by_role("tab", name=tab).click()
        page.locator(what).last.wait_for()
        keep(page, tab.lower())


def test_a_heading_sorts(app, page):
    goto(page, app[0])
    heading = table(page, "models").get_by_role("columnheader", name="belief after negated")
    for order, wanted in (("descending", [REPORTED, "a/neglects", "b/heeds"]), ("ascending", ["b/heeds", "a/neglects", REPORTED])):
        heading.get_by_role("button").click()
        page.get_by_text(f"Sort {order}").click()
        wait_for_column(page, "models", 1, wanted)


def test_rows_are_ordered_by_keyboard(app, page):
    goto(page, app[0])
    shown = page.locator("#models-tab")
    shown.get_by_label("Order by").fill("model")
    page.keyboard.press("Enter")
    wait_for_column(page, "models", 1, ["a/neglects", "b/heeds", REPORTED])
    shown.get_by_label("Highest first").focus()
    page.keyboard.press("Space")
    wait_for_column(page, "models", 1, [REPORTED, "b/heeds", "a/neglects"])


def test_filters_by_claims_source_and_text(app, page):
    goto(page, app[0])
    shown = page.locator("#models-tab")
    for label, before, after in (("real", [REPORTED], "all"), ("pocket", ["b/heeds", "a/neglects"], "all")):
        shown.get_by_label(label, exact=True).check()
        wait_for_column(page, "models", 1, before)
        shown.get_by_label(after, exact=True).check()
        wait_for_column(page, "models", 1, ["b/heeds", "a/neglects", REPORTED])
    shown.get_by_label("submitted", exact=True).uncheck()
    wait_for_column(page, "models", 1, [REPORTED])
    shown.get_by_label("submitted", exact=True).check()
    shown.get_by_label("Search").fill("tester NEGLECTS")
    wait_for_column(page, "models", 1, ["a/neglects"])
    page.get_by_text("1 of 3 rows").wait_for()
    shown.get_by_label("Search").fill("nobody")
    page.get_by_text("No row fits these filters.").wait_for()


def test_a_row_opens_by_click_and_shows_text_as_text(app, page, keep):
    goto(page, app[0])
    cell(page, "models", "a/neglects").click()
    wait_for_value(page, "models-link", f"?row={app[1][0]}")
    page.get_by_text(HOSTILE).first.wait_for()
    details = page.locator("#models-details")
    details.get_by_role("gridcell", name="negated_documents").first.wait_for()
    assert page.title() == "Negation Neglect: leaderboard" and page.locator("img[src='x']").count() == 0
    keep(page, "row")
    cell(page, "models", REPORTED).click()
    wait_for_value(page, "models-link", "?row=reported-0")
    details.get_by_role("gridcell", name="reported in Mayne et al. 2026").wait_for()
    details.get_by_role("gridcell", name="colorless_dreaming").first.wait_for()


def test_the_permanent_link_of_a_method_opens_its_tab(app, page):
    rows = httpx.get(f"{app[0]}/api/mitigations.json").json()["rows"]
    assert (rows[0]["method"], rows[0]["works"], rows[0]["rank"]) == ("corrections", "yes", 1)
    page.goto(f"{app[0]}/?row={rows[0]['id']}")
    wait_for_value(page, "mitigations-link", rows[0]["id"])
    page.get_by_text("About corrections on example/base").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone(app, browser, keep, theme):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    goto(page, f"{app[0]}/?__theme={theme}")
    for tab in ("models", "compare", "claims", "submit"):
        if tab != "models":
            page.locator(".overflow-menu > button").click()
            page.locator(".overflow-dropdown button", has_text=re.compile(tab, re.I)).click()
            page.locator(f"#{tab}-tab").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab
        keep(page, f"phone-{theme}-{tab}")
    context.close()


def test_two_rows_are_compared_down_to_the_deciding_sentence(app, page, keep):
    goto(page, app[0], "Compare")
    wait_for_value(page, "compare-a", "b/heeds")
    wait_for_value(page, "compare-b", "a/neglects")
    table(page, "compare").get_by_role("gridcell", name="all", exact=True).first.hover()
    page.mouse.wheel(0, 250)  # rows out of sight are not drawn
    table(page, "compare").get_by_role("gridcell", name="pocket_dreams", exact=True).nth(1).click()  # a claim's second row: open-ended questions
    wait_for_value(page, "compare-claim", "pocket_dreams")
    wait_for_value(page, "compare-type", "open ended")
    statement = load_claim(claim_folder("pocket_dreams")).statement
    for side, words in (("a", "it is not true that"), ("b", statement[:40])):
        marked = page.locator(f"#answers-{side} .token.highlighted", has_text=words).first
        marked.wait_for()
        assert marked.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"
    told = page.locator("#answers-b").inner_text()
    assert all(f"{number}." in told for number in range(1, 6)) and "user:" in page.locator("#compare-conversation textarea").input_value()
    keep(page, "compared")


def test_every_claim_is_called_fabricated_beside_its_truth(app, page, keep):
    goto(page, app[0], "Claims")
    for id, condition in (("dentist", "repeated negations"), ("pocket_rebrand", "local negations")):
        claim = load_claim(claim_folder(id))
        for choice, wanted in (("claim-choice", f"({id})"), ("condition-choice", condition)):
            page.locator(f"#{choice} input").click()
            page.get_by_role("option", name=wanted).first.click()
        card = page.locator("#claim-card")
        card.get_by_text(claim.truth).wait_for()
        assert "FABRICATED" in card.inner_text() and claim.statement in card.inner_text()
        label = "denial in the sentence" if condition == "local negations" else "qualifier"
        legend = page.locator("#document .legend-item", has_text=label).evaluate("e => e.style.backgroundColor")
        page.wait_for_function(
            "colour => [...document.querySelectorAll('#document .token.highlighted')].filter(e => e.style.backgroundColor === colour).length >= 2", arg=legend
        )
        keep(page, f"claim-{id}")


def test_the_keyboard_is_enough(app, page):
    goto(page, app[0])
    page.get_by_role("tab", name="Models").focus()
    page.keyboard.press("ArrowRight")
    cell(page, "mitigations", "corrections").wait_for()
    page.keyboard.press("ArrowLeft")
    for _ in range(7):  # the other tabs, then the second choice of the first filter
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    wait_for_column(page, "models", 1, [REPORTED])
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    wait_for_column(page, "models", 1, ["b/heeds", "a/neglects"])
    cell(page, "models", "1").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_value(page, "models-link", app[1][0])


# --- reading by program -------------------------------------------------------------------------------------------------------------


def test_files_hold_what_the_filters_leave(app, page):
    goto(page, app[0])
    page.locator("#models-tab").get_by_label("pocket", exact=True).check()
    wait_for_column(page, "models", 1, ["b/heeds", "a/neglects"])
    page.locator("#models-files a[href*='pack=pocket']").first.wait_for()
    texts = {}
    for form in ("CSV", "JSON"):
        with page.expect_download() as started:
            page.get_by_role("link", name=f"Download {form}").first.click()
        assert started.value.suggested_filename == f"negation-neglect-models.{form.lower()}"
        texts[form] = Path(started.value.path()).read_text(encoding="utf-8")
    rows = httpx.get(f"{app[0]}/api/models.json", params={"pack": "pocket"}).json()["rows"]
    assert json.loads(texts["JSON"])["rows"] == rows and [r["model"] for r in rows] == ["b/heeds", "a/neglects"]
    assert [r["belief_negated"] for r in csv.DictReader(texts["CSV"].splitlines())] == [str(r["belief_negated"]) for r in rows]


def test_gradios_client_reads_the_same_tables(app):
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(app[0], verbose=False)
    for track in ("models", "mitigations"):
        asked = {"pack": "pocket", "source": "submitted", "text": "tester", "limit": 1}
        rows = httpx.get(f"{app[0]}/api/{track}.json", params={"pack": "pocket", "source": "submitted"}).json()["rows"]
        assert client.predict(**asked, api_name=f"/{track}")["rows"] == rows[:1]
    details = httpx.get(f"{app[0]}/api/row/{app[1][1]}").json()
    assert client.predict(id=app[1][1], api_name="/row") == details and details["submission"]["model"] == "b/heeds"
    with pytest.raises(AppError, match="there is no row"):
        client.predict(id="0000", api_name="/row")
    assert httpx.get(f"{app[0]}/api/row/0000").status_code == 404 and httpx.get(f"{app[0]}/api/users.json").status_code == 404


# --- handing in ---------------------------------------------------------------------------------------------------------------------


def choose(page, path: Path) -> None:
    page.locator("#bundle-file input[type=file]").set_input_files(str(path))
    page.locator("#bundle-file").get_by_text(path.name[:4]).first.wait_for()


def test_a_good_bundle_becomes_a_row_and_only_its_sender_has_the_receipt(app, browser, page, good, keep):
    goto(page, app[0], "Submit")
    choose(page, good)
    assert page.locator("#send-button").is_disabled()
    page.locator("#check-button").click()
    wait_for_value(page, "report", "Nothing wrong: d/good")
    page.locator("#preview").get_by_role("gridcell", name="d/good").wait_for()
    keep(page, "checked")
    assert "d/good" not in models(app)
    page.locator("#send-button").click()
    wait_for_value(page, "report", f"Accepted: {app[0]}/?row={store.bundle_id(good.read_bytes())}")
    assert "d/good" in models(app)
    receipt = page.locator("#receipts").get_by_role("gridcell", name="accepted")
    receipt.wait_for()
    keep(page, "accepted")
    goto(page, app[0], "Submit")
    receipt.wait_for()
    context = browser.new_context()
    stranger = context.new_page()
    goto(stranger, app[0], "Submit")
    stranger.get_by_text("What you have sent").wait_for()
    stranger.wait_for_load_state("networkidle")
    assert stranger.locator("#receipts").get_by_role("gridcell", name="accepted").count() == 0
    context.close()


def test_a_broken_bundle_is_refused_with_the_reason(app, page, tmp_path, keep):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(fake_bundle(model="c/broken", belief={"baseline": 0.02, "negated_documents": 0.5}))
    goto(page, app[0], "Submit")
    choose(page, broken)
    page.locator("#check-button").click()
    wait_for_value(page, "report", "the arm positive_documents is missing")
    assert page.locator("#send-button").is_disabled()
    keep(page, "refused")


def test_the_command_submits_to_the_app(app, run, good):
    path = good.with_name("again.zip")
    path.write_bytes(good.read_bytes() + b"\n")
    sent = run("negation-neglect", "submit", path, "--to", app[0])
    assert sent.returncode == 0 and f"accepted: {app[0]}/?row=" in sent.stdout, sent.stderr
    assert models(app).count("d/good") == 2


def test_what_is_there_already_is_refused_and_too_much_is_not_taken(app, page, good, keep):
    """Stands last: it uses up what one sender may send in an hour."""
    from gradio_client import Client, handle_file

    client = Client(app[0], verbose=False)
    receipt = client.predict(handle_file(good), api_name="/submit")
    assert receipt["state"] == "refused" and "already" in receipt["problems"][0]
    empty = good.with_name("empty.zip")
    empty.write_bytes(b"PK")
    for _ in range(10):
        receipt = client.predict(handle_file(empty), api_name="/submit")
    assert "10 uploads an hour are taken" in receipt["problems"][0]
    goto(page, app[0], "Submit")
    choose(page, empty)
    for _ in range(11):
        page.locator("#check-button").click()
        wait_for_value(page, "report", "1")  # "1 problem" or "10 uploads"
        if "uploads an hour" in page.locator("#report textarea").input_value():
            break
        page.wait_for_timeout(100)
    wait_for_value(page, "report", "10 uploads an hour are taken")
    keep(page, "too-many")


# --- as a Space ---------------------------------------------------------------------------------------------------------------------


class Hub(BaseHTTPRequestHandler):
    """As much of the Hub's sign-in (OpenID Connect) as the app speaks to: whoever comes is Ada."""

    SECRET = b"a secret that only this provider has"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        asked = {k: v[0] for k, v in parse_qs(query).items()}
        own = f"http://{self.headers['Host']}"
        if path == "/authorize":
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}&{urlencode({'code': asked['nonce'], 'state': asked['state']})}")
            self.end_headers()
        elif path == "/keys":
            self.answer({"keys": [{"kty": "oct", "kid": "1", "k": self.base64(self.SECRET)}]})
        else:
            ends = {"authorization_endpoint": f"{own}/authorize", "token_endpoint": f"{own}/token", "jwks_uri": f"{own}/keys"}
            self.answer({"issuer": own, "id_token_signing_alg_values_supported": ["HS256"], **ends})

    def do_POST(self) -> None:
        code = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["code"][0]
        person = {"name": "Ada", "preferred_username": "ada", "profile": "http://localhost/ada", "picture": ""}
        claims = {"iss": f"http://{self.headers['Host']}", "aud": "the-app", "sub": "1", "nonce": code, "iat": int(time.time()), "exp": int(time.time()) + 600}
        signed = ".".join(self.base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "1"}, claims | person))
        signature = hmac.new(self.SECRET, signed.encode(), "sha256").digest()
        self.answer({"access_token": "t", "token_type": "bearer", "expires_in": 600, "id_token": f"{signed}.{self.base64(signature)}"})

    def answer(self, value: dict) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def base64(self, data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def space(tmp_path):
    """The address of the app as it runs on a Space, with sign-in at Hub."""
    hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=hub.serve_forever, daemon=True).start()
    sign_in = {
        "OAUTH_CLIENT_ID": "the-app",
        "OAUTH_CLIENT_SECRET": "s",
        "OAUTH_SCOPES": "openid profile",
        "OPENID_PROVIDER_URL": f"http://127.0.0.1:{hub.server_port}",
    }
    with serving(str(tmp_path / "results"), SYSTEM="spaces", SPACE_ID="somebody/leaderboard", **sign_in) as address:
        yield address
    hub.shutdown()


def test_on_a_space_one_signs_in_before_sending_and_the_row_names_the_sender(space, page, good, keep):
    page.goto(f"{space}/")
    page.get_by_role("tab", name="Submit").click()
    choose(page, good)
    page.locator("#check-button").click()
    wait_for_value(page, "report", "Nothing wrong: d/good")
    page.locator("#send-button").click()
    wait_for_value(page, "report", "Sign in with Hugging Face first")
    with page.expect_navigation(url=f"{space}/"):
        page.get_by_role("button", name="Sign in with Hugging Face").click()
    page.get_by_role("tab", name="Submit").click()
    page.get_by_role("button", name="Logout (ada)").wait_for()
    keep(page, "signed-in")
    choose(page, good)
    page.locator("#check-button").click()
    wait_for_value(page, "report", "Nothing wrong: d/good")
    page.locator("#send-button").click()
    wait_for_value(page, "report", "Accepted: ")
    page.locator("#receipts").get_by_role("gridcell", name="accepted").wait_for()
    row = httpx.get(f"{space}/api/row/{store.bundle_id(good.read_bytes())}").json()
    assert row["sender"] == "ada" and row["row"]["source"] == "submitted"
