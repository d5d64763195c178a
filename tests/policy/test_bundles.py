"""Bundles: a layer is the same as a folder and as an archive, and no trick of either gets past the checks."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import sys
import tarfile
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpone.policy import files as files_module
from dpone.policy import tarball
from dpone.policy.folder import layer_name, read_folder
from dpone.policy.layers import LayerRefused, load_layer
from dpone.policy.tarball import BadArchive, read_archive, write_archive

PACKAGE = "dpone.custom.release_gate.payments"
RULES = f"""# METADATA
# title: t
# description: d
# custom: {{code: payments.low, message: "m", remedy: "r"}}
package {PACKAGE}

import rego.v1

deny contains {{"code": "payments.low", "evidence": e.name}} if {{
	some e in input.evidence
	e.kind == "coverage"
	e.facts.line_percent < data.dpone.config.gates.release_gate.settings.minimum
}}
"""
GOOD = {
    "payments.rego": RULES,
    ".manifest": '{"roots": ["dpone/custom/release_gate/payments"], "revision": "7"}',
}
Files = dict[str, str]


def module(rules: str, package: str = PACKAGE) -> str:
    """A module with these rules."""
    return f"package {package}\n\nimport rego.v1\n\n{rules}\n"


def as_folder(root: Path, files: Files, name: str = "payments") -> Path:
    """The files as a folder."""
    for inside, text in files.items():
        path = root / name / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root / name


def as_archive(root: Path, files: Files, name: str = "payments") -> Path:
    """The files as an archive."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / f"{name}.tar.gz"
    path.write_bytes(write_archive({inside: text.encode() for inside, text in files.items()}))
    return path


FORMS: dict[str, Callable[..., Path]] = {"folder": as_folder, "archive": as_archive}
both = pytest.mark.parametrize("form", FORMS)


def refusal(path: Path, gate: str = "release-gate") -> str:
    """The one line with which a layer is refused."""
    with pytest.raises(LayerRefused) as caught:
        load_layer(path, gate)
    assert caught.value.exit_status == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


# the same layer in both forms


def test_folder_and_archive_are_the_same_layer(tmp_path: Path) -> None:
    """Same content, same rules, same digests, whatever else lies beside it and whoever packed it."""
    files = {
        **GOOD,
        "payments_test.rego": module("test_x if true", f"{PACKAGE}_test"),
        "sub/more.rego": module("x := 1"),
    }
    folder = load_layer(as_folder(tmp_path, {**files, "README.md": "hello\r\n"}), "release-gate")
    archive = load_layer(as_archive(tmp_path, files), "release-gate")
    assert archive == folder.__class__(**{**vars(folder), "others": ()})
    assert folder.others == ("README.md",)
    assert folder.reads == ("gates.release-gate.settings.minimum",)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("prefix", ["", "./"])
def test_archives_that_other_tools_write_are_read(tmp_path: Path, form: int, prefix: str) -> None:
    """What tar makes of a plain folder is an archive of it: times, owners and folders change nothing."""
    folder = as_folder(tmp_path, GOOD)
    packed = tmp_path / "packed" / "payments.tgz"
    packed.parent.mkdir()
    with tarfile.open(packed, "w:gz", format=form) as tar:
        tar.add(folder, arcname=prefix or ".")
    assert load_layer(packed, "release-gate") == load_layer(folder, "release-gate")


def test_an_archive_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    """No time, no owner, no order of a file system gets into it."""
    files = {inside: text.encode() for inside, text in GOOD.items()}
    data = write_archive(files)
    assert data == write_archive(dict(reversed(files.items())))
    assert read_archive(data) == files
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        told = [(m.name, m.mtime, m.uid, m.gid, m.uname, m.mode, m.isreg()) for m in tar]
    assert told == [(name, 0, 0, 0, "", 0o644, True) for name in sorted(files)]
    assert gzip.decompress(data) == gzip.decompress(write_archive(files))


def test_an_archive_beyond_one_block_is_read_again() -> None:
    """Gzip's stored blocks end at 65,535 bytes; what is longer goes on in the next."""
    files = {f"f{n}.rego": bytes([65 + n]) * (65535 * n + n) for n in range(4)}
    assert read_archive(write_archive(files)) == files


@pytest.mark.parametrize(
    ("path", "name"),
    [("payments.tar.gz", "payments"), ("Data-Team.tgz", "data_team"), ("a/data-team", "data_team")],
)
def test_a_layer_is_called_what_its_file_is_called(path: str, name: str) -> None:
    """The ending is no part of the name."""
    assert layer_name(Path(path)) == name


@both
def test_a_manifest_may_name_the_layer(tmp_path: Path, form: str) -> None:
    """A file called after its version is still the same layer."""
    files = {**GOOD, ".manifest": '{"metadata": {"name": "payments"}}'}
    assert load_layer(FORMS[form](tmp_path, files, "payments-1-2-0"), "release-gate").name == "payments"


def test_what_is_in_the_manifest_is_in_the_digest(tmp_path: Path) -> None:
    """Nothing that a pin or a signature covers can be changed without it: not roots, not what is replaced."""
    before = load_layer(as_folder(tmp_path / "a", GOOD), "release-gate")
    other = {**GOOD, ".manifest": '{"metadata": {"replaces": "release-gate"}}'}
    after = load_layer(as_folder(tmp_path / "b", other), "release-gate")
    assert before.source_digest != after.source_digest
    assert before.digest != after.digest


# hostile layers

FOREIGN = "not the layer's own"
ONLY_OPA = "rules that only OPA would see"
TEST_ONLY = "`with` belongs into tests"
NO_GATE = "there is no gate"


def manifest(text: str) -> Files:
    """A manifest."""
    return {".manifest": text}


HOSTILE: dict[str, tuple[Files, str]] = {
    "does not parse": ({"x.rego": module("p := }")}, "expected a value"),
    "loops": ({"x.rego": module("p if q\nq if p")}, "needs itself"),
    "eats memory": ({"x.rego": module("p := numbers.range(1, 999999999)")}, "not in the dialect"),
    "calls out": ({"x.rego": module('p := http.send({"url": "http://127.0.0.1"})')}, "not in the dialect"),
    "reads the environment": ({"x.rego": module("p := opa.runtime()")}, "not in the dialect"),
    "second body of a library function": ({"x.rego": module('severity(_) := "none"', "dpone.lib")}, FOREIGN),
    "default of a library function": ({"x.rego": module('default severity(_) := "none"', "dpone.lib")}, FOREIGN),
    "library function of another arity": ({"x.rego": module('severity(_, _) := "none"', "dpone.lib")}, FOREIGN),
    "function of two arities": ({"x.rego": module("f(_) := 1\nf(_, _) := 2\np := f(1)")}, "takes 1 arguments"),
    "shadowed built-in rule": ({"x.rego": module("fresh := []", "dpone.evidence")}, FOREIGN),
    "shadowed mandatory rule": ({"x.rego": module("layers_vouched := []", "dpone.evidence")}, FOREIGN),
    "parent of every package": ({"x.rego": module("p := 1", "dpone")}, FOREIGN),
    "set and value": ({"x.rego": module("deny := []")}, "stop at a conflict"),
    "value and set": ({"x.rego": module("q contains 1 if input.protected\nq := 3")}, "stop at a conflict"),
    "data file": ({"data.json": "{}"}, "a data file could stand in for a rule"),
    "data file at a rule's path": ({"dpone/evidence/fresh/data.json": "[]"}, "a data file could stand in"),
    "data file as YAML": ({"dpone/evidence/data.yaml": "fresh: []"}, "a data file could stand in for a rule"),
    "data file among kinds": ({"kinds/data.json": "{}"}, "a data file could stand in for a rule"),
    "data called input": ({"x.rego": module("import data.dpone.config as input\np := input")}, "cannot be called `input`"),
    "input called data": ({"x.rego": module("import input as data\np := data.x")}, "import rego.v1 and packages"),
    "config emptied": ({"x.rego": module("gates := {}", "dpone.config")}, FOREIGN),
    "config emptied below": ({"x.rego": module("p := 1", "dpone.config.gates")}, FOREIGN),
    "package in quotes": ({"x.rego": module("fresh := []", 'dpone["evidence"]')}, "must end at its line's end"),
    "package with a look-alike": ({"x.rego": module("p := 1", PACKAGE.replace("pay", "p\u0430y"))}, "only inside texts"),
    "rule with a look-alike": ({"x.rego": module("\uff50 := 1")}, "only inside texts"),
    "invisible character": ({"x.rego": module("p\u200b := 1")}, "only inside texts"),
    "text that runs backwards": ({"x.rego": module('p := "\u202e"')}, "control or formatting"),
    "line end inside a comment": ({"x.rego": module("# \u2028fresh := []")}, "control or formatting"),
    "two packages in one file": ({"x.rego": module(f"p := 1\npackage {PACKAGE}")}, "found `package`"),
    "input exchanged": ({"x.rego": module('p if q with input as {}\nq if input.gate == "x"')}, TEST_ONLY),
    "config exchanged": ({"x.rego": module("p if q with data.dpone.config as {}\nq if input.protected")}, TEST_ONLY),
    "looking into other rules": ({"x.rego": module("p := data.dpone.evidence.fresh")}, "leads to nothing"),
    "data by a name": ({"x.rego": module('p := data[x] if x := "dpone"')}, "leads to nothing"),
    "rule hidden in a test": ({"x_test.rego": module("p := 1")}, FOREIGN),
    "test package in a rule": ({"x.rego": module("p := 1", f"{PACKAGE}_test")}, FOREIGN),
    "mandatory rule of its own": (
        {"x.rego": module("# METADATA\n# title: t\n# description: d\n# custom: {applies_to: gate, mandatory: true, "
                          'message: m, remedy: r}\nx contains {"ok": true} if input.protected')},
        "only built-in rules are mandatory",
    ),
    "roots of everything": (manifest('{"roots": ["dpone"]}'), FOREIGN),
    "root that is empty": (manifest('{"roots": [""]}'), "roots must be a list"),
    "root of another layer": (manifest('{"roots": ["dpone/custom/release_gate/platform"]}'), FOREIGN),
    "root of the built-in rules": ({".manifest": '{"roots": ["dpone/custom/release_gate/payments", "dpone/evidence"]}'},
                                   FOREIGN),
    "root that climbs": (manifest('{"roots": ["dpone/custom/release_gate/payments/../../../lib"]}'), FOREIGN),
    "root twice": (manifest('{"roots": [], "roots": ["dpone"]}'), "twice"),
    "older Rego": (manifest('{"rego_version": 0}'), "rego_version must be 1"),
    "older Rego for one file": (manifest('{"file_rego_versions": {"/payments.rego": 0}}'), "the key 'file_rego_versions'"),
    "rules in WebAssembly": (manifest('{"wasm": [{"entrypoint": "dpone/evidence", "module": "/x.wasm"}]}'), "the key 'wasm'"),
    "WebAssembly itself": ({"policy.wasm": "x"}, ONLY_OPA),
    "a plan": ({"plan.json": "{}"}, ONLY_OPA),
    "a patch": ({"patch.json": '{"data": []}'}, ONLY_OPA),
    "a second manifest": ({"sub/.manifest": '{"roots": [""]}'}, "OPA would take it for the one at the top"),
    "a manifest by another name": ({"x.manifest": "{}"}, "OPA would take it for the one at the top"),
    "replaces no gate": (manifest('{"metadata": {"replaces": "everything"}}'), "there is no gate 'everything'"),
    "replaces by another spelling": (manifest('{"metadata": {"replaces": "release_gate"}}'), "there is no gate"),
    "takes rules away, brings none": (manifest('{"metadata": {"replaces": "go-live-gate"}}'), "has none of its own for it"),
    "called by a built-in name": (manifest('{"metadata": {"name": "evidence"}}'), "cannot be called 'evidence'"),
    "called by a path": (manifest('{"metadata": {"name": "../payments"}}'), "cannot name a layer"),
    "odd module name": ({"a b.rego": module("p := 1")}, "module names have"),
    "module in capitals": ({"X.REGO": module("p := 1")}, "module names have"),
    "name of a command line": ({"-x.rego": module("p := 1")}, "module names have"),
    "hidden module": ({".x.rego": module("p := 1")}, "module names have"),
    "too deep": ({"/".join("abcdefghijk") + "/x.rego": module("p := 1")}, "folders deep"),
    "CRLF": ({"x.rego": module("p := 1").replace("\n", "\r\n")}, "CRLF line ends: the digest would differ"),
    "CRLF in the manifest": ({".manifest": "{}\r\n"}, "add `* text eol=lf` to .gitattributes"),
    "NUL": ({"x.rego": module('p := "\0"')}, "control or formatting"),
    "too large": ({"x.rego": RULES + "#" * 300_000}, "the limit is 200000"),
}  # fmt: skip


@both
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_layer_is_refused_with_one_line(tmp_path: Path, name: str, form: str) -> None:
    """Each way found so far to switch off, forge or leak something is refused alike in both forms."""
    files, says = HOSTILE[name]
    assert says in refusal(FORMS[form](tmp_path, {**GOOD, **files}))


@both
def test_what_the_hostile_ones_are_made_of_is_good(tmp_path: Path, form: str) -> None:
    """Without the trick the layer loads, so each refusal has one cause."""
    assert load_layer(FORMS[form](tmp_path, GOOD), "release-gate").name == "payments"


@pytest.mark.parametrize(
    "pair", [("x.rego", "X.rego"), ("sub/x.rego", "SUB/x.rego"), ("sub/x.rego", "SUB/y.rego")]
)
def test_names_that_differ_in_case_alone_are_refused(tmp_path: Path, pair: tuple[str, str]) -> None:
    """On another machine one of the two would be gone."""
    one, other = pair
    texts = {one: module("a := 1"), other: module("b := 1")}
    assert "only in how it is written" in refusal(as_archive(tmp_path, {**GOOD, **texts}))
    folder = as_folder(tmp_path, {**GOOD, **texts})
    if {one, other} <= {path.relative_to(folder).as_posix() for path in folder.rglob("*.rego")}:
        assert "only in how it is written" in refusal(folder)  # where the file system keeps them apart


def test_names_that_differ_in_unicode_alone_are_refused(tmp_path: Path) -> None:
    """Composed and decomposed letters are one name on some file systems."""
    names = [unicodedata.normalize(form, "é.md") for form in ("NFC", "NFD")]
    assert "only in how it is written" in refusal(as_archive(tmp_path, {**GOOD, **dict.fromkeys(names, "")}))


# tricks of tar and gzip


def tar_of(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """A gzipped archive of these entries after the good ones."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as tar:
        for inside, text in GOOD.items():
            tar.addfile(info(inside, len(text)), io.BytesIO(text.encode()))
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)


def info(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """An entry."""
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, link
    return member


EVIL = module("p := 1").encode()
TWICE = "stands there twice"
LONG = "a" * 120 + ".rego"
FOLDER_X = (info("x.rego", 0, tarfile.DIRTYPE), b"")
TRICKS: dict[str, tuple[bytes, str]] = {
    "absolute path": (tar_of((info("/etc/x.rego", len(EVIL)), EVIL)), "is an absolute path"),
    "climbs out": (tar_of((info("../x.rego", len(EVIL)), EVIL)), "leads out of the archive"),
    "climbs within": (tar_of((info("a/../../x.rego", len(EVIL)), EVIL)), "leads out of the archive"),
    "not plain": (tar_of((info("a//x.rego", len(EVIL)), EVIL)), "is not a plain path"),
    "dot inside": (tar_of((info("a/./x.rego", len(EVIL)), EVIL)), "is not a plain path"),
    "backslashes": (tar_of((info("a\\x.rego", len(EVIL)), EVIL)), "has a name with a character"),
    "drive letter": (tar_of((info("C:x.rego", len(EVIL)), EVIL)), "has a name with a character"),
    "escape sequence": (tar_of((info("\x1b[2Jx.rego", len(EVIL)), EVIL)), "has a name with a character"),
    "symbolic link": (tar_of((info("x.rego", 0, tarfile.SYMTYPE, "/etc/passwd"), b"")), "is a symbolic link"),
    "hard link": (tar_of((info("x.rego", 0, tarfile.LNKTYPE, "payments.rego"), b"")), "is a hard link"),
    "named pipe": (tar_of((info("x.rego", 0, tarfile.FIFOTYPE), b"")), "is a named pipe"),
    "character device": (tar_of((info("x.rego", 0, tarfile.CHRTYPE), b"")), "is a device"),
    "block device": (tar_of((info("x.rego", 0, tarfile.BLKTYPE), b"")), "is a device"),
    "sparse": (tar_of((info("x.rego", 0, tarfile.GNUTYPE_SPARSE), b"")), "is a sparse file"),
    "contiguous": (tar_of((info("x.rego", len(EVIL), tarfile.CONTTYPE), EVIL)), "is no file"),
    "unknown type": (tar_of((info("x.rego", 0, b"Z"), b"")), "is no file"),
    "twice": (tar_of((info("payments.rego", len(EVIL)), EVIL)), TWICE),
    "twice, written differently": (tar_of((info("./payments.rego", len(EVIL)), EVIL)), TWICE),
    "manifest twice": (tar_of((info(".manifest", 2), b"{}")), TWICE),
    "file and folder": (tar_of((info("payments.rego/x.rego", len(EVIL)), EVIL)), "is a file and a folder"),
    "folder, then file": (tar_of(FOLDER_X, (info("x.rego", len(EVIL)), EVIL)), TWICE),
    "long name of GNU": (tar_of((info(LONG, len(EVIL)), EVIL), form=tarfile.GNU_FORMAT), "a long name"),
    "long name of pax": (tar_of((info(3 * LONG, len(EVIL)), EVIL), form=tarfile.PAX_FORMAT), "the tar extension 'path'"),
    "not gzip": (b"PK\x03\x04" + b"\0" * 100, "is not a gzip archive"),
    "empty": (b"", "is cut off"),
    "not tar": (gzip.compress(b"package x\n" * 200), "is not a tar archive"),
    "cut off": (tar_of()[:-20], "is cut off"),
    "two streams": (tar_of() + gzip.compress(b"\0" * 512), "goes on behind its end"),
    "more behind the end": (tar_of() + b"x", "goes on behind its end"),
    "second archive inside": (gzip.compress(gzip.decompress(tar_of()) * 2), "does not end as an archive ends"),
    "no end": (gzip.compress(gzip.decompress(tar_of()).rstrip(b"\0") + b"\0" * 100), "is cut off"),
    "bomb of zeros": (gzip.compress(b"\0" * 30_000_000), "when it is unpacked"),
    "bomb in a file": (gzip.compress(gzip.decompress(tar_of()) + b"\0" * 25_000_000), "when it is unpacked"),
}  # fmt: skip


def pax(key: str, value: str, name: str = "x.rego") -> bytes:
    """An archive whose last entry has an extension header."""
    member = info(name, len(EVIL))
    member.pax_headers = {key: value}
    return tar_of((member, EVIL), form=tarfile.PAX_FORMAT)


TRICKS |= {
    "another name by pax": (pax("path", "data.json"), "the tar extension 'path'"),
    "another size by pax": (pax("size", "1"), "the tar extension 'size'"),
    "a link by pax": (pax("linkpath", "/etc/passwd"), "the tar extension 'linkpath'"),
    "another character set by pax": (pax("hdrcharset", "BINARY"), "the tar extension 'hdrcharset'"),
    "sparse by pax": (pax("GNU.sparse.major", "1"), "the tar extension 'GNU.sparse.major'"),
}


def with_header(change: Callable[[bytearray], None]) -> bytes:
    """An archive whose last entry's header was changed, its checksum mended."""
    raw = bytearray(gzip.decompress(tar_of((info("x.rego", len(EVIL)), EVIL))))
    at = bytes(raw).rindex(b"x.rego\0")
    head = raw[at : at + 512]
    change(head)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    raw[at : at + 512] = head
    return gzip.compress(bytes(raw))


def put(at: int, data: bytes) -> Callable[[bytearray], None]:
    """Write bytes into a header."""

    def change(head: bytearray) -> None:
        head[at : at + len(data)] = data

    return change


TRICKS |= {
    "bytes behind a name": (with_header(put(50, b"evil")), "hides bytes behind the name"),
    "name that is not UTF-8": (with_header(put(0, b"\xff")), "is not UTF-8"),
    "size in binary": (with_header(put(124, b"\x80\0\0\0\0\0\0\0\0\0\0\x0a")), "a number that is none"),
    "negative size": (with_header(put(124, b"-0000000010\0")), "a number that is none"),
    "size of terabytes": (with_header(put(124, b"77777777777\0")), "has more than"),
    "file with a target": (with_header(put(157, b"payments.rego")), "with the target of a link"),
    "folder with content": (with_header(put(156, b"5")), "is a folder with content"),
    "prefix that climbs": (with_header(put(345, b"../up")), "leads out of the archive"),
    "old tar": (with_header(put(257, b"\0" * 8)), "is not a tar archive of the form ustar"),
}


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_of_the_archive_is_refused_with_one_line(tmp_path: Path, name: str) -> None:
    """Whatever tar and gzip can say beyond files in folders is refused, and nothing is ever unpacked to disk."""
    data, says = TRICKS[name]
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "payments.tar.gz"
    path.write_bytes(data)
    assert says in refusal(path)
    assert list(tmp_path.rglob("*")) == [path.parent, path]


def test_a_damaged_header_is_found() -> None:
    """A header whose checksum is wrong is no header."""
    raw = bytearray(gzip.decompress(tar_of()))
    raw[2] ^= 1
    with pytest.raises(BadArchive, match="checksum"):
        read_archive(gzip.compress(bytes(raw)))


def test_padding_hides_nothing() -> None:
    """The rest of a block behind a file is empty, and so is what follows the end."""
    raw = bytearray(gzip.decompress(tar_of()))
    raw[512 + len(GOOD["payments.rego"]) + 1] = 1
    with pytest.raises(BadArchive, match="hides bytes behind a file"):
        read_archive(gzip.compress(bytes(raw)))
    raw = bytearray(gzip.decompress(tar_of()))
    raw[-1] = 1
    with pytest.raises(BadArchive, match="does not end"):
        read_archive(gzip.compress(bytes(raw)))


def test_archives_are_capped_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Size, number of entries and the ratio are bounded, each by a limit of its own."""
    data = tar_of()
    monkeypatch.setattr(tarball, "MAX_MEMBERS", 1)
    with pytest.raises(BadArchive, match="more than 1 entries"):
        read_archive(data)
    monkeypatch.undo()
    monkeypatch.setattr(tarball, "FREE", 100)
    monkeypatch.setattr(tarball, "MAX_RATIO", 2)
    with pytest.raises(BadArchive, match=f"more than {2 * len(data)} bytes"):
        read_archive(data)
    monkeypatch.setattr(tarball, "MAX_ARCHIVE", 10)
    with pytest.raises(BadArchive, match="the limit is 10"):
        read_archive(data)


def test_a_bomb_costs_no_memory(tmp_path: Path) -> None:
    """A gigabyte of zeros is never made: unpacking stops at the cap."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1_000_000)
    bomb = b"".join(packer.compress(zeros) for _ in range(1000)) + packer.flush()
    path = tmp_path / "payments.tar.gz"
    path.write_bytes(bomb)
    import tracemalloc

    tracemalloc.start()
    try:
        assert "when it is unpacked" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


def test_the_caps_of_a_folder_hold_for_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers of modules and entries, whatever the form."""
    monkeypatch.setattr(files_module, "MAX_FILES", 3)
    texts = {**GOOD, **{f"a{n}.rego": module(f"a{n} := 1") for n in range(5)}}
    for form in FORMS.values():
        assert "more than 3 modules" in refusal(form(tmp_path, texts))


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are POSIX")
def test_an_archive_that_is_none_is_refused_without_waiting(tmp_path: Path) -> None:
    """A pipe, a missing file, a folder by that name: each an answer at once."""
    pipe = tmp_path / "payments.tar.gz"
    os.mkfifo(pipe)
    assert "not a regular file" in refusal(pipe)
    assert "there is no such file" in refusal(tmp_path / "gone.tgz")
    shutil.move(
        as_folder(tmp_path, {**GOOD, ".manifest": '{"metadata": {"name": "payments"}}'}), tmp_path / "odd.tgz"
    )
    assert load_layer(tmp_path / "odd.tgz", "release-gate").name == "payments"


# random damage


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4), st.booleans())
def test_a_damaged_archive_is_never_another_layer_in_silence(
    tmp_path: Path, changes: list[tuple[int, int]], inner: bool
) -> None:
    """Bytes changed in the archive, or inside of it with gzip's own checksum mended: it is refused, or it is the
    same layer, or it has another digest."""
    files = {inside: text.encode() for inside, text in GOOD.items()}
    whole = write_archive(files)
    data = bytearray(gzip.decompress(whole) if inner else whole)
    for place, flip in changes:
        data[place % len(data)] ^= flip
    path = tmp_path / "payments.tar.gz"
    path.write_bytes(gzip.compress(bytes(data), 1) if inner else bytes(data))
    good = read_folder(as_archive(tmp_path / "good", GOOD))
    found = read_folder(path)
    if not found.problems:
        assert (found.contents() == good.contents()) == (found.files == good.files)
        if not inner:
            assert found.contents() == good.contents()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """Whatever is in an archive, reading it ends in files or in one sentence."""
    for given_ in (data, gzip.compress(data), gzip.compress(gzip.decompress(tar_of())[:512] + data)):
        try:
            told = ", ".join(read_archive(given_))
        except BadArchive as bad:
            told = bad.message or "\n"
        assert "\n" not in told


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,3}\.rego", fullmatch=True),
        st.binary(max_size=2000),
        max_size=8,
    )
)
def test_what_is_written_is_read(files: dict[str, bytes]) -> None:
    """Every set of plain files survives being packed, and has one archive."""
    assert read_archive(write_archive(files)) == files
    with tarfile.open(fileobj=io.BytesIO(write_archive(files))) as tar:
        assert {m.name: tar.extractfile(m).read() for m in tar} == files  # type: ignore[union-attr]


def test_the_manifest_is_read_as_json_only(tmp_path: Path) -> None:
    """Numbers, lists and texts in its place say what is expected."""
    for text, says in (("[]", "JSON object"), ("{", "is not JSON"), ('{"rego_version": true}', "must be 1"),
                       ('{"revision": 1}', "must be a text"), ('{"metadata": []}', "replaces must be"),
                       ('{"metadata": {"name": 1}}', "name must be"), (json.dumps({"x": 1}), "the key 'x'")):  # fmt: skip
        assert says in refusal(as_archive(tmp_path, {**GOOD, ".manifest": text}))
