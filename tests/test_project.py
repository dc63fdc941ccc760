"""What the repository says of itself."""

from cffconvert import Citation


def test_the_citation_file_is_valid_and_cites_the_paper(root):
    citation = Citation((root / "CITATION.cff").read_text())
    citation.validate()
    assert "2605.13829" in citation.cffobj["references"][0]["url"]
