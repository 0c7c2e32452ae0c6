"""Selectors of a list or watch, compiled against a resource's cached fields. Pure."""

from __future__ import annotations

from podwright.api.errors import bad_request
from podwright.api.fields import FieldSelector, FieldSelectorError
from podwright.api.labels import Selector, SelectorError
from podwright.apiserver.cache.item import Item
from podwright.apiserver.cache.watcher import Filter
from podwright.apiserver.options import ListOptions
from podwright.apiserver.registry.endpoint import Endpoint

NAME = "metadata.name"
NAMESPACE = "metadata.namespace"


NOTHING = Filter("\0", "\0")
"""What conditions that contradict each other select. Objects that are in no namespace are told by the name."""


def compile_filter(endpoint: Endpoint, namespace: str, name: str, options: ListOptions) -> Filter:
    """Return the filter of a request. Raises ApiError 400."""
    labels = _labels(options.labels)
    fields: list[tuple[int, str, bool]] = []
    wanted_name, wanted_namespace = name, namespace
    requirements = _fields(options.fields).requirements
    if name and requirements and not any(r.equal and (r.field, r.value) == (NAME, name) for r in requirements):
        raise bad_request("fieldSelector metadata.name doesn't match requested name")
    for requirement in requirements:
        field, value, equal = requirement.field, requirement.value, requirement.equal
        if field == NAME and equal:
            if wanted_name and wanted_name != value:
                return NOTHING
            if not value:
                return NOTHING
            wanted_name = value
        elif field == NAMESPACE and equal and endpoint.resource.namespaced:
            if wanted_namespace and wanted_namespace != value:
                return NOTHING
            if not value:
                return NOTHING
            wanted_namespace = value
        elif field == NAMESPACE and not endpoint.resource.namespaced and not _names_fields(endpoint):
            if equal is bool(value):  # such objects are in no namespace
                return NOTHING
        else:
            fields.append((_index(endpoint, field), value, equal))
    if fields and endpoint.converts:
        return ConvertedFilter(endpoint, wanted_namespace, wanted_name, labels, tuple(fields))
    return Filter(wanted_namespace, wanted_name, labels, tuple(fields))


class ConvertedFilter(Filter):
    """Selects by fields that an object has only once it is converted: it must be prepared."""

    __slots__ = ("_endpoint",)

    def __init__(
        self,
        endpoint: Endpoint,
        namespace: str,
        name: str,
        labels: Selector | None,
        fields: tuple[tuple[int, str, bool], ...],
    ) -> None:
        super().__init__(namespace, name, labels, fields)
        self._endpoint = endpoint

    @property
    def coarse(self) -> Filter:
        """The same without fields."""
        return Filter(self.namespace, self.name, self.labels)

    def __call__(self, item: Item) -> bool:
        """Tell whether the item is selected."""
        if not self.coarse(item):
            return False
        values = self._endpoint.field_values(item)
        return all((values[index] == wanted) is equal for index, wanted, equal in self.fields)


def _labels(text: str) -> Selector | None:
    if not text:
        return None
    try:
        selector = Selector.parse(text)
    except SelectorError as error:
        raise bad_request(str(error)) from error
    return None if selector.empty else selector


def _fields(text: str) -> FieldSelector:
    try:
        return FieldSelector.parse(text)
    except FieldSelectorError as error:
        raise bad_request(str(error)) from error


def _index(endpoint: Endpoint, field: str) -> int:
    stored = field if endpoint.view is None else endpoint.view.stored_field(field)
    index = endpoint.field_position(stored)
    if index is not None:
        return index
    if _names_fields(endpoint):
        raise bad_request(endpoint.strategy.other_fields.format(field))
    raise bad_request(f'"{field}" is not a known field selector: only "{NAME}", "{NAMESPACE}"')


def _names_fields(endpoint: Endpoint) -> bool:
    """Tell whether a kind says itself which fields select its objects, as those do that clients defined."""
    return bool(endpoint.strategy.selectable_fields) or not endpoint.kind.has_class
