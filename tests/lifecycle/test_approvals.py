"""Ways to get a change approved that should not be: who votes, how, on what, when, and with which key."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from release_simulator import RELEASE, Run, Walked, Way, denied

from dpone.record import replace
from dpone.signing.private import new_private_text
from dpone.signing.trust import Revocation

REQUEST = ".dpone/change-requests/latest/change_request.json"
QUORUM = "approval-record.quorum_met"
NOW = datetime.now(timezone.utc)
HOUR = timedelta(hours=1)


def at(instant: datetime) -> str:
    """An instant as the command line takes it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def ask(way: Way, *options: str, risk: str = "high", approvers: tuple[str, ...] = (), as_: str = "manager",
        by: str = "manager@example.com") -> set[str]:  # fmt: skip
    """Ask for a change of that risk; returns what keeps the request shut."""
    way.act(as_)
    asked = approvers or ("architect@example.com", "owner@example.com")
    done = way.run(
        "ops", "change-request", "--release", RELEASE, "--target-env", "production", "--change-id", "CR-1",
        "--risk-level", risk, "--requested-by", by, *(x for a in asked for x in ("--approver", a)), *options,
        "--format", "json",
    )  # fmt: skip
    assert done.status in (0, 1), done.err
    return denied(done.document)


def ballot(way: Way, who: str, decision: str, *options: str) -> Run:
    """Vote with somebody's key (no decision: count the votes)."""
    way.act(who)
    command = way.commands()["approve"][1][:-2]
    vote = ("--decision", decision) if decision else ()
    return way.run(*command, *vote, *options, "--format", "json")


def vote(way: Way, who: str, decision: str, *options: str) -> set[str]:
    """Vote with somebody's key; returns what keeps the approval shut."""
    done = ballot(way, who, decision, *options)
    assert done.status in (0, 1), (done.status, done.err)
    found = denied(done.document)
    assert done.status == (1 if found else 0)
    return found


def warned(done: Run) -> set[str]:
    """The rules that only warn."""
    return {f["rule"] for f in done.document["findings"] if f["state"] == "warned"}


# who


def test_one_person_counts_once(walked: Walked) -> None:
    """The same person approving twice is one approval; a second person makes it two."""
    way = walked("drift")
    assert ask(way) == set()
    assert vote(way, "architect", "approved") == {QUORUM}
    assert vote(way, "architect", "approved") == {QUORUM}
    assert vote(way, "owner", "approved") == set()


def test_one_person_with_two_keys_counts_once(walked: Walked) -> None:
    """Two keys of one identity are one person."""
    way = walked("drift")
    way.keys["second"] = new_private_text()
    way.trust_people(second=replace(way.entry("second"), identity="architect@example.com"))
    ask(way)
    vote(way, "architect", "approved")
    assert vote(way, "second", "approved") == {QUORUM}


@pytest.mark.parametrize(
    "second", ["José@Example.com", unicodedata.normalize("NFD", "josé@example.com"), " josé@example.com "]
)
def test_one_identity_in_two_spellings_is_one_person(walked: Walked, second: str) -> None:
    """Case, composition and spaces do not make a second person: neither of the approvers nor of a vote."""
    way = walked("drift")
    way.keys["jose"] = new_private_text()
    way.trust_people(jose=replace(way.entry("jose"), identity="josé@example.com"))
    assert ask(way, approvers=("josé@example.com", second)) == {"change-request.quorum_reachable"}
    assert ask(way, approvers=("josé@example.com", second, "owner@example.com")) == set()
    assert vote(way, "jose", "approved", "--actor", "josé@example.com") == {QUORUM}
    assert vote(way, "jose", "approved", "--actor", second) == {QUORUM}
    assert vote(way, "owner", "approved") == set()


def test_two_spellings_in_the_trust_file_are_refused(walked: Walked) -> None:
    """The trust file cannot make two people of one by spelling an identity differently."""
    way = walked("change")
    document = json.loads((way.root / "dpone.trust.json").read_text())
    document["keys"][2]["identity"] = document["keys"][3]["identity"].upper()
    way.write("dpone.trust.json", json.dumps(document))
    way.env.pop("DPONE_TRUST_ROOT")
    done = ballot(way, "architect", "approved")
    assert done.status == 2
    assert "two spellings" in done.err


@pytest.mark.parametrize("name", ["manager@example.com", " Manager@Example.com"])
def test_the_requester_does_not_count(walked: Walked, name: str) -> None:
    """Who asks for a change cannot approve it, in whatever spelling."""
    way = walked("drift")
    assert ask(way, risk="medium", approvers=(name, "architect@example.com")) == set()
    assert vote(way, "manager", "approved", "--actor", name) == {QUORUM}
    assert vote(way, "architect", "approved") == set()


def test_the_requester_is_who_signed_not_who_was_typed(walked: Walked) -> None:
    """Naming somebody else as the requester is red, and does not let the signer approve."""
    way = walked("drift")
    rules = ask(
        way, risk="medium", by="owner@example.com", approvers=("manager@example.com", "architect@example.com")
    )
    assert rules == {"evidence.claim_matches_signer"}
    assert vote(way, "manager", "approved") == {QUORUM, "evidence.artifact_passed"}


def test_the_deployer_does_not_count_where_strict(walked: Walked) -> None:
    """A protected environment is not deployed to by the only one who approved."""
    way = walked("drift")
    ask(way, risk="medium", approvers=("operator@example.com", "architect@example.com"))
    assert vote(way, "operator", "approved") == set()
    way.walk("promote", "promote")
    assert way.red("deploy") == {"deployment-record.approved_by_others"}
    assert vote(way, "architect", "approved") == set()
    way.walk("deploy", "promote")


def test_somebody_who_was_not_asked_does_not_count(walked: Walked) -> None:
    """A vote of somebody else is refused, and does not keep those who were asked from approving."""
    way = walked("approve")
    assert vote(way, "operator", "approved") == {"approval-record.actor_allowed"}
    assert vote(way, "ci", "") == set()


# how


def test_a_rejection_wins_over_an_approval_before_it(walked: Walked) -> None:
    """After an approval a single rejection shuts the change, for everything that stands on it."""
    way = walked("promote")
    assert vote(way, "owner", "rejected") == {"approval-record.not_rejected"}
    assert way.red("deploy") == {"evidence.artifact_passed"}
    assert vote(way, "owner", "approved") == {"approval-record.not_rejected"}


def test_a_rejection_wins_over_approvals_after_it(walked: Walked) -> None:
    """No number of approvals outweighs it, not even of the one who rejected."""
    way = walked("change")
    assert vote(way, "owner", "rejected") == {"approval-record.not_rejected"}
    assert vote(way, "architect", "approved") == {"approval-record.not_rejected"}
    assert vote(way, "owner", "approved") == {"approval-record.not_rejected"}
    assert way.red("promote") == {"evidence.artifact_passed"}


def test_a_new_request_resolves_a_rejection(walked: Walked) -> None:
    """The remedy works: a new change request can be approved."""
    way = walked("change")
    vote(way, "owner", "rejected")
    way.walk("close", "change")


def test_a_rejection_of_somebody_who_was_not_asked_changes_nothing(walked: Walked) -> None:
    """Only those who were asked can reject."""
    way = walked("approve")
    assert vote(way, "operator", "rejected") == {"approval-record.actor_allowed"}
    assert vote(way, "ci", "") == set()


def test_a_rejection_that_nobody_counted_shuts_the_deployment(walked: Walked) -> None:
    """Somebody whose key may vote and no more rejects after the approval was counted: the votes are looked at
    again where they matter, in whichever decision they were recorded."""
    for step in ("promote", "deploy"):
        way = walked("approve" if step == "promote" else "promote")
        way.trust_people(owner=replace(way.entry("owner"), kinds=("approval",)))
        assert "approval-record.not_rejected" in vote(way, "owner", "rejected")
        gate = "release-promote" if step == "promote" else "deployment-record"
        assert way.red(step) == {f"{gate}.not_rejected"}


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_somebody_elses_word_is_only_asserted(walked: Walked, decision: str) -> None:
    """In a protected environment an approval that another key signed does not count; a rejection does, and says
    whose word it is."""
    way = walked("change")
    done = ballot(way, "architect", decision, "--actor", "owner@example.com")
    if decision == "approved":
        assert denied(done.document) == {QUORUM}
        assert warned(done) == {"approval-record.votes_signed"}
    else:
        assert denied(done.document) == {"approval-record.not_rejected"}
        assert "asserted by architect@example.com" in done.out


@pytest.mark.parametrize(("asked", "first"), [("1", {QUORUM}), ("0", {QUORUM}), ("2", {QUORUM})])
def test_an_option_never_lowers_the_quorum(walked: Walked, asked: str, first: set[str]) -> None:
    """A change of high risk needs two, whatever --quorum-required says."""
    way = walked("drift")
    ask(way)
    assert vote(way, "architect", "approved", "--quorum-required", asked) == first
    assert vote(way, "owner", "approved", "--quorum-required", asked) == set()


def test_an_option_can_raise_the_quorum(walked: Walked) -> None:
    """--quorum-required above the policy's number holds."""
    way = walked("change")
    assert vote(way, "architect", "approved", "--quorum-required", "2") == {QUORUM}
    assert vote(way, "owner", "approved", "--quorum-required", "2") == set()


@pytest.mark.parametrize(
    "approvers",
    [
        ("architect@example.com",),
        ("architect@example.com", "architect@example.com"),
        ("architect@example.com", "ARCHITECT@example.com"),
        ("architect@example.com", "manager@example.com"),
        ("architect@example.com", "nobody@example.com"),
    ],
)
def test_a_quorum_that_cannot_be_reached_is_refused_at_once(walked: Walked, approvers: tuple[str, ...]) -> None:
    """Duplicates, the requester, and people without a key do not help to reach it."""
    assert ask(walked("drift"), approvers=approvers) == {"change-request.quorum_reachable"}


def test_an_approver_whose_key_may_not_approve_cannot_reach_the_quorum(walked: Walked) -> None:
    """A revoked key is no key."""
    way = walked("drift")
    way.trust_people(owner=replace(way.entry("owner"), revoked=Revocation(NOW - HOUR, "lost")))
    assert ask(way) == {"change-request.quorum_reachable"}


# on what


def test_a_request_that_was_made_again_is_not_approved(walked: Walked) -> None:
    """Votes are on the digest of the request that was seen: they do not carry over to an edited one."""
    way = walked("approve")
    assert (
        ask(way, risk="medium", approvers=("architect@example.com", "owner@example.com", "ci@example.com"))
        == set()
    )
    done = ballot(way, "ci", "")
    assert denied(done.document) == {QUORUM}
    assert warned(done) == {"approval-record.votes_count"}


def test_a_vote_for_another_change_does_not_count(walked: Walked) -> None:
    """A vote that was signed on one change, given as a file for another, is shown and not counted."""
    way = walked("approve")
    name = next((way.root / ".dpone/approvals/latest/votes").iterdir())
    way.put("vote.json", name)
    way.instead = {"change_id": "CR-2"}
    way.walk("change", "change")
    done = ballot(way, "ci", "", "--approval", "vote.json")
    assert denied(done.document) == {QUORUM}
    assert warned(done) == {"approval-record.votes_count"}


# when


def test_an_expired_request_cannot_be_approved(walked: Walked) -> None:
    """After --expires-at nobody approves; a time that has passed, or is none, is refused at once."""
    way = walked("drift")
    assert ask(way, "--expires-at", at(NOW - HOUR), risk="medium") == {"change-request.in_time"}
    assert ask(way, "--expires-at", "soon", risk="medium") == {"change-request.in_time"}
    assert (
        ask(way, "--expires-at", at(datetime.now(timezone.utc) + timedelta(seconds=4)), risk="medium") == set()
    )
    import time

    time.sleep(4)
    assert vote(way, "architect", "approved") == {"approval-record.request_open"}


def test_an_old_approval_does_not_count(walked: Walked) -> None:
    """An approval older than approvals.expires approves nothing, when votes are counted and when they are used."""
    way = walked("promote")
    way.config("approvals: {expires: 1s}\n")
    import time

    time.sleep(2)
    assert way.red("deploy") == {"deployment-record.approvals_stand"}
    assert vote(way, "ci", "") == {QUORUM}


def test_a_vote_from_the_future_does_not_count(walked: Walked) -> None:
    """A clock ahead by an hour would let an approval live longer."""
    way = walked("change")
    way.act("architect")
    sign(way, "--at", at(datetime.now(timezone.utc) + HOUR))
    done = ballot(way, "ci", "", "--approval", "vote.json")
    assert denied(done.document) == {QUORUM}
    assert warned(done) == {"approval-record.votes_count"}


# with which key

BAD_KEYS = {
    "revoked": {"revoked": Revocation(NOW - HOUR, "lost")},
    "not yet valid": {"valid_from": NOW + HOUR},
    "no longer valid": {"valid_until": NOW - HOUR},
    "another kind": {"kinds": ("release_gate",)},
    "another gate": {"gates": ("release-gate",)},
    "another environment": {"environments": ("staging",)},
}


@pytest.mark.parametrize("how", list(BAD_KEYS))
def test_a_key_that_may_not_approve_does_not(walked: Walked, how: str) -> None:
    """Revoked, not yet or no longer valid, or granted something else: neither the vote nor the record counts."""
    way = walked("change")
    way.trust_people(architect=replace(way.entry("architect"), **BAD_KEYS[how]))
    assert vote(way, "architect", "approved") == {QUORUM, "evidence.signer_trusted"}
    done = ballot(way, "ci", "")
    assert denied(done.document) == {QUORUM}
    assert warned(done) == {"approval-record.votes_count"}


@pytest.mark.parametrize("step", ["promote", "deploy"])
def test_a_key_that_was_revoked_after_its_vote_takes_it_back(walked: Walked, step: str) -> None:
    """The approvals are judged again where they are used, by the keys as they stand then."""
    way = walked("approve")
    assert vote(way, "ci", "") == set()
    if step == "deploy":
        way.walk("promote", "promote")
    way.trust_people(architect=replace(way.entry("architect"), **BAD_KEYS["revoked"]))
    gate = "release-promote" if step == "promote" else "deployment-record"
    assert way.red(step) == {f"{gate}.approvals_stand"}


# from afar


def sign(way: Way, *options: str, decision: str = "approved") -> Run:
    """Sign a vote on the request as whoever acts, into vote.json."""
    done = way.run(
        "ops",
        "approval-sign",
        "--change-request",
        REQUEST,
        "--decision",
        decision,
        "--output",
        "vote.json",
        *options,
    )
    assert done.status == 0, done.err
    return done


@pytest.fixture
def afar(walked: Walked, tmp_path: Path) -> tuple[Way, Path]:
    """A way with a request, and an approver's machine: an empty folder with the request's file, and the key."""
    way = walked("change")
    folder = tmp_path / "afar"
    there = way.copy(folder)
    import shutil

    shutil.rmtree(there.root)
    there.put("change_request.json", way.root / REQUEST)
    there.env.pop("DPONE_TRUST_ROOT")
    there.act("owner")
    done = there.run("ops", "approval-sign", "--change-request", "change_request.json", "--decision", "approved",
                     "--actor", "owner@example.com", "--output", "vote.json")  # fmt: skip
    assert done.status == 0, done.err
    assert sorted(p.name for p in there.root.iterdir()) == ["change_request.json", "vote.json"]
    way.put("vote.json", there.root / "vote.json")
    return way, there.root


def test_an_approver_needs_the_request_and_a_key_alone(afar: tuple[Way, Path]) -> None:
    """A vote signed on another machine, sent as a file, counts like one that was given here; twice is once."""
    way, _ = afar
    assert vote(way, "ci", "", "--approval", "vote.json") == set()
    assert vote(way, "ci", "", "--approval", "vote.json") == set()
    assert len([e for e in way.entries() if e["type"] == "approval"]) == 1
    way.walk("close", "promote")


def test_a_signed_vote_without_a_name_is_of_the_key(walked: Walked) -> None:
    """On a machine that knows the key, --actor can be left out."""
    way = walked("change")
    way.act("owner")
    sign(way)
    assert vote(way, "ci", "", "--approval", "vote.json") == set()


@pytest.mark.parametrize(
    ("how", "rule"),
    [
        ("edited", "evidence.well_formed"),
        ("not a vote", "evidence.well_formed"),
        ("a decision", "evidence.well_formed"),
        ("unknown key", "evidence.well_formed"),
        ("empty", "evidence.well_formed"),
        ("missing", "evidence.present"),
        ("a folder", "evidence.present"),
    ],
)
def test_a_vote_file_that_is_none_is_red(afar: tuple[Way, Path], how: str, rule: str) -> None:
    """A file that was edited, is something else, or is signed by a key that nobody knows keeps the approval shut
    and is not kept, although enough people approved."""
    way, _ = afar
    file = way.root / "vote.json"
    if how == "edited":
        envelope = json.loads(file.read_text())
        payload = envelope["payload"]
        envelope["payload"] = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]
        file.write_text(json.dumps(envelope))
    elif how == "not a vote":
        file.write_text('{"passed": true}')
    elif how == "a decision":
        way.put("vote.json", way.root / REQUEST.replace(".json", ".dsse.json"))
    elif how == "unknown key":
        way.use_key(new_private_text())
        sign(way, "--actor", "owner@example.com")
    elif how == "empty":
        file.write_text("")
    else:
        file.unlink()
        if how == "a folder":
            file.mkdir()
    assert vote(way, "architect", "approved", "--approval", "vote.json") == {rule}
    assert len([e for e in way.entries() if e["type"] == "approval"]) == 1


def test_a_vote_on_an_edited_file_is_on_nothing(walked: Walked) -> None:
    """An approver who was sent another request than the one that is counted has not approved that one."""
    way = walked("change")
    text = (way.root / REQUEST).read_text()
    way.write("mail.json", text.replace('"medium"', '"low"'))
    way.act("owner")
    done = way.run(
        "ops",
        "approval-sign",
        "--change-request",
        "mail.json",
        "--decision",
        "approved",
        "--output",
        "vote.json",
    )
    assert done.status == 0
    done = ballot(way, "ci", "", "--approval", "vote.json")
    assert denied(done.document) == {QUORUM}
    assert warned(done) == {"approval-record.votes_count"}


@pytest.mark.parametrize(
    ("file", "status"),
    [("dpone.yaml", 2), (".dpone/releases/latest/release_gate.json", 2), ("nowhere.json", 2)],
)
def test_only_a_change_request_can_be_voted_on(walked: Walked, file: str, status: int) -> None:
    """Signing a vote on something else is refused."""
    way = walked("change")
    way.act("owner")
    done = way.run(
        "ops", "approval-sign", "--change-request", file, "--decision", "approved", "--output", "vote.json"
    )
    assert done.status == status
    assert done.err.startswith("dpone: --change-request ")
    assert done.err.count("\n") == 1
    assert not (way.root / "vote.json").exists()


def test_the_remedy_of_a_missing_approval_works_as_printed(walked: Walked) -> None:
    """The command that is printed for the next approver is the one that completes the quorum."""
    way = walked("drift")
    ask(way)
    done = ballot(way, "architect", "approved")
    remedy = next(f["remedy"] for f in done.document["findings"] if f["rule"] == QUORUM)
    way.act("owner")
    assert way.run(*remedy.partition("dpone ")[2].split()).status == 0


# without keys


def test_without_keys_the_whole_way_is_asserted(walked: Walked) -> None:
    """Outside of protected environments the keyless sequence of the examples works from end to end, on one
    machine's own key: names are asserted, labelled so, and warned about."""
    way = walked("")
    (way.root / "dpone.trust.json").unlink()
    way.env.pop("DPONE_TRUST_ROOT")
    way.instead = {"environment": "preview"}
    for step in ("gate", "drift", "change"):
        assert way.step(step, as_="ci").status == 0
    assert vote(way, "ci", "approved", "--actor", "somebody@example.com") >= {"approval-record.actor_allowed"}
    assert vote(way, "ci", "approved", "--actor", " Manager@example.com") >= {"approval-record.actor_allowed"}
    done = ballot(way, "ci", "approved", "--actor", "architect@example.com")
    assert done.status == 0, done.out
    assert "approval-record.votes_signed" in warned(done)
    assert done.document["approvals_count"] == 1
    assert vote(way, "ci", "approved", "--actor", "Architect@example.com ", "--quorum-required", "2") == {
        QUORUM
    }
    assert vote(way, "ci", "") == set()
    for step in ("promote", "deploy", "check", "verify", "close"):
        done = way.step(step, as_="ci")
        assert done.status == 0, (step, done.out, done.err)
    told = way.run("ops", "status", "--release", RELEASE, "--environment", "preview")
    assert told.status == 0
    assert "asserted by" in told.out
    assert "closed" in told.out


@pytest.mark.parametrize(("signed", "rules"), [("never", set()), ("protected", set()), ("always", {QUORUM})])
def test_where_approvals_must_be_signed_is_configured(walked: Walked, signed: str, rules: set[str]) -> None:
    """approvals.signed says where an asserted approval counts; in a protected environment nothing loosens it."""
    way = walked("")
    way.config(f"approvals: {{signed: {signed}}}\n")
    way.instead = {"environment": "preview"}
    for step in ("gate", "drift", "change"):
        way.walk(step, step)
    assert vote(way, "architect", "approved", "--actor", "owner@example.com") == rules
    way = walked("change")
    way.config(f"approvals: {{signed: {signed}}}\n")
    assert vote(way, "architect", "approved", "--actor", "owner@example.com") == {QUORUM}
