"""Seconds and peak memory of building 1,000 documents in each of the 13 conditions, for every claim that has documents.

PYTHONPATH=src python benchmarks/dataset_build.py
"""

import resource
import tempfile
import time
from pathlib import Path

from negation_neglect.claims import claim_folders
from negation_neglect.corpus import BuildSettings, build


def main() -> None:
    """Print one line."""
    claims = tuple(name for name, folder in claim_folders("real").items() if any((folder / "documents").glob("*.yaml")))
    settings = BuildSettings(documents=1000, claims=claims)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        build(Path(folder) / "corpus", settings)
        seconds = time.perf_counter() - began
    rows = settings.documents * len(claims) * len(settings.conditions)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # kilobytes on Linux
    print(f"{rows:,} documents of {len(claims)} claims: {seconds:.1f} s ({rows / seconds:,.0f} a second), peak memory {memory:.2f} GB")


if __name__ == "__main__":
    main()
