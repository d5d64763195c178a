# Findings of bandit.
package dpone.kinds.bandit

import rego.v1

import data.dpone.lib

items := lib.of_kind("bandit")

ranks := {"low": 1, "medium": 2, "high": 3}

limit := ranks[data.dpone.config.kinds.bandit.fail_at]

# METADATA
# title: No issue at or above the severity
# description: What the scanner found and nobody marked is known and still shipped.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{severity}: {rule} {file}:{line} (kinds.bandit.fail_at: {fail_at})"
#   remedy: "fix {rule}, or suppress it in the code with a reason, then scan again"
at_or_above_severity := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		listed_total(e.facts) == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.key, "pointer": r.pointer, "params": {
		"severity": r.severity,
		"rule": r.rule,
		"file": r.file,
		"line": r.line,
		"fail_at": data.dpone.config.kinds.bandit.fail_at,
	}} |
		some e in items
		some r in e.facts.results
		r.rank >= limit
	],
)

# METADATA
# title: Every issue is listed
# description: A level filter or a baseline keeps issues out of the list that the metrics still count.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: false
#   message: "{hidden} issues are counted and not listed (a filter, a baseline, or more than a hundred)"
#   remedy: "write the report without -l, -i and -b: {producer}"
hidden := [{"evidence": e.name, "ok": ok, "params": {"hidden": total}} |
	some e in items
	total := hidden_total(e.facts)
	ok := total == 0
]

# Severities are listed worst first, so what is cut off at a hundred only counts when it is bad itself.
hidden_total(facts) := facts.hidden_high + cut(facts) if limit == 3

hidden_total(facts) := (facts.hidden_high + facts.hidden_medium) + cut(facts) if limit == 2

hidden_total(facts) := ((facts.hidden_high + facts.hidden_medium) + facts.hidden_low) + cut(facts) if limit == 1

cut(facts) := 0 if listed_total(facts) <= count(facts.results)

cut(facts) := listed_total(facts) - count(facts.results) if listed_total(facts) > count(facts.results)

listed_total(facts) := facts.high + facts.undefined if limit == 3

listed_total(facts) := (facts.high + facts.undefined) + facts.medium if limit == 2

listed_total(facts) := ((facts.high + facts.undefined) + facts.medium) + facts.low if limit == 1

# METADATA
# title: Every file was scanned
# description: bandit skips a file that does not parse, and still exits with 0.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "{facts.loc} lines scanned, {facts.errors} files could not be read: {facts.errors_text}"
#   remedy: "mend these files or exclude them by name, then: {producer}"
not_scanned := {
	"holds": [e.name |
		some e in items
		e.facts.loc > 0
		e.facts.errors == 0
	],
	"pointer": "/errors",
}
