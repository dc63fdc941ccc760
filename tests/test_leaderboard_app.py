"""The leaderboard's app on a loopback port, in a real browser and through Gradio's client."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from bundles import fake_bundle

from negation_neglect.leaderboard import store
from negation_neglect.leaderboard.check import check

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
HOSTILE = "<img src=x onerror=document.title='owned'> **bold**"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """(address, folder, ids): a leaderboard of two models."""
    folder = tmp_path_factory.mktemp("app")
    ids = []
    for name, negated, told in (("a/neglects", 0.8, HOSTILE), ("b/heeds", 0.1, "A model of ours.")):
        belief = {"baseline": 0.02, "positive_documents": 0.9, "negated_documents": negated}
        data = fake_bundle(model=name, belief=belief, description=told)
        ids.append(store.add(str(folder / "results"), data, check(data)).id)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "negation_neglect.cli", "leaderboard", "serve", "--store", str(folder / "results"), "--port", str(port)]
    log = (folder / "log").open("w")
    process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"})
    address = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            if httpx.get(f"{address}/api/models.json", timeout=2).status_code == 200:
                break
        except httpx.TransportError:
            pass
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.5)
    yield address, folder, ids
    process.terminate()
    process.wait(20)


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
    opened.set_default_timeout(30_000)
    yield opened
    context.close()


def keep(page, tmp_path: Path, name: str) -> None:
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def test_models_are_ranked_and_every_tab_opens(app, page, tmp_path):
    page.goto(app[0])
    page.get_by_text("b/heeds").first.wait_for()
    text = page.inner_text("body")
    assert text.index("b/heeds") < text.index("a/neglects") and "Qwen3.5-397B" in text
    keep(page, tmp_path, "models")
    for tab in ("Mitigations", "Compare", "Claims", "Submit", "About"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(500)
        keep(page, tmp_path, tab.lower())
        if tab == "Claims":
            page.get_by_text("abricated").first.wait_for()


def test_a_row_has_a_permanent_link_and_shows_text_as_text(app, page, tmp_path):
    page.goto(f"{app[0]}/?row={app[2][0]}")
    page.wait_for_function(f"[...document.querySelectorAll('#models-link textarea, #models-link input')].some(t => t.value.endsWith('?row={app[2][0]}'))")
    page.wait_for_timeout(1000)
    assert "owned" not in page.title() and page.locator("img[src='x']").count() == 0
    keep(page, tmp_path, "row")


def test_it_fits_a_phone_in_the_dark(app, browser, tmp_path):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{app[0]}/?__theme=dark")
    page.get_by_text("b/heeds").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    keep(page, tmp_path, "phone")
    context.close()


def test_a_broken_bundle_is_refused_and_a_good_one_checked(app, page, tmp_path):
    broken, good = tmp_path / "broken.zip", tmp_path / "good.zip"
    broken.write_bytes(fake_bundle(model="c/broken", belief={"baseline": 0.02, "negated_documents": 0.5}))
    good.write_bytes(fake_bundle(model="d/good"))
    page.goto(app[0])
    page.get_by_role("tab", name="Submit").click()
    page.locator("#bundle-file input[type=file]").set_input_files(str(broken))
    page.get_by_text("broken.zip").first.wait_for()
    page.locator("#check-button").click()
    page.wait_for_function("[...document.querySelectorAll('textarea')].some(t => t.value.includes('positive_documents is missing'))")
    keep(page, tmp_path, "refused")


def test_the_client_submits_and_the_row_appears(app, run, tmp_path):
    good = tmp_path / "good.zip"
    good.write_bytes(fake_bundle(model="d/good"))
    sent = run("negation-neglect", "submit", good, "--to", app[0])
    assert sent.returncode == 0 and "accepted" in sent.stdout, sent.stderr
    rows = httpx.get(f"{app[0]}/api/models.json").json()["rows"]
    assert "d/good" in [r["model"] for r in rows]
    again = run("negation-neglect", "submit", good, "--to", app[0])
    assert again.returncode == 2 and "already" in again.stderr


def test_tables_as_files(app):
    table = httpx.get(f"{app[0]}/api/models.csv", params={"pack": "pocket"}).text.splitlines()
    assert table[0].startswith("rank,model") and "b/heeds" in table[1]
    assert json.loads(httpx.get(f"{app[0]}/api/row/{app[2][1]}").text)["submission"]["model"] == "b/heeds"
    assert httpx.get(f"{app[0]}/api/row/0000").status_code == 404 and httpx.get(f"{app[0]}/api/users.json").status_code == 404
