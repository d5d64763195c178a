package dpone.gates.deployment_record_test

import rego.v1

import data.dpone.gates.deployment_record

standing(evidence, changed) := {
	"subject": {"release": "v1", "environment": "production"},
	"protected": object.get(changed, "protected", false),
	"approvals": object.get(changed, "approvals", []),
	"evidence": array.concat(evidence, [{
		"name": "deployment",
		"kind": "deployment",
		"state": "present",
		"facts": {
			"deployer": object.get(changed, "deployer", "dan"),
			"needs_promotion": object.get(changed, "needs_promotion", false),
		},
	}]),
}

said(person) := {
	"person": person,
	"decision": "approved",
	"same_request": true,
	"listed": true,
	"expired": false,
	"from_future": false,
	"environment": "production",
	"trust": "workspace",
	"signed": true,
	"requester": false,
}

approval(changed) := {
	"name": "approval_record",
	"kind": "approval_record",
	"state": "present",
	"facts": {
		"passed": object.get(changed, "passed", true),
		"subject": {
			"release": object.get(changed, "release", "v1"),
			"environment": object.get(changed, "environment", "production"),
		},
		"said": {
			"risk_level": object.get(changed, "risk_level", "low"),
			"votes": object.get(changed, "votes", [said("ann")]),
		},
	},
}

test_an_approval_for_this_environment_is_clear if {
	given := standing([approval({})], {})
	found := deployment_record.approved_here with input as given
	found == [{"evidence": "deployment", "ok": true, "key": "deployment.approval_not_passed"}]
}

test_no_approval_is_red if {
	given := standing([], {})
	found := deployment_record.approved_here with input as given
	count(found) == 1
	found[0].ok == false
}

test_that_an_approval_did_not_pass_is_said_of_the_approval if {
	given := standing([approval({"passed": false})], {})
	found := deployment_record.approved_here with input as given
	count(found) == 1
	found[0].ok == true
}

test_an_approval_that_cannot_be_read_is_judged_elsewhere if {
	given := standing([{"name": "approval_record", "kind": "approval_record", "state": "invalid"}], {})
	found := deployment_record.approved_here with input as given
	count(found) == 1
	found[0].ok == true
}

test_an_approval_for_another_environment_is_none if {
	given := standing([approval({"environment": "staging"})], {})
	found := deployment_record.approved_here with input as given
	count(found) == 1
	found[0].ok == false
}

test_an_approval_of_another_release_is_none if {
	given := standing([approval({"release": "v2"})], {})
	found := deployment_record.approved_here with input as given
	count(found) == 1
	found[0].ok == false
}

promotion := {"name": "promotion_manifest", "kind": "promotion_manifest", "state": "present"}

test_a_promotion_before_is_clear if {
	given := standing([promotion], {})
	found := deployment_record.promoted with input as given
	found == [{
		"evidence": "deployment",
		"ok": true,
		"severity": "warning",
		"key": "deployment.promotion_missing",
	}]
}

test_no_promotion_warns_where_none_is_needed if {
	given := standing([], {})
	found := deployment_record.promoted with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "warning"
}

test_no_promotion_is_red_where_the_environment_comes_after_another if {
	given := standing([], {"needs_promotion": true})
	found := deployment_record.promoted with input as given
	count(found) == 1
	found[0].ok == false
	found[0].severity == "error"
}

test_no_promotion_is_red_where_protected if {
	given := standing([], {"protected": true})
	found := deployment_record.promoted with input as given
	count(found) == 1
	found[0].severity == "error"
}

excluding := {"approvals": {
	"signed": "never",
	"exclude": ["requester", "deployer"],
	"quorum": {"low": 1, "medium": 2, "high": 3, "critical": 4},
}}

including := {"approvals": {
	"signed": "never",
	"exclude": ["requester"],
	"quorum": {"low": 1, "medium": 2, "high": 3, "critical": 4},
}}

test_the_approval_of_somebody_else_is_enough if {
	given := standing([approval({})], {})
	found := deployment_record.approved_by_others with input as given with data.dpone.config as excluding
	found == [{"evidence": "deployment", "ok": true}]
}

test_ones_own_approval_does_not_count_where_deployers_are_excluded if {
	given := standing([approval({})], {"deployer": "ann"})
	found := deployment_record.approved_by_others with input as given with data.dpone.config as excluding
	found == [{"evidence": "deployment", "ok": false, "params": {"deployer": "ann", "have": 0, "needed": 1}}]
}

test_ones_own_approval_counts_where_deployers_are_not_excluded if {
	given := standing([approval({})], {"deployer": "ann"})
	found := deployment_record.approved_by_others with input as given with data.dpone.config as including
	count(found) == 1
	found[0].ok == true
}

test_a_higher_risk_needs_more_of_the_others if {
	given := standing([approval({"risk_level": "medium", "votes": [said("ann"), said("dan")]})], {})
	found := deployment_record.approved_by_others with input as given with data.dpone.config as excluding
	found == [{"evidence": "deployment", "ok": false, "params": {"deployer": "dan", "have": 1, "needed": 2}}]
}

test_without_an_approval_there_is_nothing_to_count if {
	given := standing([], {})
	found := deployment_record.approved_by_others with input as given with data.dpone.config as excluding
	found == [{"evidence": "deployment", "ok": true}]
}

test_a_promotion_that_cannot_be_read_is_judged_elsewhere if {
	given := standing([{"name": "promotion_manifest", "kind": "promotion_manifest", "state": "invalid"}], {})
	found := deployment_record.promoted with input as given
	found[0].ok == true
}
