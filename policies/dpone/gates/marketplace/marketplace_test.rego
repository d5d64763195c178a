package dpone.gates.marketplace_test

import rego.v1

import data.dpone.gates.marketplace

test_one_connector_is_enough_and_none_is_denied if {
	given := {"evidence": [
		{
			"name": "a",
			"kind": "connector_marketplace",
			"state": "present",
			"facts": {
				"count": 1,
				"connectors": [{"connector": "x", "status": "simulated", "proof": "simulated"}],
			},
		},
		{
			"name": "b",
			"kind": "connector_marketplace",
			"state": "present",
			"facts": {"count": 0, "connectors": []},
		},
	]}
	found := marketplace.not_empty with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "a"
	found[0].ok == true
	count(found[1]) == 2
	found[1].evidence == "b"
	found[1].ok == false
}

test_proved_and_modest_connectors_are_cleared if {
	given := {"evidence": [{
		"name": "a",
		"kind": "connector_marketplace",
		"state": "present",
		"facts": {
			"count": 3,
			"connectors": [
				{"connector": "x", "status": "embedded", "proof": "executed"},
				{"connector": "y", "status": "simulated", "proof": "simulated"},
				{"connector": "z", "status": "simulated", "proof": "none"},
			],
		},
	}]}
	found := marketplace.claims_are_proved with input as given
	count(found) == 1
	count(found[0]) == 2
	found[0].evidence == "a"
	found[0].ok == true
}

test_a_status_above_its_proof_is_denied_by_name if {
	given := {"evidence": [{
		"name": "a",
		"kind": "connector_marketplace",
		"state": "present",
		"facts": {
			"count": 3,
			"connectors": [
				{"connector": "x", "status": "certified", "proof": "simulated"},
				{"connector": "y", "status": "gold", "proof": "none"},
				{"connector": "z", "status": "embedded", "proof": "executed"},
			],
		},
	}]}
	found := marketplace.claims_are_proved with input as given
	count(found) == 2
	count(found[0]) == 4
	found[0].evidence == "a"
	found[0].ok == false
	found[0].key == "x"
	count(found[0].params) == 3
	found[0].params.connector == "x"
	found[0].params.status == "certified"
	found[0].params.proof == "simulated"
	count(found[1]) == 4
	found[1].evidence == "a"
	found[1].ok == false
	found[1].key == "y"
	count(found[1].params) == 3
	found[1].params.connector == "y"
	found[1].params.status == "gold"
	found[1].params.proof == "none"
}

test_a_status_without_proof_leaves_no_answer if {
	given := {"evidence": [{
		"name": "a",
		"kind": "connector_marketplace",
		"state": "present",
		"facts": {"count": 1, "connectors": [{"connector": "x", "status": "certified"}]},
	}]}
	found := marketplace.claims_are_proved with input as given
	count(found) == 0
}

test_a_catalogue_without_connectors_has_no_answer if {
	given := {"evidence": [{"name": "a", "kind": "connector_marketplace", "state": "present", "facts": {"count": 1}}]}
	found := marketplace.not_empty with input as given
	count(found) == 0
}
