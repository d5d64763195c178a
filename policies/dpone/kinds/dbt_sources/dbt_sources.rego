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
#   message: "{blocked} of {sources} sources are stale or could not be checked: {names}"
#   remedy: "load them, then: {producer}"
stale := [{"evidence": e.name, "ok": ok, "pointer": e.facts.blocked_at, "params": {
	"blocked": e.facts.blocked,
	"sources": e.facts.sources,
	"names": e.facts.blocked_names,
}} |
	some e in items
	ok := e.facts.blocked == 0
]

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
nothing_checked := [{"evidence": e.name, "ok": ok, "pointer": "/results", "params": {}} |
	some e in items
	ok := e.reported != "empty"
]

# METADATA
# title: No source is older than it warns at
# description: Past the first limit a source is late, and on its way to stale.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{warned} sources are late: {names} (kinds.dbt.warn)"
#   remedy: "load them, then: {producer}"
warned := [{"evidence": e.name, "ok": ok, "severity": severity, "pointer": e.facts.warned_at, "params": {
	"warned": e.facts.warned,
	"names": e.facts.warned_names,
}} |
	some e in items
	severity := lib.severity(data.dpone.config.kinds.dbt.warn)
	ok := e.facts.warned == 0
]
