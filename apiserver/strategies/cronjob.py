"""The rules of CronJobs: a schedule that can be read, in a time zone that exists, and a Job that could be made."""

# ruff: noqa: ARG002 - hooks ignore what of the context they do not need
from __future__ import annotations

import re

from podwright.api import field_errors, names
from podwright.api.cron import CronError, parse
from podwright.api.field_errors import FieldError
from podwright.apiserver.strategies import formats, meta, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.job.spec import validate_template_spec
from podwright.apiserver.strategies.job.strategy import default_failure_policy, size_warnings
from podwright.apiserver.strategies.pod.defaults import default_template
from podwright.apiserver.strategies.pod.warnings import template_warnings, workload_name_warnings
from podwright.apiserver.strategy import JSON, Strategy, WriteContext, keep, raise_generation, set_generation

_POLICIES = ("Allow", "Forbid", "Replace")
_LONGEST_NAME = 52  # the controller appends eleven characters, and pods' labels hold 63
_ZONE_PART = re.compile(r"[A-Za-z0-9_.+-]{1,14}")
_JOB = "spec.jobTemplate.spec"


class CronJobStrategy(Strategy):
    """CronJobs: generation counts changes of the spec."""

    def default(self, obj: JSON) -> None:
        """Fill in that runs may overlap and how many are kept, and the pod template's defaults."""
        spec: JSON = obj.get("spec") or {}
        obj["spec"] = spec
        for name, value in (
            ("concurrencyPolicy", "Allow"),
            ("suspend", False),
            ("successfulJobsHistoryLimit", 3),
            ("failedJobsHistoryLimit", 1),
        ):
            if spec.get(name) is None or spec[name] == "":
                spec[name] = value
        template: JSON = spec.get("jobTemplate") or {}
        spec["jobTemplate"] = template
        if template.get("metadata") is None:
            template["metadata"] = {}
        job: JSON = template.get("spec") or {}
        template["spec"] = job
        default_template(job)
        default_failure_policy(job)

    def prepare_create(self, obj: JSON, ctx: WriteContext) -> None:
        """Start without a status, at generation 1."""
        obj["status"] = {}
        set_generation(obj, 1)

    def prepare_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> None:
        """Keep the status and count changes of the spec."""
        keep(obj, old, "status")
        raise_generation(obj, old, changed=obj.get("spec") != old.get("spec"))

    def validate_create(self, obj: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a new CronJob."""
        errors: Errors = []
        _validate_spec(errors, obj["spec"], None)
        name = obj["metadata"].get("name") or ""
        if len(name) > _LONGEST_NAME:
            detail = f"must be no more than {_LONGEST_NAME} characters"
            errors.append(field_errors.invalid("metadata.name", name, detail))
        return errors

    def validate_update(self, obj: JSON, old: JSON, ctx: WriteContext) -> list[FieldError]:
        """List what is wrong with a changed CronJob; a schedule that names a zone may stay so."""
        errors = meta.repeated_on_update(obj, old, name_rule=names.dns1123_subdomain)
        _validate_spec(errors, obj["spec"], old.get("spec") or {})
        return errors

    def warnings(self, obj: JSON, old: JSON | None, ctx: WriteContext) -> list[str]:
        """Return the warnings of a new name, of what the Jobs will be, and of a zone inside the schedule."""
        spec: JSON = obj["spec"]
        found = workload_name_warnings(obj["metadata"]) if old is None else []
        if old is None or old["metadata"].get("generation") != obj["metadata"].get("generation"):
            job: JSON = spec["jobTemplate"]["spec"]
            found += size_warnings(job) + template_warnings(f"{_JOB}.template", job.get("template") or {})
        if "TZ" in (spec.get("schedule") or ""):
            found.append("cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead")
        return found


def _validate_spec(errors: Errors, spec: JSON, before: JSON | None) -> None:
    schedule = spec.get("schedule") or ""
    if not schedule:
        errors.append(field_errors.required("spec.schedule"))
    else:
        zoned_before = before is not None and "TZ" in (before.get("schedule") or "")
        _validate_schedule(errors, "spec.schedule", schedule, spec.get("timeZone"), zoned_before)
    formats.not_negative(errors, "spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    zone = spec.get("timeZone")
    if zone is not None and (before is None or before.get("timeZone") != zone):
        _validate_zone(errors, "spec.timeZone", zone)
    formats.one_of(errors, "spec.concurrencyPolicy", spec.get("concurrencyPolicy"), _POLICIES)
    job: JSON = spec["jobTemplate"]["spec"]
    validate_template_spec(errors, _JOB, job)
    if job.get("selector") is not None:
        text, detail = shown.selector(job["selector"]), "`selector` will be auto-generated"
        errors.append(shown.ShownError("Invalid", f"{_JOB}.selector", text, detail))
    if job.get("manualSelector"):
        errors.append(field_errors.not_supported(f"{_JOB}.manualSelector", value=True, valid=("nil", "false")))
    for name in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        formats.not_negative(errors, f"spec.{name}", spec.get(name))


def _validate_schedule(errors: Errors, path: str, schedule: str, zone: str | None, zoned_before: bool) -> None:
    text = schedule
    if "TZ" in schedule:
        if zoned_before and zone is not None:
            detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
            errors.append(field_errors.invalid(path, schedule, detail))
        elif not zoned_before:
            detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            errors.append(field_errors.invalid(path, schedule, detail))
        prefix, _, rest = schedule.partition(" ")
        if prefix.startswith(("TZ=", "CRON_TZ=")):
            text = rest.strip()
    try:
        parse(text)
    except CronError as error:
        errors.append(field_errors.invalid(path, schedule, str(error)))


def _validate_zone(errors: Errors, path: str, zone: str) -> None:
    if not zone:
        errors.append(field_errors.invalid(path, zone, "timeZone must be nil or non-empty string"))
        return
    unknown = f"unknown time zone {zone}"
    if any(part in {".", ".."} or part.startswith("-") or not _ZONE_PART.fullmatch(part) for part in zone.split("/")):
        errors.append(field_errors.invalid(path, zone, unknown))
    elif zone.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        errors.append(field_errors.invalid(path, zone, detail))
    elif not known_zone(zone):
        errors.append(field_errors.invalid(path, zone, unknown))


def known_zone(name: str) -> bool:
    """Tell whether a time zone exists."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
