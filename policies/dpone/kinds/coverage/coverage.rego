# Line coverage of a test run.
package dpone.kinds.coverage

import rego.v1

import data.dpone.lib

items := lib.of_kind("coverage")

config := data.dpone.config.kinds.coverage

# METADATA
# title: Something was measured
# description: A report without a line measured is what a wrong --cov path leaves.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "no line was measured in {facts.files} files"
#   remedy: "measure the package that is shipped: {producer}"
nothing_measured := {"holds": [e.name |
	some e in items
	e.facts.lines > 0
]}

# METADATA
# title: Enough lines are covered
# description: Below the minimum, changes are made without anything that would notice.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.line_percent} % of the lines are covered, at least {minimum} % needed (kinds.coverage.min_line_percent)"
#   remedy: "add tests, first for: {facts.lowest_names}; then: {producer}"
below_minimum := {
	"holds": [e.name |
		some e in items
		e.facts.line_percent >= config.min_line_percent
	],
	"params": {"minimum": config.min_line_percent},
}

# METADATA
# title: A minimum is set
# description: Coverage without a minimum is reported and decides nothing; a strict gate wants a number.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "coverage is given and no minimum is set (kinds.coverage.min_line_percent)"
#   remedy: "set kinds.coverage.min_line_percent in dpone.yaml, {facts.line_percent} % are covered now"
no_minimum := {"holds": [e.name |
	some e in items
	minimum_is_set
]}

minimum_is_set if config.threshold == "optional"

minimum_is_set if config.min_line_percent > 0
