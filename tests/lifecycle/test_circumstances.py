"""Times, keys, the ledger, configuration and environments on the way of a release: one wrong at a time."""

from __future__ import annotations

import json
import shutil
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from release_simulator import RELEASE, STEPS, Walked, Way, denied

from dpone.record import replace
from dpone.signing.trust import Revocation

ROLLBACK = ("--rollback-artifact", "build/pip-audit.json")


def at(span: timedelta) -> str:
    """The time that is a span before now as the command line takes it (negative: after now)."""
    return f"{datetime.now(timezone.utc) - span:%Y-%m-%dT%H:%M:%SZ}"


def ago(**span: float) -> str:
    """A time before now, the span in words."""
    return at(timedelta(**span))


def before(step: str) -> str:
    """The step before a step."""
    return STEPS[STEPS.index(step) - 1] if step != STEPS[0] else ""


def slo(way: Way, lag: int = 5) -> None:
    """Check the service level once more; above 10 it is red."""
    way.act("ci")
    way.run(*way.commands()["check"][1][:-4], "--metrics-json", f'{{"lag": {lag}}}',
            "--objectives-json", '{"lag": {"max": 10}}')  # fmt: skip


# the deployment


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        (
            ("--started-at", timedelta(minutes=2), "--finished-at", timedelta(minutes=4)),
            {"deployment-record.times_possible"},
        ),
        (("--finished-at", timedelta(hours=-2)), {"deployment-record.times_possible"}),
        (("--started-at", timedelta(hours=-2)), {"deployment-record.times_possible"}),
        (("--started-at", "yesterday"), {"deployment-record.times_possible"}),
        (("--finished-at", "2026-06-05"), {"deployment-record.times_possible"}),
        (("--started-at", timedelta(minutes=2), "--finished-at", timedelta(minutes=1)), set()),
        (("--finished-at", timedelta(minutes=1)), set()),
        (
            ("--started-at", timedelta(hours=2), "--finished-at", timedelta(minutes=1)),
            {"deployment-record.approved_before"},
        ),
        (("--post-check", "e2e=false"), {"deployment-record.checks_passed"}),
        (("--status", "completed"), set()),
        (("--status", "failed", *ROLLBACK), {"deployment-record.ended_well"}),
        (("--status", "partial", *ROLLBACK), {"deployment-record.ended_well"}),
        (("--status", "failed"), {"deployment-record.ended_well", "deployment-record.way_back"}),
        (("--rollback-artifact", "nowhere.json"), {"evidence.present"}),
        (("--environment", "staging"), {"deployment-record.approved_here"}),
        (("--environment", "Production"), {"deployment-record.approved_here", "deployment-record.promoted"}),
        (("--release", "v9"), {"deployment-record.approved_here", "deployment-record.promoted"}),
        (("--actor", "somebody@example.com"), {"evidence.claim_matches_signer"}),
    ],
)  # fmt: skip
def test_what_a_deployment_says_is_judged(
    walked: Walked, options: tuple[str | timedelta, ...], rules: set[str]
) -> None:
    """Times, outcome, checks, the way back, where and what: each is red by itself.

    A span is before the moment of the test: the times are taken beside the approval's, however long ago the
    table was read.
    """
    given = [at(option) if isinstance(option, timedelta) else option for option in options]
    done = walked("promote").step("deploy", *given, "--format", "json")
    assert (done.status, denied(done.document)) == (1 if rules else 0, rules)


def test_a_deployment_that_nobody_checked_is_red_where_protected(walked: Walked) -> None:
    """At least one check belongs to the record."""
    way = walked("promote")
    command = list(way.commands()["deploy"][1])
    at = command.index("--post-check")
    way.act("operator")
    done = way.run(*command[:at], *command[at + 2 :], "--format", "json")
    assert denied(done.document) == {"deployment-record.checks_made"}


@pytest.mark.parametrize("name", ["../x", "", "a b", "x" * 200])
def test_an_id_that_names_nothing_is_wrong_usage(walked: Walked, name: str) -> None:
    """Ids are checked before anything is decided."""
    way = walked("promote")
    count = len(way.entries())
    done = way.step("deploy", "--deployment-id", name)
    assert done.status == 2 and done.err.count("\n") == 1, done.err
    assert len(way.entries()) == count


# after the deployment


def test_the_record_alone_verifies_nothing(walked: Walked) -> None:
    """Without the checks that the configuration names, and without any, a deployment is not verified."""
    way = walked("deploy")
    way.act("ci")
    command = way.commands()["verify"][1][:-2]
    assert denied(way.run(*command, "--format", "json").document) == {"evidence.required"}
    way.write("dpone.yaml", (way.root / "dpone.yaml").read_text().replace("require: [slo]", "require: []"))
    rules = denied(way.run(*command, "--format", "json").document)
    assert "post-deploy-verify.checks_given" in rules


def test_a_check_under_another_name_is_not_the_one_demanded(walked: Walked) -> None:
    """gates.post-deploy-verify.require names what must be there."""
    way = walked("check")
    way.act("ci")
    command = [c.replace("slo=", "diff=") for c in way.commands()["verify"][1]]
    assert denied(way.run(*command, "--format", "json").document) == {"evidence.required"}


def test_where_no_checks_are_named_any_would_do_and_that_is_red(walked: Walked) -> None:
    """In a protected environment the configuration says what is checked, not whoever runs the gate."""
    way = walked("check")
    text = (way.root / "dpone.yaml").read_text()
    way.write("dpone.yaml", text.replace("  post-deploy-verify: {require: [slo]}\n", ""))
    assert way.red("verify") == {"post-deploy-verify.checks_named"}


def test_a_check_from_before_the_deployment_is_red(walked: Walked) -> None:
    """It says nothing about what runs now, even when the deployment claims to have ended later than it did."""
    way = walked("promote")
    way.walk("check", "check")
    time.sleep(1.1)
    way.walk("deploy", "deploy")
    assert way.red("verify") == {"post-deploy-verify.made_afterwards"}


def test_a_red_check_is_red(walked: Walked) -> None:
    """A check that failed demands a roll-back; one that was left out for a green file is not forgotten."""
    way = walked("deploy")
    slo(way, 50)
    assert way.red("verify") == {"evidence.artifact_passed"}


@pytest.mark.parametrize(
    ("step", "options", "rules"),
    [
        ("verify", ("--deployment-id", "DEP-9"), {"post-deploy-verify.deployment_recorded"}),
        ("verify", ("--environment", "staging"), {"evidence.not_foreign", "post-deploy-verify.deployment_recorded"}),
        ("verify", ("--release", "v9"), {"evidence.not_foreign", "post-deploy-verify.deployment_recorded"}),
        ("close", ("--environment", "staging"), {"release-close.verified"}),
        ("close", ("--environment", "Production"), {"release-close.verified"}),
        ("close", ("--release", "v9"), {"release-close.verified"}),
        ("close", ("--closed-by", "owner@example.com"), {"evidence.claim_matches_signer"}),
    ],
)  # fmt: skip
def test_another_release_environment_or_deployment_is_not_this_one(
    walked: Walked, step: str, options: tuple[str, ...], rules: set[str]
) -> None:
    """A good verification and a good close are of one deployment, and nothing else."""
    assert walked(before(step)).red(step, *options) == rules


def test_a_deployment_that_failed_since_is_not_closed(walked: Walked) -> None:
    """A later record of the same deployment that failed outdates the verification."""
    way = walked("verify")
    way.step("deploy", "--status", "failed", *ROLLBACK)
    assert way.red("close") == {"evidence.artifact_passed"}


def test_a_later_deployment_is_what_must_be_verified(walked: Walked) -> None:
    """Closing the older deployment would call closed what nobody looked at; verified, it can be closed."""
    way = walked("verify")
    way.instead = {"deployment_id": "DEP-2"}
    way.walk("deploy", "deploy")
    assert way.red("close") == {"release-close.deployment_latest"}
    way.walk("close", "check")


def test_a_check_that_turned_red_since_keeps_the_release_open(walked: Walked) -> None:
    """What the ledger knows to be red is not left out; a red verification after it is not passed over."""
    way = walked("verify")
    slo(way, 50)
    assert way.red("close") == {"evidence.current"}
    assert way.red("verify") == {"evidence.artifact_passed"}
    assert way.red("close") == {"evidence.artifact_passed", "evidence.current"}
    way.walk("close", "check")


# clocks


@pytest.mark.parametrize("step", ["change", "approve", "promote", "deploy", "verify", "close"])
def test_a_set_clock_is_red_where_protected(walked: Walked, step: str) -> None:
    """--at, before or after what happened, is no way to make things fresh in a protected environment."""
    for when in (ago(minutes=-1), ago(days=-3)):
        assert "evidence.clock_is_real" in walked(before(step)).red(step, "--at", when)


@pytest.mark.parametrize(("made", "step"), [("gate", "change"), ("gate", "promote"), ("drift", "promote")])
def test_evidence_from_the_future_is_red(walked: Walked, made: str, step: str) -> None:
    """A decision dated an hour ahead, by a key that may sign it, is not fresh for longer."""
    way = walked(before(made))
    way.trust_people()
    target = ("--target-env", "preview") if made == "drift" else ()
    way.instead = {"environment": "preview"}
    for name in STEPS[STEPS.index(made) : STEPS.index(step)]:
        options = ("--at", ago(hours=-1)) if name == made else ()
        way.step(name, *options, *(target if name == made else ()))
    assert "evidence.not_from_future" in way.red(step)


# keys


REVOKED = {"revoked": Revocation(datetime.now(timezone.utc) - timedelta(hours=1), "lost")}


@pytest.mark.parametrize(
    ("who", "step", "as_"),
    [
        ("ci", "change", ""),
        ("manager", "approve", ""),
        ("ci", "promote", "owner"),
        ("ci", "deploy", ""),
        ("operator", "verify", ""),
        ("ci", "close", ""),
        ("operator", "close", ""),
    ],
)
def test_a_key_that_was_revoked_takes_its_decisions_with_it(
    walked: Walked, who: str, step: str, as_: str
) -> None:
    """What a step stands on must be signed by a key that counts now; the finding names the key, not a missing
    step."""
    way = walked(before(step))
    way.trust_people(**{who: replace(way.entry(who), **REVOKED)})
    done = way.step(step, "--format", "json", as_=as_)
    assert denied(done.document) == {"evidence.seal_holds"}
    assert "was revoked" in done.out


@pytest.mark.parametrize("step", ["gate", "change", "promote", "deploy", "verify", "close"])
def test_a_key_that_counts_for_nothing_decides_nothing(walked: Walked, step: str) -> None:
    """Whoever takes a step with a revoked key is told so, and the next step does not stand on it."""
    way = walked(before(step))
    way.join("stranger")
    way.trust_people(stranger=replace(way.entry("stranger"), **REVOKED))
    who = {"change": ("--requested-by", ""), "close": ("--closed-by", "")}.get(step, ())
    rules = way.red(step, *((*who[:1], "stranger@example.com") if who else ()), as_="stranger")
    assert rules - {"evidence.supersedes_by_role"} == {"evidence.signer_trusted"}


@pytest.mark.parametrize("step", ["gate", "drift", "change", "promote", "deploy", "verify", "close"])
def test_a_lesser_role_does_not_supersede(walked: Walked, step: str) -> None:
    """What somebody with a role decided is decided anew only by somebody with that role."""
    way = walked(before(step))
    who = way.commands()[step][0]
    way.trust_people(**{who: replace(way.entry(who), roles=("ci", "lead"))})
    way.walk(step, step)
    way.trust_people(**{who: replace(way.entry(who), roles=("ci",))})
    # The file says what the role was worth when it is judged: the earlier decision has lost it, too.
    way.walk(step, step)
    way.join("boss")
    way.trust_people(boss=replace(way.entry("boss"), roles=("ci", "lead")))
    named = {"change": ("--requested-by", "boss@example.com"), "close": ("--closed-by", "boss@example.com")}
    assert way.step(step, *named.get(step, ()), as_="boss").status == 0
    assert way.red(step) == {"evidence.supersedes_by_role"}


# the ledger


def ledger(way: Way) -> Path:
    """The ledger's folder."""
    return way.root / ".dpone" / "ledger"


@pytest.mark.parametrize("step", ["change", "promote", "deploy", "verify", "close"])
def test_a_ledger_that_is_gone_carries_nothing(walked: Walked, step: str) -> None:
    """A fresh ledger knows no steps: the release is not let on by the files that still lie about."""
    way = walked(before(step))
    shutil.rmtree(ledger(way))
    assert way.red(step)


@pytest.mark.parametrize("step", ["approve", "deploy", "close"])
@pytest.mark.parametrize("how", ["truncated", "entry gone", "entry edited", "checkpoint gone", "of another"])
def test_a_ledger_that_was_changed_is_never_green(walked: Walked, step: str, how: str) -> None:
    """Entries cut off, removed, edited, or exchanged for those of a fork leave a step undecided or red, and
    `ledger verify` names it."""
    way = walked(before(step))
    entries = sorted((ledger(way) / "entries").rglob("*.json"))
    if how == "truncated":
        entries[-1].unlink()
    elif how == "entry gone":
        entries[0].unlink()
    elif how == "entry edited":
        entries[-1].write_text(entries[-1].read_text().replace('"passed":true', '"passed":false'))
    elif how == "checkpoint gone":
        for path in ledger(way).glob("checkpoint*"):
            path.unlink()
    else:
        other = walked(before(step))
        other.walk(before(step), before(step))
        theirs = sorted((ledger(other) / "entries").rglob("*.json"))
        shutil.copyfile(theirs[-1], entries[-1])
    assert way.run("ledger", "verify").status in (1, 3)
    done = way.step(step)
    assert done.status in (1, 3), done.out
    assert "Traceback" not in done.err
    assert done.err.count("\n") <= 1


# configuration


@pytest.mark.parametrize(
    ("lines", "step"),
    [
        ("approvals: {exclude: []}", "approve"),
        ("approvals: {signed: never}", "approve"),
        ("concerns: {unsealed: allow, unbound: allow, undated: allow, stale: allow}", "deploy"),
        ("profile: standard", "deploy"),
    ],
)
def test_configuration_below_strict_does_not_loosen(walked: Walked, lines: str, step: str) -> None:
    """A line added to dpone.yaml between two steps loosens nothing where the environment is protected."""
    way = walked("drift" if step == "approve" else "promote")
    way.config(lines + "\n")
    if step == "approve" and "exclude" in lines:
        assert way.step("change", "--approver", "manager@example.com").status == 0
        assert way.red("approve", as_="manager") == {"approval-record.quorum_met"}
    elif step == "approve":
        way.walk("change", "change")
        rules = way.red("approve", "--actor", "owner@example.com")
        assert rules == {"approval-record.quorum_met"}
    else:
        shown = way.step("deploy", "--show-input")
        assert json.loads(shown.out)["protected"] is True
        assert way.red("deploy", "--at", ago(minutes=-1)) == {"evidence.clock_is_real"}


def test_an_environment_stays_protected_when_the_file_says_otherwise(walked: Walked) -> None:
    """The trust file's protection is not switched off in dpone.yaml."""
    way = walked("promote")
    text = (way.root / "dpone.yaml").read_text()
    way.write("dpone.yaml", text.replace("protected: true", "protected: false"))
    assert way.red("deploy", "--at", ago(minutes=-1)) == {"evidence.clock_is_real"}


# the order of environments


def test_no_environment_is_skipped(walked: Walked) -> None:
    """A release of dev does not go into production, which comes after staging; and nothing goes into itself."""
    way = walked("")
    text = (way.root / "dpone.yaml").read_text()
    way.write("dpone.yaml", text.replace("staging: {}", "dev: {}\n  staging: {after: dev}"))
    way.act("ci")
    move = ("ops", "release-promote", "--release", RELEASE, "--format", "json")
    found = way.run(*move, "--from-env", "dev", "--to-env", "production").document
    order = next(f for f in found["findings"] if f["rule"] == "release-promote.order_kept")
    assert order["message"] == "out of order: production comes after staging, not after dev"
    same = way.run(*move, "--from-env", "Production", "--to-env", "production").document
    assert "release-promote.environments_differ" in denied(same)


def test_a_release_goes_through_every_environment(walked: Walked) -> None:
    """From dev into staging, and from there into production: each move has its own gate and comparison."""
    way = walked("")
    text = (way.root / "dpone.yaml").read_text()
    way.write("dpone.yaml", text.replace("staging: {}", "dev: {}\n  staging: {after: dev}"))
    way.act("ci")
    assert way.run("ops", "release-gate", "--release", RELEASE, "--environment", "dev").status == 0
    compare = (
        "ops",
        "env-drift",
        "--release",
        RELEASE,
        "--source",
        "env/staging.yaml",
        "--target",
        "env/staging.yaml",
    )
    assert way.run(*compare, "--source-env", "dev", "--target-env", "staging").status in (0, 1)
    way.write("env/dev.yaml", "host: db\nworkers: 4\n# dev\n")
    compare = (
        "ops",
        "env-drift",
        "--release",
        RELEASE,
        "--source",
        "env/dev.yaml",
        "--target",
        "env/staging.yaml",
    )
    assert way.run(*compare, "--source-env", "dev", "--target-env", "staging").status == 0
    move = way.run("ops", "release-promote", "--release", RELEASE, "--from-env", "dev", "--to-env", "staging")
    assert move.status == 0, move.out
    way.walk("close")


@pytest.mark.parametrize("name", ["Production", "PRODUCTION", "production "])
def test_another_spelling_of_an_environment_is_as_protected(walked: Walked, name: str) -> None:
    """A promotion into `Production` is judged as into a protected environment, or not understood at all."""
    way = walked("approve")
    done = way.step("promote", "--to-env", name, "--format", "json")
    assert done.status in (1, 2), done.out
    if done.status == 1:
        assert "release-promote.change_approved" in denied(done.document)
