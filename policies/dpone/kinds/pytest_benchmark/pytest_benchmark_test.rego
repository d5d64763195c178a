package dpone.kinds.pytest_benchmark_test

import rego.v1

import data.dpone.kinds.pytest_benchmark

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "pytest-benchmark",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

# Denied, and not cleared beside it.
denied(answers) if {
	some answer in answers
	answer.ok == false
	not any_cleared(answers)
}

denied(answers) if count(answers.holds) == 0

any_cleared(answers) if {
	some answer in answers
	answer.ok == true
}

cleared(answers) if {
	count(answers) == 1
	not denied(answers)
}

cleared(answers) if count(answers.holds) == 1

test_a_value_above_its_max_is_denied if {
	facts := {
		"objectives": [{
			"metric": "m",
			"operator": "max",
			"objective": 1,
			"value": 2,
			"has_value": true,
			"text": "m",
			"key": "m max",
			"pointer": "",
		}],
	}
	strictness := {"kinds": {}}
	found := pytest_benchmark.objective with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "m max"
}

test_a_value_at_its_max_is_cleared if {
	facts := {
		"objectives": [{
			"metric": "m",
			"operator": "max",
			"objective": 1,
			"value": 1,
			"has_value": true,
			"text": "m",
			"key": "m max",
			"pointer": "",
		}],
	}
	strictness := {"kinds": {}}
	found := pytest_benchmark.objective with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_value_below_its_min_is_denied if {
	facts := {
		"objectives": [{
			"metric": "m",
			"operator": "min",
			"objective": 2,
			"value": 1,
			"has_value": true,
			"text": "m",
			"key": "m max",
			"pointer": "",
		}],
	}
	strictness := {"kinds": {}}
	found := pytest_benchmark.objective with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_value_at_its_min_is_cleared if {
	facts := {
		"objectives": [{
			"metric": "m",
			"operator": "min",
			"objective": 2,
			"value": 2,
			"has_value": true,
			"text": "m",
			"key": "m max",
			"pointer": "",
		}],
	}
	strictness := {"kinds": {}}
	found := pytest_benchmark.objective with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_value_that_was_not_measured_is_denied if {
	facts := {
		"objectives": [{
			"metric": "m",
			"operator": "max",
			"objective": 1,
			"value": 0,
			"has_value": false,
			"text": "m",
			"key": "m max",
			"pointer": "",
		}],
	}
	strictness := {"kinds": {}}
	found := pytest_benchmark.objective with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_without_objectives_it_is_cleared if {
	facts := {
		"objectives": [],
	}
	strictness := {"kinds": {}}
	found := pytest_benchmark.objective with input as one("unknown", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_objective_is_denied_when_required if {
	facts := {"objectives_total": 0, "benchmarks": 1}
	strictness := {
		"kinds": {
			"pytest-benchmark": {"threshold": "required"},
		},
	}
	found := pytest_benchmark.no_objective with input as one("unknown", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_objective_is_cleared_when_optional if {
	facts := {"objectives_total": 0, "benchmarks": 1}
	strictness := {
		"kinds": {
			"pytest-benchmark": {"threshold": "optional"},
		},
	}
	found := pytest_benchmark.no_objective with input as one("unknown", facts) with data.dpone.config as strictness
	cleared(found)
}

test_an_objective_is_cleared if {
	facts := {"objectives_total": 1, "benchmarks": 1}
	strictness := {
		"kinds": {
			"pytest-benchmark": {"threshold": "required"},
		},
	}
	found := pytest_benchmark.no_objective with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_changes_are_denied if {
	facts := {"dirty": true}
	strictness := {"kinds": {}}
	found := pytest_benchmark.uncommitted with input as one("unknown", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_clean_tree_is_cleared if {
	facts := {"dirty": false}
	strictness := {"kinds": {}}
	found := pytest_benchmark.uncommitted with input as one("unknown", facts) with data.dpone.config as strictness
	cleared(found)
}

test_nothing_measured_is_denied if {
	facts := {"measured": 0, "benchmarks": 0}
	strictness := {"kinds": {}}
	found := pytest_benchmark.nothing_measured with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_something_measured_is_cleared if {
	facts := {"measured": 1, "benchmarks": 1}
	strictness := {"kinds": {}}
	found := pytest_benchmark.nothing_measured with input as one("unknown", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {}}
	found := pytest_benchmark.nothing_measured with input as {"evidence": []} with data.dpone.config as strictness
	count(found.holds) == 0
}

test_a_value_that_was_not_measured_keeps_no_minimum if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "min",
		"objective": 2,
		"value": 5,
		"has_value": false,
		"text": "m",
		"key": "m min",
		"pointer": "",
	}]}
	strictness := {"kinds": {}}
	found := pytest_benchmark.objective with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}
