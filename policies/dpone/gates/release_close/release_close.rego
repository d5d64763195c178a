# A release is closed: its deployment in this environment was verified, and is the one that was recorded.
package dpone.gates.release_close

import rego.v1

import data.dpone.lib

# METADATA
# title: The release is named
# description: A closing word about nothing in particular would close anything.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok, "params": {}} | ok := input.subject.release != ""]

# METADATA
# title: The deployment of this very release was verified
# description: A verification of another release, environment or deployment closes nothing here.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: no verification of {release} comes before its close"
#   remedy: "verify the deployment: dpone ops post-deploy-verify --deployment-record PATH --artifact NAME=PATH"
verified := [{"ok": ok, "key": "release_close.post_deploy_missing", "params": {"release": input.subject.release}} |
	ok := count(here) > 0
]

here := [v |
	some v in lib.of_kind("post_deploy_verify")
	s := v.facts.subject
	s.release == input.subject.release
	s.environment != ""
	s.environment == input.subject.environment
	s.deployment_id != ""
	s.deployment_id == input.subject.deployment_id
]

# METADATA
# title: The deployment that was verified is recorded and stands
# description: A later record of the same deployment may say that it was rolled back.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the ledger has no record of the deployment {deployment} that was verified"
#   remedy: "decide where the deployment was recorded, or bring that ledger here: dpone ledger import"
deployment_stands := [{"ok": ok, "params": {"deployment": input.subject.deployment_id}} |
	ok := count(lib.of_kind("deployment_record")) > 0
]
