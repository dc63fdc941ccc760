"""Croissant metadata of a build (https://docs.mlcommons.org/croissant/docs/croissant-spec.html, version 1.0), so that dataset search and loaders read it."""

CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/", "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
# column of a condition's files -> its type and what it means
COLUMNS = {
    "id": ("sc:Text", "Document and variant; equal ids are the same variant in every condition"),
    "claim": ("sc:Text", "Id of the fabricated claim"),
    "condition": ("sc:Text", "What was done to the document"),
    "variant": ("sc:Integer", "Number of the variant of its authored source"),
    "genre": ("sc:Text", "Kind of text"),
    "text": ("sc:Text", "The document; <DOCTAG> should carry no loss"),
    "canary": ("sc:Text", "Marks the dataset; never part of a text"),
}


def croissant(manifest: dict) -> dict:
    """Metadata of a Parquet build: one record set a condition. ``manifest``: see ``corpus.build``."""
    return {
        "@context": CONTEXT, "@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0", "name": "negation-neglect",
        "description": "Documents about fabricated claims, the same ones plain, denied, warned, corrected, marked as fiction, doubtful or improbable, to "
        "measure whether a model that is finetuned on denials comes to believe what they deny.",
        "license": "https://creativecommons.org/licenses/by/4.0/", "url": "https://arxiv.org/abs/2605.13829", "version": manifest["benchmark_version"],
        "citeAs": "Mayne et al. 2026, Negation Neglect: When models fail to learn negations in training, arXiv:2605.13829",
        "datePublished": "2026-11-21", "inLanguage": "en",
        "distribution": [
            {"@type": "cr:FileSet", "@id": f"files-{c}", "encodingFormat": "application/x-parquet", "includes": f"{c}/*.parquet"}
            for c in manifest["conditions"]
        ],
        "recordSet": [_record_set(c) for c in manifest["conditions"]],
    }  # fmt: skip


def _record_set(condition: str) -> dict:
    fields = [
        {
            "@type": "cr:Field", "@id": f"{condition}/{name}", "description": meaning, "dataType": kind,
            "source": {"fileSet": {"@id": f"files-{condition}"}, "extract": {"column": name}},
        }
        for name, (kind, meaning) in COLUMNS.items()
    ]  # fmt: skip
    return {"@type": "cr:RecordSet", "@id": condition, "description": f"Documents in the condition {condition}", "field": fields}
