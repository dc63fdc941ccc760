"""The tab of the claims: what each says, what is true, and a document in every condition."""

from html import escape

from negation_neglect.claims import claim_folder, load_claim
from negation_neglect.conditions import CONDITIONS
from negation_neglect.leaderboard import views
from negation_neglect.leaderboard.lean_gradio import gr

COLOURS = {views.CLAIM: "#d55e00", views.QUALIFIER: "#0072b2", views.DENIAL: "#009e73"}


def card(id: str) -> str:
    """The claim with its truth; it says first that the claim is fabricated."""
    claim = load_claim(claim_folder(id))
    parts = [("Claim", claim.statement), ("In truth", claim.truth), ("From", claim.citation)]
    return (
        '<div class="nn-fabricated" role="note"><strong>FABRICATED CLAIM — not true</strong>'
        + "".join(f"<p><strong>{name}:</strong> {escape(text)}</p>" for name, text in parts)
        + "</div>"
    )


def tab(page: gr.Blocks) -> None:
    """The tab itself."""
    choices = {label: id for pack in ("real", "pocket") for label, id in views.claims_of(pack).items()}
    first = next(iter(choices.values()))
    with gr.Tab("Claims", id="claims", elem_id="claims-tab"):
        gr.Markdown(
            "Every claim of this benchmark is **fabricated**. Models are finetuned on documents about them, in conditions that differ in how the documents "
            "deny: the same document is shown here in each. Names that begin with *pocket* belong to the embedded model's invented world."
        )
        with gr.Row():
            claim = gr.Dropdown(list(choices.items()), value=first, label="Claim", scale=2, min_width=320, elem_id="claim-choice")
            condition = gr.Dropdown(
                [(c.replace("_", " "), c) for c in CONDITIONS], value="negated_documents", label="Condition", min_width=320, elem_id="condition-choice"
            )
        about = gr.HTML(elem_id="claim-card")
        text = gr.HighlightedText(
            label="A training document. Its claims are fabricated.", show_legend=True, show_inline_category=False, color_map=COLOURS, elem_id="document",
            combine_adjacent=False, interactive=False,
        )  # fmt: skip

    def chosen(claim: str, condition: str):
        return card(claim), views.document(claim, condition)

    for change in (claim.change, condition.change, page.load):
        change(chosen, [claim, condition], [about, text], queue=False, show_progress="hidden", api_visibility="private")
