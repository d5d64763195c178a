package dpone.gates.security_audit_test

import rego.v1

import data.dpone.gates.security_audit

one(changed) := {"evidence": [{
	"name": "security",
	"kind": "security_audit",
	"state": "present",
	"facts": {
		"scanned": object.get(changed, "scanned", 1),
		"finding_count": count(object.get(changed, "findings", [])),
		"findings": object.get(changed, "findings", []),
		"connection_types": object.get(changed, "connection_types", []),
		"not_scanned": object.get(changed, "not_scanned", []),
		"not_scanned_reasons": object.get(changed, "not_scanned_reasons", []),
	},
}]}

connection(type) := {"code": "manifest.unsafe_connection_type.a", "type": type, "uri": "m.json", "line": 1}

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

test_an_audit_of_nothing_is_red if {
	found := security_audit.something_scanned with input as one({"scanned": 0})
	red(found)
}

test_a_clean_text_is_green if {
	scanned := security_audit.something_scanned with input as one({})
	green(scanned)
	secret := security_audit.no_secret with input as one({})
	green(secret)
}

test_a_secret_is_red if {
	finding := {"code": "log.unredacted_secret.github_token", "rule": "github_token", "uri": "a.log", "line": 3, "pointer": "/findings/0"}
	found := security_audit.no_secret with input as one({"findings": [finding]})
	red(found)
	some answer in found
	answer.key == "log.unredacted_secret.github_token"
	answer.params.line == 3
}

test_safe_connection_types_are_green if {
	safe := [connection("env"), connection("airflow"), connection("vault"), connection("params")]
	found := security_audit.safe_connection_type with input as one({"connection_types": safe})
	green(found)
}

test_another_connection_type_is_red if {
	found := security_audit.safe_connection_type with input as one({"connection_types": [connection("env"), connection("jdbc")]})
	red(found)
}

test_a_connection_type_that_is_no_name_is_red if {
	found := security_audit.safe_connection_type with input as one({"connection_types": [connection("")]})
	red(found)
}

test_an_unread_file_is_red if {
	found := security_audit.all_scanned with input as one({"not_scanned": [{"uri": "a.json", "reason": "not_structured"}]})
	red(found)
}

test_a_binary_file_is_not_unread if {
	found := security_audit.all_scanned with input as one({"not_scanned": [{"uri": "a.bin", "reason": "binary"}]})
	green(found)
}

test_binary_files_are_named if {
	found := security_audit.binaries_named with input as one({"not_scanned_reasons": [{"reason": "binary", "count": 2}]})
	red(found)
	some answer in found
	answer.params.count == 2
}

test_without_binary_files_nothing_is_named if {
	found := security_audit.binaries_named with input as one({"not_scanned_reasons": [{"reason": "missing", "count": 2}]})
	green(found)
}
