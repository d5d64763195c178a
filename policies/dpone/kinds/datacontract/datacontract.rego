# Tests of datacontract-cli.
package dpone.kinds.datacontract

import rego.v1

import data.dpone.lib

items := lib.of_kind("datacontract")

config := data.dpone.config.kinds.datacontract

# METADATA
# title: Every check of the contract passed
# description: What the contract promises does not hold, or could not be asked.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.not_ok_total} of {facts.evaluated} checks failed: {facts.not_ok_names}"
#   remedy: "mend the data or the contract, then: {producer}"
not_passed := {
	"holds": [e.name |
		some e in items
		e.facts.not_ok_total == 0
	],
	"pointer": "{facts.not_ok_at}",
}

# METADATA
# title: No check warned
# description: A check of the contract warned.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.warned} checks warned: {facts.warned_names} (kinds.datacontract.warn)"
#   remedy: "look at the rows, or set kinds.datacontract.warn"
warned := {
	"severity": lib.severity(config.warn),
	"holds": [e.name |
		some e in items
		e.facts.warned == 0
	],
}

# METADATA
# title: Every check was evaluated
# description: A check without a result, or with one that says nothing, proves nothing.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.not_evaluated} checks were not evaluated: {facts.not_evaluated_names}"
#   remedy: "look at the run's log for the check, then: {producer}"
not_evaluated := {"holds": [e.name |
	some e in items
	e.facts.not_evaluated == 0
]}

# METADATA
# title: The run came to a result
# description: A run that ended in an error, or says nothing about itself, may have lost checks.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "the result of the run is {facts.result}"
#   remedy: "look at the run's log, then: {producer}"
no_result := {
	"holds": [e.name |
		some e in items
		e.facts.result in ["passed", "warning", "failed"]
	],
	"pointer": "/result",
}

# METADATA
# title: Checks were evaluated
# description: A dry run, or a contract without checks, tested nothing.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "none of {facts.checks} checks was evaluated"
#   remedy: "run it against the data: {producer}"
nothing_evaluated := {"holds": [e.name |
	some e in items
	e.facts.evaluated > 0
]}
