package dpone.gates.manifest_bundle_test

import rego.v1

import data.dpone.gates.manifest_bundle

standard := {"profile": "standard"}

strict := {"profile": "strict"}

copied_file(state, secrets) := {
	"name": "a",
	"path": "a.json",
	"file": "files/a.json",
	"state": state,
	"reason": "why",
	"secrets": secrets,
	"duplicate": false,
	"pointer": "/items/0",
}

bundled(changed, protected) := {"protected": protected, "evidence": [{
	"name": "bundle",
	"kind": "manifest_bundle",
	"state": "present",
	"facts": {
		"redact": object.get(changed, "redact", false),
		"states": {"left_out": object.get(changed, "left_out", 0)},
		"in_clear_count": object.get(changed, "in_clear_count", 0),
		"unsearched_count": object.get(changed, "unsearched_count", 0),
		"files": object.get(changed, "files", [copied_file("copied", 0)]),
	},
}]}

denies(answers) if {
	some answer in answers
	answer.ok == false
}

clears(answers) if {
	count(answers) == 1
	not denies(answers)
}

test_a_file_left_out_is_red if {
	changed := {"redact": true, "left_out": 1, "files": [copied_file("left_out", 3)]}
	found := manifest_bundle.redacted_completely with input as bundled(changed, false)
	denies(found)
	count(found) == 1
	found[0].params.reason == "why"
}

test_complete_redaction_is_green if {
	found := manifest_bundle.redacted_completely with input as bundled({"redact": true}, false)
	clears(found)
}

test_a_secret_in_clear_warns if {
	changed := {"in_clear_count": 1, "files": [copied_file("copied", 1)]}
	i := bundled(changed, false)
	found := manifest_bundle.no_secret_in_clear with input as i with data.dpone.config as standard
	denies(found)
	count(found) == 1
	found[0].severity == "warning"
	found[0].params.count == 1
}

test_a_secret_in_clear_is_an_error_where_it_is_strict if {
	changed := {"in_clear_count": 1, "files": [copied_file("copied", 1)]}
	i := bundled(changed, false)
	found := manifest_bundle.no_secret_in_clear with input as i with data.dpone.config as strict
	found[0].severity == "error"
}

test_a_secret_in_clear_is_an_error_where_it_is_protected if {
	changed := {"in_clear_count": 1, "files": [copied_file("copied", 1)]}
	i := bundled(changed, true)
	found := manifest_bundle.no_secret_in_clear with input as i with data.dpone.config as standard
	found[0].severity == "error"
}

test_no_secret_is_green if {
	found := manifest_bundle.no_secret_in_clear with input as bundled({}, false) with data.dpone.config as standard
	clears(found)
}

test_a_secret_that_was_redacted_is_green if {
	changed := {"redact": true, "files": [copied_file("copied", 1)]}
	i := bundled(changed, false)
	found := manifest_bundle.no_secret_in_clear with input as i with data.dpone.config as standard
	clears(found)
}

test_a_secret_that_was_not_copied_is_green if {
	changed := {"files": [copied_file("left_out", 1)]}
	i := bundled(changed, false)
	found := manifest_bundle.no_secret_in_clear with input as i with data.dpone.config as standard
	clears(found)
}

test_what_could_not_be_searched_is_said if {
	changed := {"unsearched_count": 1, "files": [copied_file("copied", 0 - 1)]}
	i := bundled(changed, false)
	found := manifest_bundle.copies_searched with input as i with data.dpone.config as standard
	denies(found)
	count(found) == 1
	found[0].severity == "warning"
}

test_what_could_not_be_searched_is_an_error_where_it_is_strict if {
	changed := {"unsearched_count": 1, "files": [copied_file("copied", 0 - 1)]}
	i := bundled(changed, false)
	found := manifest_bundle.copies_searched with input as i with data.dpone.config as strict
	found[0].severity == "error"
}

test_what_was_searched_is_green if {
	found := manifest_bundle.copies_searched with input as bundled({}, false) with data.dpone.config as standard
	clears(found)
}

test_what_was_not_copied_needs_no_search if {
	changed := {"files": [copied_file("missing", 0 - 1)]}
	i := bundled(changed, false)
	found := manifest_bundle.copies_searched with input as i with data.dpone.config as standard
	clears(found)
}
