"""What a key is worth, and to whom a trust file may speak."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.errors import UndecidedError, UsageError
from dpone.record import replace
from dpone.signing.private import signer_from_seed
from dpone.signing.trust import Revocation, Trust, TrustedKey, same_person
from dpone.signing.trust_file import trust_bytes

KEY, OTHER = (signer_from_seed(bytes([number]) * 32, "test").public for number in (1, 2))
NOW = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
RIGHTS = TrustedKey(KEY, "ci@example.com", ("ci",), ("junit",), ("release-gate",), ("staging",))


def trust(state="workspace", **changes):
    """A trust of one key."""
    return Trust(keys=(replace(RIGHTS, **changes),), state=state)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ({}, True),
        ({"kind": "junit"}, True),
        ({"kind": "junit", "gate": "release-gate", "environment": "staging"}, True),
        ({"kind": "dbt"}, False),
        ({"kind": "JUnit"}, False),
        ({"kind": "*"}, False),
        ({"gate": "env-drift"}, False),
        ({"environment": "production"}, False),
        ({"kind": "junit", "environment": "production"}, False),
    ],
)
def test_only_what_is_listed_is_granted(asked, granted):
    """A right not listed is not given, and one granted right does not stand for another."""
    standing = trust().standing(KEY, None, NOW, **asked)
    assert standing.identity == "ci@example.com"
    assert (standing.trust, standing.roles) == (("workspace", ("ci",)) if granted else ("none", ()))
    assert bool(standing.reason) is not granted


def test_star_grants_everything_and_nothing_listed_grants_nothing():
    """``*`` is the only wildcard; an empty list is no right at all."""
    wide = trust(kinds=("*",), gates=("*",), environments=("*",))
    assert wide.standing(KEY, None, NOW, kind="x", gate="y", environment="z").trust == "workspace"
    for name in ("kind", "gate", "environment"):
        narrow = trust(kinds=(), gates=(), environments=())
        assert narrow.standing(KEY, None, NOW, **{name: "x"}).trust == "none"


@pytest.mark.parametrize(
    ("changes", "at", "good"),
    [
        ({"valid_from": NOW}, NOW, True),
        ({"valid_from": NOW}, NOW - HOUR, False),
        ({"valid_until": NOW}, NOW - HOUR, True),
        ({"valid_until": NOW}, NOW, False),
        ({"revoked": Revocation(NOW, "stolen")}, NOW - HOUR, True),
        ({"revoked": Revocation(NOW, "stolen")}, NOW, False),
        ({"revoked": Revocation(NOW, "stolen")}, NOW + HOUR, False),
    ],
)
def test_validity_begins_and_ends_at_its_instant(changes, at, good):
    """From the first instant on, until before the last, and nothing once revoked."""
    assert (trust(**changes).standing(KEY, None, at).trust == "workspace") is good


def test_level_of_trust_says_where_it_comes_from():
    """Anchored from outside, only this folder's word, this machine's own key, or nobody's."""
    assert trust("anchored").standing(KEY, None, NOW).trust == "anchored"
    assert trust("workspace").standing(KEY, KEY, NOW).trust == "workspace"
    assert trust().standing(OTHER, OTHER, NOW).trust == "local"
    assert trust().standing(OTHER, OTHER, NOW).identity == OTHER.fingerprint
    assert trust().standing(OTHER, KEY, NOW).trust == "none"
    assert Trust().standing(KEY, None, NOW).trust == "none"


def test_own_key_that_the_file_revoked_is_not_local():
    """Being this machine's key does not lift a revocation or a missing right."""
    assert trust(revoked=Revocation(NOW, "stolen")).standing(KEY, KEY, NOW).trust == "none"
    assert trust().standing(KEY, KEY, NOW, kind="dbt").trust == "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Example.com", "ann@example.com"),
        (" ann ", "ann"),
        ("Mu\u0308ller", "M\u00fcller"),
        ("STRASSE", "straße"),
        ("\u0130", "i\u0307"),
    ],
)
def test_one_person_in_two_spellings(one, other):
    """Composition, space around and case make no second person."""
    assert same_person(one, other)
    assert not same_person(one, other + "x")


@given(st.text(max_size=20))
def test_every_identity_is_itself_in_any_case(text):
    """The comparison is reflexive and blind to space and case folding."""
    assert same_person(text, f" {text} ")
    assert same_person(text, text.casefold())


def test_protected_environment_cannot_be_dodged_by_its_case():
    """``Production`` is as protected as ``production``."""
    found = Trust(protected_environments=("production",), loosen=("Ann@example.com",))
    assert found.is_protected("Production")
    assert not found.is_protected("staging")
    assert found.may_loosen("ann@EXAMPLE.com")
    assert not found.may_loosen("bob@example.com")


def write(workspace, found, name="dpone.trust.json"):
    """Write a trust file and return its path."""
    path = workspace.root / name
    path.write_bytes(trust_bytes(found))
    return path


def test_no_file_is_empty_trust_and_a_root_then_undecided(workspace):
    """Without a file nothing is trusted; with a root that demands one there is no decision."""
    assert Trust.load(workspace) == Trust()
    with pytest.raises(UndecidedError, match="no trust file"):
        Trust.load(workspace, root="SHA256:" + "A" * 43)


def test_fingerprint_anchors_exactly_one_content(workspace):
    """The right fingerprint anchors; after any change of meaning it does not, after mere layout it does."""
    path = write(workspace, trust())
    found = Trust.load(workspace)
    assert found.state == "workspace"
    anchored = Trust.load(workspace, root=found.fingerprint)
    assert anchored == replace(found, state="anchored")
    path.write_text(json.dumps(json.loads(path.read_text()), indent=8))
    assert Trust.load(workspace, root=found.fingerprint).digest == found.digest
    write(workspace, trust(kinds=("*",)))
    with pytest.raises(UndecidedError, match="demands SHA256"):
        Trust.load(workspace, root=found.fingerprint)
    for root in ("SHA256:", found.fingerprint + "=", found.fingerprint[:-1]):
        with pytest.raises(UndecidedError):
            Trust.load(workspace, root=root)


def test_file_outside_anchors_and_a_file_inside_does_not(workspace, tmp_path):
    """The root's content must be the trust used; a root within the judged folder is no root."""
    inside = write(workspace, trust())
    outside = tmp_path / "trust.json"
    outside.write_bytes(inside.read_bytes())
    assert Trust.load(workspace, root=str(outside)).state == "anchored"
    link = tmp_path / "link.json"
    link.symlink_to(inside)
    for root in ("dpone.trust.json", str(inside), str(link)):
        with pytest.raises(UsageError, match="inside the workspace"):
            Trust.load(workspace, root=root)
    write(workspace, trust(gates=("*",)))
    with pytest.raises(UndecidedError, match="the trust root"):
        Trust.load(workspace, root=str(outside))
    inside.unlink()
    assert Trust.load(workspace, root=str(outside)).keys == (RIGHTS,)


def test_unreadable_root_or_file_is_undecided(workspace, tmp_path):
    """A missing root, a device, or an oversized file never means no trust root."""
    write(workspace, trust())
    (tmp_path / "large").write_bytes(b" " * 1_000_001)
    for root in (str(tmp_path / "missing"), "/dev/null", str(tmp_path / "large"), "~/missing"):
        with pytest.raises(UndecidedError):
            Trust.load(workspace, root=root)
    (workspace.root / "link").symlink_to(tmp_path / "large")
    with pytest.raises(UndecidedError, match="symbolic link"):
        Trust.load(workspace, "link")
