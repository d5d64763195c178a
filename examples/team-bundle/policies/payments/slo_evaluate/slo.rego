package dpone.custom.slo_evaluate.payments

import rego.v1

# METADATA
# title: At most a few objectives are missed
# description: Payments are retried for an hour, so one missed objective hurts nobody; two together did.
# custom:
#   applies_to: service
#   severity: error
#   message: "{missed} objectives are missed or were not measured, {allowed} may be"
#   remedy: "see results in the report; metrics that nobody measured count as missed"
few_missed := [{"evidence": e.name, "ok": ok, "params": {"missed": missed, "allowed": allowed}} |
	some e in input.evidence
	e.kind == "slo_report"
	missed := (e.facts.totals.above_max + e.facts.totals.below_min) + e.facts.totals.missing
	ok := missed <= allowed
]

allowed := data.dpone.config.gates.slo_evaluate.settings.payments_missed
