package dpone.evidence_test

import rego.v1

import data.dpone.evidence

decided_by(name, trust, protected) := {
	"engine": {"name": name, "trust": trust},
	"protected": protected,
	"subject": {"environment": "production"},
}

test_an_engine_nothing_vouches_for_is_red_where_it_is_protected if {
	found := evidence.engine_vouched with input as decided_by("opa", "local", true)
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_an_engine_nothing_vouches_for_will_do_elsewhere if {
	found := evidence.engine_vouched with input as decided_by("opa", "local", false)
	count(found) == 1
	found[0].ok == true
}

test_the_embedded_engine_is_vouched_for if {
	found := evidence.engine_vouched with input as decided_by("regopy", "embedded", true)
	found[0].ok == true
}

test_a_pinned_program_is_vouched_for if {
	found := evidence.engine_vouched with input as decided_by("opa", "pinned", true)
	found[0].ok == true
}

test_a_server_that_was_read_back_is_vouched_for if {
	found := evidence.engine_vouched with input as decided_by("opa-server", "read_back", true)
	found[0].ok == true
}

test_a_word_nobody_knows_vouches_for_nothing if {
	found := evidence.engine_vouched with input as decided_by("opa", "certainly", true)
	count(found) == 1
	found[0].ok == false
}

test_without_an_engine_nothing_vouches if {
	found := evidence.engine_vouched with input as {"protected": true, "subject": {"environment": "production"}}
	count(found) == 1
	found[0].ok == false
}
