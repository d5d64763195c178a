# A release goes into the next environment: allowed where it was, and no drift between the two.
package dpone.gates.release_promote

import rego.v1

import data.dpone.lib

moves := lib.of_kind("promotion")

# METADATA
# title: A release is named
# description: A promotion of nothing in particular could be a promotion of anything.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok} | ok := input.subject.release != ""]

# METADATA
# title: The release moves from one environment into another
# description: A promotion of an environment into itself would skip every check between two.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "from {source} into {target} is no move between two environments"
#   remedy: "name two: --from-env staging --to-env production"
environments_differ := [{"evidence": e.name, "ok": ok, "key": "promotion.same_environment", "params": {
	"source": e.facts.from_environment,
	"target": e.facts.to_environment,
}} |
	some e in moves
	ok := two_places(e.facts)
]

default two_places(_) := false

two_places(f) if {
	f.from_environment != ""
	f.to_environment != ""
	lower(f.from_environment) != lower(f.to_environment)
}

# METADATA
# title: No environment is left out on the way
# description: What an environment comes after is in the configuration, and a release has to pass it first.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "out of order: {target} comes after {before}, not after {source}"
#   remedy: "promote into {before} first: dpone ops release-promote --from-env {source} --to-env {before}"
order_kept := [{"evidence": e.name, "ok": ok, "key": "promotion.out_of_order", "params": {
	"source": e.facts.from_environment,
	"target": e.facts.to_environment,
	"before": e.facts.comes_after,
}} |
	some e in moves
	ok := in_order(e.facts)
]

default in_order(_) := false

in_order(f) if f.comes_after == ""

in_order(f) if f.comes_after == f.from_environment
