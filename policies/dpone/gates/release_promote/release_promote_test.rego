package dpone.gates.release_promote_test

import rego.v1

import data.dpone.gates.release_promote

move(changed) := {
	"subject": {"release": object.get(changed, "release", "v1")},
	"evidence": [{
		"name": "promotion",
		"kind": "promotion",
		"state": "present",
		"facts": {
			"from_environment": object.get(changed, "from_environment", "staging"),
			"to_environment": object.get(changed, "to_environment", "production"),
			"comes_after": object.get(changed, "comes_after", ""),
		},
	}],
}

test_a_release_is_named if {
	given := move({})
	found := release_promote.release_named with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_promotion_of_nothing_is_red if {
	given := move({"release": ""})
	found := release_promote.release_named with input as given
	count(found) == 1
	found[0].ok == false
}

test_two_environments_are_a_move if {
	given := move({})
	found := release_promote.environments_differ with input as given
	found == [{"evidence": "promotion", "ok": true, "key": "promotion.same_environment", "params": {"source": "staging", "target": "production"}}]
}

test_an_environment_into_itself_is_no_move if {
	given := move({"to_environment": "Staging"})
	found := release_promote.environments_differ with input as given
	count(found) == 1
	found[0].ok == false
}

test_from_nowhere_is_no_move if {
	given := move({"from_environment": ""})
	found := release_promote.environments_differ with input as given
	count(found) == 1
	found[0].ok == false
}

test_into_nowhere_is_no_move if {
	given := move({"to_environment": ""})
	found := release_promote.environments_differ with input as given
	count(found) == 1
	found[0].ok == false
}

test_where_nothing_is_configured_any_order_will_do if {
	given := move({})
	found := release_promote.order_kept with input as given
	found == [{"evidence": "promotion", "ok": true, "key": "promotion.out_of_order", "params": {
		"source": "staging",
		"target": "production",
		"before": "",
	}}]
}

test_the_configured_order_is_kept if {
	given := move({"comes_after": "staging"})
	found := release_promote.order_kept with input as given
	count(found) == 1
	found[0].ok == true
}

test_an_environment_that_was_left_out_is_red if {
	given := move({"comes_after": "preproduction"})
	found := release_promote.order_kept with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.before == "preproduction"
}
