package dpone.waivers_test

import rego.v1

import data.dpone.waivers

waiver(expired, not_yet) := {
	"id": "W-1",
	"rule": "a.b",
	"expired": expired,
	"not_yet": not_yet,
	"not_before": "2026-06-01T00:00:00Z",
	"not_after": "2026-06-05T00:00:00Z",
}

test_a_waiver_counts_in_its_time if {
	given := {"waivers": [waiver(false, false)]}
	found := waivers.current with input as given
	found == [{"waiver": "W-1", "ok": true}]
}

test_a_waiver_that_has_ended_is_refused if {
	given := {"waivers": [waiver(true, false)]}
	found := waivers.current with input as given
	found == [{"waiver": "W-1", "ok": false, "params": {
		"id": "W-1",
		"rule": "a.b",
		"why": "it ended",
		"time": "2026-06-05T00:00:00Z",
	}}]
}

test_a_waiver_that_has_not_begun_is_refused if {
	given := {"waivers": [waiver(false, true)]}
	found := waivers.current with input as given
	found == [{"waiver": "W-1", "ok": false, "params": {
		"id": "W-1",
		"rule": "a.b",
		"why": "it begins",
		"time": "2026-06-01T00:00:00Z",
	}}]
}

test_a_waiver_that_ended_before_it_began_is_refused_once if {
	given := {"waivers": [waiver(true, true)]}
	found := waivers.current with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.why == "it ended"
}

test_no_waivers_no_answers if {
	given := {"waivers": []}
	found := waivers.current with input as given
	found == []
}

test_a_revoked_waiver_is_refused if {
	given := {"waivers": [{"id": "W-1", "rule": "a.b", "revoked": true}, {"id": "W-2", "rule": "a.c", "revoked": false}]}
	found := waivers.not_revoked with input as given
	found == [
		{"waiver": "W-1", "ok": false, "params": {"id": "W-1", "rule": "a.b"}},
		{"waiver": "W-2", "ok": true, "params": {"id": "W-2", "rule": "a.c"}},
	]
}

test_what_nobody_can_waive_is_refused if {
	given := {"waivers": [{"id": "W-1", "rule": "a.b", "waivable": false}, {"id": "W-2", "rule": "a.c", "waivable": true}]}
	found := waivers.rule_can_be_waived with input as given
	found == [
		{"waiver": "W-1", "ok": false, "params": {"id": "W-1", "rule": "a.b"}},
		{"waiver": "W-2", "ok": true, "params": {"id": "W-2", "rule": "a.c"}},
	]
}

test_the_limit_is_by_severity_and_includes_its_last_second if {
	given := {"waivers": [
		{"id": "W-1", "rule": "a.b", "lasts_seconds": 30},
		{"id": "W-2", "rule": "a.b", "lasts_seconds": 31},
		{"id": "W-3", "rule": "a.b", "lasts_seconds": 91},
	]}
	config := {"waiver_limits": {"max": {"error": 30, "warning": 90}}}
	found := waivers.bounded with input as given with data.dpone.config as config
	count(found) == 6
	found[0] == {"waiver": "W-1", "key": "error", "ok": true, "params": {
		"id": "W-1",
		"rule": "a.b",
		"lasts_seconds": 30,
		"limit_seconds": 30,
		"severity": "error",
	}}
	found[1].key == "warning"
	found[1].ok == true
	found[2].ok == false
	found[2].key == "error"
	found[3].ok == true
	found[3].params.limit_seconds == 90
	found[4].ok == false
	found[5].ok == false
	found[5].params.severity == "warning"
}
