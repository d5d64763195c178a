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
#   message: "{failed} of {evaluated} checks failed: {names}"
#   remedy: "mend the data or what computes it, then: {producer}"
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
# description: An expectation of severity warning or info was not met; the suite itself counts it as a failure.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{warned} checks warned: {names} (kinds.great-expectations.warn)"
#   remedy: "look at the rows, or set kinds.great-expectations.warn"
warned := [{"evidence": e.name, "ok": ok, "severity": severity, "params": {
	"warned": e.facts.warned,
	"names": e.facts.warned_names,
}} |
	some e in items
	severity := lib.severity(config.warn)
	ok := e.facts.warned == 0
]

# METADATA
# title: Expectations were evaluated
# description: A suite without expectations succeeds, and a checkpoint holding one proves nothing about its data.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "{evaluated} expectations were evaluated, {empty} of {suites} suites are empty"
#   remedy: "give the suite its expectations, then: {producer}"
nothing_evaluated := [{"evidence": e.name, "ok": ok, "params": {
	"evaluated": e.facts.evaluated,
	"empty": e.facts.empty_suites,
	"suites": e.facts.suites,
}} |
	some e in items
	ok := was_evaluated(e)
]

default was_evaluated(_) := false

was_evaluated(e) if {
	e.facts.evaluated > 0
	e.facts.empty_suites == 0
}
