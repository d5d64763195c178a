package dpone.kinds.prometheus_test

import rego.v1

import data.dpone.kinds.prometheus

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "prometheus",
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

test_above_the_maximum_is_denied if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": 0.005,
		"value": 0.01,
		"has_value": true,
		"reason": "",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.above_max with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.key == "m"
	answer.params.value == 0.01
}

test_exactly_the_maximum_is_cleared if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": 0.005,
		"value": 0.005,
		"has_value": true,
		"reason": "",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.above_max with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_minimum_is_not_a_maximum if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "min",
		"objective": 1,
		"value": 2,
		"has_value": true,
		"reason": "",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.above_max with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_below_the_minimum_is_denied if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "min",
		"objective": 1,
		"value": 0.5,
		"has_value": true,
		"reason": "",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.below_min with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_exactly_the_minimum_is_cleared if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "min",
		"objective": 1,
		"value": 1,
		"has_value": true,
		"reason": "",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.below_min with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_maximum_is_not_a_minimum if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": 1,
		"value": 0.5,
		"has_value": true,
		"reason": "",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.below_min with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_value_is_not_below_the_minimum if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "min",
		"objective": 1,
		"value": 0,
		"has_value": false,
		"reason": "no_data",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.below_min with input as one("empty", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_data_is_denied if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": 1,
		"value": 0,
		"has_value": false,
		"reason": "no_data",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.no_value with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.severity == "error"
}

test_no_data_warns_under_warn if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": 1,
		"value": 0,
		"has_value": false,
		"reason": "no_data",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "warn"}}}
	found := prometheus.no_value with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.severity == "warning"
}

test_infinity_is_an_error_under_warn if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": 1,
		"value": 0,
		"has_value": false,
		"reason": "not_finite",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "warn"}}}
	found := prometheus.no_value with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
	some answer in found
	answer.severity == "error"
}

test_a_value_is_cleared if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": 1,
		"value": 0,
		"has_value": true,
		"reason": "",
		"pointer": "/data/result/0/value",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.no_value with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_objective_is_denied if {
	facts := {
		"status": "success",
		"error": "",
		"series": 1,
		"objectives_total": 0,
	}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.nothing_evaluated with input as one("empty", facts) with data.dpone.config as strictness
	denied(found)
}

test_a_failed_query_is_denied if {
	facts := {"status": "error", "error": "", "series": 1, "objectives_total": 0}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.nothing_evaluated with input as one("failed", facts) with data.dpone.config as strictness
	denied(found)
}

test_an_objective_with_a_value_is_cleared if {
	facts := {
		"status": "success",
		"error": "",
		"series": 1,
		"objectives_total": 1,
	}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.nothing_evaluated with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_a_warning_is_denied if {
	facts := {"warnings": 1}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.warned with input as one("passed", facts) with data.dpone.config as strictness
	denied(found)
}

test_no_warning_is_cleared if {
	facts := {"warnings": 0}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.warned with input as one("passed", facts) with data.dpone.config as strictness
	cleared(found)
}

test_no_answer_without_evidence if {
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.above_max with input as {"evidence": []} with data.dpone.config as strictness
	count(found) == 0
}

test_a_value_that_is_not_there_is_not_above_the_maximum if {
	facts := {"objectives": [{
		"metric": "m",
		"operator": "max",
		"objective": -1,
		"value": 0,
		"has_value": false,
		"reason": "no_data",
		"pointer": "",
	}]}
	strictness := {"kinds": {"prometheus": {"no_data": "fail"}}}
	found := prometheus.above_max with input as one("empty", facts) with data.dpone.config as strictness
	cleared(found)
}
