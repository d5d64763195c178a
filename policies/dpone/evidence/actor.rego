# What every gate asks of the one who decides.
package dpone.evidence

import rego.v1

# METADATA
# title: A protected environment is decided by a key the trust root vouches for
# description: A key that only this machine or this folder knows proves nothing to anybody else.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{environment} is protected and the decision is signed with trust {trust}, anchored is needed"
#   remedy: "sign with a key of dpone.trust.json and anchor that file: --trust-root FINGERPRINT or DPONE_TRUST_ROOT"
signer_anchored := [{"ok": ok, "params": {
	"environment": input.subject.environment,
	"trust": input.actor.trust,
}} |
	ok := signer_is_enough(input)
]

default signer_is_enough(_) := false

signer_is_enough(i) if i.protected == false

signer_is_enough(i) if i.actor.trust == "anchored"

# METADATA
# title: Who decides is who signs
# description: A typed name is a claim; only the key says who it was.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{claimed} is named, but the key belongs to {identity}"
#   remedy: "name the identity of the signing key, or sign with the key of the person named"
claim_matches_signer := [{"ok": ok, "params": {
	"claimed": input.actor.claimed,
	"identity": input.actor.identity,
}} |
	ok := claim_holds(input.actor)
]

default claim_holds(_) := false

claim_holds(actor) if actor.claimed == ""

claim_holds(actor) if actor.claim_matches

# METADATA
# title: Something was required or given
# description: A gate that looks at nothing proves nothing.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no evidence was given and none is required"
#   remedy: "name it: dpone ops init finds it and writes dpone.yaml, or give --artifact NAME=PATH"
something_to_judge := [{"ok": ok, "params": {}} |
	ok := count(input.evidence) + count(input.required) > 0
]
