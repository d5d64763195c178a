"""Environment drift: every real difference is found, once, with its types, and no secret is shown."""

from __future__ import annotations

import copy
import json
import time
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.canonical import canonical_bytes
from dpone.config.allowances import read_allowances
from dpone.data.drift import Problem, compare, read_flat
from dpone.data.drift.compare import LIST_BYTES

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
KEY = b"one key per run"


def flat(value, name="a.json", lists="position"):
    """A document, from its text or from a value."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_flat(data, name, lists)


def drift(source, target, *, allow=(), exact=(), lists="position", now=NOW):
    """Two JSON values compared."""
    return compare(
        flat(source, lists=lists), flat(target, lists=lists), read_allowances(list(allow)), exact, now, KEY
    )


def told(found):
    """The differences as path -> kind."""
    return {d.path: d.kind for d in found.differences}


def entry(path, expires="2026-12-31", owner="platform-owner@example.com"):
    """An entry of drift.allow."""
    return {"path": path, "owner": owner, "reason": "each environment has its own", "expires": expires}


# types

PAIRS = [
    1,
    True,
    "1",
    "true",
    0,
    False,
    "",
    None,
    [],
    {},
    1.5,
    "1.5",
    "null",
    10**20,
    [1],
    [[]],
    [{}],
    {"a": 1},
    {"a": None},
]


@pytest.mark.parametrize("left", range(len(PAIRS)))
@pytest.mark.parametrize("right", range(len(PAIRS)))
def test_types_matter(left, right):
    """Two values are equal only when they are the same value of the same type; absent is none of them."""
    found = drift({"x": PAIRS[left], "y": 1}, {"x": PAIRS[right], "y": 1})
    assert bool(found.differences) == (left != right)
    assert drift({"x": PAIRS[left], "y": 1}, {"y": 1}).differences


def test_a_whole_number_is_no_fraction():
    """1 and 1.0 are different things to a reader with types; the digits behind decide, not their writing."""
    assert told(drift({"x": 1}, {"x": 1.0})) == {"x": "changed"}
    assert not compare(flat(b'{"x": 0.10}'), flat(b'{"x": 1e-1}'), [], [], NOW, KEY).differences


def test_numbers_are_compared_exactly():
    """What a double cannot tell apart still differs, and is shown with its digits."""
    found = compare(flat(b'{"x": 0.1, "n": 9007199254740993}'), flat(b'{"x": 0.10000000000000000001, "n": 9007199254740992}'),
                    [], [], NOW, KEY)  # fmt: skip
    rows = {d.path: d.row() for d in found.differences}
    assert rows["x"]["target_value"] == "0.10000000000000000001"
    assert rows["n"]["source_value"] == "9007199254740993"
    canonical_bytes(found.facts())


# formats

SAME = {
    "a.json": b'{"db": {"host": "h", "port": 5432, "tls": true, "ratio": 0.5}}',
    "a.yaml": b"db:\n  host: h\n  port: 5432\n  tls: true\n  ratio: 0.5\n",
    "a.toml": b'[db]\nhost = "h"\nport = 5432\ntls = true\nratio = 0.5\n',
}


@pytest.mark.parametrize("left", SAME)
@pytest.mark.parametrize("right", SAME)
def test_formats_say_the_same(left, right):
    """The same configuration in two formats has no difference."""
    found = compare(flat(SAME[left], left), flat(SAME[right], right), [], [], NOW, KEY)
    assert not found.differences
    assert found.compared == 4


def test_env_values_are_text():
    """A variable has no other type than text, so 1 there differs from 1 in JSON."""
    left = flat(b'# comment\nexport A=1\nB="two words"\nC=\'$x\'\nD=\nE="x\\ny"\r\n', ".env.staging")
    assert {path: leaf.value for path, leaf in left.leaves.items()} == {
        "A": "1", "B": "two words", "C": "$x", "D": "", "E": "x\ny"
    }  # fmt: skip
    found = compare(left, flat({"A": 1, "B": "two words", "C": "$x", "D": "", "E": "x\ny"}), [], [], NOW, KEY)
    assert told(found) == {"A": "changed"}


def test_dots_in_a_text_are_no_depth():
    """Only keys nest; a text with many dots in TOML is a text."""
    assert flat(b'a = "' + b"x." * 500 + b'"', "a.toml").leaves["a"].value == "x." * 500


def test_a_date_is_no_text():
    """TOML has dates; the text that looks the same is another type."""
    found = compare(flat(b"d = 2026-01-02", "a.toml"), flat(b'd = "2026-01-02"', "a.toml"), [], [], NOW, KEY)
    assert found.differences[0].row()["source_type"] == "date"


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b'{"a": "b"}', "json"),
        (b"a:\n  b: c", "yaml"),
        (b"[a.b]\nc = 'x'", "toml"),
        (b"A=no:quotes here", "env"),
    ],
)
def test_content_tells_where_the_name_does_not(data, form):
    """Without a telling name exactly one reader understands each."""
    assert flat(data, "").form == form
    assert flat(data, "config.rendered").form == form


BOMB = b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"
REFUSED = {
    "both .env and TOML": (b'A="x"', "", "ambiguous_format"),
    "nothing known": (b"just words", "", "unknown_format"),
    "YAML called JSON": (b"a: 1", "a.json", "not_json"),
    "JSON called .env": (b'{"a": 1}', ".env", "not_env"),
    "JSON called TOML": (b'{"a": 1}', "a.toml", "not_toml"),
    "one value": (b'"text"', "a.json", "wrong_shape"),
    "empty": (b" \n", "a.yaml", "empty"),
    "not UTF-8": (b'{"a": "\xff"}', "a.json", "not_utf8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "a.json", "byte_order_mark"),
    "NUL": (b"A=\0", ".env", "not_utf8"),
    "a key twice in JSON": (b'{"a": 1, "a": 1}', "a.json", "duplicate_key"),
    "a key twice in YAML": (b"a: 1\na: 1", "a.yaml", "duplicate_key"),
    "a key twice in TOML": (b"a = 1\na = 1", "a.toml", "not_toml"),
    "a key twice in .env": (b"A=1\nB=2\nA=1", ".env", "duplicate_key"),
    "an alias bomb": (BOMB, "a.yaml", "alias"),
    "an alias bomb without a name": (BOMB, "", "alias"),
    "a tag": (b"a: !!python/name:os.system x", "a.yaml", "tag"),
    "two documents": (b"a: 1\n---\na: 2", "a.yaml", "documents"),
    "deep JSON": (b'{"a":' * 200 + b"1" + b"}" * 200, "a.json", "too_deep"),
    "deep YAML": (b"[" * 200 + b"]" * 200, "a.yaml", "too_deep"),
    "deep TOML": (b"a = " + b"[" * 200 + b"1" + b"]" * 200, "a.toml", "too_deep"),
    "very deep TOML": (b"a = " + b"[" * 100_000, "a.toml", "too_deep"),
    "a long dotted key in TOML": (b"a." * 1_000_000 + b"k = 1", "a.toml", "too_deep"),
    "NaN": (b'{"a": NaN}', "a.json", "bad_number"),
    "infinity in TOML": (b"a = inf", "a.toml", "bad_number"),
    "a number no double holds": (b"a = 1e999999", "a.toml", "bad_number"),
    "half a character": (b'{"a": "\\ud800"}', "a.json", "bad_text"),
    "a comment in a bare value": (b"A=x # y", ".env", "two_meanings"),
    "a quote in a bare value": (b'A=x"y"', ".env", "two_meanings"),
    "a quote that does not end": (b'A="x', ".env", "two_meanings"),
    "no variable": (b"A", ".env", "not_env"),
    "a long key": (json.dumps({"k" * 2000: 1}).encode(), "a.json", "path_too_long"),
    "too many values": (json.dumps({"a": [1] * 250_001}).encode(), "a.json", "too_many_paths"),
}


@pytest.mark.parametrize(("data", "name", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_has_two_meanings_is_refused(data, name, reason):
    """Nothing is guessed or repaired; the reason is a stable code."""
    with pytest.raises(Problem) as problem:
        flat(data, name)
    assert problem.value.reason == reason


# places


def test_places_are_dotted():
    """The places of the predecessor stay: keys joined by dots."""
    found = drift(
        {"connection": {"host": "a"}, "l": [1, {"x": 2}]}, {"connection": {"host": "b"}, "l": [1, {"x": 3}]}
    )
    assert told(found) == {"connection.host": "changed", "l[1].x": "changed"}


TEXTS = st.text(st.sampled_from('ab.[]"=*~\\0 \n\u00e9/'), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2).map(lambda x: round(x, 1)) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
ROOTS = st.dictionaries(TEXTS, VALUES, max_size=4)


def leaves(value, path=()):
    """Every place that holds no other, as the walk through the value finds it."""
    if isinstance(value, (dict, list)) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, inner in items for leaf in leaves(inner, (*path, (type(value), key)))]
    return [path] if path else []


@given(ROOTS)
def test_every_place_has_its_own_text(root):
    """Odd keys never make two places one: there are as many texts as places."""
    assert len(flat(root).leaves) == len(leaves(root))


@given(ROOTS)
def test_a_document_does_not_differ_from_itself(root):
    """Equal documents have no difference, whatever they hold."""
    assert not drift(root, copy.deepcopy(root)).differences


@given(ROOTS, ROOTS)
def test_detection_is_symmetric(left, right):
    """Exchanging the sides gives the same places, with missing and added exchanged."""
    other = {
        "changed": "changed",
        "missing_in_target": "added_in_target",
        "added_in_target": "missing_in_target",
    }
    assert {p: other[k] for p, k in told(drift(left, right)).items()} == told(drift(right, left))


@given(ROOTS, ROOTS)
def test_what_differs_is_found(left, right):
    """Two documents have no difference only when they are the same JSON, types included."""
    same = json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
    empty = not flat(left).leaves and not flat(right).leaves
    assert (not drift(left, right).differences) == (same or empty)


# lists


def test_lists_go_by_position():
    """By default the order of a list is part of it."""
    assert told(drift({"l": [{"name": "a"}, {"name": "b"}]}, {"l": [{"name": "b"}, {"name": "a"}]})) == {
        "l[0].name": "changed", "l[1].name": "changed"
    }  # fmt: skip


def test_lists_go_by_a_key_where_config_says_so():
    """Members are matched by their name; other lists still go by position."""
    left = {"l": [{"name": "a", "v": 1}, {"name": "b", "v": 1}], "plain": [1, 2]}
    right = {"l": [{"name": "b", "v": 1}, {"name": "a", "v": 2}], "plain": [2, 1]}
    assert told(drift(left, right, lists="key:name")) == {
        "l[name=a].v": "changed", "plain[0]": "changed", "plain[1]": "changed"
    }  # fmt: skip


def test_a_text_of_digits_is_no_number_as_a_name():
    """Two members called 1 and "1" are two members."""
    assert set(flat({"l": [{"id": 1, "v": 1}, {"id": "1", "v": 1}]}, lists="key:id").leaves) == {
        "l[id=1].id", "l[id=1].v", 'l[id="1"].id', 'l[id="1"].v'
    }  # fmt: skip


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([{"name": "a"}, {"name": "a"}], "duplicate_list_key"),
        ([{"name": "a"}, {"other": "a"}], "list_key"),
        ([{"name": "a"}, 1], "list_key"),
        ([{"name": True}], "list_key"),
        ([{"name": None}], "list_key"),
    ],
)
def test_members_without_one_name_are_refused(members, reason):
    """A name that stands twice or is missing leaves open what would be compared with what."""
    with pytest.raises(Problem) as problem:
        flat({"l": members}, lists="key:name")
    assert problem.value.reason == reason


# allowances


def classes(found):
    """What allows each difference."""
    return {d.path: d.allowed_by for d in found.differences}


ALLOWED = {
    "connection.host": {"connection.host"},
    "connection.*": {"connection.host", "connection.port"},
    "connection.**": {"connection.host", "connection.port", "connection.pool.size"},
    "**.size": {"connection.pool.size", "size"},
    "*": {"size"},
    "hosts[*].v": {"hosts[0].v", "hosts[1].v"},
    "hosts[1].v": {"hosts[1].v"},
    'odd."a.b"': {'odd."a.b"'},
    "odd.a.b": set(),
    "connection": set(),
}


@pytest.mark.parametrize("pattern", ALLOWED)
def test_patterns_cover_what_they_say(pattern):
    """`*` is one step, `**` any number, an exact path one place and nothing below it."""
    value = {"connection": {"host": 1, "port": 1, "pool": {"size": 1}}, "size": 1, "hosts": [{"v": 1}, {"v": 1}],
             "odd": {"a.b": 1}}  # fmt: skip
    other = json.loads(json.dumps(value).replace("1", "2"))
    found = classes(drift(value, other, allow=[entry(pattern)]))
    assert {path for path, by in found.items() if by == "config"} == ALLOWED[pattern]
    assert {by for path, by in found.items() if path not in ALLOWED[pattern]} <= {"nothing"}


def test_a_typed_path_is_exact():
    """The command line knows no patterns, and says what it was that allowed."""
    found = drift({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, exact=["a.b", "a.*", "a"])
    assert classes(found) == {"a.b": "command_line", "a.c": "nothing"}
    assert [e["path"] for e in found.facts()["unused"]] == ["a.*", "a"]


@pytest.mark.parametrize(
    ("expires", "live"),
    [
        ("2026-11-23", True),
        ("2026-11-22", False),
        ("2026-11-23T00:00:01Z", True),
        ("2026-11-23T00:00:00Z", False),
        ("2026-11-23T01:00:00+01:00", False),
    ],
)
def test_an_expired_entry_never_allows(expires, live):
    """A date counts to its end in UTC, an instant up to itself; afterwards the difference blocks and says why."""
    found = drift({"a": 1, "b": 1}, {"a": 2, "b": 1}, allow=[entry("a", expires)])
    assert classes(found) == {"a": "config" if live else "expired"}
    facts = found.facts()
    assert facts["blocking_count"] == (0 if live else 1)
    assert facts["expired_count"] == (0 if live else 1)
    assert facts["unused_count"] == 0


def test_an_expired_entry_does_not_hide_a_live_one():
    """Whoever allows it now counts, whoever did before does not matter."""
    assert classes(drift({"a": 1}, {"a": 2}, allow=[entry("a", "2020-01-01"), entry("*")])) == {"a": "config"}
    assert classes(drift({"a": 1}, {"a": 2}, allow=[entry("a", "2020-01-01")], exact=["a"])) == {
        "a": "command_line"
    }


def test_nothing_is_judged_where_everything_may_differ():
    """An allowance for all leaves nothing that is held to be equal, and neither do empty documents."""
    assert drift({"a": 1}, {"a": 1}, allow=[entry("**")]).judged == 0
    assert drift({}, {}).judged == 0
    assert drift({"a": 1, "b": 1}, {"a": 1, "b": 1}, allow=[entry("a")]).judged == 1
    assert drift({"a": 1}, {"a": 1}, allow=[entry("a", "2020-01-01")]).judged == 1


BAD_ENTRIES = [
    {"path": "a"},
    {**entry("a"), "owner": ""},
    {**entry("a"), "reason": " "},
    {**entry("a"), "expires": "never"},
    {**entry("a"), "expires": "2026-13-01"},
    {**entry("a"), "expires": 20261231},
    {**entry("a"), "extra": "x"},
    entry("a..b"),
    entry(".a"),
    entry("a."),
    entry("a.b*"),
    entry("a b"),
    entry(""),
    entry('a."b'),
    entry("a[x]"),
    "a",
]


@pytest.mark.parametrize("bad", BAD_ENTRIES)
def test_an_entry_that_nobody_answers_for_is_refused(bad):
    """Path, owner, reason and end are mandatory, and the path must be one."""
    with pytest.raises(ValueError, match="entry 1"):
        read_allowances([bad])


def test_a_path_is_allowed_once():
    """Two entries for one path could have two owners and two ends."""
    with pytest.raises(ValueError, match="entry 2"):
        read_allowances([entry("a.b"), entry('"a".b', "2027-01-01")])


# size


def test_the_input_stays_small_and_the_list_complete():
    """However many differences there are: counts, the first hundred, and a digest of the whole list."""
    many = {f"key_{n:06}": n for n in range(5_000)}
    found = drift(many, {k: v + 1 for k, v in many.items()})
    facts = found.facts()
    assert facts["blocking_count"] == 5_000
    assert len(facts["blocking"]) == 100
    assert len(canonical_bytes(facts)) < 25_000
    assert len(json.loads(found.listing)["differences"]) == 5_000


def test_many_allowances_do_not_fill_the_input():
    """A thousand entries with long reasons, unused or expired: counted, and listed as far as there is room."""
    allow = [
        {**entry(f"a{n}", "2020-01-01" if n % 2 else "2099-01-01"), "reason": "why " * 200} for n in range(1000)
    ]
    facts = drift({"x": 1}, {"x": 1}, allow=allow).facts()
    assert (facts["unused_count"], facts["expired_count"]) == (500, 500)
    assert facts["unused"]
    assert facts["expired"]
    assert len(canonical_bytes(facts)) < 25_000


def test_long_places_are_cut_and_stay_apart():
    """Places too long to show are cut with a number, and the input stays bounded."""
    many = {"x" * 400 + str(n): n for n in range(200)}
    found = drift(many, {k: v + 1 for k, v in many.items()})
    assert len({d.path for d in found.differences}) == 200
    assert len(canonical_bytes(found.facts())) < LIST_BYTES + 5_000


def test_a_hundred_thousand_paths_take_seconds():
    """A large configuration is compared in seconds, when all is equal and when nothing is."""
    many = {f"s{n // 100}": {f"k{m}": f"value {n} {m}" for m in range(100)} for n in range(0, 100_000, 100)}
    left = flat(many)
    right = flat({s: {k: v + "!" for k, v in inner.items()} for s, inner in many.items()})
    for other in (left, right):
        start = time.process_time()
        assert len(compare(left, other, [], [], NOW, KEY).differences) in (0, 100_000)
        assert time.process_time() - start < 20


def test_patterns_are_no_trap():
    """A pattern with many `**` over a deep path is answered at once."""
    value = inner = {}
    for _ in range(90):
        inner["a"] = inner = {}
    inner["b"] = 1
    start = time.process_time()
    found = drift(value, {}, allow=[entry(".".join(["**", "a"] * 40) + ".c")])
    assert classes(found) == {found.differences[0].path: "nothing"}
    assert time.process_time() - start < 1


def test_facts_are_the_same_every_time():
    """The key of a run changes nothing that is kept."""
    left, right = flat({"password": "one-secret", "a": 1}), flat({"password": "another", "a": 2})
    first, second = (compare(left, right, [], [], NOW, key) for key in (b"1", b"2"))
    assert canonical_bytes(first.facts()) == canonical_bytes(second.facts())
    assert first.listing == second.listing
