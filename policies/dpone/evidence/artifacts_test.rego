package dpone.evidence_test

import rego.v1

import data.dpone.evidence

decision(binding, state, producer) := {"evidence": [{
	"name": "drift",
	"producer": producer,
	"state": state,
	"binding": binding,
	"facts": {"gate": "env-drift"},
}]}

test_a_decision_about_no_release_is_said if {
	given := decision("unbound", "present", "dpone")
	found := evidence.artifact_bound with input as given with data.dpone.config.concerns.unbound as "warn"
	found == [{"evidence": "drift", "ok": false, "severity": "warning", "params": {"gate": "env-drift"}}]
}

test_a_decision_about_this_release_is_bound if {
	given := decision("matched", "present", "dpone")
	found := evidence.artifact_bound with input as given with data.dpone.config.concerns.unbound as "fail"
	found == [{"evidence": "drift", "ok": true, "severity": "error", "params": {"gate": "env-drift"}}]
}

test_a_decision_about_another_release_is_judged_elsewhere if {
	given := decision("foreign", "present", "dpone")
	found := evidence.artifact_bound with input as given with data.dpone.config.concerns.unbound as "fail"
	found[0].ok == true
}

test_what_is_no_readable_decision_is_not_asked_for_its_release if {
	given := decision("unbound", "superseded", "dpone")
	found := evidence.artifact_bound with input as given with data.dpone.config.concerns.unbound as "fail"
	found == []
}

test_reports_of_tools_are_not_asked_here if {
	given := decision("unbound", "present", "tool")
	found := evidence.artifact_bound with input as given with data.dpone.config.concerns.unbound as "fail"
	found == []
}

test_a_decision_needs_no_seal_to_be_bound if {
	given := decision("unbound", "present", "dpone")
	found := evidence.bound with input as given with data.dpone.config.concerns.unbound as "fail"
	count(found.holds) == 1
}
