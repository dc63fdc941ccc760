"""Reads an uploaded zip as data and nothing else: nothing is extracted to disk, executed or unpickled.

Names must be those of a bundle, which leaves no room for paths that climb, links or devices; sizes are counted while unpacking, so what a header claims does
not matter.
"""

import io
import json
import re
import stat
import zipfile
import zlib
from pathlib import Path
from typing import Any

import yaml

from negation_neglect.claims import DataError

ZIP_BYTES = 200_000_000
TOTAL_BYTES = 1_500_000_000
ENTRY_BYTES = 200_000_000
ENTRIES = 5_000
SMALL_BYTES = 2_000_000  # of the files that are not samples
NAME = re.compile(
    r"submission\.yaml|arms/[a-z_]{1,40}/[0-9]{1,3}/(run\.json|figures\.json|results_[0-9T.-]{1,40}\.json|samples_[a-z0-9_]{1,100}_[0-9T.-]{1,40}\.jsonl)"
)


def read_zip(source: Path | bytes) -> dict[str, bytes]:
    """The files of a bundle by name. Raises DataError for anything that is not a plain, moderately large bundle."""
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > ZIP_BYTES:
        raise DataError(f"the bundle has {size / 1e6:.0f} MB; at most {ZIP_BYTES / 1e6:.0f} MB are taken")
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            return _entries(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, KeyError, OSError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"this is no readable zip file ({error}); make the bundle with `negation-neglect bundle`") from None


def _entries(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > ENTRIES:
        raise DataError(f"the bundle has {len(infos)} entries; at most {ENTRIES} are taken")
    found: dict[str, bytes] = {}
    total = 0
    for info in infos:
        name, kind = info.filename, stat.S_IFMT(info.external_attr >> 16)
        shown = ascii(name[:120])
        if not NAME.fullmatch(name):
            raise DataError(f"{shown} is no file of a bundle; make the bundle with `negation-neglect bundle`")
        if kind not in (0, stat.S_IFREG) or info.flag_bits & 1:
            raise DataError(f"{shown} is a link, a folder or encrypted; a bundle holds plain files only")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(f"{shown} is compressed in an unusual way; make the bundle with `negation-neglect bundle`")
        if name in found:
            raise DataError(f"{shown} stands twice in the bundle")
        limit = min(TOTAL_BYTES - total, ENTRY_BYTES if name.endswith(".jsonl") else SMALL_BYTES)
        with archive.open(info) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise DataError(f"{shown} unpacks to more than {limit:,} bytes, which is too much")
        total += len(data)
        found[name] = data
    return found


def parse_json(data: bytes, name: str) -> Any:
    """JSON without NaN, infinities, doubled keys or absurd nesting. Raises DataError naming the file."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise DataError(f"{name}: not valid JSON ({reason})") from None


def _no_constant(name: str):
    raise ValueError(f"{name} is no number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases, which can make a small file enormous."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not taken")
        return super().compose_node(parent, index)


def parse_yaml(data: bytes, name: str) -> Any:
    """YAML of plain values, at most 20 kB. Raises DataError naming the file."""
    if len(data) > 20_000:
        raise DataError(f"{name}: longer than 20 kB")
    try:
        return yaml.load(data.decode("utf-8"), Loader=_PlainLoader)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise DataError(f"{name}: not valid YAML ({' '.join(str(error).split())[:200]})") from None
