package dpone.gates.manifest_bundle_test

import rego.v1

import data.dpone.gates.manifest_bundle

states(missing, unreadable, too_large, left_out) := {
	"missing": missing,
	"unreadable": unreadable,
	"too_large": too_large,
	"left_out": left_out,
	"copied": 1,
}

file(state, secrets) := {
	"name": "a",
	"path": "a.json",
	"file": "files/a.json",
	"state": state,
	"reason": "why",
	"format": "json",
	"secrets": secrets,
	"redacted": false,
	"duplicate": false,
	"pointer": "/items/0",
}

given(changed, protected) := {"protected": protected, "evidence": [{
	"name": "bundle",
	"kind": "manifest_bundle",
	"state": "present",
	"facts": {
		"redact": object.get(changed, "redact", false),
		"file_count": object.get(changed, "file_count", 1),
		"states": object.get(changed, "states", states(0, 0, 0, 0)),
		"redacted_count": 0,
		"in_clear_count": object.get(changed, "in_clear_count", 0),
		"unsearched_count": object.get(changed, "unsearched_count", 0),
		"duplicate_count": object.get(changed, "duplicate_count", 0),
		"files": object.get(changed, "files", [file("copied", 0)]),
		"leftover_count": object.get(changed, "leftover_count", 0),
		"leftover": object.get(changed, "leftover", []),
	},
}]}

red(answers) if {
	some answer in answers
	answer.ok == false
}

green(answers) if {
	count(answers) == 1
	not red(answers)
}

test_a_bundle_of_nothing_is_red if {
	found := manifest_bundle.has_files with input as given({"file_count": 0}, false)
	red(found)
	found[0].key == "manifest_bundle.no_files"
}

test_one_file_is_a_bundle if {
	found := manifest_bundle.has_files with input as given({}, false)
	green(found)
}

test_a_missing_file_is_red if {
	missing := {"states": states(1, 0, 0, 0), "files": [file("missing", 0)]}
	found := manifest_bundle.files_read with input as given(missing, false)
	red(found)
	count(found) == 1
	found[0].key == "files/a.json"
	found[0].params.state == "missing"
}

test_an_unreadable_file_is_red if {
	unreadable := {"states": states(0, 1, 0, 0), "files": [file("unreadable", 0)]}
	found := manifest_bundle.files_read with input as given(unreadable, false)
	red(found)
	count(found) == 1
}

test_a_file_over_the_limit_is_red if {
	large := {"states": states(0, 0, 1, 0), "files": [file("too_large", 0)]}
	found := manifest_bundle.files_read with input as given(large, false)
	red(found)
	count(found) == 1
}

test_files_that_were_read_are_green if {
	found := manifest_bundle.files_read with input as given({}, false)
	green(found)
}

test_one_left_out_is_judged_elsewhere if {
	found := manifest_bundle.files_read with input as given({"files": [file("left_out", 0)]}, false)
	green(found)
}

test_two_files_of_one_name_are_red if {
	twice := {
		"name": "a",
		"path": "a.json",
		"file": "files/a.json",
		"state": "copied",
		"secrets": 0,
		"duplicate": true,
		"pointer": "/items/0",
	}
	found := manifest_bundle.named_once with input as given({"duplicate_count": 2, "files": [twice]}, false)
	red(found)
	count(found) == 1
	found[0].params.file == "a"
}

test_names_of_their_own_are_green if {
	found := manifest_bundle.named_once with input as given({}, false)
	green(found)
}

test_what_an_earlier_bundle_left_is_red if {
	changed := {"leftover_count": 1, "leftover": ["old.json"]}
	found := manifest_bundle.nothing_left_over with input as given(changed, false)
	red(found)
	found[0].params.names == ["old.json"]
}

test_a_folder_of_its_own_is_green if {
	found := manifest_bundle.nothing_left_over with input as given({}, false)
	green(found)
}
