package dpone.gates.contract_check_test

import rego.v1

import data.dpone.gates.contract_check

# A result on which nothing is wrong; `changed` says what is.
result(changed) := {
	"code": object.get(changed, "code", "not_null.id"),
	"columns": object.get(changed, "columns", ["id"]),
	"checked": 2,
	"seen": object.get(changed, "seen", 2),
	"violations": object.get(changed, "violations", 0),
	"null_keys": object.get(changed, "null_keys", 0),
	"operator": object.get(changed, "operator", "none"),
	"relation": object.get(changed, "relation", "none"),
	"actual": 2,
	"limit": 2,
	"action": "mend it",
	"pointer": "/results/0",
}

one(mode, rows, results) := {
	"parameters": {"mode": mode},
	"evidence": [{
		"name": "contract",
		"kind": "data_contract_report",
		"state": "present",
		"facts": {"row_count": rows, "result_count": count(results), "results": results},
	}],
}

# Red, and not green beside it.
red(answers) if {
	some answer in answers
	answer.ok == false
	not any_green(answers)
}

any_green(answers) if {
	some answer in answers
	answer.ok == true
}

green(answers) if {
	count(answers) == 1
	not red(answers)
}

test_a_contract_without_terms_is_red if {
	found := contract_check.has_terms with input as one("fail", 2, [])
	red(found)
}

test_no_rows_are_red if {
	found := contract_check.has_rows with input as one("fail", 0, [result({})])
	red(found)
}

test_terms_and_rows_are_enough_to_judge if {
	terms := contract_check.has_terms with input as one("fail", 2, [result({})])
	green(terms)
	rows := contract_check.has_rows with input as one("fail", 2, [result({})])
	green(rows)
}

test_rows_that_keep_it_are_green if {
	found := contract_check.rows_kept with input as one("fail", 2, [result({})])
	green(found)
}

test_a_row_that_breaks_it_is_red if {
	found := contract_check.rows_kept with input as one("fail", 2, [result({}), result({"violations": 1})])
	red(found)
	some answer in found
	answer.key == "not_null.id"
	answer.severity == "error"
}

test_a_null_in_a_key_is_red if {
	found := contract_check.rows_kept with input as one("fail", 2, [result({"null_keys": 1})])
	red(found)
}

test_mode_warn_warns_and_still_says_no if {
	found := contract_check.rows_kept with input as one("warn", 2, [result({"violations": 1})])
	red(found)
	some answer in found
	answer.severity == "warning"
}

test_mode_warn_does_not_forgive_an_empty_check if {
	found := contract_check.has_rows with input as one("warn", 0, [result({})])
	some answer in found
	answer.ok == false
	object.get(answer, "severity", "error") == "error"
}

test_too_few_rows_are_red if {
	few := result({"code": "min_rows", "columns": [], "operator": "min", "relation": "below"})
	found := contract_check.limits_kept with input as one("fail", 2, [few])
	red(found)
}

test_too_many_nulls_are_red if {
	many := result({"code": "max_null_ratio.id", "operator": "max", "relation": "above"})
	found := contract_check.limits_kept with input as one("fail", 2, [many])
	red(found)
}

test_a_limit_that_is_reached_is_kept if {
	even := result({"code": "min_rows", "columns": [], "operator": "min", "relation": "equal"})
	found := contract_check.limits_kept with input as one("fail", 2, [even])
	green(found)
}

test_a_column_that_never_occurs_is_red if {
	found := contract_check.columns_occur with input as one("fail", 2, [result({"seen": 0})])
	red(found)
}

test_columns_that_occur_are_green if {
	found := contract_check.columns_occur with input as one("fail", 2, [result({"seen": 1})])
	green(found)
}

test_without_rows_columns_are_not_blamed if {
	found := contract_check.columns_occur with input as one("fail", 0, [result({"seen": 0})])
	green(found)
}

test_a_limit_is_not_judged_as_rows if {
	few := result({"operator": "min", "relation": "below", "violations": 1})
	found := contract_check.rows_kept with input as one("fail", 2, [few])
	green(found)
}

test_terms_without_columns_cannot_miss_one if {
	whole := result({"columns": [], "seen": 0})
	found := contract_check.columns_occur with input as one("fail", 2, [whole])
	green(found)
}

test_the_good_side_of_a_limit_is_kept if {
	more := result({"operator": "min", "relation": "above"})
	less := result({"operator": "max", "relation": "below"})
	even := result({"operator": "max", "relation": "equal"})
	found := contract_check.limits_kept with input as one("fail", 2, [more, less, even])
	green(found)
}
