package dpone.gates.runbook_pack_test

import rego.v1

import data.dpone.gates.runbook_pack

given(kind, producer, state) := {"evidence": [{
	"name": "a",
	"kind": kind,
	"producer": producer,
	"state": state,
}]}

test_a_runbook_about_nothing_is_red if {
	found := runbook_pack.evidence_attached with input as {"evidence": []}
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_something_attached_is_enough if {
	found := runbook_pack.evidence_attached with input as given("junit", "tool", "present")
	count(found) == 1
	found[0].ok == true
}

test_no_go_live_decision_is_said if {
	found := runbook_pack.go_live_attached with input as given("slo_report", "dpone", "present")
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_release_gate_decides_on_going_live if {
	found := runbook_pack.go_live_attached with input as given("release_gate", "dpone", "present")
	found[0].ok == true
}

test_a_go_live_gate_decides_on_going_live if {
	found := runbook_pack.go_live_attached with input as given("go_live_gate", "dpone", "present")
	found[0].ok == true
}

test_a_gate_that_proves_nothing_decides_nothing if {
	found := runbook_pack.go_live_attached with input as given("release_gate", "dpone", "invalid")
	found[0].ok == false
}

test_no_rollback_evidence_is_said if {
	found := runbook_pack.rollback_attached with input as given("release_gate", "dpone", "present")
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_plan_is_rollback_evidence if {
	found := runbook_pack.rollback_attached with input as given("rollback_plan", "dpone", "present")
	found[0].ok == true
}

test_an_execution_is_rollback_evidence if {
	found := runbook_pack.rollback_attached with input as given("rollback_execute", "dpone", "present")
	found[0].ok == true
}

test_a_plan_that_another_tool_wrote_is_none if {
	found := runbook_pack.rollback_attached with input as given("rollback_plan", "tool", "present")
	found[0].ok == false
}
