# Findings of linters and scanners in SARIF.
package dpone.kinds.sarif

import rego.v1

import data.dpone.lib

items := lib.of_kind("sarif")

ranks := {"note": 1, "warning": 2, "error": 3}

limit := ranks[data.dpone.config.kinds.sarif.fail_at]

# METADATA
# title: No result at or above the level
# description: What a scanner found and nobody suppressed is known and still shipped.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{level}: {rule} {file}:{line} (kinds.sarif.fail_at: {fail_at})"
#   remedy: "fix {rule}, or suppress it in the code with a reason, then scan again"
at_or_above_level := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		bad_total(e.facts) == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.key, "pointer": r.pointer, "params": {
		"level": r.level,
		"rule": r.rule,
		"file": r.file,
		"line": r.line,
		"fail_at": data.dpone.config.kinds.sarif.fail_at,
	}} |
		some e in items
		some r in e.facts.results
		r.rank >= limit
	],
)

# METADATA
# title: Every result is listed
# description: The facts list the first hundred results; what is beyond cannot be judged one by one.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: false
#   message: "{total} results at or above {fail_at}, only {listed} of them can be shown"
#   remedy: "fix the ones that are shown, then run the scanner again"
too_many := [{"evidence": e.name, "ok": ok, "params": {
	"total": bad_total(e.facts),
	"listed": count(e.facts.results),
	"fail_at": data.dpone.config.kinds.sarif.fail_at,
}} |
	some e in items
	ok := bad_total(e.facts) <= count(e.facts.results)
]

bad_total(facts) := facts.errors if limit == 3

bad_total(facts) := facts.errors + facts.warnings if limit == 2

bad_total(facts) := (facts.errors + facts.warnings) + facts.notes if limit == 1

# METADATA
# title: The scan was done
# description: No run, a run without results, or one that stopped with an error found nothing because it did not look.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "{facts.runs} runs: {facts.runs_without_results} without results, {facts.failures} failures of the tool itself"
#   remedy: "look at the scanner's own output, then: {producer}"
not_scanned := {"holds": [e.name |
	some e in items
	e.facts.runs > 0
	e.facts.runs_without_results == 0
	e.facts.failures == 0
]}

# METADATA
# title: No result is left open
# description: A result of kind open or review waits for somebody to look at it.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.open} results wait for a review"
#   remedy: "review them where the scanner keeps them"
open_results := {"holds": [e.name |
	some e in items
	e.facts.open == 0
]}
