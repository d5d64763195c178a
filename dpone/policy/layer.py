"""What a policy layer is, once it has been read and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from dpone.canonical import sha256_hex
from dpone.errors import UndecidedError
from dpone.policy.inventory import RuleInfo
from dpone.policy.problems import LintProblem
from dpone.record import dataclass, field

BUILTIN = "dpone"
"""The name of the built-in layer; no other layer may have it."""
LIBRARY = "dpone/lib"
"""Where the shared library lies; the engine of every layer gets its own copy."""
KINDS = "dpone/kinds"
"""Where the rules on single kinds of evidence lie."""
WAIVERS = "dpone/waivers"
"""Where the rules lie that say which waivers count."""


class LayerRefused(UndecidedError):
    """A layer that is not loaded, with everything that is wrong with it. Undecided (exit 3)."""

    code = "layer_refused"

    def __init__(self, name: str, problems: Sequence[LintProblem]) -> None:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"policy layer {name}: {problems[0]}{more}", "see all of it: dpone policy lint")
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Part:
    """Modules (texts by path) that are built together, and the entry points among them."""

    modules: Mapping[str, str]
    entrypoints: tuple[str, ...]


@dataclass(frozen=True)
class Vouched:
    """Who vouches for a layer. `state`: signed (by somebody the trust file lets sign policy bundles), unsigned,
    or broken (a signature that does not hold). `trust` is that of the signer's key; `pinned` whether the trust
    file names exactly this content; `note` says in one sentence what else there is to say."""

    state: Literal["signed", "unsigned", "broken"] = "unsigned"
    signer: str = ""
    trust: str = "none"
    pinned: bool = False
    note: str = ""


@dataclass(frozen=True)
class Layer:
    """Modules that are loaded together into one engine, and the rules the host will ask.

    `modules` and `tests` map paths (forward slashes) to texts; `modules` holds the shared library too; `kinds`
    are the files of the custom kinds of evidence it declares. `digest` is the `layer_digest`, `source_digest` of
    everything in the folder or archive they came from (what a trust file pins). `replaces` is the gate whose
    non-mandatory built-in rules the layer stands in for, or empty. `files` are the SHA-256 of everything that
    counts in the folder, `signatures` what was found that may sign them, `vouched` what that is worth here.
    `reads` are the keys of the configuration that its rules read, such as `gates.release-gate.settings.minimum`;
    `manifest` is the text of its `.manifest`, `others` are paths of files that lie there and count for nothing.
    """

    name: str
    modules: Mapping[str, str]
    inventory: tuple[RuleInfo, ...]
    digest: str
    tests: Mapping[str, str] = field(default_factory=dict)
    replaces: str = ""
    source_digest: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    signatures: Mapping[str, bytes] = field(default_factory=dict)
    vouched: Vouched = Vouched()
    reads: tuple[str, ...] = ()
    manifest: str = ""
    others: tuple[str, ...] = ()

    @property
    def entrypoints(self) -> tuple[str, ...]:
        """The entry point of every rule that answers: `RuleInfo.entrypoint`, each once."""
        return tuple(dict.fromkeys(rule.entrypoint for rule in self.inventory if rule.answers))

    @property
    def asks(self) -> bool:
        """Whether any of its rules answers."""
        return any(rule.answers for rule in self.inventory)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The layer as it is loaded: the rules on kinds of evidence, and those on waivers, apart from the others,
        each part with the library. No rule reads a package of another part, and building takes more than twice as
        long for twice as much; the first part is known before any evidence is (docs/adr/0011)."""
        shared = {path for path in self.modules if path.startswith(f"{LIBRARY}/")}
        later = [
            {path for path in self.modules if self.name == BUILTIN and path.startswith(f"{folder}/")}
            for folder in (KINDS, WAIVERS)
        ]
        first = self.modules.keys() - shared - later[0] - later[1]
        return tuple(self._part(own | shared) for own in (first, *later) if own)

    def _part(self, paths: Collection[str]) -> Part:
        asked = (rule.entrypoint for rule in self.inventory if rule.answers and rule.path in paths)
        return Part({p: text for p, text in self.modules.items() if p in paths}, tuple(dict.fromkeys(asked)))


def modules_digest(modules: Mapping[str, str]) -> str:
    """The SHA-256 (hex) over the paths and texts of modules, in the order of their paths."""
    lines = (f"{path}\0{sha256_hex(text.encode())}\n" for path, text in sorted(modules.items()))
    return sha256_hex("".join(lines).encode())


def layer_digest(modules: Mapping[str, str], kinds: Mapping[str, str], replaces: str = "") -> str:
    """What a decision signs of a layer: its modules, the custom kinds of evidence it declares, and the gate it
    replaces, which takes rules away."""
    return modules_digest({**modules, **kinds, **({"replaces": replaces} if replaces else {})})


def layer_items(layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """The layers as rules see them, sorted by name, without the built-in one."""
    return [
        {
            "name": layer.name,
            "digest": layer.source_digest,
            "signed": layer.vouched.state,
            "signer": layer.vouched.signer,
            "trust": layer.vouched.trust,
            "pinned": layer.vouched.pinned,
            "replaces": layer.replaces,
        }
        for layer in sorted(layers, key=lambda layer: layer.name)
        if layer.name != BUILTIN
    ]
