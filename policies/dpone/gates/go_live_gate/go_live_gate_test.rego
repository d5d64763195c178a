package dpone.gates.go_live_gate_test

import rego.v1

import data.dpone.gates.go_live_gate

test_a_bundle_of_passed_items_is_cleared if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "present",
		"facts": {
			"items": [
				{"name": "slo", "path": "slo.json", "passed": true, "required": true},
				{"name": "docs", "path": "docs.json", "passed": true, "required": false},
			],
			"item_count": 2,
		},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.item_passed with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_required_item_that_is_red_is_an_error_and_an_optional_one_a_warning if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "present",
		"facts": {
			"items": [
				{"name": "slo", "path": "slo.json", "passed": false, "required": true},
				{"name": "tests", "path": "tests.json", "passed": true, "required": true},
				{"name": "docs", "path": "docs.json", "passed": false, "required": false},
			],
			"item_count": 3,
		},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.item_passed with input as given
	count(found) == 2
	count(found[0]) == 4
	found[0].ok == false
	found[0].key == "slo"
	found[0].severity == "error"
	count(found[0].params) == 2
	found[0].params.item == "slo"
	found[0].params.path == "slo.json"
	count(found[1]) == 4
	found[1].ok == false
	found[1].key == "docs"
	found[1].severity == "warning"
	count(found[1].params) == 2
	found[1].params.item == "docs"
	found[1].params.path == "docs.json"
}

test_an_item_that_does_not_say_it_passed_is_red_and_required if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "present",
		"facts": {
			"items": [
				{"name": "slo", "path": "slo.json"},
				{"name": "docs", "path": "docs.json", "required": false},
			],
			"item_count": 2,
		},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.item_passed with input as given
	count(found) == 2
	count(found[0]) == 4
	found[0].ok == false
	found[0].key == "slo"
	found[0].severity == "error"
	count(found[0].params) == 2
	found[0].params.item == "slo"
	found[0].params.path == "slo.json"
	count(found[1]) == 4
	found[1].ok == false
	found[1].key == "docs"
	found[1].severity == "warning"
	count(found[1].params) == 2
	found[1].params.item == "docs"
	found[1].params.path == "docs.json"
}

test_a_bundle_that_cannot_be_read_is_left_to_the_rules_about_its_state if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "invalid",
		"facts": {
			"items": [{"name": "slo", "path": "slo.json", "passed": false, "required": true}],
			"item_count": 1,
		},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.item_passed with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_one_item_is_enough if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "present",
		"facts": {
			"items": [{"name": "slo", "path": "slo.json", "passed": true, "required": true}],
			"item_count": 1,
		},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.bundle_not_empty with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_bundle_without_items_is_denied if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "present",
		"facts": {"items": [], "item_count": 0},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.bundle_not_empty with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_bundle_that_cannot_be_read_has_no_items if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "invalid",
		"facts": {
			"items": [{"name": "slo", "path": "slo.json", "passed": true, "required": true}],
			"item_count": 1,
		},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.bundle_not_empty with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_no_bundle_is_denied if {
	given := {"evidence": []}
	found := go_live_gate.bundle_not_empty with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_unchanged_files_are_cleared if {
	given := {"evidence": [{
		"name": "files",
		"kind": "bundle_files",
		"state": "present",
		"facts": {
			"bundle_sha256": "aa",
			"count": 2,
			"states": {"same": 2, "changed": 0, "missing": 0},
			"files": [
				{"name": "slo", "path": "slo.json", "state": "same"},
				{"name": "tests", "path": "tests.json", "state": "same"},
			],
		},
	}]}
	found := go_live_gate.files_unchanged with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_file_that_changed_or_went_is_denied_by_name if {
	given := {"evidence": [{
		"name": "files",
		"kind": "bundle_files",
		"state": "present",
		"facts": {
			"bundle_sha256": "aa",
			"count": 4,
			"states": {"same": 1, "changed": 1, "missing": 1},
			"files": [
				{"name": "slo", "path": "slo.json", "state": "changed"},
				{"name": "docs", "path": "docs.json", "state": "missing"},
				{"name": "x", "path": "x.json", "state": "odd"},
				{"name": "tests", "path": "tests.json", "state": "same"},
			],
		},
	}]}
	found := go_live_gate.files_unchanged with input as given
	count(found) == 3
	count(found[0]) == 3
	found[0].ok == false
	found[0].key == "slo"
	count(found[0].params) == 2
	found[0].params.path == "slo.json"
	found[0].params.state == "changed"
	count(found[1]) == 3
	found[1].ok == false
	found[1].key == "docs"
	count(found[1].params) == 2
	found[1].params.path == "docs.json"
	found[1].params.state == "missing"
	count(found[2]) == 3
	found[2].ok == false
	found[2].key == "x"
	count(found[2].params) == 2
	found[2].params.path == "x.json"
	found[2].params.state == "odd"
}

test_files_that_are_not_listed_leave_no_answer if {
	given := {"evidence": [{
		"name": "files",
		"kind": "bundle_files",
		"state": "present",
		"facts": {
			"bundle_sha256": "aa",
			"count": 2,
			"states": {"same": 1, "changed": 0, "missing": 0},
			"files": [{"name": "slo", "path": "slo.json", "state": "same"}],
		},
	}]}
	found := go_live_gate.files_unchanged with input as given
	count(found) == 0
}

test_a_list_that_disagrees_with_its_totals_is_red if {
	given := {"evidence": [{
		"name": "files",
		"kind": "bundle_files",
		"state": "present",
		"facts": {
			"bundle_sha256": "aa",
			"count": 1,
			"states": {"same": 1, "changed": 0, "missing": 0},
			"files": [{"name": "slo", "path": "slo.json", "state": "changed"}],
		},
	}]}
	found := go_live_gate.files_unchanged with input as given
	count(found) == 2
	count(found[0]) == 1
	found[0].ok == true
	count(found[1]) == 3
	found[1].ok == false
	found[1].key == "slo"
	count(found[1].params) == 2
	found[1].params.path == "slo.json"
	found[1].params.state == "changed"
}

test_every_list_of_files_counts if {
	given := {"evidence": [
		{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 1,
				"states": {"same": 1, "changed": 0, "missing": 0},
				"files": [{"name": "slo", "path": "slo.json", "state": "same"}],
			},
		},
		{
			"name": "more",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 1,
				"states": {"same": 0, "changed": 1, "missing": 0},
				"files": [{"name": "slo", "path": "slo.json", "state": "changed"}],
			},
		},
	]}
	found := go_live_gate.files_unchanged with input as given
	count(found) == 1
	count(found[0]) == 3
	found[0].ok == false
	found[0].key == "slo"
	count(found[0].params) == 2
	found[0].params.path == "slo.json"
	found[0].params.state == "changed"
}

test_the_files_checked_are_those_of_the_bundle_judged if {
	given := {"evidence": [
		{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		},
		{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 0,
				"states": {"same": 0, "changed": 0, "missing": 0},
				"files": [],
			},
		},
	]}
	found := go_live_gate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_bundle_replaced_while_it_was_judged_is_denied if {
	given := {"evidence": [
		{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		},
		{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "bb",
				"count": 0,
				"states": {"same": 0, "changed": 0, "missing": 0},
				"files": [],
			},
		},
	]}
	found := go_live_gate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_one_bundle_of_two_that_is_another_is_denied if {
	given := {"evidence": [
		{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		},
		{
			"name": "second",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "bb"},
			"reported": "passed",
		},
		{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 0,
				"states": {"same": 0, "changed": 0, "missing": 0},
				"files": [],
			},
		},
	]}
	found := go_live_gate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_bundle_that_cannot_be_read_cannot_be_another if {
	given := {"evidence": [
		{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "missing",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": ""},
			"reported": "passed",
		},
		{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "",
				"count": 0,
				"states": {"same": 0, "changed": 0, "missing": 0},
				"files": [],
			},
		},
	]}
	found := go_live_gate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_files_without_the_digest_of_their_bundle_are_denied if {
	given := {"evidence": [
		{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		},
		{"name": "files", "kind": "bundle_files", "state": "present", "facts": {}},
	]}
	found := go_live_gate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_no_list_of_files_leaves_no_answer if {
	given := {"evidence": [{
		"name": "bundle",
		"kind": "ops_evidence_bundle",
		"state": "present",
		"facts": {"items": [], "item_count": 0},
		"source": {"sha256": "aa"},
		"reported": "passed",
	}]}
	found := go_live_gate.files_unchanged with input as given
	count(found) == 0
}
