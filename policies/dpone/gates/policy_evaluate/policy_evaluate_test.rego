package dpone.gates.policy_evaluate_test

import rego.v1

import data.dpone.gates.policy_evaluate

test_a_policy_that_demands_the_bundle_demands_something if {
	given := {"parameters": {
		"required_evidence": [],
		"require_bundle_passed": true,
		"require_artifacts_exist": false,
	}}
	found := policy_evaluate.policy_not_empty with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].key == "policy.empty"
}

test_a_policy_that_demands_an_item_demands_something if {
	given := {"parameters": {
		"required_evidence": ["slo"],
		"require_bundle_passed": false,
		"require_artifacts_exist": false,
	}}
	found := policy_evaluate.policy_not_empty with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].key == "policy.empty"
}

test_a_policy_with_everything_switched_off_is_denied if {
	given := {"parameters": {
		"required_evidence": [],
		"require_bundle_passed": false,
		"require_artifacts_exist": true,
	}}
	found := policy_evaluate.policy_not_empty with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "policy.empty"
}

test_a_policy_without_keys_is_denied if {
	given := {"parameters": {}}
	found := policy_evaluate.policy_not_empty with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "policy.empty"
}

test_only_true_demands_the_bundle if {
	given := {"parameters": {
		"required_evidence": [],
		"require_bundle_passed": "no",
		"require_artifacts_exist": false,
	}}
	found := policy_evaluate.policy_not_empty with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "policy.empty"
}

test_a_bundle_that_passed_is_cleared if {
	given := {
		"parameters": {
			"required_evidence": [],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.bundle_passed with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].key == "bundle.failed"
}

test_a_bundle_that_failed_is_denied if {
	given := {
		"parameters": {
			"required_evidence": [],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "failed",
		}],
	}
	found := policy_evaluate.bundle_passed with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "bundle.failed"
}

test_one_bundle_of_two_that_failed_is_denied if {
	given := {
		"parameters": {
			"required_evidence": [],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [
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
				"source": {"sha256": "aa"},
				"reported": "failed",
			},
		],
	}
	found := policy_evaluate.bundle_passed with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "bundle.failed"
}

test_no_bundle_did_not_pass if {
	given := {
		"parameters": {
			"required_evidence": [],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [],
	}
	found := policy_evaluate.bundle_passed with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "bundle.failed"
}

test_a_bundle_that_cannot_be_read_did_not_pass if {
	given := {
		"parameters": {
			"required_evidence": [],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "invalid",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.bundle_passed with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "bundle.failed"
}

test_a_policy_may_leave_the_whole_bundle_out if {
	given := {
		"parameters": {
			"required_evidence": ["slo"],
			"require_bundle_passed": false,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "failed",
		}],
	}
	found := policy_evaluate.bundle_passed with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].key == "bundle.failed"
}

test_required_evidence_in_the_bundle_is_cleared if {
	given := {
		"parameters": {
			"required_evidence": ["slo"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {
				"items": [
					{"name": "docs", "path": "docs.json", "passed": true},
					{"name": "slo", "path": "slo.json", "passed": true},
				],
				"item_count": 2,
			},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.evidence_in_bundle with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_nothing_required_is_cleared if {
	given := {
		"parameters": {
			"required_evidence": [],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.evidence_in_bundle with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_required_evidence_that_is_not_in_the_bundle_is_denied_by_name if {
	given := {
		"parameters": {
			"required_evidence": ["docs", "slo", "tests"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [{"name": "slo", "path": "slo.json", "passed": true}], "item_count": 1},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.evidence_in_bundle with input as given
	count(found) == 2
	count(found[0]) == 3
	found[0].ok == false
	found[0].key == "missing_required_evidence.docs"
	count(found[0].params) == 1
	found[0].params.item == "docs"
	count(found[1]) == 3
	found[1].ok == false
	found[1].key == "missing_required_evidence.tests"
	count(found[1].params) == 1
	found[1].params.item == "tests"
}

test_a_bundle_that_cannot_be_read_holds_nothing if {
	given := {
		"parameters": {
			"required_evidence": ["slo"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "invalid",
			"facts": {"items": [{"name": "slo", "path": "slo.json", "passed": true}], "item_count": 1},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.evidence_in_bundle with input as given
	count(found) == 1
	count(found[0]) == 3
	found[0].ok == false
	found[0].key == "missing_required_evidence.slo"
	count(found[0].params) == 1
	found[0].params.item == "slo"
}

test_required_evidence_that_passed_is_cleared_and_what_is_not_required_is_left_out if {
	given := {
		"parameters": {
			"required_evidence": ["slo"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {
				"items": [
					{"name": "slo", "path": "slo.json", "passed": true},
					{"name": "docs", "path": "docs.json", "passed": false},
				],
				"item_count": 2,
			},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.evidence_passed with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].evidence == "bundle"
	found[0].ok == true
}

test_required_evidence_that_failed_or_does_not_say_is_denied_by_name if {
	given := {
		"parameters": {
			"required_evidence": ["docs", "slo", "tests"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {
				"items": [
					{"name": "slo", "path": "slo.json", "passed": false},
					{"name": "tests", "path": "tests.json"},
					{"name": "docs", "path": "docs.json", "passed": true},
				],
				"item_count": 3,
			},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.evidence_passed with input as given
	count(found) == 2
	count(found[0]) == 4
	found[0].evidence == "bundle"
	found[0].ok == false
	found[0].key == "required_evidence_failed.slo"
	count(found[0].params) == 2
	found[0].params.item == "slo"
	found[0].params.path == "slo.json"
	count(found[1]) == 4
	found[1].evidence == "bundle"
	found[1].ok == false
	found[1].key == "required_evidence_failed.tests"
	count(found[1].params) == 2
	found[1].params.item == "tests"
	found[1].params.path == "tests.json"
}

test_one_red_item_of_two_with_one_name_is_denied if {
	given := {
		"parameters": {
			"required_evidence": ["slo"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {
				"items": [
					{"name": "slo", "path": "slo.json", "passed": false},
					{"name": "slo", "path": "slo.json", "passed": true},
				],
				"item_count": 2,
			},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.evidence_passed with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "bundle"
	found[0].ok == false
	found[0].key == "required_evidence_failed.slo"
	count(found[0].params) == 2
	found[0].params.item == "slo"
	found[0].params.path == "slo.json"
}

test_files_that_exist_are_cleared if {
	given := {
		"parameters": {"required_evidence": [], "require_bundle_passed": true, "require_artifacts_exist": true},
		"evidence": [{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 2,
				"states": {"same": 1, "changed": 1, "missing": 0},
				"files": [
					{"name": "slo", "path": "slo.json", "state": "same"},
					{"name": "docs", "path": "docs.json", "state": "changed"},
				],
			},
		}],
	}
	found := policy_evaluate.artifacts_exist with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_missing_file_is_denied_where_the_policy_asks if {
	given := {
		"parameters": {"required_evidence": [], "require_bundle_passed": true, "require_artifacts_exist": true},
		"evidence": [{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 2,
				"states": {"same": 1, "changed": 0, "missing": 1},
				"files": [
					{"name": "slo", "path": "slo.json", "state": "missing"},
					{"name": "docs", "path": "docs.json", "state": "same"},
				],
			},
		}],
	}
	found := policy_evaluate.artifacts_exist with input as given
	count(found) == 1
	count(found[0]) == 3
	found[0].ok == false
	found[0].key == "artifact_missing.slo"
	count(found[0].params) == 2
	found[0].params.path == "slo.json"
	found[0].params.state == "missing"
}

test_a_missing_file_is_allowed_where_the_policy_does_not_ask if {
	given := {
		"parameters": {
			"required_evidence": [],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 1,
				"states": {"same": 0, "changed": 0, "missing": 1},
				"files": [{"name": "slo", "path": "slo.json", "state": "missing"}],
			},
		}],
	}
	found := policy_evaluate.artifacts_exist with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_missing_files_that_are_not_listed_leave_no_answer if {
	given := {
		"parameters": {"required_evidence": [], "require_bundle_passed": true, "require_artifacts_exist": true},
		"evidence": [{
			"name": "files",
			"kind": "bundle_files",
			"state": "present",
			"facts": {
				"bundle_sha256": "aa",
				"count": 0,
				"states": {"same": 0, "changed": 0, "missing": 1},
				"files": [],
			},
		}],
	}
	found := policy_evaluate.artifacts_exist with input as given
	count(found) == 0
}

test_files_that_are_the_same_or_missing_are_not_changed if {
	given := {"evidence": [{
		"name": "files",
		"kind": "bundle_files",
		"state": "present",
		"facts": {
			"bundle_sha256": "aa",
			"count": 2,
			"states": {"same": 1, "changed": 0, "missing": 1},
			"files": [
				{"name": "slo", "path": "slo.json", "state": "same"},
				{"name": "docs", "path": "docs.json", "state": "missing"},
			],
		},
	}]}
	found := policy_evaluate.files_unchanged with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_changed_file_is_denied_by_name if {
	given := {"evidence": [{
		"name": "files",
		"kind": "bundle_files",
		"state": "present",
		"facts": {
			"bundle_sha256": "aa",
			"count": 3,
			"states": {"same": 0, "changed": 1, "missing": 1},
			"files": [
				{"name": "slo", "path": "slo.json", "state": "changed"},
				{"name": "x", "path": "x.json", "state": "odd"},
				{"name": "docs", "path": "docs.json", "state": "missing"},
			],
		},
	}]}
	found := policy_evaluate.files_unchanged with input as given
	count(found) == 2
	count(found[0]) == 3
	found[0].ok == false
	found[0].key == "artifact_untrusted.slo"
	count(found[0].params) == 1
	found[0].params.path == "slo.json"
	count(found[1]) == 3
	found[1].ok == false
	found[1].key == "artifact_untrusted.x"
	count(found[1].params) == 1
	found[1].params.path == "x.json"
}

test_changed_files_that_are_not_listed_leave_no_answer if {
	given := {"evidence": [{
		"name": "files",
		"kind": "bundle_files",
		"state": "present",
		"facts": {
			"bundle_sha256": "aa",
			"count": 2,
			"states": {"same": 0, "changed": 1, "missing": 1},
			"files": [{"name": "slo", "path": "slo.json", "state": "missing"}],
		},
	}]}
	found := policy_evaluate.files_unchanged with input as given
	count(found) == 0
}

test_every_bundle_is_answered if {
	given := {
		"parameters": {
			"required_evidence": ["slo"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [
			{
				"name": "a",
				"kind": "ops_evidence_bundle",
				"state": "present",
				"facts": {"items": [{"name": "slo", "path": "slo.json", "passed": true}], "item_count": 1},
				"source": {"sha256": "aa"},
				"reported": "passed",
			},
			{
				"name": "bundle",
				"kind": "ops_evidence_bundle",
				"state": "present",
				"facts": {"items": [{"name": "slo", "path": "slo.json", "passed": false}], "item_count": 1},
				"source": {"sha256": "aa"},
				"reported": "passed",
			},
			{
				"name": "c",
				"kind": "ops_evidence_bundle",
				"state": "invalid",
				"facts": {"items": [], "item_count": 0},
				"source": {"sha256": "aa"},
				"reported": "passed",
			},
		],
	}
	found := policy_evaluate.evidence_passed with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "a"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "bundle"
	found[1].ok == false
	found[1].key == "required_evidence_failed.slo"
	count(found[1].params) == 2
	found[1].params.item == "slo"
	found[1].params.path == "slo.json"
}

test_a_bundle_without_items_leaves_no_answer if {
	given := {
		"parameters": {
			"required_evidence": ["slo"],
			"require_bundle_passed": true,
			"require_artifacts_exist": false,
		},
		"evidence": [{"name": "bundle", "kind": "ops_evidence_bundle", "state": "present", "facts": {}}],
	}
	found := policy_evaluate.evidence_passed with input as given
	count(found) == 0
}

test_artifacts_exist_has_no_answer_without_a_list_of_files if {
	given := {
		"parameters": {"required_evidence": [], "require_bundle_passed": true, "require_artifacts_exist": true},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.artifacts_exist with input as given
	count(found) == 0
}

test_files_unchanged_has_no_answer_without_a_list_of_files if {
	given := {
		"parameters": {"required_evidence": [], "require_bundle_passed": true, "require_artifacts_exist": true},
		"evidence": [{
			"name": "bundle",
			"kind": "ops_evidence_bundle",
			"state": "present",
			"facts": {"items": [], "item_count": 0},
			"source": {"sha256": "aa"},
			"reported": "passed",
		}],
	}
	found := policy_evaluate.files_unchanged with input as given
	count(found) == 0
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
	found := policy_evaluate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].key == "bundle.changed"
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
	found := policy_evaluate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "bundle.changed"
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
	found := policy_evaluate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].key == "bundle.changed"
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
	found := policy_evaluate.bundle_is_the_same with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].key == "bundle.changed"
}
