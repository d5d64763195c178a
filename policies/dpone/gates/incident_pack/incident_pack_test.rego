package dpone.gates.incident_pack_test

import rego.v1

import data.dpone.gates.incident_pack

given(producer, state) := {"parameters": {"attached": 1}, "evidence": [{
	"name": "a",
	"producer": producer,
	"state": state,
}]}

test_an_incident_without_evidence_is_red if {
	found := incident_pack.evidence_attached with input as {"parameters": {"attached": 0}, "evidence": []}
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_declared_evidence_alone_is_not_about_an_incident if {
	declared := [{"name": "a", "producer": "tool", "state": "present"}]
	found := incident_pack.evidence_attached with input as {"parameters": {"attached": 0}, "evidence": declared}
	count(found) == 1
	found[0].ok == false
}

test_one_piece_of_evidence_is_enough if {
	found := incident_pack.evidence_attached with input as given("tool", "present")
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_reports_alone_are_said if {
	found := incident_pack.decision_attached with input as given("tool", "present")
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_an_artifact_that_proves_nothing_is_no_decision if {
	found := incident_pack.decision_attached with input as given("dpone", "invalid")
	count(found) == 1
	found[0].ok == false
}

test_a_decision_is_seen if {
	found := incident_pack.decision_attached with input as given("dpone", "present")
	count(found) == 1
	found[0].ok == true
}
