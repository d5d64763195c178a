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
not_passed := [{"evidence": e.name, "ok": ok, "pointer": e.facts.not_ok_at} |
	some e in items
	ok := e.facts.not_ok_total == 0
]

# METADATA
# title: No check warned
# description: A check of the contract warned.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.warned} checks warned: {facts.warned_names} (kinds.datacontract.warn)"
#   remedy: "look at the rows, or set kinds.datacontract.warn"
warned := [{"evidence": e.name, "ok": ok, "severity": severity} |
	some e in items
	severity := lib.severity(config.warn)
	ok := e.facts.warned == 0
]

# METADATA
# title: Every check was evaluated
# description: A check without a result, or with one that says nothing, proves nothing.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.not_evaluated} checks were not evaluated: {facts.not_evaluated_names}"
#   remedy: "look at the run's log for the check, then: {producer}"
not_evaluated := [{"evidence": e.name, "ok": ok} |
	some e in items
	ok := e.facts.not_evaluated == 0
]

# METADATA
# title: The run came to a result
# description: A run that ended in an error, or says nothing about itself, may have lost checks.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "the result of the run is {facts.result}"
#   remedy: "look at the run's log, then: {producer}"
no_result := [{"evidence": e.name, "ok": ok, "pointer": "/result"} |
	some e in items
	ok := came_to_a_result(e)
]

default came_to_a_result(_) := false

came_to_a_result(e) if e.facts.result in ["passed", "warning", "failed"]

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
nothing_evaluated := [{"evidence": e.name, "ok": ok} |
	some e in items
	ok := e.facts.evaluated > 0
]
