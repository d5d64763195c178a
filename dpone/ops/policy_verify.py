"""Checking a bundle before it is used: archive, manifest, signatures, rules, and what the trust file pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dpone.canonical import sha256_hex
from dpone.decisions.verify import Check
from dpone.errors import UndecidedError, UsageError
from dpone.ops.policy_build import DATA, EFFECTIVE, KEY_LIMIT, LAYERS, content_digest
from dpone.ops.session import Session
from dpone.policy.files import OPA_SEAL, SEAL, Entry, held_entries
from dpone.policy.folder import gather, is_archive, read_folder
from dpone.policy.layers import Layer, LayerRefused, Vouched, open_layer
from dpone.policy.manifest import FILE as MANIFEST
from dpone.policy.manifest import BadManifest, read_manifest
from dpone.policy.opa_signature import OpaKey, verification_key
from dpone.policy.shipped_rules import is_shipped, shipped_modules
from dpone.policy.tarball import MAX_ARCHIVE, BadArchive, read_archive
from dpone.policy.vouching import Signed, judge_signatures, signed_layer
from dpone.workspace import ReadProblem, read_file


def keys_of(session: Session, paths: Sequence[str]) -> list[OpaKey]:
    """The public keys behind `--verification-key`."""
    found = []
    for text in paths:
        try:
            data = session.workspace.read(session.workspace.argument(text), KEY_LIMIT)
        except ReadProblem as problem:
            raise UsageError(
                f"--verification-key {text[:80]}: {problem.message}", "give a public key in PEM"
            ) from None
        found.append(verification_key(data, f"--verification-key {text[:80]}"))
    return found


def verify_bundle(path: Path, session: Session, keys: Sequence[OpaKey]) -> list[Check]:
    """Everything about a layer (folder or archive) or an effective bundle, check by check. Raises
    `UndecidedError` for what cannot be read as either."""
    files = _effective(path)
    if files is not None:
        return list(_check_effective(files, session, keys))
    return list(_check_layer(path, session, keys))


def _check_layer(path: Path, session: Session, keys: Sequence[OpaKey]) -> Iterator[Check]:
    found = read_folder(path)
    if found.problems:
        raise LayerRefused(found.name, found.problems)
    yield Check("archive" if is_archive(path) else "folder", "holds", f"{len(found.files)} files that count")
    told = f"revision {found.revision or 'none'}, roots {', '.join(found.roots) or 'none'}"
    replaces = f", replaces {found.replaces}" if found.replaces else ""
    yield Check("manifest", "holds", f"{told}{replaces}" if found.manifest else "there is none")
    try:
        layer = open_layer(found, session.gate)
    except LayerRefused as refused:
        for problem in refused.problems:
            yield Check("rules", "broken", str(problem))
        return
    yield Check("rules", "holds", f"{len(found.modules)} modules, {len(found.tests)} of tests, no problems")
    yield Check("digest", "holds", layer.source_digest)
    yield from _vouched(signed_layer(layer), layer.signatures, session, keys)
    yield from _pinned(layer, session)


def _vouched(
    what: Signed, signatures: Mapping[str, bytes], session: Session, keys: Sequence[OpaKey]
) -> Iterator[Check]:
    """One check for the signatures, and where there is none that counts, one for the pin instead."""
    judges = session.context.judges(session.subject.environment)
    found = judge_signatures(what, signatures, judges, keys)
    yield _signature(found, _is_pinned(what, session))


def _signature(found: Vouched, pinned: bool) -> Check:
    if found.state == "broken":
        return Check("signature", "broken", found.note)
    note = f"; {found.note}" if found.note else ""
    if found.state == "signed":
        return Check("signature", "holds", f"signed by {found.signer}, trust {found.trust}{note}")
    if pinned:
        return Check("signature", "holds", f"not signed, but pinned{note}")
    return Check("signature", "broken", f"nobody vouches for it: no signature and no pin{note}")


def _is_pinned(what: Signed, session: Session) -> bool:
    return any((pin.name, pin.digest) == (what.name, what.digest) for pin in session.context.trust.layers)


def _pinned(layer: Layer, session: Session) -> Iterator[Check]:
    for pin in session.context.trust.layers:
        if pin.name == layer.name:
            same = pin.digest == layer.source_digest
            yield Check(
                "pin",
                "holds" if same else "broken",
                "the trust file pins exactly this" if same else f"the trust file pins {pin.digest}",
            )


def _effective(path: Path) -> dict[str, bytes] | None:
    """The files of an effective bundle; None for what is a layer."""
    if not is_archive(path):
        return None
    try:
        files = read_archive(read_file(path, MAX_ARCHIVE))
    except (ReadProblem, BadArchive):
        return None  # said where it is read as a layer
    return files if DATA in files and "dpone/lib/lib.rego" in files else None


def _check_effective(files: dict[str, bytes], session: Session, keys: Sequence[OpaKey]) -> Iterator[Check]:
    yield Check("archive", "holds", f"an effective bundle of {len(files)} files")
    try:
        manifest = read_manifest(files.get(MANIFEST, b"").decode("utf-8"))
        digest = content_digest(files)
    except (BadManifest, UnicodeDecodeError) as bad:
        raise UndecidedError(
            f"the effective bundle cannot be read: {bad}", "build it again", code="bundle"
        ) from None
    told: Mapping[str, Any] = manifest.metadata.get("dpone", {})
    same = manifest.revision == digest
    yield Check(
        "manifest",
        "holds" if same else "broken",
        f"revision {digest}" if same else "its revision is not that of its files",
    )
    yield from _builtin(files)
    yield from _layers(files, told, session)
    signed = {n: sha256_hex(d) for n, d in files.items() if n not in (SEAL, OPA_SEAL)}
    what = Signed(EFFECTIVE, digest, signed, files[MANIFEST].decode(), files[DATA])
    signatures = {name: files[name] for name in (SEAL, OPA_SEAL) if name in files}
    yield from _vouched(what, signatures, session, keys)


def _builtin(files: Mapping[str, bytes]) -> Iterator[Check]:
    wrong = [n for n in shipped_modules() if n not in files]
    own = [n for n in files if n not in (DATA, MANIFEST, SEAL, OPA_SEAL) and not n.startswith(f"{LAYERS}/")]
    other = [n for n in own if not is_shipped(n, files[n].decode("utf-8", "replace"))]
    for name in sorted(wrong):
        yield Check("built-in", "broken", f"{name} is missing")
    for name in sorted(other):
        yield Check("built-in", "broken", f"{name} is not what this version of dpone ships")
    if not wrong and not other:
        yield Check("built-in", "holds", f"{len(own)} modules as this version of dpone ships them")


def _layers(files: Mapping[str, bytes], told: Mapping[str, Any], session: Session) -> Iterator[Check]:
    held: dict[str, dict[str, bytes]] = {}
    for name, data in files.items():
        if name.startswith(f"{LAYERS}/"):
            layer, _, inside = name.removeprefix(f"{LAYERS}/").partition("/")
            held.setdefault(layer, {})[MANIFEST if inside == "manifest.json" else inside] = data
    listed = told.get("layers", []) if isinstance(told, dict) else []
    named = {str(item.get("name")) for item in listed if isinstance(item, dict)}
    for layer in sorted(named ^ held.keys()):
        yield Check(f"layer {layer}", "broken", "the manifest and the archive differ about whether it is there")
    for layer, own in sorted(held.items()):
        entries: list[Entry] = held_entries(own)
        try:
            opened = open_layer(gather(layer, layer, entries), session.gate)
        except LayerRefused as refused:
            yield Check(f"layer {layer}", "broken", str(refused.problems[0]))
        else:
            replaces = f", replaces {opened.replaces}" if opened.replaces else ""
            yield Check(f"layer {layer}", "holds", f"{len(own)} files, rules without problems{replaces}")
