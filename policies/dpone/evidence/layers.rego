# What every gate asks of the policy layers it is judged with.
package dpone.evidence

import rego.v1

import data.dpone.lib

# METADATA
# title: Policy layers are vouched for where it is protected
# description: Whoever can change a rule decides; a signature that does not hold says that somebody did.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the policy layer {layer} is {signed} (trust {trust}), and nobody vouches for it in {subject.environment}"
#   remedy: "pin it under layers in dpone.trust.json, or let a key granted policy_bundle sign it: dpone policy build --layer DIR --sign"
layers_vouched := array.concat(
	[{"ok": true} | count(unvouched_layers) == 0],
	[{"ok": false, "key": l.name, "params": {
		"layer": l.name,
		"signed": l.signed,
		"trust": l.trust,
	}} |
		some l in unvouched_layers
	],
)

unvouched_layers := [l |
	some l in input.layers
	not layer_is_vouched(l, input.protected)
]

layer_is_vouched(l, protected) if {
	l.signed != "broken"
	protected == false
}

layer_is_vouched(l, _) if {
	l.signed != "broken"
	l.pinned
}

layer_is_vouched(l, _) if {
	l.signed == "signed"
	l.trust == "anchored"
}

# METADATA
# title: Policy layers are signed
# description: Without a signature or a pin, a rule that went missing is found by nobody.
# custom:
#   applies_to: gate
#   severity: error
#   message: "the policy layer {layer} is not signed and no trust file pins it"
#   remedy: "sign it where it is reviewed: dpone policy build --layer DIR --sign"
layers_signed := array.concat(
	[{"ok": true} | count(unsigned_layers) == 0],
	[{"ok": false, "key": l.name, "severity": severity, "params": {"layer": l.name}} |
		severity := lib.severity(data.dpone.config.concerns.unsigned_layer)
		some l in unsigned_layers
	],
)

# What is protected is judged above.
unsigned_layers := [l |
	input.protected == false
	some l in input.layers
	l.signed == "unsigned"
	l.pinned == false
]
