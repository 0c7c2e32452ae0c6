"""Admission policies and bindings as tests write them."""

AR = "/apis/admissionregistration.k8s.io/v1"
POLICIES, BINDINGS = f"{AR}/validatingadmissionpolicies", f"{AR}/validatingadmissionpolicybindings"
CHANGES, CHANGE_BINDINGS = f"{AR}/mutatingadmissionpolicies", f"{AR}/mutatingadmissionpolicybindings"
CONFIGMAPS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE", "UPDATE"]}


def policy(name, *expressions, rule=None, match=None, **spec):
    """A policy about ConfigMaps, or about what the rule names, with these rules (expressions or whole validations)."""
    validations = [{"expression": each} if isinstance(each, str) else each for each in expressions]
    constraints = {"resourceRules": [CONFIGMAPS if rule is None else {**CONFIGMAPS, **rule}], **(match or {})}
    return {"metadata": {"name": name}, "spec": {"matchConstraints": constraints, "validations": validations, **spec}}


def binding(name, of=None, *actions, **spec):
    """A binding of the policy of the same name, or of another one, that denies unless told otherwise."""
    return {
        "metadata": {"name": name},
        "spec": {"policyName": of or name, "validationActions": list(actions) or ["Deny"], **spec},
    }


async def enforce(api, made, *bindings):
    """Create a policy and its bindings (by default one of its name), and wait until they are in force."""
    await api.create(POLICIES, made)
    for each in bindings or (binding(made["metadata"]["name"]),):
        await api.create(BINDINGS, each)
    await api.server.feed.fresh()


def merging(expression):
    """A mutation that sets fields."""
    return {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}


def patching(expression):
    """A mutation that changes values at paths."""
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}


def change(name, *mutations, rule=None, match=None, **spec):
    """A policy that changes ConfigMaps, or what the rule names."""
    constraints = {"resourceRules": [CONFIGMAPS if rule is None else {**CONFIGMAPS, **rule}], **(match or {})}
    spec = {"matchConstraints": constraints, "mutations": list(mutations), "reinvocationPolicy": "Never", **spec}
    return {"metadata": {"name": name}, "spec": spec}


async def enact(api, made, **bound):
    """Create a policy that changes objects and a binding of its name, and wait until they are in force."""
    await api.create(CHANGES, made)
    name = made["metadata"]["name"]
    await api.create(CHANGE_BINDINGS, {"metadata": {"name": name}, "spec": {"policyName": name, **bound}})
    await api.server.feed.fresh()
