# Known vulnerabilities of Python dependencies.
package dpone.kinds.pip_audit

import rego.v1

import data.dpone.lib

items := lib.of_kind("pip-audit")

config := data.dpone.config.kinds["pip-audit"]

# METADATA
# title: No known vulnerability
# description: An advisory that is public today is an attack tomorrow.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{package} {version} has {id}, {fix}"
#   remedy: "upgrade {package}, then: {producer}"
vulnerability := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		bad_total(e) == 0
	],
	[{"evidence": e.name, "ok": false, "key": v.key, "pointer": v.pointer, "params": {
		"package": v.package,
		"version": v.version,
		"id": v.id,
		"fix": v.fix_text,
	}} |
		some e in items
		some v in e.facts.vulns
		counts_as_bad(v)
	],
)

# METADATA
# title: Every vulnerability is listed
# description: The facts list the first hundred; what is beyond cannot be judged one by one.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: false
#   message: "{facts.vulns_total} vulnerabilities, only {listed} of them can be shown"
#   remedy: "upgrade the ones that are shown, then: {producer}"
too_many := [{"evidence": e.name, "ok": ok, "params": {"listed": count(e.facts.vulns)}} |
	some e in items
	ok := e.facts.vulns_total <= count(e.facts.vulns)
]

counts_as_bad(_) if config.fail_at == "any"

counts_as_bad(v) if {
	config.fail_at == "fixable"
	v.fixable
}

bad_total(e) := e.facts.vulns_total if config.fail_at == "any"

bad_total(e) := e.facts.vulns_fixable if config.fail_at == "fixable"

# METADATA
# title: Something was audited
# description: When the service knows none of the packages, pip-audit says "no known vulnerabilities" and exits with 0.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "none of {facts.dependencies} dependencies was audited"
#   remedy: "check the vulnerability service and the index, then: {producer}"
nothing_audited := {"holds": [e.name |
	some e in items
	e.facts.audited > 0
]}

# METADATA
# title: Every dependency was audited
# description: A skipped dependency may have any vulnerability there is.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.unaudited} dependencies were not audited: {facts.unaudited_names} (kinds.pip-audit.unaudited)"
#   remedy: "audit them by another way, or set kinds.pip-audit.unaudited"
unaudited := {
	"severity": lib.severity(config.unaudited),
	"holds": [e.name |
		some e in items
		e.facts.unaudited == 0
	],
	"pointer": "{facts.unaudited_at}",
}
