package dpone.evidence_test

import rego.v1

import data.dpone.evidence

layer(signed, trust, pinned) := {"name": "team", "signed": signed, "trust": trust, "pinned": pinned}

production(l) := {"protected": true, "subject": {"environment": "production"}, "layers": [l]}

staging(l) := {"protected": false, "subject": {"environment": "staging"}, "layers": [l]}

test_no_layer_needs_nobody_to_vouch if {
	evidence.layers_vouched == [{"ok": true}] with input as {"protected": true, "layers": []}
}

test_an_anchored_signature_vouches if {
	given := production(layer("signed", "anchored", false))
	evidence.layers_vouched == [{"ok": true}] with input as given
}

test_a_signature_with_trust_workspace_does_not if {
	given := production(layer("signed", "workspace", false))
	found := evidence.layers_vouched with input as given
	count(found) == 1
	found[0].ok == false
	found[0].key == "team"
	found[0].params.layer == "team"
	found[0].params.signed == "signed"
	found[0].params.trust == "workspace"
}

test_an_unsigned_layer_is_not_vouched_for if {
	given := production(layer("unsigned", "none", false))
	found := evidence.layers_vouched with input as given
	count(found) == 1
	found[0].ok == false
}

test_trust_without_a_signature_vouches_for_nothing if {
	given := production(layer("unsigned", "anchored", false))
	found := evidence.layers_vouched with input as given
	count(found) == 1
	found[0].ok == false
}

test_a_pin_vouches if {
	given := production(layer("unsigned", "none", true))
	evidence.layers_vouched == [{"ok": true}] with input as given
}

test_a_broken_signature_outweighs_a_pin if {
	given := production(layer("broken", "none", true))
	found := evidence.layers_vouched with input as given
	count(found) == 1
	found[0].ok == false
	found[0].params.signed == "broken"
}

test_nobody_need_vouch_where_nothing_is_protected if {
	given := staging(layer("unsigned", "none", false))
	evidence.layers_vouched == [{"ok": true}] with input as given
}

test_a_broken_signature_is_red_everywhere if {
	given := staging(layer("broken", "none", false))
	found := evidence.layers_vouched with input as given
	count(found) == 1
	found[0].ok == false
}

warn := {"concerns": {"unsigned_layer": "warn"}}

test_an_unsigned_layer_is_a_concern if {
	given := staging(layer("unsigned", "none", false))
	found := evidence.layers_signed with input as given with data.dpone.config as warn
	count(found) == 1
	found[0].ok == false
	found[0].key == "team"
	found[0].severity == "warning"
	found[0].params.layer == "team"
}

test_how_strictly_is_configured if {
	given := staging(layer("unsigned", "none", false))
	strictly := {"concerns": {"unsigned_layer": "fail"}}
	found := evidence.layers_signed with input as given with data.dpone.config as strictly
	count(found) == 1
	found[0].severity == "error"
}

test_a_signed_layer_is_none if {
	given := staging(layer("signed", "local", false))
	evidence.layers_signed == [{"ok": true}] with input as given with data.dpone.config as warn
}

test_a_pinned_layer_is_none if {
	given := staging(layer("unsigned", "none", true))
	evidence.layers_signed == [{"ok": true}] with input as given with data.dpone.config as warn
}

test_what_is_protected_is_no_mere_concern if {
	given := production(layer("unsigned", "none", false))
	evidence.layers_signed == [{"ok": true}] with input as given with data.dpone.config as warn
}
