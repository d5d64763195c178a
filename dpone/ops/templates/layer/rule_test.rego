package dpone.custom.release_gate.LAYER_test

import rego.v1

import data.dpone.custom.release_gate.LAYER

report(kind, state, percent) := {"evidence": [{
	"name": "coverage",
	"kind": kind,
	"state": state,
	"facts": {"line_percent": percent, "lowest_names": "a.py"},
}]}

set_to(percent) := {"gates": {"release_gate": {"settings": {"LAYER_min_coverage": percent}}}}

nothing_set := {"gates": {"release_gate": {"settings": {}}}}

test_low_coverage_is_found if {
	found := LAYER.deny with input as report("coverage", "present", 79.9) with data.dpone.config as set_to(80)
	count(found) == 1
	some finding in found
	finding.code == "CODE.min_coverage"
	finding.params.actual == 79.9
	finding.params.minimum == 80
}

test_the_minimum_itself_is_enough if {
	found := LAYER.deny with input as report("coverage", "present", 80) with data.dpone.config as set_to(80)
	count(found) == 0
}

test_another_minimum_can_be_set if {
	found := LAYER.deny with input as report("coverage", "present", 80) with data.dpone.config as set_to(90)
	count(found) == 1
}

test_without_a_setting_the_minimum_is_80 if {
	found := LAYER.deny with input as report("coverage", "present", 79.9) with data.dpone.config as nothing_set
	count(found) == 1
}

test_other_evidence_is_not_looked_at if {
	found := LAYER.deny with input as report("junit", "present", 10) with data.dpone.config as set_to(80)
	count(found) == 0
}

test_a_report_that_could_not_be_read_is_left_to_the_shipped_rules if {
	found := LAYER.deny with input as report("coverage", "invalid", 10) with data.dpone.config as set_to(80)
	count(found) == 0
}
