# Freshness of dbt sources.
package dpone.kinds.dbt_sources

import rego.v1

import data.dpone.lib

items := lib.of_kind("dbt-sources")

# METADATA
# title: Sources are fresh
# description: Models built on rows of last month are new files with old content.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.blocked} of {facts.sources} sources are stale or could not be checked: {facts.blocked_names}"
#   remedy: "load them, then: {producer}"
stale := {
	"holds": [e.name |
		some e in items
		e.facts.blocked == 0
	],
	"pointer": "{facts.blocked_at}",
}

# METADATA
# title: Sources were checked
# description: Without a freshness block in the project, the command succeeds and checks nothing.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "no source was checked for freshness"
#   remedy: "give sources a loaded_at_field and a freshness, then: {producer}"
nothing_checked := {
	"holds": [e.name |
		some e in items
		e.reported != "empty"
	],
	"pointer": "/results",
}

# METADATA
# title: No source is older than it warns at
# description: Past the first limit a source is late, and on its way to stale.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.warned} sources are late: {facts.warned_names} (kinds.dbt.warn)"
#   remedy: "load them, then: {producer}"
warned := {
	"severity": lib.severity(data.dpone.config.kinds.dbt.warn),
	"holds": [e.name |
		some e in items
		e.facts.warned == 0
	],
	"pointer": "{facts.warned_at}",
}
