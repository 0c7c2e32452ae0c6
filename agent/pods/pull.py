"""Getting a container's image by its pull policy, with the events and the back-off that people know.

Raises StartError: a reason and message for the container's status, and when to try again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.backoff import Backoff
from podwright.agent.pods.container_status import Waiting
from podwright.agent.pods.events import Events
from podwright.agent.pods.ports import HostError, Image, Images, Objects
from podwright.agent.pods.spec import Container, Pod

RETRY_SECONDS = 12.0


class StartError(Exception):
    """A container cannot be started now. `later` replaces the status after a moment (the back-off that follows)."""

    def __init__(
        self, reason: str, message: str, *, event: str = "", retry: float = RETRY_SECONDS, later: Waiting | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.event = event or message  # the text of the Failed event, after "Error: "
        self.retry = retry
        self.later = later

    @classmethod
    def of(cls, error: HostError) -> StartError:
        """Wrap what the host said."""
        return cls(error.reason, error.message)


@dataclass(slots=True)
class Puller:
    """Finds or pulls images for one pod's containers."""

    images: Images
    objects: Objects
    events: Events
    now: Callable[[], float]
    backoff: Backoff

    async def get(self, pod: Pod, container: Container) -> Image:
        """Return the image, complete on this node. Raises StartError."""
        credentials = self._credentials(pod)  # missing ones are told of also where nothing is pulled
        name = container.spec.get("image") or ""
        policy = container.spec.get("imagePullPolicy") or default_policy(name)
        try:
            found = await self.images.find(name)
        except HostError as e:
            if e.reason == "InvalidImageName":
                self.events.warning(pod, "InspectFailed", e.message, container)
                raise StartError(e.reason, e.message, event=e.reason) from e
            raise StartError("ErrImagePull", e.message, event="ErrImagePull") from e
        if found is not None and policy != "Always":
            text = f'Container image "{name}" already present on machine and can be accessed by the pod'
            self.events.normal(pod, "Pulled", text, container)
            return found
        if policy == "Never":
            text = f'Container image "{name}" is not present with pull policy of Never'
            self.events.warning(pod, "ErrImageNeverPull", text, container)
            raise StartError("ErrImageNeverPull", text, event="ErrImageNeverPull")
        return await self._pull(pod, container, name, credentials)

    async def _pull(self, pod: Pod, container: Container, name: str, credentials: Sequence[Mapping[str, Any]]) -> Image:
        self.events.normal(pod, "Pulling", f'Pulling image "{name}"', container)
        begun = self.now()
        try:
            image = await self.images.pull(name, credentials)
        except HostError as e:
            self.events.warning(pod, "Failed", f'Failed to pull image "{name}": {e.message}', container)
            delay = self.backoff.step(name, self.now())
            text = f'Back-off pulling image "{name}"'
            later = Waiting("ImagePullBackOff", f"{text}: {e.reason}: {e.message}")
            raise StartError(e.reason, e.message, event=e.reason, retry=delay, later=later) from e
        self.backoff.forget(name)
        took = f"{self.now() - begun:.3g}s"
        text = f'Successfully pulled image "{name}" in {took} ({took} including waiting).'
        self.events.normal(pod, "Pulled", f"{text} Image size: {image.size_bytes} bytes.", container)
        return image

    def _credentials(self, pod: Pod) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        missing: list[str] = []
        namespace = pod["metadata"].get("namespace", "")
        for ref in pod["spec"].get("imagePullSecrets") or ():
            secret = self.objects.get("Secret", namespace, ref.get("name", ""))
            if secret is None:
                missing.append(ref.get("name", ""))
            else:
                found.extend(docker_auths(secret))
        if missing:
            names = ", ".join(missing)
            text = (
                f"Unable to retrieve some image pull secrets ({names}); attempting to pull the image may not succeed."
            )
            self.events.warning(pod, "FailedToRetrieveImagePullSecret", text)
        return found


def default_policy(image: str) -> str:
    """Return the policy of a spec that names none: Always for `latest`, else IfNotPresent."""
    tail = image.rsplit("/", 1)[-1]
    if "@" in tail:
        return "IfNotPresent"
    return "Always" if ":" not in tail or tail.endswith(":latest") else "IfNotPresent"


def docker_auths(secret: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Read the "auths" map out of a pull secret; damaged ones give nothing."""
    data: Mapping[str, str] = secret.get("data") or {}
    try:
        if ".dockerconfigjson" in data:
            config = json.loads(base64.b64decode(data[".dockerconfigjson"]))
            return [config.get("auths") or {}]
        if ".dockercfg" in data:
            return [json.loads(base64.b64decode(data[".dockercfg"]))]
    except (ValueError, AttributeError):
        return []
    return []
