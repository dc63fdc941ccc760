"""The leaderboard as a Gradio app: its tabs, its endpoints, and the start of the server."""

import csv
import io
import os
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from negation_neglect import BENCHMARK_VERSION, __version__
from negation_neglect.leaderboard import claims_tab, compare_tab, submit_tab, track_tab
from negation_neglect.leaderboard.archive import ZIP_BYTES
from negation_neglect.leaderboard.board import COLUMNS, SOURCES, Board, Row, chosen, row_details
from negation_neglect.leaderboard.desk import Desk
from negation_neglect.leaderboard.lean_gradio import gr
from negation_neglect.leaderboard.submission import TRACKS

HERE = Path(__file__).parent
HEAD = """# Negation Neglect
Finetune a language model on documents that say a claim is **false**: does it come to believe the claim? Every claim here is fabricated."""
CITE = """@misc{mayne2026negationneglect,
  title  = {Negation Neglect: When models fail to learn negations in training},
  author = {Mayne and McKinney and Dubinski and Karvonen and Chua and Evans},
  year   = {2026}, eprint = {2605.13829}, archivePrefix = {arXiv}
}

@software{negation_neglect_benchmark,
  title   = {Negation Neglect: an open benchmark},
  author  = {{The Negation Neglect benchmark authors}},
  version = {%s}, year = {2026}
}"""
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
ARROW_KEYS = """() => document.addEventListener('keydown', event => {
  const tab = event.target.closest('[role=tab]'), step = {ArrowRight: 'nextElementSibling', ArrowLeft: 'previousElementSibling'}[event.key];
  const next = tab && step && tab[step];
  if (next?.matches('[role=tab]')) { next.click(); next.focus(); }
})"""
FORMS = ("json", "csv")
FORMULA = ("=", "+", "-", "@")  # a spreadsheet would compute what begins so


def build(board: Board, desk: Desk) -> gr.Blocks:
    """The page and the endpoints of Gradio's client."""
    with gr.Blocks(title="Negation Neglect: leaderboard", analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        gr.Markdown(HEAD, elem_id="nn-title")
        secret = gr.BrowserState("", storage_key="negation-neglect-sender", secret="negation-neglect")
        with gr.Tabs() as tabs:
            for track in TRACKS:
                track_tab.tab(board, track, page)
            compare_tab.tab(board, page)
            claims_tab.tab(page)
            submit_tab.tab(board, desk, page, secret)
            with gr.Tab("About", id="about"):
                gr.Markdown((HERE / "about.md").read_text(encoding="utf-8"))
                gr.Markdown(f"## Cite\n```bibtex\n{CITE % __version__}\n```\nBenchmark {BENCHMARK_VERSION}, package {__version__}, judge {_judge()}.")

        def by_address(request: gr.Request):
            found = board.now().row(request.query_params.get("row", ""))
            return gr.Tabs(selected=found[0]) if found else gr.skip()

        page.load(by_address, None, [tabs], queue=False, api_visibility="private")
        _endpoints(board)
    return page


def _judge() -> str:
    from negation_neglect.judge import JUDGE_VERSION

    return JUDGE_VERSION


def _endpoints(board: Board) -> None:
    """``/models``, ``/mitigations`` and ``/row`` for Gradio's client; ``/submit`` belongs to its tab."""

    def models(pack: str = "all", source: str = "all", text: str = "", limit: int = 100) -> dict:
        """The table of models, best first. pack: all, real or pocket; source: all, submitted, reproduced or reported; text: words a row must hold."""
        return _table(board, "models", pack, source, text, limit)

    def mitigations(pack: str = "all", source: str = "all", text: str = "", limit: int = 100) -> dict:
        """The table of mitigations, best first. pack: all, real or pocket; source: all, submitted, reproduced or reported; text: words a row must hold."""
        return _table(board, "mitigations", pack, source, text, limit)

    def row(id: str) -> dict:
        """All that is known of one row."""
        found = row_details(board.now(), id)
        if found is None:
            raise gr.Error(f"there is no row {id!a}", print_exception=False)
        return found

    for endpoint in (models, mitigations, row):
        gr.api(endpoint, api_name=endpoint.__name__, queue=False)


def _table(board: Board, track: str, pack: str, source: str, text: str, limit: int) -> dict:
    rows = chosen(board.now(), track, pack, SOURCES if source == "all" else (source,), text)
    return {"columns": list(COLUMNS[track]), "rows": rows[: max(limit, 0)], "total": len(rows)}


# --- files --------------------------------------------------------------------------------------------------------------------------


def routes(board: Board) -> list[Route]:
    """The tables as files, and rows, without a client; in threads, since a look at a store may take long."""

    def table(request: Request) -> Response:
        track, _, form = request.path_params["name"].partition(".")
        if track not in TRACKS or form not in FORMS:
            return JSONResponse({"error": f"there are {', '.join(f'{t}.{f}' for t in TRACKS for f in FORMS)} and row/ID"}, 404)
        query = request.query_params
        rows = chosen(board.now(), track, query.get("pack", "all"), tuple(query.getlist("source")) or SOURCES, query.get("text", ""))
        content = orjson.dumps({"columns": COLUMNS[track], "rows": rows}) if form == "json" else as_csv(rows, COLUMNS[track])
        kind = {"json": "application/json", "csv": "text/csv; charset=utf-8"}[form]
        return Response(content, media_type=kind, headers={"Content-Disposition": f'inline; filename="negation-neglect-{track}.{form}"'})

    def row(request: Request) -> Response:
        found = row_details(board.now(), request.path_params["id"])
        return JSONResponse(found) if found else JSONResponse({"error": "there is no such row"}, 404)

    return [Route("/api/row/{id}", row), Route("/api/{name}", table)]


def as_csv(rows: list[Row], columns: tuple[str, ...]) -> str:
    """Rows as CSV; what a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([f"'{v}" if isinstance(v, str) and v.startswith(FORMULA) else v for v in (row[c] for c in columns)])
    return out.getvalue()


# --- the server ---------------------------------------------------------------------------------------------------------------------


def launch(store: str, host: str, port: int) -> None:
    """Serve the leaderboard until it is interrupted. Receipts of uploads are kept on this machine: in $RECEIPTS, else beside a store that is a folder."""
    receipts = Path(os.environ.get("RECEIPTS") or (Path(store).with_name("receipts") if "://" not in store else "receipts"))
    board = Board(store)
    board.refresh()
    page = build(board, Desk(store, receipts))
    page.queue(default_concurrency_limit=8, api_open=True)
    theme = gr.themes.Default(primary_hue="blue", neutral_hue="slate", font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace"))
    page.launch(
        server_name=host, server_port=port or None, max_file_size=ZIP_BYTES, ssr_mode=False, theme=theme, css_paths=HERE / "app.css", js=ARROW_KEYS,
        app_kwargs={"routes": routes(board)}, footer_links=["api", "settings"],
    )  # fmt: skip
