# Validations of Great Expectations.
package dpone.kinds.great_expectations

import rego.v1

import data.dpone.lib

items := lib.of_kind("great-expectations")

config := data.dpone.config.kinds["great-expectations"]

# METADATA
# title: Every expectation is met
# description: An expectation that is not met, or whose metric could not be computed, is bad data on its way.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.not_ok_total} of {facts.evaluated} checks failed: {facts.not_ok_names}"
#   remedy: "mend the data or what computes it, then: {producer}"
not_passed := {
	"holds": [e.name |
		some e in items
		e.facts.not_ok_total == 0
	],
	"pointer": "{facts.not_ok_at}",
}

# METADATA
# title: No check warned
# description: An expectation of severity warning or info was not met; the suite itself counts it as a failure.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.warned} checks warned: {facts.warned_names} (kinds.great-expectations.warn)"
#   remedy: "look at the rows, or set kinds.great-expectations.warn"
warned := {
	"severity": lib.severity(config.warn),
	"holds": [e.name |
		some e in items
		e.facts.warned == 0
	],
}

# METADATA
# title: Expectations were evaluated
# description: A suite without expectations succeeds, and a checkpoint holding one proves nothing about its data.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "{facts.evaluated} expectations were evaluated, {facts.empty_suites} of {facts.suites} suites are empty"
#   remedy: "give the suite its expectations, then: {producer}"
nothing_evaluated := {"holds": [e.name |
	some e in items
	e.facts.evaluated > 0
	e.facts.empty_suites == 0
]}
