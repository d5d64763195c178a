# Appending to the evidence chain: about a named release, after the link that is really the last.
package dpone.gates.evidence_chain

import rego.v1

import data.dpone.lib

# METADATA
# title: A release is named
# description: A link about no release proves nothing later.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok} | ok := input.subject.release != ""]

# METADATA
# title: The entry named as previous is the last one
# description: A link after any other entry would fork the chain.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "--previous-entry names {named}, the chain ends with {last}"
#   remedy: "leave --previous-entry out, or give the entry of the last release"
previous_is_last := [{"evidence": e.name, "ok": ok, "params": {"named": f.named_previous, "last": f.previous}} |
	some e in input.evidence
	e.kind == "evidence_chain_link"
	f := e.facts
	ok := follows(f)
]

default follows(_) := false

follows(f) if f.named == false

follows(f) if f.named_previous == f.previous

# METADATA
# title: The index that is chained is the one that was judged
# description: An index that is replaced while it is judged could list other files.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the artifact index was changed while it was judged"
#   remedy: "run again, and let nothing write the index meanwhile"
index_is_the_same := [{"evidence": e.name, "ok": ok} |
	some e in input.evidence
	e.kind == "evidence_chain_link"
	ok := chains_index_of(e, lib.of_kind("artifact_index"))
]

default chains_index_of(_, _) := false

chains_index_of(e, judged) if {
	every index in judged { index.source.sha256 == e.facts.index_sha256 }
}
