"""A red decision stands until one that may answer it does: nobody makes it disappear otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_simulator import AT, KEY_VARIABLE, RELEASE, Simulator, denied, granted

from dpone.decisions.recall import Recall, Recalled
from dpone.evidence.model import Seal, Subject
from dpone.evidence.seals import Judges, Vouched
from dpone.ledger.interface import Ledger
from dpone.record import asdict, dataclass, replace
from dpone.signing.private import new_private_text
from dpone.signing.trust import Revocation, Trust, TrustedKey

MET, MISSED = '{"lag": {"max": 10}}', '{"lag": {"max": 1}}'
BEFORE, AFTER = "2026-11-22T23:59:00Z", "2026-11-23T00:01:00Z"


class People(Simulator):
    """A green workspace with several people: `ci`; `owner`, who is more; `plain`, who has no role; `mute`, whom
    nothing is granted; `stranger`, whom the trust file does not know."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.keys = {name: new_private_text() for name in ("owner", "plain", "mute", "stranger")}
        self.keys["ci"] = self.env[KEY_VARIABLE].encode()
        self.entries_of = {
            "ci": granted(self.public),
            "owner": self.entry("owner", "ci", "owner"),
            "plain": self.entry("plain"),
            "mute": replace(self.entry("mute", "ci", "owner"), kinds=(), gates=()),
        }
        self.trust(*self.entries_of.values())

    def entry(self, name: str, *roles: str) -> TrustedKey:
        """An entry of the trust file that grants everything."""
        public = self.use_key(self.keys[name])
        self.use_key(self.keys["ci"])
        return replace(granted(public, f"{name}@example.com"), roles=roles)

    def change(self, name: str, **changes: Any) -> None:
        """Let the trust file say something else of a key from now on."""
        self.entries_of[name] = replace(self.entries_of[name], **changes)
        self.trust(*self.entries_of.values())

    def slo(self, who: str, objectives: str, *options: str, at: str = AT, release: str = RELEASE) -> set[str]:
        """Let somebody evaluate objectives; returns the rules that keep it shut."""
        self.use_key(self.keys[who])
        done = self.run(
            "ops", "slo-evaluate", "--metrics-json", '{"lag": 5}', "--objectives-json", objectives, "--release",
            release, "--output-dir", f"out/{who}", "--at", at, "--format", "json", *options,
        )  # fmt: skip
        self.use_key(self.keys["ci"])
        return denied(done.document) if done.out.startswith("{") else {done.err}

    def omitted(self, *options: str) -> int:
        """How many red decisions the release gate names as left out."""
        shown = json.loads(self.gate("--show-input", *options).out)
        return sum(e["state"] == "omitted" for e in shown["evidence"])


@pytest.fixture
def people(tmp_path: Path) -> People:
    """The people, and a workspace where everything is green."""
    return People(tmp_path)


COMMIT, OTHER = ("--commit", "abc"), ("--commit", "def")
STAGING = ("--environment", "staging")


@pytest.mark.parametrize(
    ("red", "green", "asked"),
    [
        (("owner",), ("ci",), ()),
        (("owner",), ("ci", "--run-id", "r2"), ()),
        (("owner",), ("plain",), ()),
        (("ci",), ("mute",), ()),
        (("ci", *STAGING), ("ci",), STAGING),
        (("ci",), ("ci", *STAGING), STAGING),
        (("ci", *COMMIT), ("ci", *OTHER), COMMIT),
        (("ci", *OTHER), ("ci", "--commit", "ghi"), COMMIT),
    ],
)
def test_what_does_not_take_the_place_of_a_red_decision(
    people: People, red: tuple[str, ...], green: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    """A lesser role, a key that may not speak, another environment, another commit than the one asked about: a green
    decision from there leaves a red one as it is, however often it is taken."""
    people.slo(red[0], MISSED, *red[1:])
    assert people.omitted(*asked) == 1
    for _ in range(2):
        people.slo(green[0], MET, *green[1:])
    assert people.omitted(*asked) >= 1


@pytest.mark.parametrize(
    ("red", "green", "asked"),
    [
        (("ci",), ("ci",), ()),
        (("ci",), ("owner",), ()),
        (("plain",), ("ci",), ()),
        (("mute",), ("ci",), ()),
        (("ci", "--run-id", "r1"), ("ci", "--run-id", "r2"), ()),
        (("ci", *COMMIT), ("ci", *OTHER), ()),
        (("ci", *OTHER), ("ci", *COMMIT), COMMIT),
        (("ci", *COMMIT), ("ci",), COMMIT),
        (("ci", *OTHER), ("ci", *OTHER), COMMIT),
        (("ci", *STAGING), ("ci", *STAGING), STAGING),
    ],
)
def test_what_takes_the_place_of_a_red_decision(
    people: People, red: tuple[str, ...], green: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    """The same role or a greater one, another try, the commit that is asked about, or the same one corrected."""
    people.slo(red[0], MISSED, *red[1:])
    people.slo(green[0], MET, *green[1:])
    assert people.omitted(*asked) == 0


def test_another_release_answers_nothing(people: People) -> None:
    """A good report of another release leaves the red one of this release as it is."""
    people.slo("ci", MISSED)
    people.slo("ci", MET, release="v0.7.0")
    assert people.omitted() == 1


def test_an_undecided_run_answers_nothing(people: People) -> None:
    """A run that could not decide leaves a red decision as it is."""
    people.slo("ci", MISSED)
    broken = people.layer("package dpone.custom.slo_evaluate.team\n\nimport rego.v1\n\ndeny contains 1 if true")
    people.slo("ci", MET, "--policy", broken)
    assert people.entries()[-1]["body"]["status"] == "undecided"
    assert people.omitted() == 1


def test_a_ledger_that_a_key_nobody_lists_any_more_went_on_with_decides_nothing(people: People) -> None:
    """A key is revoked in its place: whoever takes its line out takes away who vouches for the ledger's end."""
    people.slo("ci", MISSED)
    people.slo("owner", MET)
    del people.entries_of["owner"]
    people.trust(*people.entries_of.values())
    assert people.gate().status == 3


def test_a_preview_answers_nothing_and_sees_what_is_left_out(people: People) -> None:
    """Without a key nothing is recorded; what the ledger knows counts for the preview as well."""
    people.slo("ci", MISSED)
    without = {KEY_VARIABLE: "", "CI": "true"}
    command = ("--metrics-json", '{"lag": 5}', "--objectives-json", MET, "--release", RELEASE, "--at", AT)
    done = people.run("ops", "slo-evaluate", *command, env=without)
    assert done.status == 0 and "preview" in done.out + done.err
    assert people.omitted() == 1
    preview = people.gate("--format", "json", env=without)
    assert "evidence.current" in denied(preview.document)


@pytest.mark.parametrize(("red_at", "green_at"), [(AT, BEFORE), (BEFORE, AT), (AFTER, AT)])
def test_position_says_what_is_later_and_never_a_clock(people: People, red_at: str, green_at: str) -> None:
    """Whatever time was set: the one recorded later answers the one before, and never the other way round."""
    people.slo("ci", MET, at=green_at)
    people.slo("ci", MISSED, at=red_at)
    assert people.omitted() == 1
    people.slo("ci", MET, at=green_at)
    assert people.omitted() == 0


def moment(text: str) -> datetime:
    """A time of these tests."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize(
    "since",
    [
        {"valid_until": moment(AFTER)},
        {"revoked": Revocation(moment(AFTER), "left")},
    ],
)
def test_a_red_decision_outlives_the_key_that_signed_it(people: People, since: dict[str, Any]) -> None:
    """A key that ran out or was revoked after it had signed does not take back what was red; somebody who may
    speak now, with the same roles, answers it."""
    later = ("--at", "2026-11-23T00:02:00Z")
    people.slo("owner", MISSED)
    people.change("owner", **since)
    people.clock = later
    assert people.omitted() == 1
    people.slo("ci", MET, at=later[1])
    assert people.omitted() == 1
    people.change("ci", roles=("ci", "owner"))
    people.slo("ci", MET, at=later[1])
    assert people.omitted() == 0


def test_a_clock_set_back_before_a_key_was_valid_hides_nothing(people: People) -> None:
    """With --at before the key that said red existed, what it said is known all the same."""
    people.change("owner", valid_from=moment("2026-11-22T23:59:30Z"))
    people.slo("owner", MISSED)
    people.clock = ("--at", BEFORE)
    assert people.omitted() == 1


def test_what_a_revoked_key_signed_afterwards_is_not_heard(people: People) -> None:
    """From the revocation on a key says nothing, red or green."""
    people.change("owner", revoked=Revocation(moment(BEFORE), "stolen"))
    people.slo("owner", MISSED)
    assert people.omitted() == 0


def test_trying_twice_is_not_a_role(people: People) -> None:
    """Whoever lacks the role of an earlier decision is refused every time, however many of the refused ones lie
    between; so is a gate that is given the result."""
    assert people.slo("owner", MISSED) == {"slo-evaluate.met"}
    for _ in range(12):
        assert people.slo("ci", MET) == {"evidence.supersedes_by_role"}
    assert people.slo("owner", MET) == set()
    assert people.slo("ci", MET) == {"evidence.supersedes_by_role"}


def test_whoever_lacks_a_role_asks_for_none(people: People) -> None:
    """A decision that superseded nothing does not stand in the way of those who may decide."""
    people.change("plain", roles=("visitor",))
    assert people.slo("ci", MET) == set()
    assert people.slo("plain", MET) == {"evidence.supersedes_by_role"}
    assert people.slo("ci", MET) == set()


def test_giving_the_lesser_answer_does_not_hide_the_greater(people: People) -> None:
    """A role that a signer was given since is worth what it is worth now: the green decision that was good enough
    then and is given as evidence does not stand for the red one."""
    people.slo("plain", MISSED)
    people.slo("ci", MET)
    given = ("--artifact", "slo=out/ci/slo_report.json")
    assert people.omitted(*given) == 0
    people.change("plain", roles=("owner",))
    assert people.omitted(*given) == 1


def test_a_key_of_this_machine_alone_answers_nothing(people: People) -> None:
    """A key that only this machine knows is less than any of the trust file, with roles or without."""
    people.slo("plain", MISSED)
    people.slo("stranger", MET)
    people.keys["ci"] = people.keys["stranger"]
    people.use_key(people.keys["ci"])
    assert people.omitted() == 1


def test_another_spelling_of_an_environment_hides_nothing(people: People) -> None:
    """What was red in `Staging` was red in `staging`; what is green there is another try."""
    people.slo("ci", MISSED, "--environment", "Staging")
    assert people.omitted(*STAGING) == 1
    people.slo("ci", MET, *STAGING)
    assert people.omitted(*STAGING) == 0


@pytest.mark.parametrize(
    "gate",
    [("go-live-gate", "--bundle-json", "build/junit.xml"), ("pre-release-checklist",)],
    ids=lambda g: g[0],
)
def test_gates_beside_the_way_see_what_was_left_out(people: People, gate: tuple[str, ...]) -> None:
    """Whoever answers for a release as a whole does so in sight of what was red about it."""
    people.slo("ci", MISSED)
    shown = people.run("ops", *gate, "--release", RELEASE, "--at", AT, "--show-input").document
    assert [e["name"] for e in shown["evidence"] if e["state"] == "omitted"] == ["slo_report"]


# over all orders


@dataclass(frozen=True)
class Said:
    """A decision of a generated ledger; `trust` is what its key is worth now, `then` when it was recorded."""

    passed: bool
    environment: str
    deployment_id: str
    change_id: str
    commit: str
    roles: tuple[str, ...]
    trust: str
    then: str


@dataclass(frozen=True)
class Written(Recall):
    """A ledger that holds what a test says, oldest first."""

    said: tuple[Said, ...] = ()

    def _signed(self, kind: str, subject: Mapping[str, str], free: Any = ()) -> Iterator[Recalled]:
        for index, said in reversed(list(enumerate(self.said))):
            yield _recalled(index, said)


def _recalled(index: int, said: Said) -> Recalled:
    about = Subject(
        RELEASE, said.environment, said.commit, change_id=said.change_id, deployment_id=said.deployment_id
    )
    signed = {
        "kind": "slo_report", "subject": asdict(about), "passed": said.passed, "status": "failed", "decided_at": AT
    }  # fmt: skip
    entry = SimpleNamespace(index=index, body={"stem": "s", "files": {}})
    stored = SimpleNamespace(entry=entry, id=str(index), read=lambda digest: b"", digests=lambda name: {})
    now = Seal("valid", cast("Any", said.trust), "x", said.roles if said.trust != "none" else ())
    then = Seal("valid", cast("Any", said.then), "x", said.roles if said.then != "none" else ())
    return Recalled(
        cast("Any", stored), Vouched(now, about, signed=signed), now if said.trust != "none" else then
    )


def _few(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


SAID = st.builds(
    Said,
    st.booleans(),
    _few("", "production", "staging"),
    _few("", "A", "B"),
    _few("", "CR-1", "CR-2"),
    _few("", "abc", "def"),
    st.sampled_from([(), ("ci",), ("ci", "owner")]),
    _few("workspace", "workspace", "local", "none"),
    _few("workspace", "none"),
)
ASKED = Subject(RELEASE, "production", "abc", change_id="CR-1", deployment_id="A")


def _bears(said: Said, asked: Subject) -> bool:
    return (
        said.environment in ("", asked.environment)
        and said.deployment_id in ("", asked.deployment_id)
        and said.change_id in ("", asked.change_id)
    )


def _may_answer(later: Said, red: Said, asked: Subject) -> bool:
    return (
        later.trust != "none"
        and _bears(later, asked)
        and (later.environment, later.deployment_id) == (red.environment, red.deployment_id)
        and red.change_id in ("", later.change_id)
        and set(red.roles) <= set(later.roles)
        and (later.trust != "local" or red.trust == "local")
        and (later.commit in ("", red.commit) or asked.commit in ("", later.commit))
    )


def _seen_to(ledger: list[Said], index: int, named: set[int], asked: Subject) -> bool:
    """Whether a decision is green, named, or answered by one of which the same holds."""
    said = ledger[index]
    answers = [i for i in range(index + 1, len(ledger)) if _may_answer(ledger[i], said, asked)]
    return said.passed or index in named or any(_seen_to(ledger, i, named, asked) for i in answers)


@settings(max_examples=300, deadline=None)
@given(st.lists(SAID, max_size=7), st.booleans())
def test_no_red_decision_disappears_unanswered(ledger: list[Said], committed: bool) -> None:
    """Every red decision that bears on the subject and whose signer might speak is named, or something later may
    answer it; the newest of these is green or named itself. Nothing else is named."""
    asked = ASKED if committed else replace(ASKED, commit="")
    judges = Judges(Trust(), None, datetime.now(timezone.utc))
    found = Written(cast("Ledger", None), judges, said=tuple(ledger)).left_out(asked, (), ())
    named = {int(e.uri.removeprefix("ledger:").partition("/")[0]) - 1 for e in found}
    for index, said in enumerate(ledger):
        heard = said.trust != "none" or said.then != "none"
        later = [(i, s) for i, s in enumerate(ledger) if i > index and _may_answer(s, said, asked)]
        if index in named:
            assert heard and not said.passed and _bears(said, asked) and not later
        elif heard and not said.passed and _bears(said, asked):
            assert later and _seen_to(ledger, later[-1][0], named, asked)
