package dpone.waivers_test

import rego.v1

import data.dpone.waivers

pattern(match, wildcard, letters) := {"waivers": [{
	"id": "W-1",
	"rule": "a.b",
	"match": match,
	"wildcard": wildcard,
	"letters": letters,
}]}

test_a_key_written_out_is_specific_however_short if {
	given := pattern("id", false, 2)
	found := waivers.specific with input as given
	found == [{"waiver": "W-1", "ok": true, "params": {"id": "W-1", "rule": "a.b", "match": "id", "least": 6}}]
}

test_a_pattern_with_six_letters_is_specific if {
	given := pattern("CVE-202*", true, 6)
	found := waivers.specific with input as given
	found[0].ok == true
}

test_a_pattern_with_five_letters_is_refused if {
	given := pattern("CVE-20*", true, 5)
	found := waivers.specific with input as given
	found[0].ok == false
}

test_evidence_that_changed_is_refused if {
	given := {"waivers": [{"id": "W-1", "rule": "a.b", "unchanged": false}, {"id": "W-2", "rule": "a.c", "unchanged": true}]}
	found := waivers.same_evidence with input as given
	found == [
		{"waiver": "W-1", "ok": false, "params": {"id": "W-1", "rule": "a.b"}},
		{"waiver": "W-2", "ok": true, "params": {"id": "W-2", "rule": "a.c"}},
	]
}

time(left, expired) := {"waivers": [{
	"id": "W-1",
	"rule": "a.b",
	"not_after": "2026-06-05T00:00:00Z",
	"left_seconds": left,
	"expired": expired,
	"owner": "someone",
}]}

test_less_than_a_week_is_soon if {
	given := time(604799, false)
	found := waivers.ends_soon with input as given
	found == [{"waiver": "W-1", "ok": false, "params": {
		"id": "W-1",
		"rule": "a.b",
		"not_after": "2026-06-05T00:00:00Z",
		"left_seconds": 604799,
		"owner": "someone",
	}}]
}

test_a_week_is_not_soon if {
	given := time(604800, false)
	found := waivers.ends_soon with input as given
	found[0].ok == true
}

test_what_has_ended_does_not_end_soon if {
	given := time(0, true)
	found := waivers.ends_soon with input as given
	found[0].ok == true
}

reach(wildcard, release, sha256) := {"waivers": [{
	"id": "W-1",
	"rule": "a.b",
	"match": "CVE-2026-*",
	"wildcard": wildcard,
	"release": release,
	"sha256": sha256,
}]}

test_one_finding_is_narrow if {
	given := reach(false, "", "")
	found := waivers.narrow with input as given
	found[0].ok == true
}

test_one_release_is_narrow if {
	given := reach(true, "v1", "")
	found := waivers.narrow with input as given
	found[0].ok == true
}

test_one_piece_of_evidence_is_narrow if {
	given := reach(true, "", "51c0")
	found := waivers.narrow with input as given
	found[0].ok == true
}

test_a_pattern_for_every_release_is_wide if {
	given := reach(true, "", "")
	found := waivers.narrow with input as given
	found == [{"waiver": "W-1", "ok": false, "params": {"id": "W-1", "rule": "a.b", "match": "CVE-2026-*"}}]
}
