package dpone.kinds.custom_test

import rego.v1

import data.dpone.kinds.custom

# An input with one item of a custom kind.
one(counts, facts) := {"evidence": [{
	"name": "a",
	"kind": "custom/scan",
	"state": "present",
	"counts": counts,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_failure_is_denied if {
	found := custom.not_passed with input as one({"failed": 1, "errored": 0}, {"claim": "none"})
	denied(found)
}

test_an_error_is_denied if {
	found := custom.not_passed with input as one({"failed": 0, "errored": 1}, {"claim": "none"})
	denied(found)
}

test_a_claim_of_failure_is_denied if {
	found := custom.not_passed with input as one({"failed": 0, "errored": 0}, {"claim": "failed"})
	denied(found)
}

test_no_failure_is_cleared if {
	found := custom.not_passed with input as one({"failed": 0, "errored": 0}, {"claim": "passed"})
	cleared(found)
}

test_no_claim_is_cleared if {
	found := custom.not_passed with input as one({"failed": 0, "errored": 0}, {"claim": "none"})
	cleared(found)
}

test_what_was_not_evaluated_is_denied if {
	found := custom.not_evaluated with input as one({"not_evaluated": 1}, {})
	denied(found)
}

test_everything_evaluated_is_cleared if {
	found := custom.not_evaluated with input as one({"not_evaluated": 0}, {})
	cleared(found)
}

test_nothing_that_passed_is_denied if {
	found := custom.nothing_evaluated with input as one({"passed": 0}, {"missing_counts": 0, "missing_names": ""})
	denied(found)
}

test_a_count_that_is_not_there_is_denied if {
	found := custom.nothing_evaluated with input as one({"passed": 3}, {"missing_counts": 1, "missing_names": "failed"})
	denied(found)
}

test_something_that_passed_is_cleared if {
	found := custom.nothing_evaluated with input as one({"passed": 1}, {"missing_counts": 0, "missing_names": ""})
	cleared(found)
}

test_no_answer_about_a_built_in_kind if {
	found := custom.nothing_evaluated with input as {"evidence": [{"name": "a", "kind": "junit", "state": "present"}]}
	count(found.holds) == 0
}

test_other_kinds_are_not_looked_at if {
	given := {"evidence": [{
		"name": "a",
		"kind": "junit",
		"state": "present",
		"counts": {"failed": 0, "errored": 0},
		"facts": {"claim": "none"},
	}]}
	found := custom.not_passed with input as given
	count(found.holds) == 0
}

test_what_could_not_be_read_is_left_to_other_rules if {
	given := {"evidence": [{
		"name": "a",
		"kind": "custom/scan",
		"state": "invalid",
		"counts": {"failed": 0, "errored": 0},
		"facts": {"claim": "none"},
	}]}
	found := custom.not_passed with input as given
	count(found.holds) == 0
}
