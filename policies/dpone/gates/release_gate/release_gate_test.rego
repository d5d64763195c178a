package dpone.gates.release_gate_test

import rego.v1

import data.dpone.gates.release_gate

test_a_named_release_is_judged if {
	given := {"subject": {"release": "v1"}}
	found := release_gate.release_named with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_no_release_is_judged_without_its_name if {
	given := {"subject": {"release": ""}}
	found := release_gate.release_named with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}
