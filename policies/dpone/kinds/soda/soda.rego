# Scans of Soda Core 3.
package dpone.kinds.soda

import rego.v1

import data.dpone.lib

items := lib.of_kind("soda")

config := data.dpone.config.kinds.soda

# METADATA
# title: Every check passed
# description: A check that failed is bad data on its way.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.not_ok_total} of {facts.evaluated} checks failed: {facts.not_ok_names}"
#   remedy: "mend the data, then: {producer}"
not_passed := {
	"holds": [e.name |
		some e in items
		e.facts.not_ok_total == 0
	],
	"pointer": "{facts.not_ok_at}",
}

# METADATA
# title: No check warned
# description: A check found what its warn condition describes.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.warned} checks warned: {facts.warned_names} (kinds.soda.warn)"
#   remedy: "look at the rows, or set kinds.soda.warn"
warned := {
	"severity": lib.severity(config.warn),
	"holds": [e.name |
		some e in items
		e.facts.warned == 0
	],
}

# METADATA
# title: Every check was evaluated
# description: Soda leaves the outcome out when it could not compute the metric, and says neither failure nor error.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.not_evaluated} checks were not evaluated: {facts.not_evaluated_names}"
#   remedy: "look at the scan's log for the missing metric, then: {producer}"
not_evaluated := {"holds": [e.name |
	some e in items
	e.facts.not_evaluated == 0
]}

# METADATA
# title: The scan had no errors
# description: A query that failed, or an error in the log, leaves checks without a meaning.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "the scan had errors: {facts.query_errors} queries failed, {facts.log_errors} errors in its log"
#   remedy: "look at the scan's log, then: {producer}"
scan_errors := {"holds": [e.name |
	some e in items
	e.facts.run_ok
]}

# METADATA
# title: Checks were evaluated
# description: A scan without checks has no failures either.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "none of {facts.checks} checks was evaluated"
#   remedy: "give the scan its checks file, then: {producer}"
nothing_evaluated := {"holds": [e.name |
	some e in items
	e.facts.evaluated > 0
]}
