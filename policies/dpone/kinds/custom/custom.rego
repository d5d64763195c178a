# Evidence of custom kinds, which policy layers declare: what their counts and claims come to.
package dpone.kinds.custom

import rego.v1

items := [e |
	some e in input.evidence
	startswith(e.kind, "custom/")
	e.state == "present"
]

# METADATA
# title: Nothing failed
# description: The counts that the kind's definition points at say that something failed, or the document itself does.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{counts.failed} failed, {counts.errored} errors, claim: {facts.claim}"
#   remedy: "mend what failed, then: {producer}"
not_passed := {"holds": [e.name |
	some e in items
	e.counts.failed == 0
	e.counts.errored == 0
	e.facts.claim != "failed"
]}

# METADATA
# title: Everything was evaluated
# description: What was not evaluated proves nothing.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{counts.not_evaluated} were not evaluated"
#   remedy: "find out why, then: {producer}"
not_evaluated := {"holds": [e.name |
	some e in items
	e.counts.not_evaluated == 0
]}

# METADATA
# title: Something was evaluated
# description: Without a count of what passed, or with a count that is not there, a claim has nothing behind it.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "{counts.passed} passed, counts that are not there: {facts.missing_names}"
#   remedy: "look at why nothing was counted, then: {producer}"
nothing_evaluated := {"holds": [e.name |
	some e in items
	e.counts.passed > 0
	e.facts.missing_counts == 0
]}
