# Secrets found by detect-secrets.
package dpone.kinds.detect_secrets

import rego.v1

import data.dpone.lib

items := lib.of_kind("detect-secrets")

config := data.dpone.config.kinds["detect-secrets"]

# METADATA
# title: No secret was found
# description: A secret in the code is known to everybody who can read it.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{type} in {file}:{line}"
#   remedy: "revoke it where it was issued, take it out of the code, then: {producer}"
secret := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.findings == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.key, "pointer": r.pointer, "params": {
		"type": r.type,
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
# title: Nothing was marked as no secret
# description: An entry with is_secret false was settled by whoever edited the baseline, and nobody signed for it.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "{facts.dismissed} entries are marked as no secret: {facts.dismissed_names} (kinds.detect-secrets.dismissed)"
#   remedy: "review them, or set kinds.detect-secrets.dismissed"
dismissed := {
	"severity": lib.severity(config.dismissed),
	"holds": [e.name |
		some e in items
		e.facts.dismissed == 0
	],
}

# METADATA
# title: A plugin looked
# description: A scan with every plugin switched off finds nothing.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "no plugin looked for anything"
#   remedy: "scan with plugins: {producer}"
nothing_looked := {"holds": [e.name |
	some e in items
	e.facts.plugins > 0
]}
