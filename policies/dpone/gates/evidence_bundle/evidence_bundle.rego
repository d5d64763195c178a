# Evidence bundle: the three items are there, each was decided, and each passed.
package dpone.gates.evidence_bundle

import rego.v1

wanted := ["certification", "data_contract", "marketplace"]

items := [e |
	some e in input.evidence
	e.producer == "service"
	e.state == "present"
]

# METADATA
# title: The bundle is complete
# description: A bundle without its contract check says nothing about the data.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{item} is not in the bundle, or more than once"
#   remedy: "build the bundle again: dpone ops evidence-bundle"
items_complete := array.concat(
	[{"ok": true} | count(absent) == 0],
	[{"ok": false, "key": name, "params": {"item": name}} | some name in absent],
)

absent := [name |
	some name in wanted
	count([e | some e in items; e.name == name]) != 1
]

# METADATA
# title: Every item of the bundle was decided
# description: An item about which nothing could be decided is evidence of nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{gate} could not decide about {evidence}"
#   remedy: "open {path}, mend what it names, and build the bundle again: dpone ops evidence-bundle"
item_decided := [{"evidence": e.name, "ok": ok, "params": {"gate": e.facts.gate, "path": e.facts.path}} |
	some e in items
	ok := was_decided(e.facts)
]

default was_decided(_) := false

was_decided(facts) if facts.status in ["passed", "failed"]

# METADATA
# title: Every item of the bundle passed
# description: A bundle is as good as the worst thing in it.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{evidence} did not pass: {gate} is {status}"
#   remedy: "open {path}, mend what it names, and build the bundle again: dpone ops evidence-bundle"
item_passed := [{"evidence": e.name, "ok": ok, "params": {
	"gate": e.facts.gate,
	"status": e.facts.status,
	"path": e.facts.path,
}} |
	some e in items
	ok := has_passed(e.facts)
]

default has_passed(_) := false

has_passed(facts) if {
	facts.passed == true
	facts.status == "passed"
}

# METADATA
# title: No item of the bundle passed with warnings
# description: A warning that is folded into a bundle must not vanish in it.
# custom:
#   applies_to: service
#   severity: warning
#   message: "{gate} has warnings about {evidence}: {warned}"
#   remedy: "read them in {path}"
item_clean := [{"evidence": e.name, "ok": ok, "params": {
	"gate": e.facts.gate,
	"warned": e.facts.warned,
	"path": e.facts.path,
}} |
	some e in items
	ok := e.facts.warned == 0
]
