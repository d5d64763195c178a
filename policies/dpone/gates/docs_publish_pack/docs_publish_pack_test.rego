package dpone.gates.docs_publish_pack_test

import rego.v1

import data.dpone.gates.docs_publish_pack

given(kind, producer, state) := {
	"subject": {"release": "v1"},
	"evidence": [{"name": "a", "kind": kind, "producer": producer, "state": state}],
}

test_no_release_is_red if {
	found := docs_publish_pack.release_named with input as {"subject": {"release": ""}, "evidence": []}
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_release_is_named if {
	found := docs_publish_pack.release_named with input as given("junit", "tool", "present")
	count(found) == 1
	found[0].ok == true
}

test_nothing_attached_is_red if {
	found := docs_publish_pack.evidence_attached with input as {"subject": {"release": "v1"}, "evidence": []}
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_something_attached_is_enough if {
	found := docs_publish_pack.evidence_attached with input as given("junit", "tool", "present")
	count(found) == 1
	found[0].ok == true
}

test_another_kind_is_no_release_gate if {
	found := docs_publish_pack.release_gate_attached with input as given("go_live_gate", "dpone", "present")
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_what_only_looks_like_a_release_gate_is_none if {
	found := docs_publish_pack.release_gate_attached with input as given("release_gate", "dpone", "invalid")
	count(found) == 1
	found[0].ok == false
}

test_a_release_gate_of_another_tool_is_none if {
	found := docs_publish_pack.release_gate_attached with input as given("release_gate", "tool", "present")
	count(found) == 1
	found[0].ok == false
}

test_the_release_gate_is_seen if {
	found := docs_publish_pack.release_gate_attached with input as given("release_gate", "dpone", "present")
	count(found) == 1
	found[0].ok == true
}
