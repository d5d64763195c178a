# The deployment that is closed is the one that runs, as it was verified.
package dpone.gates.release_close

import rego.v1

import data.dpone.lib

records := lib.of_kind("deployment_record")

# METADATA
# title: The deployment that was verified is recorded and stands
# description: A later record of the same deployment may say that it was rolled back.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the ledger has no record of the deployment {subject.deployment_id} that was verified"
#   remedy: "decide where the deployment was recorded, or bring that ledger here: dpone ledger import"
deployment_stands := [{"ok": ok} | ok := stands]

default stands := false

stands if count(records) > 0

# Without a verification nothing says which deployment it would be.
stands if count(here) == 0

# METADATA
# title: The deployment that was verified is the latest
# description: What was deployed afterwards runs now, and nobody has verified it.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: {latest} was deployed after {subject.deployment_id}, which was verified"
#   remedy: "verify what runs: dpone ops post-deploy-verify --release {release} --environment {subject.environment} --deployment-id {latest} --artifact NAME=PATH"
deployment_latest := array.concat(
	[{"ok": true} | count(later) == 0],
	[{"ok": false, "params": {
		"latest": r.facts.subject.deployment_id,
	}} |
		some r in later
	],
)

later := [r |
	some r in records
	count(here) > 0
	r.facts.subject.deployment_id != input.subject.deployment_id
]

# METADATA
# title: The verification was made on the record that counts now
# description: A deployment that was recorded again has not been verified since.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: {subject.deployment_id} was recorded again after it was verified"
#   remedy: "verify it again: dpone ops post-deploy-verify --release {release} --environment {subject.environment} --deployment-id {subject.deployment_id} --artifact NAME=PATH"
same_deployment := array.concat(
	[{"ok": true} | count(again) == 0],
	[{"ok": false} |
		some _ in again
	],
)

again := [r |
	some r in records
	r.facts.passed
	r.facts.subject.deployment_id == input.subject.deployment_id
	some v in here
	not r.source.sha256 in {item.sha256 | some item in v.facts.items}
]
