# Results of a dbt run.
package dpone.kinds.dbt

import rego.v1

import data.dpone.lib

items := lib.of_kind("dbt")

# METADATA
# title: No dbt node failed or was skipped
# description: A failed dbt test ships bad rows; what was skipped after it was neither built nor tested.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.blocked_text}"
#   remedy: "fix the rows or the model, then: {producer}"
not_passed := {
	"holds": [e.name |
		some e in items
		e.facts.blocked == 0
	],
	"pointer": "{facts.blocked_at}",
}

# METADATA
# title: dbt built or tested something
# description: An empty selection, or `dbt compile` writing over the results, looks like success and proves nothing.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "dbt {facts.command} evaluated nothing: {counts.not_evaluated} nodes were only compiled"
#   remedy: "run it with a selection that is not empty: {producer}"
nothing_evaluated := {"holds": [e.name |
	some e in items
	e.reported != "empty"
]}

# METADATA
# title: The results come from a command that proves something
# description: dbt writes the same file for every command; only some of them test what they build.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "the results come from dbt {facts.command}, not from one of: {allowed} (kinds.dbt.commands)"
#   remedy: "produce them last, nothing may write over target/run_results.json after: {producer}"
command := {
	"holds": [e.name |
		some e in items
		command_is_allowed(e.facts.command, data.dpone.config.kinds.dbt.commands)
	],
	"pointer": "/args/which",
	"params": {"allowed": data.dpone.config.kinds.dbt.commands},
}

command_is_allowed(command, allowed) if command in allowed

# METADATA
# title: No dbt test warned
# description: A test with the severity `warn` found rows that it was written to find.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.warned} dbt tests warned: {facts.warned_names} (kinds.dbt.warn)"
#   remedy: "fix the rows, then: {producer}"
warned := {
	"severity": lib.severity(data.dpone.config.kinds.dbt.warn),
	"holds": [e.name |
		some e in items
		e.facts.warned == 0
	],
	"pointer": "{facts.warned_at}",
}
