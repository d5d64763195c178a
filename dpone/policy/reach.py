"""What tests reach: by rule and by body, from body mutants and the tests that noticed them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dpone.policy.dialect.tree import Module, Object, Scalar
from dpone.policy.inventory import take_inventory
from dpone.policy.mutation import Tried
from dpone.record import dataclass


@dataclass(frozen=True)
class Place:
    """A rule or a body: where it stands, how it is called, and the test that reaches it (empty: none)."""

    path: str
    line: int
    name: str
    reached_by: str

    @property
    def reached(self) -> bool:
        """Whether a test notices when this never holds."""
        return bool(self.reached_by)


@dataclass(frozen=True)
class Reach:
    """All rules that answer, and all bodies of all rules, helpers and functions among them."""

    rules: tuple[Place, ...]
    bodies: tuple[Place, ...]

    @property
    def rule_percent(self) -> int:
        """Reached rules, percent, rounded down; 0 where there are none."""
        return floored(self.rules)

    @property
    def body_percent(self) -> int:
        """Reached bodies, percent, rounded down; 0 where there are none."""
        return floored(self.bodies)

    @property
    def missed(self) -> tuple[Place, ...]:
        """What no test reaches: the rules, then the bodies."""
        return tuple(place for place in (*self.rules, *self.bodies) if not place.reached)

    def line(self) -> str:
        """`rules 1 of 1, rule bodies 2 of 2 reached`."""
        rules, bodies = (
            f"{sum(place.reached for place in places)} of {len(places)}" for places in (self.rules, self.bodies)
        )
        return f"rules {rules}, rule bodies {bodies} reached"


def floored(places: Sequence[Place]) -> int:
    """Percent, rounded down, so that 100 is all of them."""
    return sum(place.reached for place in places) * 100 // len(places) if places else 0


def reach(trees: Mapping[str, Module], own: Iterable[str], tried: Iterable[Tried]) -> Reach:
    """Join what came of body mutants. A rule is reached when one of its definitions is; a code that `deny`
    or `warn` yields is a rule of its own. A module of `own` that does not parse has no tree and no rules."""
    tried = list(tried)
    definitions: dict[tuple[str, str, str], str] = {}
    for one in tried:
        mutant = one.mutant
        definition = trees[mutant.path].rules[mutant.position]
        for key in ((mutant.package, mutant.rule, ""), (mutant.package, mutant.rule, _code(definition.value))):
            definitions[key] = definitions.get(key) or one.noticed
    rules = []
    for rule in take_inventory([trees[path] for path in own if path in trees]).rules:
        if rule.kind in ("check", "code"):
            keys = [(rule.package, name, rule.code) for name in (rule.name, "deny", "warn")]
            found = next((definitions[key] for key in keys if definitions.get(key)), "")
            rules.append(Place(rule.path, rule.line, rule.id, found))
    bodies = [
        Place(one.mutant.path, one.mutant.line, f"{one.mutant.rule}: {one.mutant.change}", one.noticed)
        for one in tried
    ]
    return Reach(tuple(rules), tuple(sorted(bodies, key=lambda b: (b.path, b.line, b.name))))


def _code(term: object) -> str:
    """The code a definition yields, where it yields an object with one."""
    code = term.fields().get("code") if isinstance(term, Object) else None
    return code.value if isinstance(code, Scalar) and isinstance(code.value, str) else ""
