package dpone.gates.pre_release_checklist_test

import rego.v1

import data.dpone.gates.pre_release_checklist

check(changed) := {
	"name": object.get(changed, "name", "docs"),
	"required": object.get(changed, "required", true),
	"claimed": object.get(changed, "claimed", "done"),
	"proved": object.get(changed, "proved", true),
}

checked(checks) := {"subject": {"release": "v1"}, "evidence": [{
	"name": "checklist",
	"kind": "checklist",
	"state": "present",
	"facts": {"checks": checks},
}]}

test_a_named_release_is_clear if {
	given := checked([])
	found := pre_release_checklist.release_named with input as given
	found == [{"ok": true}]
}

test_no_release_is_red if {
	given := {"subject": {"release": ""}}
	found := pre_release_checklist.release_named with input as given
	found == [{"ok": false}]
}

test_answered_checks_are_clear if {
	given := checked([
		check({"proved": false}),
		check({"claimed": "none"}),
		check({"claimed": "none", "proved": false, "required": false}),
	])
	found := pre_release_checklist.checks_answered with input as given
	found == [{"evidence": "checklist", "ok": true}]
}

test_a_required_check_without_an_answer_is_red if {
	given := checked([check({}), check({"name": "package", "claimed": "none", "proved": false})])
	found := pre_release_checklist.checks_answered with input as given
	found == [{"evidence": "checklist", "ok": false, "key": "package.missing", "params": {"check": "package"}}]
}

test_checks_that_are_done_are_clear if {
	given := checked([check({}), check({"claimed": "none"})])
	found := pre_release_checklist.checks_done with input as given
	found == [{"evidence": "checklist", "ok": true}]
}

test_a_check_that_is_not_done_is_red_whatever_proves_it if {
	given := checked([check({}), check({"name": "package", "claimed": "not_done"})])
	found := pre_release_checklist.checks_done with input as given
	found == [{"evidence": "checklist", "ok": false, "key": "package.not_passed", "params": {"check": "package"}}]
}

test_proved_checks_are_clear if {
	given := checked([check({}), check({"claimed": "none", "proved": false})])
	found := pre_release_checklist.checks_proved with input as given with data.dpone.config.concerns.unsealed as "fail"
	found == [{"evidence": "checklist", "ok": true}]
}

test_a_check_that_is_only_claimed_is_said if {
	given := checked([check({"proved": false})])
	found := pre_release_checklist.checks_proved with input as given with data.dpone.config.concerns.unsealed as "warn"
	found == [{"evidence": "checklist", "ok": false, "key": "docs.not_proved", "severity": "warning", "params": {"check": "docs"}}]
}

test_a_check_that_is_only_claimed_is_red_where_it_is_strict if {
	given := checked([check({"proved": false})])
	found := pre_release_checklist.checks_proved with input as given with data.dpone.config.concerns.unsealed as "fail"
	found[0].severity == "error"
}
