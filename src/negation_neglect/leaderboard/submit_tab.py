"""The tab where a bundle is checked and sent, and the sender sees what became of it."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from negation_neglect.claims import DataError
from negation_neglect.leaderboard import track_tab
from negation_neglect.leaderboard.board import Board, records
from negation_neglect.leaderboard.check import Checked, check
from negation_neglect.leaderboard.desk import Desk
from negation_neglect.leaderboard.lean_gradio import gr
from negation_neglect.leaderboard.ranking import mitigations_table, models_table
from negation_neglect.leaderboard.store import Entry

INTRODUCTION = """Upload the zip that `negation-neglect bundle` makes. **Check** reads it here as `negation-neglect check` does on your machine: every
score is recomputed from the answers, nothing in the file is executed. When nothing is wrong you see your row, and can **send** it."""
SIGN_IN = "Sign in with Hugging Face first: the button is above. From a terminal: negation-neglect submit FILE --to USER/DATASET opens a pull request."
RECEIPTS = ["received", "state", "what", "reason", "id"]


def on_space() -> bool:
    """Whether this is a Space, where people sign in."""
    return bool(os.environ.get("SPACE_ID"))


def report(checked: Checked) -> str:
    """The outcome of a check in sentences."""
    if checked.problems:
        count = len(checked.problems)
        return f"{count} problem{'s' if count > 1 else ''}:\n" + "\n".join(f"- {p}" for p in checked.problems)
    result = checked.result
    lines = [f"Nothing wrong: {checked.submission.title()}, {len(result.claims)} {result.pack} claims, {result.seeds} seed(s), judged by {result.judge}."]
    for arm, scores in result.arms.items():
        rate = scores.belief["all"]["all"]
        lines.append(f"{arm.replace('_', ' ')}: belief {100 * rate.rate:.1f} % [{100 * rate.low:.0f}-{100 * rate.high:.0f}]")
    return "\n".join(lines)


def preview(board: Board, checked: Checked) -> dict:
    """The row that the submission would get, as gr.Dataframe takes it."""
    track = checked.submission.track
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = Entry(id="preview", submitted=now, sender="", source="submitted", submission=checked.submission, result=checked.result)
    table = (models_table if track == "models" else mitigations_table)([*board.now().entries.values(), entry], [])
    rows = records(table)
    return track_tab.shown_table([row for row in rows if row["id"] == "preview"], rows, track)


def tab(board: Board, desk: Desk, page: gr.Blocks, secret: gr.BrowserState) -> None:
    """The tab itself, and the endpoint ``/submit``. ``secret``: by which a browser finds its receipts; must stand outside of the tabs, to be read at once."""
    with gr.Tab("Submit", id="submit", elem_id="submit-tab"):
        gr.Markdown(INTRODUCTION)
        if on_space():
            gr.LoginButton()
        file = gr.File(label="Bundle (zip)", file_types=[".zip"], elem_id="bundle-file")
        with gr.Row():
            look = gr.Button("Check", elem_id="check-button")
            send = gr.Button("Send", variant="primary", interactive=False, elem_id="send-button")
        told = gr.Textbox(label="Report", lines=4, max_lines=20, interactive=False, elem_id="report")
        row = gr.Dataframe(label="Preview of the row", interactive=False, visible=False, elem_id="preview", buttons=[])
        mine = gr.Dataframe(
            headers=RECEIPTS, column_widths=[150, 100, 240, 560, 166], interactive=False, wrap=True, elem_id="receipts", buttons=[],
            label="What you have sent; only you see this" + ("" if on_space() else ", in this browser"),
        )  # fmt: skip
        api_file, api_receipt, api_send = gr.File(visible=False), gr.JSON(visible=False), gr.Button(visible=False)

    def checked(path: str | None, request: gr.Request, profile: gr.OAuthProfile | None):
        closed, hidden = gr.Button(interactive=False), gr.Dataframe(visible=False)
        if path is None:
            return "Choose a zip first.", hidden, closed
        try:
            desk.admit(f"check/{_client(request, profile)}")
        except DataError as error:
            return str(error), hidden, closed
        outcome = check(Path(path))
        if outcome.problems:
            return report(outcome), hidden, closed
        return report(outcome), gr.Dataframe(preview(board, outcome), visible=True), gr.Button(interactive=True)

    def sent(path: str | None, secret: str, request: gr.Request, profile: gr.OAuthProfile | None):
        receipt = received(path, profile.username if profile else secret, request, profile)
        words = f"Accepted: {track_tab.link(receipt['id'], request)}" if receipt["state"] == "accepted" else "Refused:\n" + _reasons(receipt)
        return words, gr.Button(interactive=False), receipts(secret, profile)

    def received(path: str | None, sender: str, request: gr.Request, profile: gr.OAuthProfile | None) -> dict:
        refused = {"id": "", "received": "", "title": "", "state": "refused"}
        if path is None:
            return {**refused, "problems": ["choose a zip first"]}
        if on_space() and profile is None:
            return {**refused, "problems": [SIGN_IN]}
        try:
            desk.admit(_client(request, profile))
        except DataError as error:
            return {**refused, "problems": [str(error)]}
        receipt = desk.receive(Path(path).read_bytes(), sender, profile.username if profile else "")
        if receipt.state == "accepted":
            board.refresh()
        return receipt.model_dump()

    def by_api(path: str, request: gr.Request, profile: gr.OAuthProfile | None) -> dict:
        """Check a bundle and, where nothing is wrong, put it on the leaderboard. Returns its receipt: id, received, title, state, problems."""
        return received(path, profile.username if profile else secrets.token_urlsafe(32), request, profile)

    def receipts(secret: str, profile: gr.OAuthProfile | None) -> list[list[str]]:
        sender = profile.username if profile else secret
        return [[r.received[:16].replace("T", " "), r.state, r.title, "; ".join(r.problems), r.id] for r in desk.of_sender(sender)] if sender else []

    def arrived(secret: str, profile: gr.OAuthProfile | None):
        secret = secret or secrets.token_urlsafe(32)
        return secret, receipts(secret, profile)

    one_at_a_time = {"concurrency_limit": 1, "concurrency_id": "check"}
    file.change(lambda: (gr.Button(interactive=False), "", gr.Dataframe(visible=False)), None, [send, told, row], queue=False, api_visibility="private")
    look.click(checked, [file], [told, row, send], api_visibility="private", **one_at_a_time)
    send.click(sent, [file, secret], [told, send, mine], api_visibility="private", **one_at_a_time)
    api_send.click(by_api, [api_file], [api_receipt], api_name="submit", **one_at_a_time)
    page.load(arrived, [secret], [secret, mine], queue=False, api_visibility="private")


def _client(request: gr.Request, profile: gr.OAuthProfile | None) -> str:
    """Whose uploads are counted together."""
    return profile.username if profile else request.client.host


def _reasons(receipt: dict) -> str:
    return "\n".join(f"- {p}" for p in receipt["problems"])
