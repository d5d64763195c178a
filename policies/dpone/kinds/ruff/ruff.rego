# Violations found by ruff.
package dpone.kinds.ruff

import rego.v1

import data.dpone.lib

items := lib.of_kind("ruff")

# METADATA
# title: No rule is violated
# description: What the linter found and nobody marked is known and still shipped.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{rule} {file}:{line} {what}"
#   remedy: "fix it, or mark it in the code with a reason, then: {producer}"
violation := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.violations == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.key, "pointer": r.pointer, "params": {
		"rule": r.rule,
		"file": r.file,
		"line": r.line,
		"what": r.message,
	}} |
		some e in items
		some r in e.facts.results
		r.rule != ""
	],
)

# METADATA
# title: Every one is listed
# description: The facts list the first hundred; what is beyond cannot be judged one by one.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: false
#   message: "{facts.results_total} violations, only {listed} of them can be shown"
#   remedy: "settle the ones that are shown, then: {producer}"
too_many := [{"evidence": e.name, "ok": ok, "params": {"listed": count(e.facts.results)}} |
	some e in items
	ok := e.facts.results_total <= count(e.facts.results)
]

# METADATA
# title: Every file was parsed
# description: A file that does not parse was not checked.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.errors} files could not be parsed: {facts.errors_text}"
#   remedy: "mend these files or exclude them by name, then: {producer}"
not_parsed := {"holds": [e.name |
	some e in items
	e.facts.errors == 0
]}

# METADATA
# title: Something was scanned
# description: ruff writes an empty list both when nothing was found and when nothing was scanned.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "an empty list cannot show that anything was scanned"
#   remedy: "give the SARIF form, which can: {producer}"
nothing_scanned := {"holds": [e.name |
	some e in items
	e.facts.results_total > 0
]}
