package dpone.evidence_test

import rego.v1

import data.dpone.evidence

test_only_bytes_that_could_be_read_are_present if {
	given := {"evidence": [
		{"name": "a", "state": "present"},
		{"name": "b", "state": "missing"},
		{"name": "c", "state": "unreadable"},
		{"name": "d", "state": "invalid"},
		{"name": "e", "state": "unrecognized"},
		{"name": "f", "state": "too_large"},
		{"name": "g", "state": "omitted"},
		{"name": "h", "state": "superseded"},
		{"name": "i", "state": "gone"},
	]}
	found := evidence.present with input as given
	found.holds == ["a", "d", "e", "g", "h"]
}

test_an_invalid_file_is_not_well_formed if {
	given := {"evidence": [
		{"name": "a", "state": "present"},
		{"name": "b", "state": "missing"},
		{"name": "c", "state": "unreadable"},
		{"name": "d", "state": "invalid"},
		{"name": "e", "state": "unrecognized"},
		{"name": "f", "state": "too_large"},
		{"name": "g", "state": "omitted"},
		{"name": "h", "state": "superseded"},
		{"name": "i", "state": "gone"},
	]}
	found := evidence.well_formed with input as given
	found.holds == ["a", "b", "c", "e", "f", "g", "h", "i"]
}

test_an_unknown_file_is_not_recognized if {
	given := {"evidence": [
		{"name": "a", "state": "present"},
		{"name": "b", "state": "missing"},
		{"name": "c", "state": "unreadable"},
		{"name": "d", "state": "invalid"},
		{"name": "e", "state": "unrecognized"},
		{"name": "f", "state": "too_large"},
		{"name": "g", "state": "omitted"},
		{"name": "h", "state": "superseded"},
		{"name": "i", "state": "gone"},
	]}
	found := evidence.recognized with input as given
	found.holds == ["a", "b", "c", "d", "f", "g", "h", "i"]
}

test_an_omitted_or_superseded_decision_is_not_current if {
	given := {"evidence": [
		{"name": "a", "state": "present"},
		{"name": "b", "state": "missing"},
		{"name": "c", "state": "unreadable"},
		{"name": "d", "state": "invalid"},
		{"name": "e", "state": "unrecognized"},
		{"name": "f", "state": "too_large"},
		{"name": "g", "state": "omitted"},
		{"name": "h", "state": "superseded"},
		{"name": "i", "state": "gone"},
	]}
	found := evidence.current with input as given
	found.holds == ["a", "b", "c", "d", "e", "f"]
}

test_required_evidence_is_there_under_its_name_and_kind if {
	given := {
		"required": [
			{"name": "slo", "kinds": []},
			{"name": "slo", "kinds": ["prometheus"]},
			{"name": "slo", "kinds": ["junit", "prometheus"]},
		],
		"evidence": [{"name": "slo", "kind": "prometheus", "state": "present"}],
	}
	found := evidence.required with input as given
	found.holds == ["slo", "slo", "slo"]
}

test_required_evidence_of_another_name_or_kind_was_not_given if {
	given := {
		"required": [{"name": "tests", "kinds": []}, {"name": "slo", "kinds": ["junit"]}],
		"evidence": [{"name": "slo", "kind": "prometheus", "state": "present"}],
	}
	found := evidence.required with input as given
	count(found.holds) == 0
}

test_required_evidence_is_not_there_when_nothing_was_given if {
	given := {"required": [{"name": "tests", "kinds": ["junit"]}], "evidence": []}
	found := evidence.required with input as given
	count(found.holds) == 0
}

test_a_broken_file_is_left_to_the_rules_about_its_state if {
	given := {
		"required": [{"name": "tests", "kinds": ["junit"]}],
		"evidence": [{"name": "tests", "kind": "", "state": "missing"}],
	}
	found := evidence.required with input as given
	found.holds == ["tests"]
}

test_a_kind_is_compared_whole if {
	given := {
		"required": [{"name": "tests", "kinds": ["junit"]}],
		"evidence": [{"name": "tests", "kind": "junit2", "state": "present"}],
	}
	found := evidence.required with input as given
	count(found.holds) == 0
}

test_nothing_is_asked_where_nothing_is_required if {
	given := {"required": [], "evidence": []}
	found := evidence.required with input as given
	count(found.holds) == 0
}

test_a_name_given_twice_is_denied_both_times if {
	given := {"evidence": [
		{"name": "a", "duplicate_name": true},
		{"name": "a", "duplicate_name": true},
		{"name": "b", "duplicate_name": false},
	]}
	found := evidence.named_once with input as given
	found.holds == ["b"]
}

test_foreign_evidence_is_denied_with_the_fields_that_differ if {
	given := {"evidence": [
		{"name": "a", "binding": "matched", "foreign_fields": []},
		{"name": "b", "binding": "unbound", "foreign_fields": []},
		{"name": "c", "binding": "foreign", "foreign_fields": ["release", "commit"]},
	]}
	found := evidence.not_foreign with input as given
	found.holds == ["a", "b"]
}

test_a_field_that_differs_is_foreign_whatever_the_binding_says if {
	given := {"evidence": [
		{"name": "a", "binding": "matched", "foreign_fields": ["release"]},
		{"name": "b", "binding": "foreign", "foreign_fields": []},
		{"name": "c", "binding": "odd", "foreign_fields": []},
	]}
	found := evidence.not_foreign with input as given
	count(found.holds) == 0
}

test_a_seal_holds_only_when_it_is_whole_and_its_key_is_known if {
	given := {"evidence": [
		{"name": "a", "seal": {"state": "absent", "trust": "none", "reason": "r"}},
		{"name": "b", "seal": {"state": "valid", "trust": "anchored", "reason": "r"}},
		{"name": "c", "seal": {"state": "valid", "trust": "workspace", "reason": "r"}},
		{"name": "d", "seal": {"state": "valid", "trust": "local", "reason": "r"}},
		{"name": "e", "seal": {"state": "valid", "trust": "none", "reason": "r"}},
		{"name": "f", "seal": {"state": "broken", "trust": "anchored", "reason": "r"}},
		{"name": "g", "seal": {"state": "broken", "trust": "none", "reason": "r"}},
		{"name": "h", "seal": {"state": "odd", "trust": "anchored", "reason": "r"}},
	]}
	found := evidence.seal_holds with input as given
	found.holds == ["a", "b", "c", "d"]
}

test_one_contradiction_is_enough if {
	given := {"evidence": [
		{"name": "a", "contradictions": []},
		{"name": "b", "contradictions": ["says passed and counts a failure"]},
	]}
	found := evidence.consistent with input as given
	found.holds == ["a"]
}

test_evidence_from_the_future_is_denied if {
	given := {"evidence": [
		{"name": "a", "from_future": false, "produced_at": ""},
		{"name": "b", "from_future": true, "produced_at": "2099-01-01T00:00:00Z"},
	]}
	found := evidence.not_from_future with input as given
	found.holds == ["a"]
}

test_only_a_decision_that_passed_carries_another if {
	given := {
		"gate": "release-gate",
		"protected": false,
		"parameters": {},
		"evidence": [
			{
				"name": "a",
				"producer": "dpone",
				"state": "present",
				"reported": "passed",
				"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
			},
			{
				"name": "b",
				"producer": "dpone",
				"state": "present",
				"reported": "failed",
				"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
			},
			{
				"name": "c",
				"producer": "dpone",
				"state": "present",
				"reported": "empty",
				"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
			},
			{
				"name": "d",
				"producer": "dpone",
				"state": "present",
				"reported": "unknown",
				"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
			},
		],
	}
	found := evidence.artifact_passed with input as given
	count(found) == 4
	count(found[0]) == 4
	found[0].evidence == "a"
	found[0].ok == true
	found[0].severity == "error"
	count(found[0].params) == 3
	found[0].params.decision == "d1"
	found[0].params.gate == "slo-evaluate"
	found[0].params.status == "s"
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].severity == "error"
	count(found[1].params) == 3
	found[1].params.decision == "d1"
	found[1].params.gate == "slo-evaluate"
	found[1].params.status == "s"
	count(found[2]) == 4
	found[2].evidence == "c"
	found[2].ok == false
	found[2].severity == "error"
	count(found[2].params) == 3
	found[2].params.decision == "d1"
	found[2].params.gate == "slo-evaluate"
	found[2].params.status == "s"
	count(found[3]) == 4
	found[3].evidence == "d"
	found[3].ok == false
	found[3].severity == "error"
	count(found[3].params) == 3
	found[3].params.decision == "d1"
	found[3].params.gate == "slo-evaluate"
	found[3].params.status == "s"
}

test_what_is_no_readable_decision_is_not_asked_whether_it_passed if {
	given := {
		"gate": "release-gate",
		"protected": false,
		"parameters": {},
		"evidence": [
			{
				"name": "a",
				"producer": "tool",
				"state": "present",
				"reported": "passed",
				"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
			},
			{
				"name": "b",
				"producer": "service",
				"state": "present",
				"reported": "passed",
				"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
			},
			{
				"name": "c",
				"producer": "dpone",
				"state": "invalid",
				"reported": "passed",
				"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
			},
		],
	}
	found := evidence.artifact_passed with input as given
	count(found) == 0
}

test_a_json_policy_may_look_at_single_items_of_a_red_bundle if {
	given := {
		"gate": "policy-evaluate",
		"protected": false,
		"parameters": {"require_bundle_passed": false},
		"evidence": [{
			"name": "a",
			"producer": "dpone",
			"state": "present",
			"reported": "failed",
			"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
		}],
	}
	found := evidence.artifact_passed with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "a"
	found[0].ok == false
	found[0].severity == "warning"
	count(found[0].params) == 3
	found[0].params.decision == "d1"
	found[0].params.gate == "slo-evaluate"
	found[0].params.status == "s"
}

test_a_json_policy_demands_the_whole_bundle_unless_it_says_otherwise if {
	given := {
		"gate": "policy-evaluate",
		"protected": false,
		"parameters": {"require_bundle_passed": true},
		"evidence": [{
			"name": "a",
			"producer": "dpone",
			"state": "present",
			"reported": "failed",
			"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
		}],
	}
	found := evidence.artifact_passed with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "a"
	found[0].ok == false
	found[0].severity == "error"
	count(found[0].params) == 3
	found[0].params.decision == "d1"
	found[0].params.gate == "slo-evaluate"
	found[0].params.status == "s"
}

test_a_red_bundle_stays_red_for_a_protected_environment if {
	given := {
		"gate": "policy-evaluate",
		"protected": true,
		"parameters": {"require_bundle_passed": false},
		"evidence": [{
			"name": "a",
			"producer": "dpone",
			"state": "present",
			"reported": "failed",
			"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
		}],
	}
	found := evidence.artifact_passed with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "a"
	found[0].ok == false
	found[0].severity == "error"
	count(found[0].params) == 3
	found[0].params.decision == "d1"
	found[0].params.gate == "slo-evaluate"
	found[0].params.status == "s"
}

test_other_gates_have_no_such_parameter if {
	given := {
		"gate": "go-live-gate",
		"protected": false,
		"parameters": {"require_bundle_passed": false},
		"evidence": [{
			"name": "a",
			"producer": "dpone",
			"state": "present",
			"reported": "failed",
			"facts": {"gate": "slo-evaluate", "status": "s", "id": "d1"},
		}],
	}
	found := evidence.artifact_passed with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "a"
	found[0].ok == false
	found[0].severity == "error"
	count(found[0].params) == 3
	found[0].params.decision == "d1"
	found[0].params.gate == "slo-evaluate"
	found[0].params.status == "s"
}

test_stale_evidence_is_an_error_at_fail if {
	given := {"evidence": [{"name": "a", "age_seconds": 61, "max_age_seconds": 60}]}
	strictness := {"concerns": {"stale": "fail"}}
	found := evidence.fresh with input as given with data.dpone.config as strictness
	found.severity == "error"
	count(found.holds) == 0
}

test_stale_evidence_is_a_warning_at_warn if {
	given := {"evidence": [
		{"name": "a", "age_seconds": 0, "max_age_seconds": 60},
		{"name": "b", "age_seconds": 60, "max_age_seconds": 60},
		{"name": "c", "age_seconds": 61, "max_age_seconds": 60},
	]}
	strictness := {"concerns": {"stale": "warn"}}
	found := evidence.fresh with input as given with data.dpone.config as strictness
	found.severity == "warning"
	found.holds == ["a", "b"]
}

test_stale_evidence_is_nothing_at_allow if {
	given := {"evidence": [{"name": "a", "age_seconds": 61, "max_age_seconds": 60}]}
	strictness := {"concerns": {"stale": "allow"}}
	found := evidence.fresh with input as given with data.dpone.config as strictness
	found.severity == "none"
	count(found.holds) == 0
}

test_no_answer_about_stale_evidence_at_a_level_nobody_knows if {
	given := {"evidence": [
		{"name": "a", "age_seconds": 0, "max_age_seconds": 60},
		{"name": "b", "age_seconds": 60, "max_age_seconds": 60},
		{"name": "c", "age_seconds": 61, "max_age_seconds": 60},
	]}
	strictness := {"concerns": {"stale": "Fail"}}
	not evidence.fresh with input as given with data.dpone.config as strictness
}

test_unsealed_evidence_is_an_error_at_fail if {
	given := {"evidence": [{"name": "a", "producer": "tool", "seal": {"state": "absent"}, "state": "present"}]}
	strictness := {"concerns": {"unsealed": "fail"}}
	found := evidence.sealed with input as given with data.dpone.config as strictness
	found.severity == "error"
	count(found.holds) == 0
}

test_unsealed_evidence_is_a_warning_at_warn if {
	given := {"evidence": [
		{"name": "a", "producer": "tool", "seal": {"state": "valid"}, "state": "present"},
		{"name": "b", "producer": "tool", "seal": {"state": "broken"}, "state": "present"},
		{"name": "c", "producer": "service", "seal": {"state": "absent"}, "state": "present"},
		{"name": "d", "producer": "tool", "seal": {"state": "absent"}, "state": "missing"},
		{"name": "e", "producer": "tool", "seal": {"state": "absent"}, "state": "present"},
		{"name": "f", "producer": "dpone", "seal": {"state": "absent"}, "state": "present"},
		{"name": "g", "producer": "tool", "seal": {"state": "odd"}, "state": "present"},
	]}
	strictness := {"concerns": {"unsealed": "warn"}}
	found := evidence.sealed with input as given with data.dpone.config as strictness
	found.severity == "warning"
	found.holds == ["a", "b", "c", "d"]
}

test_unsealed_evidence_is_nothing_at_allow if {
	given := {"evidence": [{"name": "a", "producer": "tool", "seal": {"state": "absent"}, "state": "present"}]}
	strictness := {"concerns": {"unsealed": "allow"}}
	found := evidence.sealed with input as given with data.dpone.config as strictness
	found.severity == "none"
	count(found.holds) == 0
}

test_no_answer_about_unsealed_evidence_at_a_level_nobody_knows if {
	given := {"evidence": [
		{"name": "a", "producer": "tool", "seal": {"state": "valid"}, "state": "present"},
		{"name": "b", "producer": "tool", "seal": {"state": "broken"}, "state": "present"},
		{"name": "c", "producer": "service", "seal": {"state": "absent"}, "state": "present"},
		{"name": "d", "producer": "tool", "seal": {"state": "absent"}, "state": "missing"},
		{"name": "e", "producer": "tool", "seal": {"state": "absent"}, "state": "present"},
		{"name": "f", "producer": "dpone", "seal": {"state": "absent"}, "state": "present"},
		{"name": "g", "producer": "tool", "seal": {"state": "odd"}, "state": "present"},
	]}
	strictness := {"concerns": {"unsealed": "Fail"}}
	not evidence.sealed with input as given with data.dpone.config as strictness
}

test_unbound_evidence_is_an_error_at_fail if {
	given := {"evidence": [{"name": "a", "binding": "unbound", "state": "present"}]}
	strictness := {"concerns": {"unbound": "fail"}}
	found := evidence.bound with input as given with data.dpone.config as strictness
	found.severity == "error"
	count(found.holds) == 0
}

test_unbound_evidence_is_a_warning_at_warn if {
	given := {"evidence": [
		{"name": "a", "binding": "matched", "state": "present"},
		{"name": "b", "binding": "foreign", "state": "present"},
		{"name": "c", "binding": "unbound", "state": "missing"},
		{"name": "d", "binding": "unbound", "state": "present"},
		{"name": "e", "binding": "odd", "state": "present"},
	]}
	strictness := {"concerns": {"unbound": "warn"}}
	found := evidence.bound with input as given with data.dpone.config as strictness
	found.severity == "warning"
	found.holds == ["a", "b", "c"]
}

test_unbound_evidence_is_nothing_at_allow if {
	given := {"evidence": [{"name": "a", "binding": "unbound", "state": "present"}]}
	strictness := {"concerns": {"unbound": "allow"}}
	found := evidence.bound with input as given with data.dpone.config as strictness
	found.severity == "none"
	count(found.holds) == 0
}

test_no_answer_about_unbound_evidence_at_a_level_nobody_knows if {
	given := {"evidence": [
		{"name": "a", "binding": "matched", "state": "present"},
		{"name": "b", "binding": "foreign", "state": "present"},
		{"name": "c", "binding": "unbound", "state": "missing"},
		{"name": "d", "binding": "unbound", "state": "present"},
		{"name": "e", "binding": "odd", "state": "present"},
	]}
	strictness := {"concerns": {"unbound": "Fail"}}
	not evidence.bound with input as given with data.dpone.config as strictness
}

test_undated_evidence_is_an_error_at_fail if {
	given := {"evidence": [{"name": "a", "dated": "none", "state": "present"}]}
	strictness := {"concerns": {"undated": "fail"}}
	found := evidence.dated with input as given with data.dpone.config as strictness
	found.severity == "error"
	count(found.holds) == 0
}

test_undated_evidence_is_a_warning_at_warn if {
	given := {"evidence": [
		{"name": "a", "dated": "producer", "state": "present"},
		{"name": "b", "dated": "signer", "state": "present"},
		{"name": "c", "dated": "none", "state": "missing"},
		{"name": "d", "dated": "none", "state": "present"},
		{"name": "e", "dated": "odd", "state": "present"},
	]}
	strictness := {"concerns": {"undated": "warn"}}
	found := evidence.dated with input as given with data.dpone.config as strictness
	found.severity == "warning"
	found.holds == ["a", "b", "c"]
}

test_undated_evidence_is_nothing_at_allow if {
	given := {"evidence": [{"name": "a", "dated": "none", "state": "present"}]}
	strictness := {"concerns": {"undated": "allow"}}
	found := evidence.dated with input as given with data.dpone.config as strictness
	found.severity == "none"
	count(found.holds) == 0
}

test_no_answer_about_undated_evidence_at_a_level_nobody_knows if {
	given := {"evidence": [
		{"name": "a", "dated": "producer", "state": "present"},
		{"name": "b", "dated": "signer", "state": "present"},
		{"name": "c", "dated": "none", "state": "missing"},
		{"name": "d", "dated": "none", "state": "present"},
		{"name": "e", "dated": "odd", "state": "present"},
	]}
	strictness := {"concerns": {"undated": "Fail"}}
	not evidence.dated with input as given with data.dpone.config as strictness
}

test_a_required_name_is_not_met_by_another_of_its_kind if {
	given := {
		"required": [{"name": "tests", "kinds": ["junit"]}],
		"evidence": [{"name": "other", "kind": "junit", "state": "present"}],
	}
	found := evidence.required with input as given
	count(found.holds) == 0
}
