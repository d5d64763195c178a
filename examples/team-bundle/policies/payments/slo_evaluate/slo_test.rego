package dpone.custom.slo_evaluate.payments_test

import rego.v1

import data.dpone.custom.slo_evaluate.payments

report(above, below, missing) := [{
	"name": "slo", "kind": "slo_report",
	"facts": {"totals": {"above_max": above, "below_min": below, "missing": missing}},
}]

one := {"payments_missed": 1}

test_one_missed_objective_is_tolerated if {
	given := {"evidence": report(1, 0, 0)}
	found := payments.few_missed with input as given with data.dpone.config.gates.slo_evaluate.settings as one
	count(found) == 1
	found[0].ok == true
	found[0].evidence == "slo"
}

test_two_are_not if {
	given := {"evidence": report(1, 1, 0)}
	found := payments.few_missed with input as given with data.dpone.config.gates.slo_evaluate.settings as one
	count(found) == 1
	found[0].ok == false
	found[0].params.missed == 2
	found[0].params.allowed == 1
}

test_what_was_not_measured_is_missed if {
	given := {"evidence": report(1, 0, 1)}
	found := payments.few_missed with input as given with data.dpone.config.gates.slo_evaluate.settings as one
	count(found) == 1
	found[0].ok == false
}

test_below_the_minimum_is_missed if {
	given := {"evidence": report(0, 2, 0)}
	found := payments.few_missed with input as given with data.dpone.config.gates.slo_evaluate.settings as one
	count(found) == 1
	found[0].ok == false
	found[0].params.missed == 2
}

test_other_evidence_is_not_asked if {
	counts := {"totals": {"above_max": 9, "below_min": 9, "missing": 9}}
	given := {"evidence": [{"name": "tests", "kind": "junit", "facts": counts}]}
	found := payments.few_missed with input as given with data.dpone.config.gates.slo_evaluate.settings as one
	count(found) == 0
}
