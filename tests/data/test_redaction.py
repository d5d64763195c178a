"""A file is redacted by its format: it reads the same way afterwards, and nothing that was secret is in it."""

import configparser
import csv
import io
import json
import re
import string
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from test_secrets import TOKENS

from dpone.data.secrets.documents import FORMATS, format_of, inspect, redact_document

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SAMPLES = sorted(p for p in (Path(__file__).parent.parent / "samples").rglob("*") if p.is_file())
SECRET = "zq7Wm3Tx9Lr2Vb5"


def redacted(text, name):
    """The redacted text of a file that can be redacted."""
    found = redact_document(text.encode(), name)
    assert found.problem == "", found
    return found.data.decode()


REPLACED = [
    ("a.json", '{"password": "§", "user": "bob", "n": 1}', '{"password": "[REDACTED]", "user": "bob", "n": 1}'),
    ("a.json", '{"password": 12345, "max_tokens": 512}', '{"password": "[REDACTED]", "max_tokens": 512}'),
    ("a.json", '{"passw\\u006frd":"§"}', '{"passw\\u006frd":"[REDACTED]"}'),
    ("a.json", '[{"name": "DB_PASSWORD", "value": "§"}]', '[{"name": "DB_PASSWORD", "value": "[REDACTED]"}]'),
    ("a.json", '{"url": "postgres://u:§@h/db"}', '{"url": "postgres://u:[REDACTED]@h/db"}'),
    ("a.ndjson", '{"token": "§"}\n{"token": "§"}\n', '{"token": "[REDACTED]"}\n{"token": "[REDACTED]"}\n'),
    ("a.yaml", "db:\n  password: § # rotate\n  port: 5432\n", 'db:\n  password: "[REDACTED]" # rotate\n  port: 5432\n'),
    ("a.yaml", "password: |\n  §\nuser: bob\n", 'password: "[REDACTED]"\nuser: bob\n'),
    ("a.yml", "url: postgres://u:§@h/db\n", 'url: "postgres://u:[REDACTED]@h/db"\n'),
    ("a.yml", "args: [--password, §, --user, bob]\n", 'args: [--password, "[REDACTED]", --user, bob]\n'),
    ("a.toml", 'password = "§" # rotate\nport = 5432\n', 'password = "[REDACTED]" # rotate\nport = 5432\n'),
    ("a.toml", "[db]\npassword = 12345678\nport = 1\n", '[db]\npassword = "[REDACTED]"\nport = 1\n'),
    ("a.toml", "db = {password = '§', port = 1}\n", "db = {password = '[REDACTED]', port = 1}\n"),
    ("a.toml", 'password = """\n§\n"""\n', 'password = """[REDACTED]"""\n'),
    (".env", "PGPASSWORD=§ # rotate\nPGUSER=bob\n", "PGPASSWORD=[REDACTED] # rotate\nPGUSER=bob\n"),
    (".env.production", 'export API_TOKEN="§ x" # why\n', 'export API_TOKEN="[REDACTED]" # why\n'),
    ("prod.env", "PASSWORD='a\n§'\nB=1\n", "PASSWORD='[REDACTED]'\nB=1\n"),
    ("a.ini", "[db]\npassword = §\nuser = bob\n", "[db]\npassword = [REDACTED]\nuser = bob\n"),
    ("a.cfg", "[db]\nsecret:\n  §\n  §\nuser: bob\n", "[db]\nsecret:[REDACTED]\nuser: bob\n"),
    ("a.properties", "spring.password=§\nspring.user=bob\n", "spring.password=[REDACTED]\nspring.user=bob\n"),
    ("a.csv", 'user,password\nbob,"§, §"\nsue,§\n', 'user,password\nbob,"[REDACTED]"\nsue,[REDACTED]\n'),
    ("a.xml", '<a><p name="password" value="§"/><b>1</b></a>', '<a><p name="password" value="[REDACTED]"/><b>1</b></a>'),
    ("a.xml", '<a><p name="db.password">§</p></a>', '<a><p name="db.password">[REDACTED]</p></a>'),
    ("a.log", "12:00 login password=§ user=bob took 3 ms\n", "12:00 login password=[REDACTED] user=bob took 3 ms\n"),
    ("a.json", '{"password": "§", "log": "mysql -p§"}', '{"password": "[REDACTED]", "log": "mysql -p[REDACTED]"}'),
    ("a.yaml", "token: §\nrun: mysql -p§ # §\n", 'token: "[REDACTED]"\nrun: mysql -p[REDACTED] # [REDACTED]\n'),
    ("a.json", '{"password": "postgres", "db": "postgres"}', '{"password": "[REDACTED]", "db": "postgres"}'),
    ("a.txt", "curl -H 'Authorization: Bearer §' http://h\n", "curl -H 'Authorization: Bearer [REDACTED]' http://h\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after"), REPLACED, ids=[f"{n} {b[:30]!r}" for n, b, _ in REPLACED])
def test_only_the_secret_is_replaced(name, before, after):
    """The key, the comment, the rest of the line and every other line stay byte for byte."""
    clean = redacted(before.replace("§", SECRET), name)
    assert clean == after
    assert redacted(clean, name) == clean


REFERENCES = (
    "${DB_PASSWORD}",
    "$DB2_PASSWORD",
    "$db_password",
    "$dbPassword2",
    "vault:kv/team/db#pw",
    "env:PGPASSWORD",
    "[REDACTED]",
)
WRITTEN = {
    "a.json": '{{"password": "{}"}}',
    "a.yaml": "password: '{}'",
    "a.toml": 'password = "{}"',
    "a.env": "PASSWORD={}",
    "a.ini": "[a]\npassword={}",
    "a.csv": "password\n{}\n",
    "a.xml": "<password>{}</password>",
    "a.log": "password={}",
}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_is_no_secret_and_stays(name, reference):
    """What only says where the secret is kept is what a reader of the copy needs."""
    text = WRITTEN[name].format(reference)
    assert inspect(text.encode(), name).secrets == 0
    assert redacted(text, name) == text


UNREDACTED = [
    ("a.bin", b"plain text", "unknown_type"),
    ("Dockerfile", b"ENV PASSWORD=x", "unknown_type"),
    ("a.tar.gz", b"\x1f\x8b\x08\x00", "binary"),
    ("a.log", b"ok\0ok", "binary"),
    ("a.log", b"caf\xe9", "binary"),
    ("a.json", b"{", "not_structured"),
    ("a.json", b'{"a": }', "structure_changed"),
    ("a.json", b"[" * 5000, "not_structured"),
    ("a.json", b'{"a": 1, "a": 2}', "structure_changed"),
    ("a.yaml", b"a: [\nb: }\n", "not_structured"),
    ("a.yaml", b"{{ template }}: x: y\n", "not_structured"),
    ("a.toml", b"password\n", "not_structured"),
    ("a.toml", b'a = "x" "y"\n', "not_structured"),
    (".env", b"just words\n", "not_structured"),
    (".env", b'PASSWORD="open\n', "not_structured"),
    (".env", b"PASSWORD='a'b\n", "not_structured"),
    ("a.properties", b"password secret\n", "not_structured"),
    ("a.properties", b"password=a\\\nb\n", "not_structured"),
    ("a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not_structured"),
    ("a.xml", b"<a><b></a>", "not_structured"),
]


@pytest.mark.parametrize(
    ("name", "data", "problem"), UNREDACTED, ids=[f"{n} {d[:20]!r}" for n, d, _ in UNREDACTED]
)
def test_what_is_not_understood_is_not_redacted(name, data, problem):
    """An unknown type, or a file that is not what its name says, gives no copy at all."""
    found = redact_document(data, name)
    assert found.problem == problem
    assert found.data == b""


def test_two_secret_keys_would_become_one():
    """Keys that are secrets themselves cannot both be called [REDACTED]: the structure would be another."""
    text = json.dumps({TOKENS["github_token"]: 1, TOKENS["npm_token"]: 2})
    assert redact_document(text.encode(), "a.json").problem == "structure_changed"


def same_shape(before, after):
    """Whether two parsed documents have the same containers, keys and lengths."""
    if isinstance(before, dict):
        return isinstance(after, dict) and list(before) == list(after) and all(
            same_shape(before[key], after[key]) for key in before
        )  # fmt: skip
    if isinstance(before, list):
        return isinstance(after, list) and len(before) == len(after) and all(map(same_shape, before, after))
    return not isinstance(after, dict | list)


HASHED = re.compile(rb'(?<="hashed_secret": ")[0-9a-f]{40}(?=")')
"""How detect-secrets writes what it found: unsalted SHA-1, from which a short password is guessed."""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_real_report_reads_the_same(path):
    """Reports that real tools wrote hold no secret of their own but the hashes of a scanner: the copy has the
    same bytes; what is no text is not copied."""
    data = path.read_bytes()
    found = redact_document(data, path.name)
    if format_of(path.name) is None:
        assert (found.problem, found.data) == ("unknown_type", b"")
    else:
        assert (found.problem, found.data) == ("", HASHED.sub(b"[REDACTED]", data))


REAL_JSON = [path for path in SAMPLES if path.suffix == ".json" and path.stat().st_size < 100_000]


def telling_lines(token):
    """The lines of a token that nobody may see: neither the frame of a key nor the name of an account."""
    lines = [line.rpartition("Key=")[2].rpartition("sig=")[2] for line in token.split("\n")]
    return [line for line in lines if len(line) > 20 and not line.startswith("-----")]


@pytest.mark.parametrize("path", REAL_JSON, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_token_in_a_real_report_does_not_survive(path):
    """Whatever kind of token a tool wrote into its report, it is gone and the report is still one."""
    root = json.loads(path.read_bytes())
    messages = [f"failed at {token} twice: {token}" for token in TOKENS.values()]
    document = {"report": root, "messages": messages, "in": [{"password": token} for token in TOKENS.values()]}
    clean = redacted(json.dumps(document), "report.json")
    assert [line for token in TOKENS.values() for line in telling_lines(token) if line in clean] == []
    assert same_shape(document, json.loads(clean))
    assert json.loads(clean)["report"] == json.loads(HASHED.sub(b"[REDACTED]", path.read_bytes()))


TOKENS_IN = {
    "a.json": lambda t: json.dumps({"message": f"was {t} here", "b": 1}),
    "a.yaml": lambda t: yaml.safe_dump({"message": f"was {t} here", "start": t, "b": [1, t]}),
    "a.toml": lambda t: f"message = '''was {t} here'''\nb = 1\n",
    "a.env": lambda t: f'MESSAGE="was {t} here"\nB=1\n',
    "a.ini": lambda t: "[a]\nmessage = was {}\nb = 1\n".format(t.replace("\n", "\n  ")),
    "a.csv": lambda t: f'a,b\n"was {t} here",1\n',
    "a.xml": lambda t: f"<a><b>was {t.replace('&', '&amp;')} here</b></a>",
    "a.log": lambda t: f"12:00 was {t} here\nnext\n",
    "a.md": lambda t: f"- was `{t}`\n",
}


@pytest.mark.parametrize("name", TOKENS_IN)
@pytest.mark.parametrize("kind", TOKENS)
def test_no_token_survives_in_any_format(name, kind):
    """A token is known by its shape, wherever it stands."""
    token = TOKENS[kind]
    clean = redacted(TOKENS_IN[name](token), name)
    assert [line for line in telling_lines(token) if line in clean] == []


# what Hypothesis writes

KEYS = st.sampled_from(
    ["password", "db_password", "api_key", "token", "clientSecret", "PGPASSWORD", "passphrase"]
)
CONTENT = st.text(string.ascii_letters + string.digits + "!$%&()*+,-./:;<=>?@^_{|}~# \"'é", max_size=25)
SECRETS = st.builds("{}{}{}".format, CONTENT, st.just("k9Xq4Zt7"), CONTENT).map(str.strip)
"""A secret with a middle that nothing else holds."""
HARMLESS = st.text(string.ascii_lowercase + " ", max_size=10)


def write_env(key, secret, other):
    """The secret in quotes that can hold it."""
    quote = "'" if "'" not in secret else '"'
    told = secret.replace("\\", "\\\\").replace('"', '\\"') if quote == '"' else secret
    return f"OTHER='{other}'\n{key}={quote}{told}{quote} # why\nLAST=1\n"


def write_csv(key, secret, other):
    """As Python writes it."""
    out = io.StringIO()
    csv.writer(out).writerows([["other", key], [other, secret], ["x", ""]])
    return out.getvalue()


def write_xml(key, secret, other):
    """As Python writes it."""
    root = ET.Element("a", {"other": other})
    ET.SubElement(root, "property", {"name": key, "value": secret})
    ET.SubElement(root, key).text = secret
    return ET.tostring(root, encoding="unicode")


WRITERS = {
    "a.json": lambda key, secret, other: json.dumps({"other": other, "in": {key: secret}, "last": [1]}),
    "a.yaml": lambda key, secret, other: yaml.safe_dump({"other": other, "in": [{key: secret}], "last": 1}),
    "a.toml": lambda key, secret, other: f"other = {json.dumps(other)}\n[in]\n{key} = {json.dumps(secret)} # why\nlast = 1\n",
    "a.env": write_env,
    "a.ini": lambda key, secret, other: f"[in]\nother = {other}\n{key} = {secret}\nlast = 1\n",
    "a.csv": write_csv,
    "a.xml": write_xml,
}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=60, deadline=None)
@given(key=KEYS, secret=SECRETS, other=HARMLESS)
def test_no_secret_that_goes_in_comes_out(name, key, secret, other):
    """Under a telling key, whatever characters the secret has: either it is gone and the rest is the same, or
    there is no copy."""
    text = WRITERS[name](key, secret, other)
    found = redact_document(text.encode(), name)
    assert "k9Xq4Zt7" not in found.data.decode()
    assert found.problem in ("", "structure_changed", "incomplete", "not_structured")
    if not found.problem:
        assert redact_document(found.data, name).data == found.data
        assert read(text, name)[1] == read(found.data.decode(), name)[1]


def read(text, name):
    """What a common reader of the format makes of a text, and its shape."""
    if name.endswith(".json"):
        root = json.loads(text)
        return root, (list(root), root["other"], root["last"])
    if name.endswith(".yaml"):
        root = yaml.safe_load(text)
        return root, (list(root), root["other"], root["last"])
    if name.endswith(".toml"):
        root = tomllib.loads(text)
        return root, (list(root), root["other"], root["in"]["last"])
    if name.endswith(".ini"):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text)
        return parser, (parser["in"]["other"], parser["in"]["last"], len(parser["in"]))
    if name.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(text)))
        return rows, ([len(row) for row in rows], rows[1][0])
    if name.endswith(".xml"):
        root = ET.fromstring(text)
        return root, ([element.tag for element in root.iter()], root.attrib)
    lines = text.split("\n")
    return lines, (lines[0], lines[2:])


def test_every_format_is_written_here():
    """A format that is added is tested above, or is plain text or code."""
    assert set(FORMATS.values()) - {"text", "code"} == {format_of(name) for name in WRITERS}
