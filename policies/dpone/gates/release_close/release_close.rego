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
release_named := [{"ok": ok} | ok := input.subject.release != ""]

# METADATA
# title: The deployment of this very release was verified
# description: A verification of another release, environment or deployment closes nothing here.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: no verification of {release} comes before its close"
#   remedy: "verify the deployment: dpone ops post-deploy-verify --release {release} --environment NAME --deployment-id ID --artifact NAME=PATH"
verified := [{"ok": ok, "key": "release_close.post_deploy_missing"} |
	ok := was_verified
]

default was_verified := false

was_verified if count(here) > 0

was_verified if lib.refused("post_deploy_verify")

here := [v |
	some v in lib.of_kind("post_deploy_verify")
	s := v.facts.subject
	s.release == input.subject.release
	s.environment != ""
	s.environment == input.subject.environment
	s.deployment_id != ""
	s.deployment_id == input.subject.deployment_id
]
