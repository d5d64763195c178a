package dpone.gates.evidence_chain_verify_test

import rego.v1

import data.dpone.gates.evidence_chain_verify

test_a_chain_with_a_link_is_not_empty if {
	given := {"evidence": [
		{
			"name": "chain",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": [],
				"ledger": "intact",
				"view_problems": [],
				"changed": [],
				"missing": [],
			},
		},
		{
			"name": "b",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 0,
				"broken": [],
				"ledger": "intact",
				"view_problems": [],
				"changed": [],
				"missing": [],
			},
		},
	]}
	found := evidence_chain_verify.not_empty with input as given
	count(found) == 2
	count(found[0]) == 3
	found[0].evidence == "chain"
	found[0].ok == true
	found[0].key == "chain.empty"
	count(found[1]) == 3
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "chain.empty"
}

test_a_chain_that_could_not_be_read_is_left_to_the_rules_about_its_state if {
	given := {"evidence": [{
		"name": "chain",
		"kind": "evidence_chain_state",
		"state": "invalid",
		"facts": {
			"links": 1,
			"broken": [],
			"ledger": "intact",
			"view_problems": [],
			"changed": [],
			"missing": [],
		},
	}]}
	found := evidence_chain_verify.not_empty with input as given
	count(found) == 0
}

test_every_broken_link_is_denied_by_release if {
	given := {"evidence": [
		{
			"name": "chain",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": [],
				"ledger": "intact",
				"view_problems": [],
				"changed": [],
				"missing": [],
			},
		},
		{
			"name": "b",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": ["v1", "v2"],
				"ledger": "intact",
				"view_problems": [],
				"changed": [],
				"missing": [],
			},
		},
	]}
	found := evidence_chain_verify.links_hold with input as given
	count(found) == 3
	count(found[0]) == 2
	found[0].evidence == "chain"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "v1"
	count(found[1].params) == 1
	found[1].params.release == "v1"
	count(found[2]) == 4
	found[2].evidence == "b"
	found[2].ok == false
	found[2].key == "v2"
	count(found[2].params) == 1
	found[2].params.release == "v2"
}

test_a_ledger_that_is_intact if {
	given := {"evidence": [{
		"name": "chain",
		"kind": "evidence_chain_state",
		"state": "present",
		"facts": {
			"links": 1,
			"broken": [],
			"ledger": "intact",
			"view_problems": [],
			"changed": [],
			"missing": [],
		},
	}]}
	found := evidence_chain_verify.ledger_intact with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "chain"
	found[0].ok == true
	found[0].key == "ledger"
	count(found[0].params) == 1
	found[0].params.ledger == "intact"
}

test_a_ledger_that_is_broken if {
	given := {"evidence": [{
		"name": "chain",
		"kind": "evidence_chain_state",
		"state": "present",
		"facts": {
			"links": 1,
			"broken": [],
			"ledger": "broken",
			"view_problems": [],
			"changed": [],
			"missing": [],
		},
	}]}
	found := evidence_chain_verify.ledger_intact with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "chain"
	found[0].ok == false
	found[0].key == "ledger"
	count(found[0].params) == 1
	found[0].params.ledger == "broken"
}

test_a_ledger_that_is_empty if {
	given := {"evidence": [{
		"name": "chain",
		"kind": "evidence_chain_state",
		"state": "present",
		"facts": {
			"links": 1,
			"broken": [],
			"ledger": "empty",
			"view_problems": [],
			"changed": [],
			"missing": [],
		},
	}]}
	found := evidence_chain_verify.ledger_intact with input as given
	count(found) == 1
	count(found[0]) == 4
	found[0].evidence == "chain"
	found[0].ok == false
	found[0].key == "ledger"
	count(found[0].params) == 1
	found[0].params.ledger == "empty"
}

test_a_file_of_the_view_that_differs_is_denied_by_name if {
	given := {"evidence": [
		{
			"name": "chain",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": [],
				"ledger": "intact",
				"view_problems": [],
				"changed": [],
				"missing": [],
			},
		},
		{
			"name": "b",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": [],
				"ledger": "intact",
				"view_problems": ["i.json"],
				"changed": [],
				"missing": [],
			},
		},
	]}
	found := evidence_chain_verify.view_matches with input as given
	count(found) == 2
	count(found[0]) == 2
	found[0].evidence == "chain"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "i.json"
	count(found[1].params) == 1
	found[1].params.file == "i.json"
}

test_indexed_files_that_changed_or_went_are_denied_by_name if {
	given := {"evidence": [
		{
			"name": "chain",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": [],
				"ledger": "intact",
				"view_problems": [],
				"changed": [],
				"missing": [],
			},
		},
		{
			"name": "b",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": [],
				"ledger": "intact",
				"view_problems": [],
				"changed": ["x"],
				"missing": ["y"],
			},
		},
		{
			"name": "c",
			"kind": "evidence_chain_state",
			"state": "present",
			"facts": {
				"links": 1,
				"broken": [],
				"ledger": "intact",
				"view_problems": [],
				"changed": [],
				"missing": ["z"],
			},
		},
	]}
	found := evidence_chain_verify.files_same with input as given
	count(found) == 4
	count(found[0]) == 2
	found[0].evidence == "chain"
	found[0].ok == true
	count(found[1]) == 4
	found[1].evidence == "b"
	found[1].ok == false
	found[1].key == "x"
	count(found[1].params) == 2
	found[1].params.file == "x"
	found[1].params.state == "changed"
	count(found[2]) == 4
	found[2].evidence == "b"
	found[2].ok == false
	found[2].key == "y"
	count(found[2].params) == 2
	found[2].params.file == "y"
	found[2].params.state == "missing"
	count(found[3]) == 4
	found[3].evidence == "c"
	found[3].ok == false
	found[3].key == "z"
	count(found[3].params) == 2
	found[3].params.file == "z"
	found[3].params.state == "missing"
}

test_not_empty_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "chain", "kind": "evidence_chain_state", "state": "present", "facts": {}}]}
	found := evidence_chain_verify.not_empty with input as given
	count(found) == 0
}

test_links_hold_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "chain", "kind": "evidence_chain_state", "state": "present", "facts": {}}]}
	found := evidence_chain_verify.links_hold with input as given
	count(found) == 0
}

test_ledger_intact_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "chain", "kind": "evidence_chain_state", "state": "present", "facts": {}}]}
	found := evidence_chain_verify.ledger_intact with input as given
	count(found) == 0
}

test_view_matches_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "chain", "kind": "evidence_chain_state", "state": "present", "facts": {}}]}
	found := evidence_chain_verify.view_matches with input as given
	count(found) == 0
}

test_files_same_has_no_answer_without_facts if {
	given := {"evidence": [{"name": "chain", "kind": "evidence_chain_state", "state": "present", "facts": {}}]}
	found := evidence_chain_verify.files_same with input as given
	count(found) == 0
}

test_a_changed_file_alone_is_denied if {
	given := {"evidence": [{
		"name": "chain",
		"kind": "evidence_chain_state",
		"state": "present",
		"facts": {"changed": ["x"], "missing": []},
	}]}
	found := evidence_chain_verify.files_same with input as given
	[f.ok | some f in found] == [false]
}
