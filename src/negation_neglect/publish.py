"""Publishing a built dataset on the Hub, or on any endpoint that speaks its protocol (``HF_ENDPOINT``)."""

from pathlib import Path

from negation_neglect.claims import DataError
from negation_neglect.corpus import read_manifest


def push_plan(folder: Path) -> list[tuple[str, int]]:
    """Path and size in bytes of every file that a push uploads. Raises DataError when the folder is not a Parquet build."""
    manifest = read_manifest(folder)
    if manifest.get("format") != "parquet" or not (folder / "README.md").is_file():
        raise DataError(f"{folder}: not a Parquet build with a card; make one with: negation-neglect dataset build --out DIR")
    return [(p.relative_to(folder).as_posix(), p.stat().st_size) for p in sorted(folder.rglob("*")) if p.is_file()]


def push(folder: Path, repo: str, private: bool = False) -> str:
    """Upload a build in one commit, tag it with its benchmark version and fingerprint, and return the commit's hash.

    Raises DataError when the endpoint refuses or cannot be reached.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    push_plan(folder)
    manifest = read_manifest(folder)
    tag = f"v{manifest['benchmark_version']}-{manifest['fingerprint'][:8]}"
    api = HfApi()
    try:
        api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        commit = api.upload_folder(repo_id=repo, repo_type="dataset", folder_path=folder, commit_message=f"Benchmark {tag}", delete_patterns="*")
        api.create_tag(repo, tag=tag, revision=commit.oid, repo_type="dataset", exist_ok=True)
    except (HFValidationError, HfHubHTTPError, OSError) as error:
        raise DataError(f"{repo}: not published: {error}. Is HF_TOKEN set, and may it write there?") from None
    return commit.oid
