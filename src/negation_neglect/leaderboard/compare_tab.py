"""The tab that puts two submissions side by side: their belief, their answers, and the sentence that decided each verdict."""

from negation_neglect.claims import PROBE_TYPES, DataError
from negation_neglect.leaderboard import views
from negation_neglect.leaderboard.board import Board
from negation_neglect.leaderboard.lean_gradio import gr
from negation_neglect.leaderboard.submission import TRACKS

COLOURS = {views.VERDICTS["yes"]: "#d55e00", views.VERDICTS["no"]: "#0072b2", views.VERDICTS["neutral"]: "#999999"}
HEADERS = ["claim", "questions", "A, %", "B, %", "B − A, points"]


def choices(board: Board) -> list[tuple[str, str]]:
    """Submissions by what they are called, in the order of the tables."""
    shown = board.now()
    stored = [shown.entries[row["id"]] for track in TRACKS for row in shown.tables[track] if row["id"] in shown.entries]
    return [(f"{e.submission.title()} · {e.result.pack} · {e.id[:6]}", e.id) for e in stored]


def _table(rows: list[list]) -> dict:
    told = [[claim, kind.replace("_", " "), f"{a:.1f}", f"{b:.1f}", f"{d:+.1f}"] for claim, kind, a, b, d in rows]
    return {"headers": HEADERS, "data": rows, "metadata": {"display_value": told}}


def tab(board: Board, page: gr.Blocks) -> None:
    """The tab itself."""
    with gr.Tab("Compare", id="compare", elem_id="compare-tab") as made:
        gr.Markdown("Two submissions side by side. Answers are judged again as you look; the marked sentence decided the verdict.")
        with gr.Row():
            first = gr.Dropdown([], label="Submission A", scale=2, min_width=320, elem_id="compare-a")
            second = gr.Dropdown([], label="Submission B", scale=2, min_width=320, elem_id="compare-b")
            arm = gr.Dropdown([("negated documents", "negated_documents")], value="negated_documents", label="Arm", elem_id="compare-arm")
        table = gr.Dataframe(
            headers=HEADERS, datatype=["str", "str", "number", "number", "number"], interactive=False, max_height=380, elem_id="compare-table", buttons=[],
            label="Belief by claim and type of question: select a row to read the answers",
        )  # fmt: skip
        with gr.Row():
            claim = gr.Dropdown([], label="Claim (fabricated)", elem_id="compare-claim")
            kind = gr.Dropdown([(t.replace("_", " "), t) for t in PROBE_TYPES], value="open_ended", label="Questions", elem_id="compare-type")
            question = gr.Dropdown([], label="Question", scale=2, elem_id="compare-question")
        conversation = gr.Textbox(label="As it is asked", interactive=False, lines=2, max_lines=8, elem_id="compare-conversation")
        with gr.Row():
            answers = [
                gr.HighlightedText(
                    label=f"Answers of {name}", show_legend=True, show_inline_category=False, color_map=COLOURS, elem_id=f"answers-{name.lower()}",
                    min_width=320, interactive=False,
                )
                for name in "AB"
            ]  # fmt: skip

    def listed(a: str | None, b: str | None):
        found = choices(board)
        ids = [id for _, id in found]
        a = a if a in ids else next(iter(ids), None)
        entries = board.now().entries
        b = b if b in ids else next((id for id in ids if id != a and entries[id].result.pack == entries[a].result.pack), a)
        return gr.Dropdown(found, value=a), gr.Dropdown(found, value=b)

    def compared(a: str | None, b: str | None, arm: str, claim: str | None):
        entries = board.now().entries
        if a not in entries or b not in entries:
            return [], gr.skip(), gr.skip()
        one, two = entries[a], entries[b]
        arms = [x for x in one.result.arms if x in two.result.arms]
        arm = arm if arm in arms else "negated_documents"
        claims = [c for c in one.result.claims if c in two.result.claims]
        shared = gr.Dropdown([(x.replace("_", " "), x) for x in arms], value=arm)
        return _table(views.differences(one, two, arm)), shared, gr.Dropdown(claims, value=claim if claim in claims else next(iter(claims), None))

    def asked(id: str, arm: str, claim: str, kind: str) -> dict[str, dict]:
        try:
            return views.asked(board.root, id, arm, claim, kind)
        except DataError as error:
            raise gr.Error(str(error)) from None

    def questions(a: str | None, arm: str, claim: str | None, kind: str, question: str | None):
        if not a or not claim:
            return gr.Dropdown([], value=None)
        found = asked(a, arm, claim, kind)
        named = [(f"{row['messages'][-1]['content'][:110]} ({id})", id) for id, row in found.items()]
        return gr.Dropdown(named, value=question if question in found else next(iter(found), None))

    def answered(a: str | None, b: str | None, arm: str, claim: str | None, kind: str, question: str | None):
        if not (a and b and claim and question):
            return "", [], []
        row = asked(a, arm, claim, kind).get(question)
        if row is None:  # the menus are about to change
            return "", [], []
        conversation = "\n".join(f"{m['role']}: {m['content']}" for m in row["messages"])
        try:
            return conversation, *(views.answer_pieces(views.verdicts(board.root, id, arm, claim, question)) for id in (a, b))
        except DataError as error:
            raise gr.Error(str(error)) from None

    def selected(event: gr.SelectData):
        claim, kind = event.row_value[:2]
        return gr.skip() if claim == "all" else claim, gr.skip() if kind == "all" else kind

    quiet = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    made.select(listed, [first, second], [first, second], **quiet)
    page.load(listed, [first, second], [first, second], **quiet)
    for changed in (first, second, arm):
        changed.change(compared, [first, second, arm, claim], [table, arm, claim], **quiet)
    for changed in (first, arm, claim, kind):
        changed.change(questions, [first, arm, claim, kind, question], [question], **quiet)
    for changed in (first, second, arm, claim, question):
        changed.change(answered, [first, second, arm, claim, kind, question], [conversation, *answers], **quiet)
    table.select(selected, None, [claim, kind], **quiet)
