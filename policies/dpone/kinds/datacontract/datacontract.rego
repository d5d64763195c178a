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
#   message: "{failed} of {evaluated} checks failed: {names}"
#   remedy: "mend the data or the contract, then: {producer}"
not_passed := [{"evidence": e.name, "ok": ok, "pointer": e.facts.not_ok_at, "params": {
	"failed": e.facts.not_ok_total,
	"evaluated": e.facts.evaluated,
	"names": e.facts.not_ok_names,
}} |
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
#   message: "{warned} checks warned: {names} (kinds.datacontract.warn)"
#   remedy: "look at the rows, or set kinds.datacontract.warn"
warned := [{"evidence": e.name, "ok": ok, "severity": severity, "params": {
	"warned": e.facts.warned,
	"names": e.facts.warned_names,
}} |
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
#   message: "{skipped} checks were not evaluated: {names}"
#   remedy: "look at the run's log for the check, then: {producer}"
not_evaluated := [{"evidence": e.name, "ok": ok, "params": {
	"skipped": e.facts.not_evaluated,
	"names": e.facts.not_evaluated_names,
}} |
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
#   message: "the result of the run is {result}"
#   remedy: "look at the run's log, then: {producer}"
no_result := [{"evidence": e.name, "ok": ok, "pointer": "/result", "params": {"result": e.facts.result}} |
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
#   message: "none of {checks} checks was evaluated"
#   remedy: "run it against the data: {producer}"
nothing_evaluated := [{"evidence": e.name, "ok": ok, "params": {"checks": e.facts.checks}} |
	some e in items
	ok := e.facts.evaluated > 0
]
