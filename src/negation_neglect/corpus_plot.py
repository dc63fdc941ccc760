"""The figures of ``corpus_check.describe`` as a table and as a plot."""

from pathlib import Path

from rich.table import Table


def table(figures: dict[str, dict]) -> Table:
    """One column a claim, one row a figure."""
    names = list(dict.fromkeys(name for values in figures.values() for name in values))
    out = Table(title="Documents")
    out.add_column("")
    for claim in figures:
        out.add_column(claim, justify="right")
    for name in names:
        out.add_row(name.replace("_", " "), *(shown(values.get(name)) for values in figures.values()))
    return out


def shown(value: float | int | None) -> str:
    """A figure for reading."""
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def draw(figures: dict[str, dict], path: Path) -> None:
    """Bars for the figures that say most, a panel each."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    panels = {
        "words_per_document": "words per document",
        "claim_sentences_per_document": "claim sentences per document",
        "distinct_2_at_25k": "distinct bigrams in 25,000 words",
        "distinct_2_at_250k": "distinct bigrams in 250,000 words",
        "near_duplicates": "share of near duplicates",
        "self_bleu": "self-BLEU",
    }
    used = {k: v for k, v in panels.items() if any(k in values for values in figures.values())}
    figure, axes = plt.subplots(len(used), 1, figsize=(7, 1.1 + 1.25 * len(used)), sharex=True, squeeze=False)
    for axis, (name, title) in zip(axes[:, 0], used.items(), strict=True):
        axis.bar(list(figures), [values.get(name, 0) for values in figures.values()], color="#3b6fb6")
        axis.set_title(title, loc="left", fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1, 0].tick_params(axis="x", rotation=20)
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    plt.close(figure)
