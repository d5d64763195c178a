# Secrets found by gitleaks.
package dpone.kinds.gitleaks

import rego.v1

import data.dpone.lib

items := lib.of_kind("gitleaks")

# METADATA
# title: No secret was found
# description: A secret in the code is known to everybody who can read it.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{rule} in {file}:{line}"
#   remedy: "revoke it where it was issued, take it out of the code, then: {producer}"
secret := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.findings == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.key, "pointer": r.pointer, "params": {
		"rule": r.rule,
		"file": r.file,
		"line": r.line,
	}} |
		some e in items
		some r in e.facts.results
	],
)

# METADATA
# title: Every one is listed
# description: The facts list the first hundred; what is beyond cannot be judged one by one.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: false
#   message: "{facts.findings} secrets, only {listed} of them can be shown"
#   remedy: "settle the ones that are shown, then: {producer}"
too_many := [{"evidence": e.name, "ok": ok, "params": {"listed": count(e.facts.results)}} |
	some e in items
	ok := e.facts.findings <= count(e.facts.results)
]

# METADATA
# title: Something was scanned
# description: gitleaks writes an empty list both when nothing was found and when nothing was scanned.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "an empty list cannot show that anything was scanned"
#   remedy: "give the SARIF form, which can: gitleaks dir . --redact -f sarif -r build/gitleaks.sarif"
nothing_scanned := {"holds": [e.name |
	some e in items
	e.facts.findings > 0
]}
