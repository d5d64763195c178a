"""Secrets are found, look-alikes are left alone, and redaction takes out the secret only."""

import base64
import json
import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpone.canonical import canonical_bytes
from dpone.data.secrets.redact import redact
from dpone.data.secrets.rules import load_rules
from dpone.data.secrets.scan import MAX_LISTED, merge, scan_bytes, scan_paths

RANDOM = random.Random(20261122)
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
KEY = b"one key per run"


def run(length, alphabet=ALNUM):
    """Random characters: no literal token stands in this file, so no scanner trips over it."""
    return "".join(RANDOM.choice(alphabet) for _ in range(length))


def b64url(value):
    """A JSON value in base 64 for addresses, without padding."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def armour(label):
    """A synthetic private key block."""
    body = "\n".join(run(64) for _ in range(6))
    return f"-----BEGIN {label}PRIVATE KEY-----\n{body}\n-----END {label}PRIVATE KEY-----"


TOKENS = {
    "aws_access_key": "AKI" + "A" + run(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "github_token": "gh" + "p_" + run(36),
    "github_fine_grained_token": "github" + "_pat_" + run(22) + "_" + run(59),
    "gitlab_token": "gl" + "pat-" + run(20),
    "pypi_token": "py" + "pi-AgEIcHlwaS5vcmc" + run(80),
    "npm_token": "np" + "m_" + run(36),
    "slack_token": "xo" + "xb-" + run(12, string.digits) + "-" + run(24),
    "stripe_key": "sk" + "_live_" + run(24),
    "google_api_key": "AI" + "za" + run(35),
    "google_oauth_secret": "GOC" + "SPX-" + run(28),
    "google_oauth_token": "ya" + "29." + run(60),
    "azure_client_secret": run(3) + "8" + "Q~" + run(34),
    "azure_storage_key": "AccountName=acme;Account" + "Key=" + run(86) + "==",
    "azure_sas_signature": "https://x.example/b?sv=2024&si" + "g=" + run(43) + "%3D",
    "json_web_token": b64url({"alg": "HS256", "typ": "JWT"})
    + "."
    + b64url({"sub": "1234567890"})
    + "."
    + run(43),
    "databricks_token": "da" + "pi" + run(32, HEX),
    "sendgrid_key": "S" + "G." + run(22) + "." + run(43),
    "vault_token": "hv" + "s." + run(90),
    "digitalocean_token": "dop" + "_v1_" + run(64, HEX),
    "hugging_face_token": "h" + "f_" + run(34, string.ascii_letters),
    "openai_key": "sk-" + "proj-" + run(48),
    "anthropic_key": "sk-" + "ant-" + run(90),
    "docker_token": "dckr" + "_pat_" + run(27),
    "grafana_token": "gl" + "sa_" + run(32) + "_" + run(8, HEX),
    "shopify_token": "shp" + "at_" + run(32, HEX),
    "new_relic_key": "NR" + "AK-" + run(27, string.ascii_uppercase + string.digits),
    "atlassian_token": "ATA" + "TT3x" + run(180),
    "postman_key": "PM" + "AK-" + run(24, HEX) + "-" + run(34, HEX),
    "planetscale_secret": "pscale" + "_pw_" + run(43),
    "rubygems_key": "ruby" + "gems_" + run(48, HEX),
    "dbt_cloud_token": "dbt" + "c_" + run(40),
    "terraform_token": run(14) + ".atlas" + "v1." + run(67),
    "age_secret_key": "AGE-SECRET" + "-KEY-1" + run(58, string.ascii_uppercase + string.digits),
    "slack_webhook": "https://hooks.slack" + ".com/services/T" + run(8) + "/B" + run(8) + "/" + run(24),
    "private_key": armour("RSA "),
    "putty_private_key": "Private" + "-Lines: 4\n" + "\n".join(run(64) for _ in range(4)),
    "url_credentials": f"postgresql://svc_user:{run(14)}@db.internal:5432/orders",
    "oracle_credentials": f"jdbc:oracle:thin:scott/{run(9)}@//host:1521/x",
    "authorization_header": "Authorization: Bearer " + run(40),
    "bearer_token": "sent bearer " + "9" + run(40),
    "curl_credentials": f"curl -s -u bob:{run(9)} https://example.com",
    "sql_password": f"alter user bob identified by '{run(9)}'",
    "netrc_password": f"machine example.com login bob password {run(9)}",
}


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.id)
def test_every_rule_finds_its_token(rule):
    """Every token shape is found in plain text, in code, in JSON and in YAML, by its own rule."""
    token = TOKENS[rule.id]
    for uri, text in (
        ("build.log", f"12:00 INFO before {token} after"),
        ("conf.py", f"# {token}\n"),
        ("x.json", json.dumps({"message": f"a\n{token}\nb"})),
        ("x.yaml", json.dumps({"message": token})),
    ):
        if rule.id == "putty_private_key" and uri != "build.log":
            continue
        found = [finding.rule for finding in scan_bytes(text.encode(), uri, KEY).findings]
        assert rule.id in found, uri


def rows_of(text):
    """One case a line, blank lines left out."""
    return [line for line in text.splitlines() if line.strip()]


FOUND = [
    *rows_of("""
pwd=x
PGPASSWORD=x
MYSQL_PWD=abc
{"password": "x"}
{"password":12345}
passwd: hunter2
PASSWORD:hunter2
secret: hunter2
clientSecret: abc123
aws_secret_access_key = wJalrXUtnFEMI
password=Tr0ub4dor&3
password=abc!@#$%^&*()
password = abc # comment
user=bob password=abc, host=x
Server=db;Database=x;User Id=sa;Password=abc!;
connection_string=Server=a;Pwd=zz;
"dsn": "postgres://u:p@h/db"
redis://:pw123@host:6379
https://deploy:abc@artifacts.example.com/repo
--password hunter2
--token=abc1234
<password>abc</password>
X-Api-Key: abc123
Proxy-Authorization: Basic dXNlcjpwYXNz
{"m":"password=hunter2\\nnext"}
{\\"password\\":\\"hunter2\\"}
password => 'abc'
password%3Dhunter2
password = 'a b c'
password: "a\\"b"
password: ${X:-hunter2}
password=env:Tr0ub4dor&3
password: letmein for user bob
password2: hunter2
db_password_prod=hunter2
db_pass: abc
PASSWORD='' TOKEN='abc123456'
set PASSWORD=abc
"""),
    'password="""abc"""',
    "password: |\n  hunter2\n",
    '{"password":\n  "abc"}',
    "\x1b[31mpassword\x1b[0m=abc",
    "api_key = " + json.dumps(run(32)),
    "deploy_key: " + run(30) + "42",
]


@pytest.mark.parametrize("text", FOUND)
def test_assignments_are_found_and_redacted(text):
    """A literal under a telling key is found in a log; after redaction nothing is, and twice is once."""
    assert scan_bytes(text.encode(), "a.log", KEY).findings
    clean = redact(text)
    assert "[REDACTED]" in clean
    assert redact(clean) == clean
    assert not scan_bytes(clean.encode(), "a.log", KEY).findings


LOOK_ALIKES = [
    *rows_of("""
${DPONE_SOURCE_PASSWORD}
token: ${CI_TOKEN}
token = ${{ secrets.TOKEN }}
password: {{ var.value.db_password }}
password=${X}
password=[REDACTED] token=[REDACTED]
secret: [REDACTED]
password=***
password: <your password>
vault:kv/team/db#pw
airflow:conn_id:mssql_dw
password=vault:secret/data/dpone/source#password
env:PGPASSWORD
password_env: PGPASSWORD
token_budget: 12
token: 12
max_tokens=4096
api_key: null
sqlite:///tmp.db
mysql://localhost/db
http://proxy:3128/a@b
git+ssh://git@host:org/repo@v1
docker://alpine:3.18@sha256:abc
docker run -u 1000:1000 x
foreign_key: order_id
primary_key=order_id_123456789012345
password_rotation_days: 90
Password: required
password: must be at least 8 characters
token expired: retry
next_page_token: abcdef
"passed": true
"pass": "passed"
slo did not pass: slo-evaluate is failed
author: John Smith
authorization: none
monkey=banana
keyboard: qwerty
if password == "":
PASSWORD_VARIABLE: DB_PASSWORD
-----BEGIN PRIVATE KEY-----
password:
"""),
    "PASSWORD=\nUSER=bob",
    "md5: " + run(32, HEX),
    "artifact_index_hash: " + run(64, HEX),
    "load_id: 01K" + run(23, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
    "public_key: " + run(44),
    "cache_key: " + run(64, HEX),
    "fingerprint SHA256:" + run(43),
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_are_left_alone(text):
    """References, digests, identifiers and prose are no secrets, and redaction does not touch them."""
    assert not scan_bytes(text.encode(), "a.log", KEY).findings
    assert redact(text) == text


@pytest.mark.parametrize(
    ("manifest", "paths"),
    [
        ('{"source":{"connection_type":"vault","credentials":{"password":"${P}"}}}', []),
        ('{"password":"[REDACTED]","token":null,"secret":"","api_key":"airflow:conn_id:x","k":"vault:a#b"}', []),
        ('{"password_env":"X","a":{"pwd":"x","passwd":"y"}}', ["a.pwd", "a.passwd"]),
        ('{"dsn":"postgres://u:p@h","connection_string":"Server=x;Password=y"}', ["dsn", "connection_string"]),
        ('{"env":[{"name":"DB_PASSWORD","value":"hunter2"}]}', ["env.0.value"]),
        ('{"args":["--password","hunter3"]}', ["args.1"]),
        ('{"password":{"value":"abc"},"password2":["a"],"token":123456789}',
         ["password.value", "password2.0", "token"]),
        ('{"password":{"valueFrom":{"secretKeyRef":{"name":"db","key":"pw"}}}}', []),
        ('{"password": true, "token": 3, "secrets": ["db_password"]}', []),
        ('{"a/b":{"password":"x"}}', ["a/b.password"]),
        ("password: &a hunter2\nother: *a\n", ["password"]),
        ("x:\n  - secret:\n      abc\n", ["x.0.secret"]),
        ("secret: |\n  line one\n  line two\n", ["secret"]),
        ("password: 'it''s'\n", ["password"]),
        ("# password: hunter2\na: 1\n", [""]),
        ("a: {{ jinja }}\npassword: hunter2\n", ["password"]),
        ("a: 1\n---\npassword: x\n", ["1.password"]),
    ],
)  # fmt: skip
def test_in_manifests_the_key_decides(manifest, paths):
    """Under a telling key only a reference may stand; the finding names the path; redaction is clean."""
    scan = scan_bytes(manifest.encode(), "stdin", KEY, "manifest")
    assert [finding.path for finding in scan.findings] == paths
    syntax = "json" if manifest[0] == "{" else "yaml"
    clean = redact(manifest, syntax)
    assert redact(clean, syntax) == clean
    assert not scan_bytes(clean.encode(), "stdin", KEY, "manifest").findings
    if syntax == "json":
        json.loads(clean)


def test_a_finding_says_where_and_never_what():
    """Rule, file, line, column, pointer and a keyed fingerprint; the secret is nowhere."""
    token = TOKENS["github_token"]
    text = json.dumps({"a": 1, "deep": [{"password": token, token: 1}]}, indent=1)
    scan = scan_bytes(text.encode(), f"conf/{token}.json", KEY)
    first = scan.findings[0]
    assert (first.line, first.pointer, first.code) == (
        5,
        "/deep/0/password",
        "manifest.inline_secret.deep.0.password",
    )
    assert first.column == text.splitlines()[4].index(token) + 1
    assert first.uri == "conf/[REDACTED].json"
    assert token not in repr(scan)
    assert token not in json.dumps(scan.facts())
    assert token not in repr(scan_bytes(b'{"connection_type": "%s"}' % token.encode(), "x.json", KEY))


def test_fingerprints_are_keyed():
    """The same secret has one fingerprint in one run and another in the next."""
    one, two = (scan_bytes(b"pwd=abc\npwd=abc", "a.log", key).findings for key in (b"1", b"2"))
    assert one[0].fingerprint == one[1].fingerprint != two[0].fingerprint


def test_connection_types_are_stated_not_judged():
    """Every connection_type is a fact with its place; what is not a plain name has none."""
    text = '{"a":{"connection_type":"vault"},"b":[{"connectionType":"jdbc"}],"c":{"connection_type":5}}'
    facts = scan_bytes(text.encode(), "m.json", KEY, "manifest").facts()
    assert [(kind["type"], kind["place"], kind["code"]) for kind in facts["connection_types"]] == [
        ("vault", "/a/connection_type", "manifest.unsafe_connection_type.a.connection_type"),
        ("jdbc", "/b/0/connectionType", "manifest.unsafe_connection_type.b.0.connectionType"),
        ("", "/c/connection_type", "manifest.unsafe_connection_type.c.connection_type"),
    ]


def test_a_bounded_list_hides_no_kind():
    """After a thousand good connection types and binary files, one bad one is still in the facts."""
    text = json.dumps([{"connection_type": "env"}] * 1000 + [{"connection_type": "jdbc"}])
    scans = [scan_bytes(text.encode(), "m.json", KEY, "manifest")]
    scans += [scan_bytes(b"\0", f"{number}.bin", KEY) for number in range(1000)]
    facts = merge([*scans, scan_bytes(b"{", "broken.json", KEY, "manifest")]).facts()
    assert facts["connection_count"] == 1001
    assert "jdbc" in [kind["type"] for kind in facts["connection_types"]]
    assert "not_structured" in [item["reason"] for item in facts["not_scanned"]]
    assert len(facts["connection_types"]) == len(facts["not_scanned"]) == MAX_LISTED


def test_facts_are_the_same_with_another_key():
    """The key of a run leaves no trace in the facts, so that equal texts have equal canonical inputs."""
    one, two = (scan_bytes(b"pwd=abc", "a.log", key).facts() for key in (b"1", b"2"))
    assert canonical_bytes(one) == canonical_bytes(two)


def test_files_that_cannot_be_scanned_are_facts(tmp_path):
    """Binary, missing, too large and broken files are reported, never skipped in silence."""
    (tmp_path / "a.bin").write_bytes(b"\x7fELF\0\0")
    (tmp_path / "big.log").write_bytes(b"x" * 100)
    (tmp_path / "broken.json").write_bytes(b'{"password": "hunter2"')
    (tmp_path / "wide.log").write_bytes("pwd=abc".encode("utf-16"))
    (tmp_path / "odd.log").write_bytes(b"\xff\xfepwd"[2:] + b"=\xe9abc")
    names = ["a.bin", "big.log", "broken.json", "wide.log", "odd.log", "none.log"]
    scan = scan_paths([tmp_path / name for name in names], lambda path: path.name, KEY, limit=50)
    assert [(item.uri, item.reason) for item in scan.not_scanned] == [
        ("a.bin", "binary"), ("big.log", "too_large"), ("broken.json", "not_structured"), ("none.log", "missing"),
    ]  # fmt: skip
    assert [finding.uri for finding in scan.findings] == ["broken.json", "wide.log", "odd.log"]


def test_facts_are_bounded_and_canonical():
    """Ten thousand findings give a hundred in the facts, and the true count."""
    scan = scan_bytes(b"pwd=abc\n" * 10_000, "a.log", KEY)
    facts = scan.facts()
    assert (facts["finding_count"], len(facts["findings"])) == (10_000, MAX_LISTED)
    assert len(canonical_bytes(facts)) < 40_000
    empty = merge([]).facts()
    assert (empty["scanned"], empty["finding_count"]) == (0, 0)


HOSTILE = [
    "a", "password", "password=", "key=", "token: ", "eyJ", "eyJa.", "://", "://a:", "a://u:p", 'pass="', "pass='\"",
    "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "authorization: bearer ", "curl -u a:", "machine ", "\\", "password=${",
    "pass=))))", "xoxb-", "<password>", '{"password":', "8Q~a", "key=`", 'key="a', "\x1b[", "password: |\n ", "password\t",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_line_does_not_stop_the_scanner(piece):
    """Half a megabyte in one line, built to make patterns backtrack, takes seconds, not minutes."""
    data = (piece * (500_000 // len(piece) + 1))[:500_000].encode()
    begin = time.process_time()
    scan_bytes(data, "a.json", KEY)
    assert time.process_time() - begin < 10


def test_deep_documents_are_refused_not_followed():
    """Nesting beyond the limit is searched as text and reported."""
    text = '{"password":"a","x":' * 5000
    scan = scan_bytes(text.encode(), "x.json", KEY)
    assert [item.reason for item in scan.not_scanned] == ["not_structured"]
    assert len(scan.findings) == 5000


pieces = st.lists(
    st.sampled_from(
        ["password", "token", "=", ":", " ", "\n", '"', "'", "`", "\\", "{", "}", "[", "]", "${X}", "[REDACTED]", "hunter2",
         ";", ",", "&", "key", "|", "-", "*a", "&a ", "://", "u:p@h", "Bearer ", "authorization", "\\n", "é", "<a>", "$", "/",
         "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", TOKENS["github_token"], TOKENS["json_web_token"]]
    ) | st.text(max_size=3),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(pieces, st.sampled_from(["text", "code", "json", "yaml"]))
def test_redaction_is_idempotent_and_clean(text, syntax):
    """Whatever the text, its redaction holds nothing the scanner finds, and redacting again changes nothing."""
    clean = redact(text, syntax)
    assert redact(clean, syntax) == clean
    suffix = {"text": "log", "code": "py", "json": "json", "yaml": "yaml"}[syntax]
    assert not scan_bytes(clean.encode("utf-8", "replace"), f"x.{suffix}", KEY).findings


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=20),
    st.sampled_from(sorted(set(TOKENS) - {"putty_private_key", "private_key"})),
    st.text(max_size=20),
)
def test_no_token_survives(before, name, after):
    """A token between any two texts on lines of their own does not come out of redaction."""
    token = TOKENS[name]
    clean = redact(f"{before}\n{token}\n{after}")
    assert token not in clean
    assert "[REDACTED]" in clean


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["password", "token", "name", "value", "a", "x y"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_redacted_json_stays_json(value):
    """Redaction of a JSON document is a JSON document of the same shape."""
    clean = json.loads(redact(json.dumps(value), "json"))
    assert shape(clean) == shape(value)


def shape(value):
    """The keys and lists of a document without its scalars."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "scalar"
