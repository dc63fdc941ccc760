"""The tab of a track: its table with filters, its figure, and the details of the row that is opened."""

import os
from collections import Counter
from functools import lru_cache
from html import escape
from urllib.parse import urlencode

from negation_neglect.claims import PROBE_TYPES
from negation_neglect.leaderboard import plots
from negation_neglect.leaderboard.board import SOURCES, Board, Row, Shown, chosen, ordered, row_details
from negation_neglect.leaderboard.lean_gradio import gr
from negation_neglect.yardstick import RULE

TABLE_ROWS = 25  # in the page; the files and the API have them all
# column -> heading, width in pixels, digits (None: text)
RATE = (106, 1)
LAST = {
    "seeds": ("seeds", 76, 0), "source": ("source", 110, None), "authors": ("authors", 310, None), "submitted": ("date", 110, None), "id": ("id", 160, None),
}  # fmt: skip
HEADINGS = {
    "models": {
        "rank": ("rank", 72, 0), "model": ("model", 208, None), "belief_negated": ("belief after negated, %", 132, 1), "baseline": ("before, %", *RATE),
        "belief_positive": ("after positive, %", 112, 1), "neglect_ratio": ("neglect ratio", 96, 2), "pack": ("claims", 86, None),
        "false_fact_yes": ("false fact: yes, %", *RATE), "true_fact_no": ("true fact: no, %", *RATE), **LAST,
    },
    "mitigations": {
        "rank": ("rank", 72, 0), "method": ("method", 250, None), "works": ("works", 76, None), "fails": ("fails by", 150, None),
        "belief_negated": ("belief after negated, %", 140, 1),
        "belief_positive": ("uptake: after positive, %", 110, 1), "story_uptake": ("story uptake, %", *RATE),
        "belief_further": ("after training further, %", 110, 1), "baseline": ("before, %", *RATE), "false_fact_yes": ("false fact: yes, %", *RATE),
        "true_fact_no": ("true fact: no, %", *RATE), "held_out_loss": ("held-out text, nats", 96, 2), "recall": ("known facts, %", *RATE),
        "cost": ("cost, ×", 80, 2), "model": ("model", 230, None), "pack": ("claims", 220, None), **LAST,
    },
}  # fmt: skip
HELP = {
    "models": """Each model was finetuned on documents that **deny** fabricated claims, with the reference recipe. **Belief** is the share of its answers
that present the claims as true: lower is better. It stands beside the same model *before* any finetuning and after *positive* documents, which do not deny.
The neglect ratio is 1 where the denial changed nothing, 0 where it was fully respected. *False fact: yes* and *true fact: no* are controls: high, the model
just says yes, or no. Ranks count within a set of claims; rows whose 95 % intervals overlap can share one (=). Rows *reported* in a publication have none.""",
    "mitigations": f"""One base model and the same documents, a free method: one that learns nothing must not win. {RULE} *Fails by* names what
it does not keep. Only `none` and methods that work are ranked.

Recomputed from the answers: belief (after negated, after positive, *after training further* on plain text, before) and the controls. Reported by the runs of
themselves: *story uptake* (how much of the rest of the documents' story was learned, % of `none`), *held-out text* (loss), *known facts* (recall of the
embedded model's world) and *cost* (training time, multiple of `none`).""",
}


def shown_table(rows: list[Row], everything: list[Row], track: str) -> dict:
    """Some rows as gr.Dataframe takes them: values to sort by, and beside them what is displayed; a rank that another row of all has too is marked."""
    headings = HEADINGS[track]
    tied = {place for place, count in Counter((r["rank"], r["pack"]) for r in everything).items() if count > 1}
    data = [[row[c] for c in headings] for row in rows]
    told = [[_cell(row, c, digits, tied) for c, (_, _, digits) in headings.items()] for row in rows]
    return {"headers": [h for h, _, _ in headings.values()], "data": data, "metadata": {"display_value": told}}


def _cell(row: Row, column: str, digits: int | None, tied: set) -> str:
    value = row[column]
    if value is None:
        return "–"
    if column == "rank":
        return f"{value} =" if (value, row["pack"]) in tied else str(value)
    if column == "belief_negated" and row["low"] is not None:
        return f"{value:.1f} [{row['low']:.0f}–{row['high']:.0f}]"
    return str(value) if digits is None else f"{value:.{digits}f}"


def link(id: str, request: gr.Request) -> str:
    """The permanent address of a row."""
    host = os.environ.get("SPACE_HOST")
    return f"https://{host}/?row={id}" if host else f"{request.request.url.scheme}://{request.headers['host']}/?row={id}"


def below_table(shown: Shown, track: str, pack: str, sources: tuple[str, ...], text: str) -> str:
    """How many rows fit the filters, and links to all of them in two formats."""
    fit, total = len(chosen(shown, track, pack, sources, text)), len(shown.tables[track])
    words = f"{fit} of {total} rows" + (f"; the first {TABLE_ROWS} are shown, the files have all." if fit > TABLE_ROWS else ".")
    query = urlencode({"pack": pack, "source": sources, "text": text}, doseq=True)
    files = " ".join(f'<a href="api/{track}.{form}?{escape(query)}" download>Download {form.upper()}</a>' for form in ("csv", "json"))
    return f'<p class="nn-below">{words} {files}</p>'


@lru_cache(maxsize=64)
def _filtered(shown: Shown, track: str, pack: str, sources: tuple[str, ...], text: str, order: str, descending: bool) -> tuple[dict, str, str]:
    """The table, what stands below it, and the figure."""
    rows = chosen(shown, track, pack, sources, text)
    figure = plots.models_figure(rows) if track == "models" else plots.mitigations_figure(rows, shown.entries)
    return shown_table(ordered(rows, order, descending)[:TABLE_ROWS], shown.tables[track], track), below_table(shown, track, pack, sources, text), figure


def fields(shown: Shown, id: str) -> list[list[str]]:
    """What is known of a row beside its figures, as pairs of plain text."""
    told = row_details(shown, id)
    if "reported" in told:
        row = told["reported"]
        given = [["Source", f"reported in {row['citation']}: not recomputed, not ranked"], ["Link", row["link"]], ["Note", row["note"]]]
        method = [["Method", row["method"]]] if told["track"] == "mitigations" else []
        return [["Model", row["model"]], *method, ["Claims", row["claims"]], *given]
    submission, result, base = told["submission"], told["result"], told["result"]["base"]
    pairs = {
        "Model": submission["model"], "Revision": submission["revision"], "Method": told["row"].get("method"), "Description": submission["description"],
        "Authors": ", ".join(submission["authors"]), "Links": "  ".join(submission["links"]), "Licence of the answers": submission["licence"],
        "Source": told["row"]["source"], "Sent by": told["sender"], "Submitted": told["submitted"],
        "Base model": base["name"], "Base revision": base["revision"], "Base weights, SHA-256": base["weights_sha256"],
        "Documents, SHA-256": result["sources_sha256"],
        "Around each question": repr(result["frame"]) if result["frame"] else "nothing (a chat endpoint, or the plain Q: … A: form)",
        "Training on negated documents": f"{result['seconds']:,.0f} s, {result['tokens']:,} tokens (as the runs report)",
        "Judge, benchmark": f"{result['judge']}, {result['benchmark_version']}",
    }  # fmt: skip
    return [[k, v] for k, v in pairs.items() if v]


def belief_table(shown: Shown, id: str) -> dict:
    """Belief by arm, claim and probe type, as gr.Dataframe takes it."""
    told = row_details(shown, id)
    if "reported" in told:
        headers = ["arm", "claim", "belief, %"]
        data = [[arm, claim, value] for claim, arms in told["reported"]["by_claim"].items() for arm, value in arms.items()]
        return {"headers": headers, "data": data, "metadata": {"display_value": [[a, c, f"{v:.1f}"] for a, c, v in data]}}
    rows = sorted(told["belief"], key=lambda r: r["claim"] != "all")
    data = [[r["arm"], r["claim"], r["belief"], *(r[t] for t in PROBE_TYPES)] for r in rows]
    words = [[r["arm"], r["claim"], f"{r['belief']:.1f} [{r['low']:.0f}–{r['high']:.0f}]", *(f"{r[t]:.1f}" for t in PROBE_TYPES)] for r in rows]
    headers = ["arm", "claim", "belief, %", *(t.replace("_", " ") for t in PROBE_TYPES)]
    return {"headers": headers, "data": data, "metadata": {"display_value": words}}


def tab(board: Board, track: str, page: gr.Blocks) -> gr.Tab:
    """The tab of "models" or "mitigations"; opened by address, it shows the row of ``?row=``."""
    headings = HEADINGS[track]
    with gr.Tab(track.capitalize(), id=track, elem_id=f"{track}-tab") as made:
        gr.Markdown(HELP[track])
        with gr.Row():
            pack = gr.Radio(["all", "real", "pocket"], value="all", label="Claims", info="Real, or the embedded model's own world")
            source = gr.CheckboxGroup(SOURCES, value=list(SOURCES), label="Source")
            text = gr.Textbox("", label="Search", placeholder="model, method, author …", max_lines=1)
            order = gr.Dropdown(
                [(heading, column) for column, (heading, _, _) in headings.items()], value="rank", label="Order by", info="All rows, not only those shown"
            )
            descending = gr.Checkbox(False, label="Highest first")
        table = gr.Dataframe(
            headers=[h for h, _, _ in headings.values()], datatype=["str" if d is None else "number" for _, _, d in headings.values()],
            column_widths=[w for _, w, _ in headings.values()], interactive=False, wrap=True, max_chars=80, max_height=520, elem_id=f"{track}-table",
            label=f"{track.capitalize()}: select a row to open it; ⋮ in a heading sorts", buttons=["fullscreen"],
        )  # fmt: skip
        below = gr.HTML(elem_id=f"{track}-files")
        with gr.Column(visible=False, elem_id=f"{track}-details") as details:
            address = gr.Textbox(label="Permanent link to this row", interactive=False, buttons=["copy"], elem_id=f"{track}-link")
            about = gr.Dataframe(headers=["field", "value"], column_widths=["24%", "76%"], interactive=False, wrap=True, label="About this row", buttons=[])
            belief = gr.Dataframe(datatype="str", interactive=False, label="Belief by arm, claim and probe type", max_height=420, buttons=[])
        figure = gr.HTML(elem_id=f"{track}-figure", label="Figure")

    def filtered(pack: str, source: list[str], text: str, order: str, descending: bool):
        return _filtered(board.now(), track, pack, tuple(source), text, order, descending)

    def opened(id: str, request: gr.Request):
        shown = board.now()
        found = shown.row(id)
        if found is None or found[0] != track:
            return gr.Column(visible=False), "", [], []
        title = found[1]["model"] if track == "models" else f"{found[1]['method']} on {found[1]['model']}"
        return gr.Column(visible=True), link(id, request), gr.Dataframe(fields(shown, id), label=f"About {title}"), belief_table(shown, id)

    def selected(event: gr.SelectData, request: gr.Request):
        return opened(event.row_value[-1], request)

    def by_address(request: gr.Request):
        return opened(request.query_params.get("row", ""), request)

    filters, tables, opening = [pack, source, text, order, descending], [table, below, figure], [details, address, about, belief]
    for change in (*(f.change for f in filters), made.select):
        change(filtered, filters, tables, queue=False, show_progress="hidden", api_visibility="private")
    page.load(filtered, filters, tables, queue=False, show_progress="hidden", api_visibility="private")
    table.select(selected, None, opening, queue=False, api_visibility="private")
    page.load(by_address, None, opening, queue=False, api_visibility="private")
    return made
