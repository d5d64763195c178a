"""The exact command that takes each step of a release, as somebody would type it."""

from __future__ import annotations

from collections.abc import Sequence

from dpone.record import dataclass


@dataclass(frozen=True)
class NextCommands:
    """The commands for one release on its way. `before` is the environment it comes from; what is not known is a
    word in capitals."""

    release: str
    target: str
    before: str

    def _about(self) -> str:
        return f"--release {self.release} --environment {self.target or 'NAME'}"

    def gate(self) -> str:
        """The release's own decision, in the environment before."""
        where = f" --environment {self.before}" if self.before else ""
        return f"dpone ops release-gate --release {self.release}{where}"

    def drift(self) -> str:
        """The comparison of the two environments."""
        return (
            f"dpone ops env-drift --release {self.release} --source-env {self.before or 'NAME'}"
            f" --target-env {self.target or 'NAME'} --source PATH --target PATH"
        )

    def change(self) -> str:
        """The request for the change."""
        return (
            f"dpone ops change-request --release {self.release} --target-env {self.target or 'NAME'}"
            " --change-id ID --risk-level medium --requested-by WHO --approver WHO"
        )

    def approval(self, change_id: str) -> str:
        """A vote on that change."""
        return (
            f"dpone ops approval-record {self._about()} --change-id {change_id} --actor WHO --decision approved"
        )

    def promote(self) -> str:
        """The promotion into the environment."""
        return (
            f"dpone ops release-promote --release {self.release} --from-env {self.before or 'NAME'}"
            f" --to-env {self.target or 'NAME'}"
        )

    def deploy(self) -> str:
        """The record of its deployment."""
        return f"dpone ops deployment-record {self._about()} --deployment-id ID --status succeeded --post-check smoke=true"

    def verify(self, deployment: str, checks: Sequence[str]) -> str:
        """The verification of that deployment, with the checks that are demanded."""
        given = " ".join(f"--artifact {name}=PATH" for name in checks or ("NAME",))
        return f"dpone ops post-deploy-verify {self._about()} --deployment-id {deployment} {given}"

    def close(self) -> str:
        """The close of the release."""
        return f"dpone ops release-close {self._about()} --closed-by WHO"
