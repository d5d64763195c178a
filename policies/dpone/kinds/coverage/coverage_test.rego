package dpone.kinds.coverage_test

import rego.v1

import data.dpone.kinds.coverage

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "coverage",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_nothing_measured_is_denied if {
	facts := {"lines": 0, "files": 1}
	strictness := {"kinds": {"coverage": {"min_line_percent": 0, "threshold": "optional"}}}
	found := coverage.nothing_measured with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_measured_line_is_cleared if {
	facts := {"lines": 10, "files": 1}
	strictness := {"kinds": {"coverage": {"min_line_percent": 0, "threshold": "optional"}}}
	found := coverage.nothing_measured with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_below_the_minimum_is_denied if {
	facts := {"line_percent": 79.99, "lowest_names": "a.py"}
	strictness := {"kinds": {"coverage": {"min_line_percent": 80, "threshold": "optional"}}}
	found := coverage.below_minimum with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
	found.params.minimum == 80
}

test_exactly_the_minimum_is_cleared if {
	facts := {"line_percent": 80, "lowest_names": "a.py"}
	strictness := {"kinds": {"coverage": {"min_line_percent": 80, "threshold": "optional"}}}
	found := coverage.below_minimum with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_minimum_is_denied_where_one_is_required if {
	facts := {"line_percent": 80}
	strictness := {"kinds": {"coverage": {"min_line_percent": 0, "threshold": "required"}}}
	found := coverage.no_minimum with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_minimum_is_cleared_where_it_is_optional if {
	facts := {"line_percent": 80}
	strictness := {"kinds": {"coverage": {"min_line_percent": 0, "threshold": "optional"}}}
	found := coverage.no_minimum with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_minimum_is_cleared if {
	facts := {"line_percent": 80}
	strictness := {"kinds": {"coverage": {"min_line_percent": 1, "threshold": "required"}}}
	found := coverage.no_minimum with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"coverage": {"min_line_percent": 0, "threshold": "optional"}}}
	found := coverage.nothing_measured with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}
