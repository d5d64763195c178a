package dpone.gates.contract_check_test

import rego.v1

import data.dpone.gates.contract_check

unsupported_in(mode, total, listed) := {
	"parameters": {"mode": mode},
	"evidence": [{
		"name": "contract",
		"kind": "data_contract_report",
		"state": "present",
		"facts": {"unsupported_total": total, "unsupported": listed},
	}],
}

sql_term := {"place": "schema[0].quality[0]", "what": "the sql rule", "text": false}

text_term := {"place": "schema[0].quality[1]", "what": "the text rule", "text": true}

some_denied(answers) if {
	some answer in answers
	answer.ok == false
}

one_cleared(answers) if {
	count(answers) == 1
	not some_denied(answers)
}

test_a_term_that_cannot_be_checked_is_red if {
	found := contract_check.all_supported with input as unsupported_in("fail", 1, [sql_term])
	some_denied(found)
	some answer in found
	answer.severity == "error"
	answer.key == "schema[0].quality[0]"
}

test_under_warn_it_only_warns if {
	found := contract_check.all_supported with input as unsupported_in("warn", 1, [sql_term])
	some_denied(found)
	some answer in found
	answer.severity == "warning"
}

test_text_for_people_only_warns if {
	found := contract_check.all_supported with input as unsupported_in("fail", 1, [text_term])
	some_denied(found)
	some answer in found
	answer.severity == "warning"
}

test_a_contract_that_can_be_checked_whole_is_green if {
	found := contract_check.all_supported with input as unsupported_in("fail", 0, [])
	one_cleared(found)
}

test_terms_beyond_the_list_are_red if {
	found := contract_check.unsupported_listed with input as unsupported_in("fail", 2, [sql_term])
	some_denied(found)
}

test_a_full_list_is_green if {
	found := contract_check.unsupported_listed with input as unsupported_in("fail", 1, [sql_term])
	one_cleared(found)
}

test_a_term_that_cannot_be_checked_is_not_cleared_beside_it if {
	found := contract_check.all_supported with input as unsupported_in("fail", 1, [sql_term])
	[answer.ok | some answer in found] == [false]
}
