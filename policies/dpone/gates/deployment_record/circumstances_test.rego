package dpone.gates.deployment_record_test

import rego.v1

import data.dpone.gates.deployment_record

circumstances(changed) := {"evidence": [{
	"name": "deployment",
	"kind": "deployment",
	"state": "present",
	"facts": {
		"status": object.get(changed, "status", "succeeded"),
		"started_at": "2026-06-05T12:00:00Z",
		"finished_at": "2026-06-05T12:10:00Z",
		"times_readable": object.get(changed, "times_readable", true),
		"in_order": object.get(changed, "in_order", true),
		"from_future": object.get(changed, "from_future", false),
		"has_rollback": object.get(changed, "has_rollback", true),
	},
}]}

test_times_in_order_are_clear if {
	given := circumstances({})
	found := deployment_record.times_possible with input as given
	found == [{"evidence": "deployment", "ok": true, "params": {
		"started": "2026-06-05T12:00:00Z",
		"finished": "2026-06-05T12:10:00Z",
	}}]
}

test_times_that_nobody_can_read_are_red if {
	given := circumstances({"times_readable": false})
	found := deployment_record.times_possible with input as given
	count(found) == 1
	found[0].ok == false
}

test_an_end_before_the_start_is_red if {
	given := circumstances({"in_order": false})
	found := deployment_record.times_possible with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_time_to_come_is_red if {
	given := circumstances({"from_future": true})
	found := deployment_record.times_possible with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_way_back_is_clear if {
	given := circumstances({})
	found := deployment_record.way_back with input as given
	count(found) == 1
	count(found[0]) == 3
	found[0].evidence == "deployment"
	found[0].ok == true
}

test_no_way_back_warns_after_a_success if {
	given := circumstances({"has_rollback": false})
	found := deployment_record.way_back with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "warning"
}

test_no_way_back_is_red_after_a_failure if {
	given := circumstances({"has_rollback": false, "status": "failed"})
	found := deployment_record.way_back with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "error"
}

test_no_way_back_is_red_after_half_a_deployment if {
	given := circumstances({"has_rollback": false, "status": "partial"})
	found := deployment_record.way_back with input as given
	count(found) == 1
	found[0].severity == "error"
}
