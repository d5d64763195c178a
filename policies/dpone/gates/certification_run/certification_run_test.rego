package dpone.gates.certification_run_test

import rego.v1

import data.dpone.gates.certification_run

report(facts) := {"evidence": [{
	"name": "certification",
	"kind": "certification_report",
	"state": "present",
	"facts": facts,
}]}

good := {
	"strategy": "cdc",
	"cases": 2,
	"expected_row_count": 3,
	"actual_row_count": 3,
	"expected_checksum": "a",
	"actual_checksum": "a",
	"duplicate_keys": 0,
	"controls": 4,
	"missed_controls": [],
	"error": "",
}

facts(execution) := {
	"case_count": 2,
	"executed": 0,
	"simulated": 2,
	"control_count": 4,
	"stale_files": 0,
	"first_stale_file": "",
	"executions": [execution],
}

broken := {
	"strategy": "cdc",
	"cases": 2,
	"expected_row_count": 0,
	"actual_row_count": 4,
	"expected_checksum": "a",
	"actual_checksum": "b",
	"duplicate_keys": 1,
	"controls": 4,
	"missed_controls": ["row_dropped"],
	"error": "OperationalError",
}

unfinished := {
	"strategy": "cdc",
	"cases": 2,
	"expected_row_count": 3,
	"actual_row_count": 3,
	"expected_checksum": "a",
	"actual_checksum": "a",
	"duplicate_keys": 0,
	"controls": 0,
	"missed_controls": [],
	"error": "",
}

none := {
	"case_count": 0,
	"executed": 0,
	"simulated": 0,
	"control_count": 4,
	"stale_files": 2,
	"first_stale_file": "old__behavior.json",
	"executions": [],
}

test_cases_are_cases if {
	doc := report(facts(good))
	found := certification_run.has_cases with input as doc
	found == [{"evidence": "certification", "ok": true, "key": "no_cases"}]
}

test_no_cases_are_red if {
	doc := report(none)
	found := certification_run.has_cases with input as doc
	found[0].ok == false
}

test_a_run_without_error_is_cleared if {
	doc := report(facts(good))
	found := certification_run.strategies_ran with input as doc
	found == [{"evidence": "certification", "ok": true}]
}

test_an_engine_error_is_red if {
	doc := report(facts(broken))
	found := certification_run.strategies_ran with input as doc
	found[0].ok == false
	found[0].key == "cdc"
	found[0].params.error == "OperationalError"
}

test_equal_counts_are_cleared if {
	doc := report(facts(good))
	found := certification_run.counts_match with input as doc
	found == [{"evidence": "certification", "ok": true}]
}

test_another_count_is_red if {
	doc := report(facts(broken))
	found := certification_run.counts_match with input as doc
	count(found) == 1
	found[0].ok == false
	found[0].params.actual == 4
}

test_equal_checksums_are_cleared if {
	doc := report(facts(good))
	found := certification_run.checksums_match with input as doc
	found == [{"evidence": "certification", "ok": true}]
}

test_another_checksum_is_red if {
	doc := report(facts(broken))
	found := certification_run.checksums_match with input as doc
	found[0].ok == false
	found[0].params.actual == "b"
}

test_unique_keys_are_cleared if {
	doc := report(facts(good))
	found := certification_run.keys_unique with input as doc
	found == [{"evidence": "certification", "ok": true}]
}

test_a_doubled_key_is_red if {
	doc := report(facts(broken))
	found := certification_run.keys_unique with input as doc
	found[0].ok == false
	found[0].params.duplicates == 1
}

test_rows_were_compared if {
	doc := report(facts(good))
	found := certification_run.something_compared with input as doc
	found == [{"evidence": "certification", "ok": true}]
}

test_an_empty_expectation_is_red if {
	doc := report(facts(broken))
	found := certification_run.something_compared with input as doc
	found[0].ok == false
}

test_noticed_controls_are_cleared if {
	doc := report(facts(good))
	found := certification_run.controls_noticed with input as doc
	found == [{"evidence": "certification", "ok": true}]
}

test_a_missed_control_is_red if {
	doc := report(facts(broken))
	found := certification_run.controls_noticed with input as doc
	found[0].ok == false
	found[0].params.names == ["row_dropped"]
}

test_controls_that_were_not_tried_are_red if {
	doc := report(facts(unfinished))
	found := certification_run.controls_noticed with input as doc
	found[0].ok == false
	found[0].params.tried == 0
}

test_simulated_cases_warn_under_standard if {
	doc := report(facts(good))
	config := {"profile": "standard"}
	found := certification_run.connectors_ran with input as doc with data.dpone.config as config
	found[0].ok == false
	found[0].severity == "warning"
}

test_simulated_cases_are_red_elsewhere if {
	doc := report(facts(good))
	config := {"profile": "strict"}
	found := certification_run.connectors_ran with input as doc with data.dpone.config as config
	found[0].ok == false
	found[0].severity == "error"
}

test_files_of_this_run_only_are_cleared if {
	doc := report(facts(good))
	found := certification_run.no_stale_files with input as doc
	found[0].ok == true
}

test_files_of_another_run_are_named if {
	doc := report(none)
	found := certification_run.no_stale_files with input as doc
	found[0].ok == false
	found[0].params.first == "old__behavior.json"
}

test_cases_without_an_execution_are_red if {
	doc := report({"case_count": 2, "executions": []})
	found := certification_run.has_cases with input as doc
	[f.ok | some f in found] == [false]
}

test_executions_without_a_case_are_red if {
	doc := report({"case_count": 0, "executions": [good]})
	found := certification_run.has_cases with input as doc
	[f.ok | some f in found] == [false]
}

test_connectors_that_ran_are_cleared if {
	doc := report({"case_count": 2, "executed": 2, "simulated": 0})
	found := certification_run.connectors_ran with input as doc with data.dpone.config.profile as "strict"
	[f.ok | some f in found] == [true]
}
