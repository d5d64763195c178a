package dpone.gates.slo_evaluate_test

import rego.v1

import data.dpone.gates.slo_evaluate

objective(operator, relation) := {
	"code": "slo.failure_rate.max",
	"metric": "failure_rate",
	"operator": operator,
	"has_value": relation != "none",
	"relation": relation,
	"actual_text": "1",
	"objective_text": "1",
	"action": "mend it",
	"pointer": "/results/0",
}

one(totals, results) := {"evidence": [{
	"name": "slo",
	"kind": "slo_report",
	"state": "present",
	"facts": {"objective_count": count(results), "totals": totals, "results": results},
}]}

fine := {"missing": 0, "above_max": 0, "below_min": 0}

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

test_no_objectives_are_red if {
	found := slo_evaluate.has_objectives with input as one(fine, [])
	red(found)
	some answer in found
	answer.key == "slo.no_objectives"
}

test_objectives_are_enough_to_judge if {
	found := slo_evaluate.has_objectives with input as one(fine, [objective("max", "below")])
	green(found)
}

test_a_metric_without_value_is_red if {
	totals := {"missing": 1, "above_max": 0, "below_min": 0}
	found := slo_evaluate.has_value with input as one(totals, [objective("max", "none")])
	red(found)
}

test_measured_metrics_are_green if {
	found := slo_evaluate.has_value with input as one(fine, [objective("max", "below")])
	green(found)
}

test_above_the_maximum_is_red if {
	totals := {"missing": 0, "above_max": 1, "below_min": 0}
	found := slo_evaluate.met with input as one(totals, [objective("max", "below"), objective("max", "above")])
	red(found)
}

test_below_the_minimum_is_red if {
	totals := {"missing": 0, "above_max": 0, "below_min": 1}
	found := slo_evaluate.met with input as one(totals, [objective("min", "below")])
	red(found)
}

test_at_the_limit_is_green if {
	found := slo_evaluate.met with input as one(fine, [objective("max", "equal"), objective("min", "equal")])
	green(found)
}

test_on_the_good_side_is_green if {
	found := slo_evaluate.met with input as one(fine, [objective("max", "below"), objective("min", "above")])
	green(found)
}
