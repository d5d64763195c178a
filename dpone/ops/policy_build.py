"""Building bundles: one layer as an archive, or the effective one, with every layer and the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dpone import __version__
from dpone.canonical import pretty_bytes, sha256_hex
from dpone.decisions.gate_input import config_document
from dpone.decisions.layering import own_layers
from dpone.errors import UsageError
from dpone.ops.rules import gates
from dpone.ops.session import Session
from dpone.policy.files import OPA_SEAL, SEAL
from dpone.policy.folder import Folder, layer_name, read_folder
from dpone.policy.layers import Layer, modules_digest, open_layer
from dpone.policy.manifest import FILE as MANIFEST
from dpone.policy.opa_signing import OpaSigner, own_opa_signer, pem_opa_signer, sign_for_opa
from dpone.policy.shipped_rules import shipped_modules
from dpone.policy.tarball import write_archive
from dpone.policy.vouching import Signed, sign_bundle, signed_layer
from dpone.record import dataclass, replace
from dpone.signing.keys import Signer
from dpone.workspace import ReadProblem

DATA = "data.json"
EFFECTIVE = "effective"
"""What the effective bundle is called where it is signed."""
LAYERS = "layers"
"""Its folder of layers other than the built-in one."""
KEY_LIMIT = 100_000


@dataclass(frozen=True)
class Built:
    """An archive that was made: its bytes, what is in it, and its digest by content."""

    name: str
    data: bytes
    digest: str
    files: int
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signing:
    """With what a bundle is signed: nothing, dpone's own form, OPA's, or both."""

    own: Signer | None = None
    opa: OpaSigner | None = None


def signing_of(session: Session, sign: bool, opa: str) -> Signing:
    """The keys behind `--sign` and `--sign-opa`. Raises `UsageError` where there is none."""
    signer = session.context.signer
    if (sign or opa == "own") and signer is None:
        raise UsageError("there is no signing key here", "set DPONE_SIGNING_KEY; see dpone keys generate")
    own = signer if sign else None
    if not opa:
        return Signing(own)
    if opa == "own" and signer is not None:
        return Signing(own, own_opa_signer(signer))
    try:
        text = session.workspace.read(session.workspace.argument(opa), KEY_LIMIT)
    except ReadProblem as problem:
        raise UsageError(f"--sign-opa {opa[:80]}: {problem.message}", "give a key in PEM, or `own`") from None
    return Signing(own, pem_opa_signer(text, f"--sign-opa {opa[:80]}"))


def build_layer(path: Path, output: Path, session: Session, signing: Signing) -> Built:
    """The archive of one layer, checked as a gate would check it. Raises `LayerRefused` for one that no gate would
    load, `UsageError` for a name under which the archive would be another layer."""
    found = read_folder(path)
    layer = open_layer(found, session.gate)
    if not named_in_manifest(found) and layer_name(output) != found.name:
        raise UsageError(
            f"{output.name} would be the layer {layer_name(output)}, its rules are of {found.name}",
            f"call it {found.name}.tar.gz, or write metadata.name into .manifest",
        )
    files = {inside: text.encode() for inside, text in found.contents().items()}
    kept = {name: data for name, data in found.signatures.items() if not name.startswith("../")}
    if signing.own or signing.opa:
        kept = {}
    files |= _signatures(replace(signed_layer(layer), others=()), files, session, signing) | kept
    return Built(found.name, write_archive(files), layer.source_digest, len(files), (found.name,))


def named_in_manifest(found: Folder) -> bool:
    """Whether a layer is called what its manifest says, whatever its file is called."""
    from dpone.policy.manifest import read_manifest

    return bool(found.manifest and read_manifest(found.manifest).name)


def build_effective(session: Session, gate: str, signing: Signing) -> Built:
    """The effective bundle: built-in policies, the layers of a session, and the configuration of its environment,
    for one gate or for all of them. Raises `UndecidedError` for a layer that is refused."""
    request = session.ask("", lambda _: {})
    layers = own_layers(request, session.context)
    files = {inside: text.encode() for inside, text in shipped_modules().items()}
    for path, layer in zip(request.policies, layers, strict=True):
        found = read_folder(Path(path))
        files |= {f"{LAYERS}/{layer.name}/{inside}": text.encode() for inside, text in _loaded(found).items()}
    files[DATA] = pretty_bytes({"dpone": {"config": effective_config(session, gate)}})
    revision = content_digest(files)
    files[MANIFEST] = pretty_bytes(_manifest(revision, session, gate, layers))
    what = Signed(
        EFFECTIVE,
        revision,
        {inside: sha256_hex(data) for inside, data in files.items()},
        files[MANIFEST].decode(),
        files[DATA],
    )
    files |= _signatures(what, files, session, signing)
    return Built(
        EFFECTIVE, write_archive(files), revision, len(files), ("dpone", *(layer.name for layer in layers))
    )


def content_digest(files: dict[str, bytes]) -> str:
    """The digest of an effective bundle: everything but manifest and signatures."""
    outside = (MANIFEST, SEAL, OPA_SEAL)
    return modules_digest({name: data.decode("utf-8") for name, data in files.items() if name not in outside})


def effective_config(session: Session, gate: str) -> dict[str, Any]:
    """`data.dpone.config` for one gate, or for all of them together.

    Raises `UsageError` where gates are configured with kinds of their own: rules on a kind read one place.
    """
    if gate:
        return config_document(session.config, gate)
    every = {name: config_document(session.config, name) for name in gates()}
    first = next(iter(every.values()))
    for name, document in every.items():
        if document["kinds"] != first["kinds"]:
            raise UsageError(
                f"gates.{name}.kinds differs from other gates, and one bundle has one configuration of kinds",
                "build one bundle for each gate: --gate NAME",
            )
    return {**first, "gates": {key: value for doc in every.values() for key, value in doc["gates"].items()}}


def _loaded(found: Folder) -> dict[str, str]:
    """What an engine is given of a layer: its modules; and its manifest, under a name OPA does not look for."""
    return {**found.modules, **({"manifest.json": found.manifest} if found.manifest else {})}


def _manifest(revision: str, session: Session, gate: str, layers: Sequence[Layer]) -> dict[str, Any]:
    told = [
        {
            "name": layer.name,
            "content": layer.source_digest,
            "signed": layer.vouched.state,
            "signer": layer.vouched.signer,
            "replaces": layer.replaces,
        }
        for layer in layers
    ]
    metadata = {
        "version": __version__,
        "profile": session.config.get("profile"),
        "environment": session.subject.environment,
        "protected": session.context.protected,
        "gate": gate,
        "layers": told,
    }
    return {"revision": revision, "roots": ["dpone"], "rego_version": 1, "metadata": {"dpone": metadata}}


def _signatures(what: Signed, files: dict[str, bytes], session: Session, signing: Signing) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    if signing.own:
        found[SEAL] = sign_bundle(what, session.workspace.clock.now(), signing.own)
    if signing.opa:
        # OPA checks every file that is there, so dpone's own signature is on its list.
        found[OPA_SEAL] = sign_for_opa({**files, **found}, signing.opa)
    return found
