package dpone.gates.change_request_test

import rego.v1

import data.dpone.gates.change_request

test_a_change_with_nothing_attached_is_red if {
	given := {"evidence": [{"name": "change", "producer": "service"}]}
	found := change_request.evidence_attached with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_something_attached_is_enough if {
	given := {"evidence": [{"name": "a", "producer": "dpone"}]}
	found := change_request.evidence_attached with input as given
	count(found) == 1
	found[0].ok == true
}
