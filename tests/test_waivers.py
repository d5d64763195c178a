"""Waivers from the command line: what counts, what never counts, and what everybody can see of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from release_simulator import AT, IDENTITY, RELEASE, SAMPLES, Run, Simulator, denied, granted

from dpone.record import replace
from dpone.signing.private import new_private_text, parse_private
from dpone.signing.trust import Revocation, TrustedKey

RULE, KEY = "pip-audit.vulnerability", "CVE-0000-00002"
OWNER = "owner@example.com"


class Waived(Simulator):
    """A release with one known vulnerability; the CI decides, a developer asks, an owner approves."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.keys = {"ci": self.env["DPONE_SIGNING_KEY"].encode()}
        self.keys |= {name: new_private_text() for name in ("dev", "owner", "dev2", "stranger")}
        self.people = {"ci": IDENTITY, "dev": "dev@example.com", "owner": OWNER, "dev2": "dev@example.com"}
        self.know()
        self.put("build/pip-audit.json", SAMPLES / "pip_audit" / "audit_fail.json")
        self.seal()
        assert self.gate().status == 1

    def know(self, protected: tuple[str, ...] = (), **changed: TrustedKey) -> str:
        """Write the trust file with everybody but the stranger."""
        entries = {name: granted(self.key(name), who) for name, who in self.people.items()} | changed
        return self.trust(*entries.values(), protected=protected)

    def key(self, name: str):
        """Somebody's public key."""
        return parse_private(self.keys[name], name).public

    def act(self, name: str, *words: str) -> Run:
        """Run a command as that person."""
        return self.run(*words, env={"DPONE_SIGNING_KEY": self.keys[name].decode()})

    def ask(self, *options: str, by: str = "dev", **changed: str) -> str:
        """Ask for a waiver of the one finding; returns its id."""
        said = {"finding": RULE, "match": KEY, "reason": "not reachable", "owner": OWNER, "ticket": "OPS-311",
                "expires": "14d", "release": RELEASE} | changed  # fmt: skip
        words = [word for name, text in said.items() if text for word in (f"--{name}", text)]
        done = self.act(by, "waiver", "create", *words, *self.clock, *options)
        assert done.status == 0, done.err
        return done.out.split()[1]

    def approve(self, waiver: str, by: str = "owner") -> Run:
        """Approve it."""
        return self.act(by, "waiver", "approve", waiver)

    def give(self, *options: str, **changed: str) -> str:
        """A waiver that two people have signed."""
        waiver = self.ask(*options, **changed)
        assert self.approve(waiver).status == 0
        return waiver

    def listed(self) -> dict[str, dict[str, object]]:
        """What `dpone waiver list` says, by id."""
        done = self.run("waiver", "list", "--format", "json", *self.clock)
        return {row["id"]: row for row in done.document["waivers"]}


@pytest.fixture
def release(tmp_path: Path) -> Waived:
    """One red finding and everybody's keys."""
    return Waived(tmp_path)


def test_a_waiver_of_two_people_covers_its_finding_everywhere_it_is_shown(release: Waived) -> None:
    """Green, and the finding stands in every output with who answers for it, until when and why."""
    waiver = release.give()
    done = release.gate(
        "--output", "md=o.md", "--output", "junit=o.xml", "--output", "sarif=o.sarif", "--output", "gitlab=o.json",
        "--output", "github",
    )  # fmt: skip
    assert done.status == 0
    line = f"waived {RULE} {KEY} until 2026-12-07T00:00:00Z, by {OWNER}, OPS-311"
    assert line in done.out
    assert "1 waived" in done.out
    document = json.loads(release.artifact.read_text())
    (finding,) = [f for f in document["findings"] if f["state"] == "waived"]
    assert finding["severity"] == "error"
    assert finding["waiver"] == {
        "id": waiver, "owner": OWNER, "approver": OWNER, "ticket": "OPS-311", "reason": "not reachable",
        "until": "2026-12-07T00:00:00Z",
    }  # fmt: skip
    assert document["blockers"] == []
    assert [i["passed"] for i in document["items"] if i["name"] == "deps"] == [True]
    read = {place: (release.root / place).read_text() for place in ("o.md", "o.xml", "o.sarif", "o.json")}
    assert "## Waived, not counted" in read["o.md"]
    assert "OPS-311" in read["o.md"]
    (skipped,) = list(ET.fromstring(read["o.xml"]).iter("skipped"))
    assert waiver in skipped.attrib["message"]
    results = json.loads(read["o.sarif"])["runs"][0]["results"]
    (suppressed,) = [r for r in results if r["suppressions"]]
    assert waiver in suppressed["suppressions"][0]["justification"]
    assert any(waiver in entry["description"] for entry in json.loads(read["o.json"]))
    assert "waived: certifi" in done.out + done.err
    shown = release.run("decision", "show", "latest").out
    assert f"by waiver {waiver} until" in shown
    assert release.run("decision", "replay", "--all", "--collect").status == 0
    assert release.run("decision", "verify", "latest").status == 0
    assert release.run("ledger", "verify").status == 0
    assert release.listed()[waiver]["state"] == "active"


Attack = Callable[[Waived], None]


def _self_approval(release: Waived) -> None:
    assert release.approve(release.ask(), by="dev").status == 1


def _two_keys(release: Waived) -> None:
    """The same person with another key; the trust file itself refuses two spellings of one."""
    assert release.approve(release.ask(), by="dev2").status == 0


def _nobody(release: Waived) -> None:
    release.ask()


def _stranger(release: Waived) -> None:
    """A key nobody vouches for approves."""
    release.approve(release.ask(), by="stranger")


def _asked_by_a_stranger(release: Waived) -> None:
    """A key nobody vouches for asks, and a good one approves."""
    waiver = release.ask(by="stranger")
    done = release.approve(f".dpone/waivers/{waiver}.dsse.json")
    assert done.status == 1
    assert "signed by no known key" in done.err


def _no_right(release: Waived) -> None:
    """The approver's key may decide, and not waive."""
    may = replace(granted(release.key("owner"), OWNER), kinds=("release_gate",))
    release.give()
    release.know(owner=may)


def _other_gate_right(release: Waived) -> None:
    """The approver's key may waive, at another gate."""
    release.give()
    release.know(owner=replace(granted(release.key("owner"), OWNER), gates=("env-drift",)))


def _revoked_key(release: Waived) -> None:
    release.give()
    lost = Revocation(datetime(2026, 11, 1, tzinfo=timezone.utc), "lost")
    release.know(owner=replace(granted(release.key("owner"), OWNER), revoked=lost))


def _revoked(release: Waived) -> None:
    waiver = release.give()
    assert release.act("ci", "waiver", "revoke", waiver, "--reason", "reachable after all").status == 0
    assert release.listed()[waiver]["state"] == "revoked"


def _other_gate(release: Waived) -> None:
    release.give("--any-evidence", gate="env-drift")


def _other_release(release: Waived) -> None:
    release.give("--any-evidence", release="v0.7.2")


def _other_environment(release: Waived) -> None:
    release.give("--any-evidence", environment="staging")


def _other_rule(release: Waived) -> None:
    release.give("--any-evidence", finding="pip-audit.unaudited")


def _other_key(release: Waived) -> None:
    release.give("--any-evidence", match="CVE-0000-00003")


def _other_evidence(release: Waived) -> None:
    """The report was made again after the waiver was given."""
    release.give()
    place = release.root / "build" / "pip-audit.json"
    place.write_bytes(place.read_bytes() + b"\n")
    release.seal()


def _expired(release: Waived) -> None:
    release.give(expires="1d")
    release.clock = ("--at", "2026-11-24T00:00:00Z")


def _not_yet(release: Waived) -> None:
    release.give(begins="2026-11-23T00:00:01Z")


def _too_long(release: Waived) -> None:
    release.give(expires="91d")


def _renewed_too_often(release: Waived) -> None:
    """Each before it is another waiver for the same finding; the one that counts is over the limit."""
    release.config("waiver_limits: {renewals: 1}")
    for number, end in enumerate(("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", "2026-12-03T00:00:00Z")):
        release.clock = ("--at", f"2026-11-23T00:00:0{number}Z")
        release.give(expires=end)
    release.clock = ("--at", "2026-11-26T00:00:00Z")


def _wildcard(release: Waived) -> None:
    release.give(match="*")


def _short_pattern(release: Waived) -> None:
    release.give(match="CVE*")


def _edited(release: Waived) -> None:
    """The objects of the ledger are swapped for edited envelopes: they do not have their digests any more."""
    waiver = release.give()
    place = release.root / ".dpone" / "waivers" / f"{waiver}.dsse.json"
    envelope = json.loads(place.read_bytes())
    payload = base64.b64decode(envelope["payload"]).replace(KEY.encode(), b"CVE-0000-00009")
    envelope["payload"] = base64.b64encode(payload).decode()
    place.write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")))
    assert release.act("ci", "waiver", "revoke", waiver, "--reason", "to be given again").status == 0
    done = release.approve(str(place))
    assert done.status == 1
    assert "not over these bytes" in done.err


def _typed_where_signed(release: Waived) -> None:
    release.config("waiver_limits: {signed: always}")
    _typed(release)


def _typed(release: Waived, **changed: str) -> None:
    said = {"finding": RULE, "match": KEY, "reason": "r", "owner": OWNER, "expires": "2026-12-01"} | changed
    release.config(f"waivers: [{json.dumps({name: text for name, text in said.items() if text})}]")


ATTACKS: dict[str, tuple[Attack, str]] = {
    "approved by the one who asks": (_self_approval, "nobody has approved it"),
    "approved with another key of the one who asks": (_two_keys, "the one who asked for it approved it"),
    "approved by nobody": (_nobody, "nobody has approved it"),
    "approved by a stranger": (_stranger, "nobody has approved it"),
    "asked by a stranger": (_asked_by_a_stranger, ""),
    "approved without the right": (_no_right, "the key that approved it may not"),
    "approved with the right for another gate": (_other_gate_right, "the key that approved it may not"),
    "approved with a revoked key": (_revoked_key, "the key that approved it may not"),
    "revoked": (_revoked, "was revoked"),
    "another gate": (_other_gate, ""),
    "another release": (_other_release, ""),
    "another environment": (_other_environment, ""),
    "another rule": (_other_rule, "there is no such finding"),
    "another key": (_other_key, "there is no such finding"),
    "other evidence": (_other_evidence, "given for other evidence"),
    "expired": (_expired, "it ended"),
    "not yet": (_not_yet, "it begins"),
    "too long": (_too_long, "at most 90 d"),
    "renewed too often": (_renewed_too_often, "renewal number 2, at most 1"),
    "a pattern for all": (_wildcard, "fits nearly anything"),
    "a pattern for nearly all": (_short_pattern, "fits nearly anything"),
    "edited": (_edited, "was revoked"),
    "typed where it must be signed": (_typed_where_signed, "it is not signed"),
}


@pytest.mark.parametrize(("attack", "said"), ATTACKS.values(), ids=ATTACKS)
def test_what_is_no_waiver_covers_nothing(release: Waived, attack: Attack, said: str) -> None:
    """The finding stays red, and where a waiver speaks of this gate and subject it is said why it does not count."""
    attack(release)
    done = release.gate("--format", "json")
    assert done.status == 1, done.err
    assert RULE in denied(done.document)
    told = [
        f["message"] for f in done.document["findings"] if f["rule"].startswith(("waivers.", "dpone.waiver"))
    ]
    assert not told if not said else any(said in message for message in told), told
    assert release.run("decision", "replay", "latest").status == 0


def test_a_damaged_waiver_in_the_ledger_decides_nothing(release: Waived) -> None:
    """An object that has not its digest any more is a broken ledger, not a missing waiver."""
    waiver = release.give()
    envelope = (release.root / ".dpone" / "waivers" / f"{waiver}.dsse.json").read_bytes()
    (place,) = [
        p for p in (release.root / ".dpone" / "ledger").rglob("*") if p.is_file() and p.read_bytes() == envelope
    ]
    place.chmod(0o644)
    place.write_bytes(envelope.replace(b"W", b"X", 1) if b"W" in envelope else envelope[:-1])
    assert release.gate().status == 3
    assert release.run("waiver", "list").status == 3


def test_an_entry_of_the_file_covers_where_no_signature_is_asked_for(release: Waived) -> None:
    """By its owner, until the end of its day."""
    _typed(release)
    done = release.gate()
    assert done.status == 0
    assert f"until 2026-12-02T00:00:00Z, by {OWNER}" in done.out


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expires": "2026-11-22"}, "it ended"),
        ({"expires": "2027-11-22"}, "at most 90 d"),
        ({"finding": "evidence.present"}, "nobody can waive evidence.present"),
        ({"finding": "evidence.sealed", "match": "x"}, "nobody can waive evidence.sealed"),
        ({"finding": "pip-adit.vulnerability"}, "there is no such finding"),
        ({"match": "*"}, "fits nearly anything"),
        ({"kind": "junit"}, "there is no such finding"),
        ({"evidence": "tests"}, "there is no such finding"),
    ],
)
def test_an_entry_of_the_file_that_is_no_good_is_named(
    release: Waived, changed: dict[str, str], said: str
) -> None:
    """As for signed ones."""
    _typed(release, **changed)
    done = release.gate()
    assert done.status == 1
    assert said in done.out


@pytest.mark.parametrize(
    ("rule", "sample"),
    [("evidence.recognized", "traps"), ("evidence.present", "")],
    ids=["unrecognised", "missing"],
)
def test_required_evidence_cannot_be_waived(release: Waived, rule: str, sample: str) -> None:
    """Neither what is missing nor what nobody understands."""
    place = release.root / "build" / "junit.xml"
    place.unlink()
    if sample:
        place.write_text('{"passed": true}')
    _typed(release, finding=rule, match="")
    done = release.gate("--format", "json")
    assert done.status == 1
    assert rule in denied(done.document)


def test_ends_soon_is_said_in_time_and_counts_until_then(release: Waived) -> None:
    """A week before, the owner is named; the finding is still waived."""
    waiver = release.give(expires="2026-11-29T23:59:59Z")
    done = release.gate()
    assert done.status == 0
    assert f"waiver {waiver} of {RULE} ends 2026-11-29T23:59:59Z, in 6 d; {OWNER} answers for it" in done.out


def test_a_waiver_of_any_evidence_outlives_the_report(release: Waived) -> None:
    """By key, for this release, whatever file the finding comes from."""
    release.give("--any-evidence")
    place = release.root / "build" / "pip-audit.json"
    place.write_bytes(place.read_bytes() + b"\n")
    release.seal()
    assert release.gate().status == 0


def test_a_waiver_can_be_approved_in_another_workspace(release: Waived, tmp_path: Path) -> None:
    """The file is all it takes there and back: no ledger is shared."""
    waiver = release.ask()
    other = release.copy(tmp_path / "elsewhere")
    place = f".dpone/waivers/{waiver}.dsse.json"
    words = ("waiver", "approve", place)
    env = {"DPONE_SIGNING_KEY": release.keys["owner"].decode()}
    assert other.run(*words, env=env).status == 0
    release.write("mailed.json", (other.root / place).read_bytes())
    again = release.act("ci", "waiver", "approve", "mailed.json")
    assert again.status == 0
    assert release.gate().status == 0


def test_the_list_has_a_word_for_each(release: Waived) -> None:
    """Asked for, unused, upcoming, expired, revoked, and the entries of the file."""
    asked = release.ask()
    unused = release.give(expires="10d")
    later = release.give(begins="2026-11-25T00:00:00Z", expires="2026-11-28")
    gone = release.give(expires="11d")
    assert release.act("ci", "waiver", "revoke", gone, "--reason", "no longer needed").status == 0
    _typed(release, expires="2026-11-01")
    told = release.listed()
    assert {told[w]["state"] for w in (asked,)} == {"asked"}
    assert (told[unused]["state"], told[unused]["days_left"]) == ("unused", 10)
    assert told[later]["state"] == "upcoming"
    assert told[gone]["state"] == "revoked"
    assert [row["state"] for name, row in told.items() if name.startswith("F-")] == ["expired"]
    text = release.run("waiver", "list", *release.clock).out
    assert "ends in 10 d" in text
    assert text.endswith("5 waivers\n")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("create", "--expires", "soon"), 2, "neither a date nor a duration"),
        (("create", "--expires", "2026-11-22"), 2, "lies before its beginning, or has passed"),
        (("create", "--expires", "999999w"), 2, "too far away"),
        (("create", "--begins", "today"), 2, "--begins"),
        (("create", "--gate", "relese-gate"), 2, "there is no gate"),
        (("create", "--finding", "evidence.present"), 2, "nobody can waive"),
        (("create", "--match", "CVE-1"), 1, "has no finding"),
        (("create", "--reason", " "), 2, "--reason"),
        (("create", "--reason", "password=hunter2hunter2"), 2, "looks like a secret"),
        (("create", "--owner", "a\nb"), 2, "--owner"),
        (("approve", "W-00000000"), 2, "no signed waiver"),
        (("approve", "W-0"), 2, "no signed waiver"),
        (("approve", "nothing.json"), 2, "nothing.json"),
        (("approve", "dpone.yaml"), 1, "not JSON"),
        (("revoke", "W-00000000", "--reason", "r"), 2, "no signed waiver"),
        (("revoke", "W-00000000", "--reason", ""), 2, "--reason"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(
    release: Waived, words: tuple[str, ...], status: int, said: str
) -> None:
    """And nothing is recorded."""
    entries = release.entries()
    base = (
        "--finding",
        RULE,
        "--match",
        KEY,
        "--release",
        RELEASE,
        "--reason",
        "r",
        "--owner",
        "o",
        "--expires",
        "14d",
    )
    more = (*base, "--at", AT) if words[0] == "create" else ()
    done = release.act("dev", "waiver", words[0], *more, *words[1:])
    assert (done.status, len(done.err.splitlines())) == (status, 1), done.err
    assert said in done.err
    assert release.entries() == entries


def test_a_key_that_nobody_knows_revokes_nothing(release: Waived) -> None:
    """Nor does it leave an entry that would make the ledger unreadable to all others."""
    waiver = release.give()
    done = release.act("stranger", "waiver", "revoke", waiver, "--reason", "because")
    assert done.status == 1
    assert "does not know the key" in done.err
    assert release.gate().status == 0


def test_without_a_key_nobody_asks(release: Waived) -> None:
    """In CI without a key there is nothing to sign with."""
    done = release.run(
        "waiver", "create", "--finding", RULE, "--reason", "r", "--owner", "o", "--expires", "14d",
        env={"DPONE_SIGNING_KEY": "", "CI": "true"},
    )  # fmt: skip
    assert done.status == 2
    assert "signing key" in done.err


def live(release: Waived) -> str:
    """Take the release to the real time, with everything anchored and production protected."""
    release.anchor(release.know(protected=("production",)))
    release.live()
    return f"{datetime.now(timezone.utc) + timedelta(days=10):%Y-%m-%d}"


def test_a_protected_environment_counts_signed_waivers_only(release: Waived) -> None:
    """The entry of the file covers staging; production asks for two signatures, for no longer than 30 days."""
    day = live(release)
    _typed(release, expires=day)
    into = ("--environment", "production")
    assert release.gate("--environment", "staging").status == 0
    done = release.gate(*into)
    assert done.status == 1
    assert "it is not signed" in done.out
    release.give(environment="production", expires="31d")
    assert "at most 30 d for findings of severity error" in release.gate(*into).out
    release.give(environment="production", expires=day)
    done = release.gate(*into)
    assert done.status == 0, done.out
    assert f"by {OWNER}" in done.out


def test_an_approver_for_staging_waives_nothing_in_production(release: Waived) -> None:
    """Whatever the waiver leaves open: the key must be granted the environment that is decided about."""
    day = live(release)
    release.gate("--environment", "production")
    release.give("--any-evidence", expires=day)
    assert release.gate("--environment", "production").status == 0
    may = replace(granted(release.key("owner"), OWNER), environments=("staging",))
    release.anchor(release.know(protected=("production",), owner=may))
    done = release.gate("--environment", "production")
    assert done.status == 1
    assert "the key that approved it may not" in done.out


def test_one_duration_stands_for_both_severities(release: Waived) -> None:
    """`max: 10d` limits errors and warnings alike."""
    release.config("waiver_limits: {max: 10d}")
    release.give(expires="11d")
    done = release.gate()
    assert done.status == 1
    assert "at most 10 d" in done.out


def test_what_if_takes_the_waivers_of_the_file_as_they_are_now(release: Waived) -> None:
    """A red decision would pass with an entry that is there now; signed ones stay those of then."""
    _typed(release)
    done = release.run("policy", "what-if", "--format", "json")
    assert done.status == 0, done.err
    text = json.dumps(done.document)
    assert '"before": "failed", "cannot": "", "decision"' in json.dumps(done.document, sort_keys=True)
    assert '"after": "passed"' in text


@pytest.mark.parametrize("content", ["", '{"a":'], ids=["empty", "broken"])
def test_a_file_that_is_no_waiver_is_named_as_such(release: Waived, content: str) -> None:
    """Whoever gives the wrong file is told which one to give, not whom to ask."""
    release.write("mailed.json", content)
    done = release.act("owner", "waiver", "approve", "mailed.json")
    assert done.status == 1
    assert "mailed.json: it is not JSON" in done.err
    assert "give the file that dpone waiver create wrote" in done.err
