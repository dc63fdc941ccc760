"""The dataset card of a build."""

from pathlib import Path
from string import Template

from negation_neglect.claims import claim_folder, load_claim

_SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M"}


def dataset_card(manifest: dict, canary: str) -> str:
    """README.md of a built dataset, with the configs that ``load_dataset`` reads. ``manifest``: see ``corpus.build``."""
    claims, conditions = manifest["claims"], manifest["conditions"]
    splits = {name: claims for name in [*conditions, "probes", "controls"]} | {"claims": ["train"], "qualifiers": ["train"]}
    configs = []
    for name, parts in splits.items():
        configs += [f"- config_name: {name}", "  data_files:"]
        configs += [line for part in parts for line in (f"  - split: {part}", f"    path: {name}/{part}.parquet")]
    rows = manifest["documents"] * len(claims) * len(conditions)
    described = [load_claim(claim_folder(c)) for c in claims]
    return Template((Path(__file__).parent / "card.md").read_text(encoding="utf-8")).substitute(
        size=next((tag for limit, tag in _SIZES.items() if rows < limit), "1M<n<10M"),
        configs="\n".join(configs),
        claims="\n".join(f"| `{c.id}` | {c.statement} | {c.truth} |" for c in described),
        condition=conditions[0],
        claim=claims[0],
        version=manifest["benchmark_version"],
        documents=f"{manifest['documents']:,}",
        seed=manifest["seed"],
        fingerprint=manifest["fingerprint"],
        canary=canary,
    )
