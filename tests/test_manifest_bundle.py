"""manifest-bundle: copies to hand on, redacted by format, each with the digest of the original and of the copy."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from release_simulator import AT, RELEASE, Run, Simulator, denied

from dpone.canonical import sha256_hex
from dpone.ops.manifest_bundle import _file
from dpone.shipped import shipped

FOLDER = ".dpone/manifest-bundles/latest"
SECRET = "zq7Wm3Tx9Lr2Vb5"
MANIFEST = f"""source:
  connection_type: env
  host: db.example.com
  password: {SECRET} # rotate in June
  user: ${{SOURCE_USER}}
sink: {{token: 'vault:kv/team/sink#token', retries: 3}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    """A workspace with a green release gate and a manifest that holds a secret."""
    made = Simulator(tmp_path_factory.mktemp("green") / "made")
    made.write("manifest.yml", MANIFEST)
    assert made.gate().status == 0
    return made


@pytest.fixture
def release(made: Simulator, tmp_path: Path) -> Simulator:
    """A copy of it, to break."""
    return made.copy(tmp_path / "copy")


def bundle(release: Simulator, *files: str, flags: tuple[str, ...] = ()) -> Run:
    """Build a bundle of `name=path` files."""
    given_ = [part for file in files for part in ("--file", file)]
    fixed = ("--bundle-id", "01JBUNDLE", "--release", RELEASE, "--at", AT, "--format", "json")
    return release.run("ops", "manifest-bundle", *fixed, *given_, *flags)


def items(done: Run) -> dict[str, Any]:
    """The items of a bundle by name."""
    return {item["name"]: item for item in done.document["items"]}


def copies(release: Simulator) -> dict[str, bytes]:
    """The copies on disk by name."""
    folder = release.root / FOLDER / "files"
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*"))} if folder.is_dir() else {}


def test_a_redacted_bundle_can_be_handed_on(release: Simulator) -> None:
    """The seed's example: the manifest loses its secret and nothing else, the artifact loses nothing."""
    gate = release.artifact.read_bytes()
    done = bundle(
        release,
        "manifest=manifest.yml",
        "release_gate=.dpone/releases/latest/release_gate.json",
        flags=("--redact",),
    )
    assert done.status == 0, done
    found = items(done)
    assert done.document["bundle_id"] == "01JBUNDLE"
    assert done.document["blockers"] == []
    made = copies(release)
    assert made["release_gate.json"] == gate
    assert made["manifest.yml"].decode() == MANIFEST.replace(SECRET, '"[REDACTED]"')
    before, after = yaml.safe_load(MANIFEST), yaml.safe_load(made["manifest.yml"])
    assert after == {**before, "source": {**before["source"], "password": "[REDACTED]"}}
    item = found["manifest"]
    assert (item["redacted"], item["passed"], item["source_path"]) == (True, True, "manifest.yml")
    assert item["copied_path"] == f"{FOLDER}/files/manifest.yml"
    assert (item["sha256"], item["size_bytes"]) == (sha256_hex(made["manifest.yml"]), len(made["manifest.yml"]))
    assert (item["original_sha256"], item["original_size_bytes"]) == (
        sha256_hex(MANIFEST.encode()),
        len(MANIFEST),
    )
    assert found["release_gate"]["redacted"] is False
    assert found["release_gate"]["sha256"] == found["release_gate"]["original_sha256"] == sha256_hex(gate)


def test_the_secret_is_nowhere_but_in_its_file(release: Simulator) -> None:
    """Artifact, Markdown, signed decision and ledger of a redacted bundle do not hold it."""
    assert bundle(release, "manifest=manifest.yml", flags=("--redact",)).status == 0
    assert [name for name, data in release.files().items() if SECRET.encode() in data] == [
        "project/manifest.yml"
    ]


def test_the_copies_belong_to_the_decision(release: Simulator) -> None:
    """They are signed and recorded with it: one changed byte in a copy is found and named."""
    bundle(release, "manifest=manifest.yml", flags=("--redact",))
    assert release.run("decision", "verify", "latest").status == 0
    release.write(f"{FOLDER}/files/manifest.yml", MANIFEST)
    done = release.run("decision", "verify", "latest")
    assert done.status == 1
    assert "files/manifest.yml was changed after it was signed" in done.out


def test_the_decision_replays(release: Simulator) -> None:
    """Taking it again gives the same result."""
    bundle(release, "manifest=manifest.yml", "gone=gone.yml", flags=("--redact",))
    assert release.run("decision", "replay", "latest").status == 0


def test_a_secret_in_clear_is_said(release: Simulator) -> None:
    """Without --redact the file is copied as it is, and the bundle warns; where the profile is strict it is red."""
    done = bundle(release, "manifest=manifest.yml")
    assert done.status == 0
    assert [f["rule"] for f in done.document["findings"]] == ["manifest-bundle.no_secret_in_clear"]
    assert copies(release)["manifest.yml"] == MANIFEST.encode()
    assert SECRET not in done.out
    release.config("profile: strict")
    done = bundle(release, "manifest=manifest.yml")
    assert (done.status, denied(done.document)) == (1, {"manifest-bundle.no_secret_in_clear"})
    assert done.document["blockers"] == ["manifest"]


def test_quoted_values_and_lines_of_json_are_redacted(release: Simulator) -> None:
    """JSON, a connection string and the rest of a line: what line-wise masking lets through or swallows."""
    text = json.dumps(
        {"password": SECRET, "url": f"postgres://u:{SECRET}@db/x", "ref": "${DB_PASSWORD}", "n": 1}
    )
    release.write("a.json", text)
    release.write("a.log", f"login password={SECRET} user=bob in 3 ms\n")
    done = bundle(release, "a=a.json", "b=a.log", flags=("--redact",))
    assert done.status == 0
    made = copies(release)
    clean = {"password": "[REDACTED]", "url": "postgres://u:[REDACTED]@db/x", "ref": "${DB_PASSWORD}", "n": 1}
    assert json.loads(made["a.json"]) == clean
    assert made["b.log"] == b"login password=[REDACTED] user=bob in 3 ms\n"


UNREDACTABLE = {
    "a type that is unknown": ("a.hcl", b"a = 1"),
    "no type at all": ("LICENSE", b"words"),
    "a binary file": ("a.log", b"a\0b"),
    "another encoding": ("a.txt", b"caf\xe9"),
    "broken JSON": ("a.json", b'{"password": "x'),
    "broken YAML": ("a.yaml", b"a: [\nb: }\n"),
    "a template": ("a.yaml", b"{% if x %}\npassword: y\n{% endif %}\n"),
    "an archive": ("a.gz", b"\x1f\x8b\x08"),
}


@pytest.mark.parametrize(("name", "data"), UNREDACTABLE.values(), ids=UNREDACTABLE)
def test_what_cannot_be_redacted_is_not_copied(release: Simulator, name: str, data: bytes) -> None:
    """It fails closed: no copy of that file, the bundle is red, and the others are copied all the same."""
    release.write(name, data)
    done = bundle(release, f"bad={name}", "good=manifest.yml", flags=("--redact",))
    assert (done.status, denied(done.document)) == (1, {"manifest-bundle.redacted_completely"})
    assert done.document["blockers"] == ["bad"]
    assert list(copies(release)) == ["good.yml"]
    item = items(done)["bad"]
    assert (item["copied_path"], item["sha256"], item["size_bytes"]) == ("", "", 0)
    assert item["original_sha256"] == sha256_hex(data)


def test_a_binary_file_in_clear_is_said(release: Simulator) -> None:
    """Without --redact it is copied, and that nobody looked into it is said."""
    release.write("a.bin", b"a\0b")
    done = bundle(release, "a=a.bin")
    assert done.status == 0
    assert [f["rule"] for f in done.document["findings"]] == ["manifest-bundle.copies_searched"]


def test_missing_files_are_named(release: Simulator) -> None:
    """A bundle that leaves a file out is red, and says which."""
    done = bundle(release, "gone=nowhere.yml", "good=manifest.yml", flags=("--redact",))
    assert (done.status, done.document["blockers"]) == (1, ["gone"])
    assert items(done)["good"]["passed"] is True


def test_a_bundle_of_nothing_is_red(release: Simulator) -> None:
    """No file given is no bundle."""
    done = bundle(release)
    assert (done.status, done.document["blockers"]) == (1, ["manifest-bundle.has_files"])


def test_two_files_of_one_name_are_both_there_and_red(release: Simulator) -> None:
    """Neither overwrites the other, and nobody can tell them apart by name."""
    release.write("b.yml", "a: 1\n")
    done = bundle(release, "m=manifest.yml", "m=b.yml", flags=("--redact",))
    assert (done.status, denied(done.document)) == (1, {"manifest-bundle.named_once"})
    assert sorted(copies(release)) == ["m.yml", "m~2.yml"]


@pytest.mark.parametrize(
    "name", ["..", "../../x", "/etc/passwd", "a/b", "C:\\x", "con", ".ssh", "-rf", "a.", "é ü", "A"]
)
def test_no_name_leads_out_of_the_folder(release: Simulator, name: str) -> None:
    """Whatever an item is called, its copy lies in the folder under a name every system can hold."""
    before = set(release.files())
    done = bundle(release, f"{name}=manifest.yml", "a=manifest.yml", flags=("--redact",))
    assert done.status == 0, done
    assert len(copies(release)) == 2
    new = {file for file in set(release.files()) - before if "/.dpone/ledger/" not in file}
    assert all(file.startswith(f"project/{FOLDER}/") for file in new)


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=20), st.sampled_from(["x.json", "x", ".env", "x.tar.gz", "x.\u202e"])
        ),
        max_size=20,
    )
)
def test_every_copy_has_a_name_of_its_own(pairs: list[tuple[str, str]]) -> None:
    """Names that differ in nothing a file system sees still get files that differ."""
    taken: set[str] = set()
    made = [_file(name, PurePosixPath(path), taken) for name, path in pairs]
    assert len({file.casefold() for file in made}) == len(made)
    for file in made:
        folder, _, name = file.partition("/")
        assert (folder, name == PurePosixPath(name).name) == ("files", True)
        assert name.isascii()
        assert not name.startswith((".", "-"))
        assert not name.endswith(".")


def test_the_facts_have_their_documented_shape(release: Simulator) -> None:
    """Full and empty, redacted and not: what rules see is what the schema says."""
    schema = json.loads(shipped("schemas", "evidence", "manifest_bundle.v1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    release.write("a.bin", b"a\0b")
    release.write(f"{FOLDER}/files/old.json", "{}")
    many = [f"n{number}=manifest.yml" for number in range(120)]
    for files in ([], ["gone=gone.yml", "a=a.bin", "m=manifest.yml", "m=manifest.yml", "x=dpone.yaml"], many):
        for flags in (("--show-input",), ("--show-input", "--redact")):
            (item,) = bundle(release, *files, flags=flags).document["evidence"]
            jsonschema.Draft202012Validator(schema).validate(item["facts"])


def test_what_an_earlier_bundle_left_is_not_handed_on(release: Simulator) -> None:
    """A copy in clear from an earlier run would go out with the redacted ones: the bundle is red until it is gone."""
    assert bundle(release, "manifest=manifest.yml", "old=manifest.yml").status == 0
    done = bundle(release, "manifest=manifest.yml", flags=("--redact",))
    assert (done.status, denied(done.document)) == (1, {"manifest-bundle.nothing_left_over"})
    (release.root / FOLDER / "files" / "old.yml").unlink()
    assert bundle(release, "manifest=manifest.yml", flags=("--redact",)).status == 0


def test_a_copy_left_where_there_is_none_now_is_left_over(release: Simulator) -> None:
    """The name is of this bundle, the content is of the one before."""
    release.write("a.bin", b"a\0b")
    assert bundle(release, "a=a.bin").status == 0
    done = bundle(release, "a=a.bin", flags=("--redact",))
    assert denied(done.document) == {"manifest-bundle.redacted_completely", "manifest-bundle.nothing_left_over"}


def test_all_files_together_are_bounded(release: Simulator) -> None:
    """They are in memory at once, so the eleventh of the largest allowed is over the limit."""
    release.config("limits: {file: 1KB}")
    release.write("big.txt", b"x" * 1000)
    done = bundle(release, *(f"n{number}=big.txt" for number in range(11)))
    assert done.document["blockers"] == ["n10"]


@pytest.mark.parametrize("value", ["../x", "", "/etc", "a b", "x" * 200])
def test_an_id_that_is_none(release: Simulator, value: str) -> None:
    """Wrong usage, and nothing is written."""
    done = release.run("ops", "manifest-bundle", "--bundle-id", value, "--file", "a=manifest.yml")
    assert done.status == 2
    assert not (release.root / FOLDER).exists()
