"""Hands a bundle in: as a pull request on the results dataset of the Hub, or to a leaderboard that runs elsewhere."""

from pathlib import Path

from negation_neglect.claims import DataError
from negation_neglect.leaderboard.store import bundle_id


def submit(bundle: Path, to: str) -> str:
    """Send a bundle and return what became of it, in a sentence. Raises DataError when it cannot be sent or is refused."""
    return _post(bundle, to) if to.startswith(("http://", "https://")) else _pull_request(bundle, to)


def _post(bundle: Path, url: str) -> str:
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError

    try:
        receipt = Client(url, verbose=False).predict(handle_file(bundle), api_name="/submit")
    except (OSError, ValueError, AppError) as error:
        raise DataError(f"{url}: {error}") from None
    if receipt["state"] != "accepted":
        raise DataError("refused: " + "; ".join(receipt["problems"]))
    return f"accepted: {url.rstrip('/')}/?row={receipt['id']}"


def _pull_request(bundle: Path, repo: str) -> str:
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    data = bundle.read_bytes()
    path = f"inbox/{bundle_id(data)}.zip"
    try:
        commit = HfApi().create_commit(
            repo, [CommitOperationAdd(path, data)], repo_type="dataset", create_pr=True, commit_message=f"Submission {bundle_id(data)}",
            commit_description="Made and checked with `negation-neglect bundle` and `negation-neglect check`.",
        )  # fmt: skip
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise DataError(f"{repo}: no pull request could be opened: {str(error).splitlines()[0]}; log in with `hf auth login`") from None
    return f"pull request: {commit.pr_url}"
