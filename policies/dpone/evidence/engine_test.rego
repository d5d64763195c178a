package dpone.evidence_test

import rego.v1

import data.dpone.evidence

decided_by(name, trust, protected) := {
	"engine": {"name": name, "trust": trust},
	"protected": protected,
	"subject": {"environment": "production"},
}

test_an_engine_nothing_vouches_for_is_red_where_it_is_protected if {
	evidence.engine_vouched == [{
		"ok": false,
		"params": {"engine": "opa", "environment": "production"},
	}] with input as decided_by("opa", "local", true)
}

test_an_engine_nothing_vouches_for_will_do_elsewhere if {
	count([a | some a in evidence.engine_vouched; a.ok]) == 1 with input as decided_by("opa", "local", false)
}

test_the_embedded_engine_is_vouched_for if {
	count([a | some a in evidence.engine_vouched; a.ok]) == 1 with input as decided_by("regopy", "embedded", true)
}

test_a_pinned_program_is_vouched_for if {
	count([a | some a in evidence.engine_vouched; a.ok]) == 1 with input as decided_by("opa", "pinned", true)
}

test_a_server_that_was_read_back_is_vouched_for if {
	count([a | some a in evidence.engine_vouched; a.ok]) == 1 with input as decided_by("opa-server", "read_back", true)
}

test_a_word_nobody_knows_vouches_for_nothing if {
	count([a | some a in evidence.engine_vouched; not a.ok]) == 1 with input as decided_by("opa", "certainly", true)
}

test_without_an_engine_there_is_no_answer if {
	count(evidence.engine_vouched) == 0 with input as {"protected": true, "subject": {"environment": "production"}}
}
