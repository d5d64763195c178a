package dpone.evidence_test

import rego.v1

import data.dpone.evidence

test_an_anchored_key_decides_for_a_protected_environment if {
	given := {"protected": true, "subject": {"environment": "production"}, "actor": {"trust": "anchored"}}
	found := evidence.signer_anchored with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_key_with_trust_workspace_does_not if {
	given := {"protected": true, "subject": {"environment": "production"}, "actor": {"trust": "workspace"}}
	found := evidence.signer_anchored with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_key_with_trust_local_does_not if {
	given := {"protected": true, "subject": {"environment": "production"}, "actor": {"trust": "local"}}
	found := evidence.signer_anchored with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_key_with_trust_none_does_not if {
	given := {"protected": true, "subject": {"environment": "production"}, "actor": {"trust": "none"}}
	found := evidence.signer_anchored with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_any_key_decides_where_nothing_is_protected if {
	given := {"protected": false, "subject": {"environment": "production"}, "actor": {"trust": "none"}}
	found := evidence.signer_anchored with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_key_that_was_not_granted_decides_nothing if {
	given := {"actor": {"identity": "ci", "signing": "key", "trust": "none"}}
	found := evidence.signer_trusted with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_key_with_trust_local_may_decide if {
	given := {"actor": {"identity": "ci", "signing": "key", "trust": "local"}}
	found := evidence.signer_trusted with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_key_with_trust_workspace_may_decide if {
	given := {"actor": {"identity": "ci", "signing": "key", "trust": "workspace"}}
	found := evidence.signer_trusted with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_key_with_trust_anchored_may_decide if {
	given := {"actor": {"identity": "ci", "signing": "key", "trust": "anchored"}}
	found := evidence.signer_trusted with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_preview_has_no_key_to_judge if {
	given := {"actor": {"identity": "ci", "signing": "preview", "trust": "none"}}
	found := evidence.signer_trusted with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_signing_by_key_at_fail if {
	given := {"actor": {"signing": "key"}}
	strictness := {"concerns": {"unsealed": "fail"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].severity == "error"
}

test_signing_by_preview_at_fail if {
	given := {"actor": {"signing": "preview"}}
	strictness := {"concerns": {"unsealed": "fail"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].severity == "error"
}

test_signing_by_odd_at_fail if {
	given := {"actor": {"signing": "odd"}}
	strictness := {"concerns": {"unsealed": "fail"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].severity == "error"
}

test_signing_by_key_at_warn if {
	given := {"actor": {"signing": "key"}}
	strictness := {"concerns": {"unsealed": "warn"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].severity == "warning"
}

test_signing_by_preview_at_warn if {
	given := {"actor": {"signing": "preview"}}
	strictness := {"concerns": {"unsealed": "warn"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].severity == "warning"
}

test_signing_by_odd_at_warn if {
	given := {"actor": {"signing": "odd"}}
	strictness := {"concerns": {"unsealed": "warn"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].severity == "warning"
}

test_signing_by_key_at_allow if {
	given := {"actor": {"signing": "key"}}
	strictness := {"concerns": {"unsealed": "allow"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == true
	found[0].severity == "none"
}

test_signing_by_preview_at_allow if {
	given := {"actor": {"signing": "preview"}}
	strictness := {"concerns": {"unsealed": "allow"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].severity == "none"
}

test_signing_by_odd_at_allow if {
	given := {"actor": {"signing": "odd"}}
	strictness := {"concerns": {"unsealed": "allow"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 1
	count(found[0]) == 2
	found[0].ok == false
	found[0].severity == "none"
}

test_no_answer_about_a_preview_at_a_level_nobody_knows if {
	given := {"actor": {"signing": "preview"}}
	strictness := {"concerns": {"unsealed": "off"}}
	found := evidence.decision_signed with input as given with data.dpone.config as strictness
	count(found) == 0
}

test_nobody_is_named if {
	given := {"actor": {"claimed": "", "claim_matches": false, "identity": "ci"}}
	found := evidence.claim_matches_signer with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_the_signer_is_named if {
	given := {"actor": {"claimed": "CI ", "claim_matches": true, "identity": "ci"}}
	found := evidence.claim_matches_signer with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_somebody_else_is_named if {
	given := {"actor": {
		"claimed": "boss",
		"claim_matches": false,
		"identity": "ci",
		"trust": "workspace",
		"signing": "key",
	}}
	found := evidence.claim_matches_signer with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_protected_environment_is_judged_by_the_system_clock if {
	given := {
		"protected": true,
		"clock": "system",
		"subject": {"environment": "production"},
		"evaluated_at": "2026-06-05T12:00:00Z",
	}
	found := evidence.clock_is_real with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_a_set_clock_does_not_judge_a_protected_environment if {
	given := {
		"protected": true,
		"clock": "set",
		"subject": {"environment": "production"},
		"evaluated_at": "2026-06-05T12:00:00Z",
	}
	found := evidence.clock_is_real with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_a_set_clock_may_judge_what_is_not_protected if {
	given := {
		"protected": false,
		"clock": "set",
		"subject": {"environment": "production"},
		"evaluated_at": "2026-06-05T12:00:00Z",
	}
	found := evidence.clock_is_real with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_nothing_given_and_nothing_required_is_denied if {
	given := {"evidence": [], "required": []}
	found := evidence.something_to_judge with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == false
}

test_something_given_can_be_judged if {
	given := {"evidence": [{"name": "a"}], "required": []}
	found := evidence.something_to_judge with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

test_something_required_can_be_judged if {
	given := {"evidence": [], "required": [{"name": "a"}]}
	found := evidence.something_to_judge with input as given
	count(found) == 1
	count(found[0]) == 1
	found[0].ok == true
}

asserted(claimed, matches, trust, signing) := {"actor": {
	"claimed": claimed,
	"claim_matches": matches,
	"identity": "ci",
	"trust": trust,
	"signing": signing,
}}

test_a_key_without_an_identity_contradicts_no_name if {
	given := asserted("boss", false, "local", "key")
	found := evidence.claim_matches_signer with input as given
	found[0].ok == true
}

test_a_preview_contradicts_no_name if {
	given := asserted("boss", false, "none", "preview")
	found := evidence.claim_matches_signer with input as given
	found[0].ok == true
}

test_a_name_that_no_key_vouches_for_is_said if {
	given := asserted("boss", false, "local", "key")
	found := evidence.claim_vouched with input as given with data.dpone.config.concerns.unsealed as "warn"
	count(found) == 1
	found[0].ok == false
	found[0].severity == "warning"
	count(found[0]) == 2
}

test_a_name_typed_for_a_preview_is_said if {
	given := asserted("boss", false, "none", "preview")
	found := evidence.claim_vouched with input as given with data.dpone.config.concerns.unsealed as "fail"
	found[0].ok == false
	found[0].severity == "error"
}

test_no_name_needs_nobody_to_vouch if {
	given := asserted("", false, "local", "key")
	found := evidence.claim_vouched with input as given with data.dpone.config.concerns.unsealed as "warn"
	found[0].ok == true
}

test_the_name_of_the_key_is_vouched_for if {
	given := asserted("ci", true, "none", "preview")
	found := evidence.claim_vouched with input as given with data.dpone.config.concerns.unsealed as "warn"
	found[0].ok == true
}

test_another_name_than_the_keys_is_judged_elsewhere if {
	given := asserted("boss", false, "workspace", "key")
	found := evidence.claim_vouched with input as given with data.dpone.config.concerns.unsealed as "warn"
	found[0].ok == true
}

test_a_key_that_may_not_decide_is_judged_by_the_next_rule if {
	given := {"protected": true, "subject": {"environment": "production"}, "actor": {
		"signing": "key",
		"trust": "none",
	}}
	found := evidence.signer_anchored with input as given
	found[0].ok == true
}

test_a_preview_is_not_anchored if {
	given := {"protected": true, "subject": {"environment": "production"}, "actor": {
		"signing": "preview",
		"trust": "none",
	}}
	found := evidence.signer_anchored with input as given
	found[0].ok == false
}

test_a_key_that_only_the_folder_knows_is_not_anchored if {
	given := {"protected": true, "subject": {"environment": "production"}, "actor": {
		"signing": "key",
		"trust": "workspace",
	}}
	found := evidence.signer_anchored with input as given
	found[0].ok == false
}
