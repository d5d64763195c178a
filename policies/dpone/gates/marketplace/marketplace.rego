# The marketplace: the catalogue has entries, and none claims more than is proved.
package dpone.gates.marketplace

import rego.v1

import data.dpone.lib

items := lib.of_kind("connector_marketplace")

# METADATA
# title: The catalogue has connectors
# description: An empty catalogue helps nobody to decide.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the catalogue is empty"
#   remedy: "install dpone again: its catalogue is missing"
not_empty := [{"evidence": e.name, "ok": ok} |
	some e in items
	ok := count(e.facts.connectors) > 0
]

# METADATA
# title: No connector claims more than is proved
# description: certified means real runs; a simulated connector was never touched.
# custom:
#   applies_to: service
#   severity: error
#   message: "{connector} says {status}, but its cases are {proof}"
#   remedy: "certify it on the real system first, or correct the catalogue"
claims_are_proved := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(overclaimed(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": c.connector, "params": {
		"connector": c.connector,
		"status": c.status,
		"proof": c.proof,
	}} |
		some e in items
		some c in overclaimed(e)
	],
)

overclaimed(e) := [c |
	some c in e.facts.connectors
	c.status != "simulated"
	not is_proved(c)
]

is_proved(c) if c.proof == "executed"
