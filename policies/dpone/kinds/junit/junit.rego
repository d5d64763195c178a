# Test reports in JUnit XML.
package dpone.kinds.junit

import rego.v1

import data.dpone.lib

items := lib.of_kind("junit")

# METADATA
# title: No test failed
# description: A failing test, or one that could not run, is the release telling that it is not ready.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.not_ok_total} of {facts.executed} tests failed: {facts.not_ok_names}"
#   remedy: "mend the tests or what they found, then: {producer}"
not_passed := {
	"holds": [e.name |
		some e in items
		e.facts.not_ok_total == 0
	],
	"pointer": "{facts.not_ok_at}",
}

# METADATA
# title: Tests were executed
# description: A report in which every test was skipped, or that holds none, proves nothing.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "no test passed: {facts.tests} found, {counts.skipped} skipped"
#   remedy: "look at why nothing ran (selection, import, missing service), then: {producer}"
nothing_executed := {"holds": [e.name |
	some e in items
	e.reported != "empty"
]}

# METADATA
# title: Enough tests were executed
# description: Below the configured number the report is not the one that was meant.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.executed} tests were executed, at least {minimum} needed (kinds.junit.min_executed)"
#   remedy: "run the whole suite: {producer}"
too_few := {
	"holds": [e.name |
		some e in items
		e.facts.executed >= data.dpone.config.kinds.junit.min_executed
	],
	"params": {"minimum": data.dpone.config.kinds.junit.min_executed},
}

# METADATA
# title: Few tests were skipped
# description: What is skipped is not proved; a suite that skips most of itself is green by accident.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.skipped_percent} % of the tests were skipped, at most {limit} % allowed (kinds.junit.max_skipped_percent)"
#   remedy: "give the skipped tests what they need, or take them out of this run"
skipped := {
	"holds": [e.name |
		some e in items
		e.facts.skipped_percent <= data.dpone.config.kinds.junit.max_skipped_percent
	],
	"params": {"limit": data.dpone.config.kinds.junit.max_skipped_percent},
}
