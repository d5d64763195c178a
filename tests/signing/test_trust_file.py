"""The form of the trust file: the reader and the published schema say the same."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from jsonschema import Draft202012Validator

from dpone.errors import UsageError
from dpone.record import replace
from dpone.shipped import shipped
from dpone.signing.private import signer_from_seed
from dpone.signing.trust import PinnedLayer, PinnedOrigin, Revocation, Trust, TrustedKey
from dpone.signing.trust_file import read_trust, trust_bytes

ONE, TWO = (signer_from_seed(bytes([number]) * 32, "test").public for number in (1, 2))
SCHEMA = json.loads(shipped("schemas", "trust.v1.json").read_text(encoding="utf-8"))
SHA = "ab" * 32
TIME = "2026-06-05T12:00:00Z"
KEY = {"public": ONE.openssh(), "identity": "ann@example.com"}
FULL = {
    "schema": "dpone.trust/v1",
    "keys": [
        KEY | {"roles": ["ci"], "kinds": ["*"], "gates": [], "environments": ["production"]},
        {
            "public": TWO.base64,
            "identity": "bob",
            "valid_from": TIME,
            "revoked": {"at": TIME, "reason": "lost"},
        },
    ],
    "protected_environments": ["production"],
    "ledger": {"name": "payments", "genesis": SHA},
    "layers": [{"name": "policies/org", "digest": SHA}],
    "loosen": ["ann@example.com"],
}


def accepted(document):
    """Whether the reader takes the document."""
    try:
        read_trust(json.dumps(document).encode(), "trust", "workspace")
    except UsageError:
        return False
    return True


def with_key(**values):
    """A trust file whose only key has these values."""
    return {"schema": "dpone.trust/v1", "keys": [KEY | values]}


VALID = {
    "full": FULL,
    "smallest": {"schema": "dpone.trust/v1"},
    "comment in the key": with_key(public=ONE.openssh("ann's laptop")),
    "bare key": with_key(public=ONE.base64),
    "offset and fraction": with_key(valid_until="2026-06-05T12:00:00.5+02:00"),
}
INVALID = {
    "list": [],
    "no schema": {},
    "other schema": {"schema": "dpone.trust/v2"},
    "unknown key": FULL | {"protectedEnvironments": []},
    "keys as object": FULL | {"keys": {}},
    "null ledger": FULL | {"ledger": None},
    "ledger without genesis": FULL | {"ledger": {"name": "x"}},
    "ledger name with space": FULL | {"ledger": {"name": "a b", "genesis": SHA}},
    "ledger genesis in capitals": FULL | {"ledger": {"name": "x", "genesis": SHA.upper()}},
    "layer without digest": FULL | {"layers": [{"name": "x"}]},
    "layer digest short": FULL | {"layers": [{"name": "x", "digest": "ab"}]},
    "text for list": FULL | {"protected_environments": "production"},
    "twice in a list": FULL | {"protected_environments": ["a", "a"]},
    "key without identity": {"schema": "dpone.trust/v1", "keys": [{"public": ONE.openssh()}]},
    "key with unknown key": with_key(role=["ci"]),
    "empty identity": with_key(identity=""),
    "long identity": with_key(identity="x" * 201),
    "number as identity": with_key(identity=5),
    "role is text": with_key(roles="ci"),
    "empty role": with_key(roles=[""]),
    "other key type": with_key(public="ssh-rsa AAAAB3NzaC1yc2E="),
    "private key": with_key(public="-----BEGIN OPENSSH PRIVATE KEY-----"),
    "date without time": with_key(valid_from="2026-06-05"),
    "time without offset": with_key(valid_from="2026-06-05T12:00:00"),
    "null time": with_key(valid_until=None),
    "revoked is true": with_key(revoked=True),
    "revoked without reason": with_key(revoked={"at": TIME}),
}
BEYOND_THE_SCHEMA = {
    "key twice": FULL | {"keys": [KEY, KEY]},
    "key twice in two forms": FULL | {"keys": [KEY, KEY | {"public": ONE.base64}]},
    "one person in two spellings": FULL
    | {"keys": [KEY, {"public": TWO.base64, "identity": "Ann@example.com"}]},
    "nobody may loosen": FULL | {"loosen": ["carol"]},
    "layer twice": FULL | {"layers": [{"name": "x", "digest": SHA}, {"name": "x", "digest": "cd" * 32}]},
    "small order point": with_key(public="AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    "30 February": with_key(valid_from="2026-02-30T12:00:00Z"),
    "ends before it begins": with_key(valid_from=TIME, valid_until=TIME),
    "line end in a name": with_key(identity="ann\nbob"),
    "space around a name": with_key(identity=" ann"),
    "terminal escape": with_key(identity="ann\x1b[2J"),
}


@pytest.mark.parametrize("name", VALID)
def test_valid_file_is_read_and_fits_the_schema(name):
    """Reader and schema both accept."""
    assert accepted(VALID[name])
    assert Draft202012Validator(SCHEMA).is_valid(VALID[name])


@pytest.mark.parametrize("name", INVALID)
def test_invalid_file_is_refused_by_reader_and_schema(name):
    """Reader and schema both refuse."""
    assert not accepted(INVALID[name])
    assert not Draft202012Validator(SCHEMA).is_valid(INVALID[name])


@pytest.mark.parametrize("name", BEYOND_THE_SCHEMA)
def test_what_a_schema_cannot_say_is_refused_by_the_reader(name):
    """Conflicts between entries, impossible dates, keys that are nobody's, texts that drive a terminal."""
    assert not accepted(BEYOND_THE_SCHEMA[name])


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b'{"schema": 1, "schema": 2}', b"[" * 200, b"{", b'{"schema": NaN}']
)
def test_bytes_without_one_meaning_are_refused(data):
    """Not JSON, not UTF-8, a key twice, nested too deep."""
    with pytest.raises(UsageError, match=r"^trust: "):
        read_trust(data, "trust", "workspace")


def test_everything_written_is_read_back():
    """A trust with every field filled survives writing and reading."""
    at = datetime(2026, 6, 5, 12, tzinfo=timezone.utc)
    later = datetime(2027, 6, 5, 12, tzinfo=timezone.utc)
    found = Trust(
        keys=(
            TrustedKey(ONE, "ann", ("ci", "x"), ("*",), ("g",), ("e",), at, later, Revocation(at, "lost")),
            TrustedKey(TWO, "bob"),
        ),
        protected_environments=("production",),
        ledger=PinnedOrigin("payments", SHA),
        layers=(PinnedLayer("org", SHA),),
        loosen=("ann",),
    )
    read = read_trust(trust_bytes(found), "trust", "anchored")
    assert replace(read, state="absent", digest="", fingerprint="") == found
    assert Draft202012Validator(SCHEMA).is_valid(json.loads(trust_bytes(found)))


def test_error_names_file_and_place():
    """The message has the pointer to what is wrong, in one line."""
    document = {"schema": "dpone.trust/v1", "keys": [KEY, {"public": TWO.base64, "identity": ""}]}
    with pytest.raises(UsageError, match=r"^trust#/keys/1/identity: a text of 1 to 200"):
        read_trust(json.dumps(document).encode(), "trust", "workspace")
