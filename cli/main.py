"""The command line: `pw` for the API, `podwright` for the cluster on this machine; one program under two names.

Every verb is one module, imported only when it is used: `pw get pods` must not pay for `podwright up`.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from podwright.cli.parameters import completer

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# verb -> (module, command, section of the help, what it does: here, so that the list of verbs imports none)
VERBS: dict[str, tuple[str, str, str, str]] = {
    "up": ("cmd_up", "up", "Cluster on this machine", "Start a cluster on this machine."),
    "down": ("cmd_down", "down", "Cluster on this machine", "End the cluster on this machine."),
    "status": ("cmd_status", "status", "Cluster on this machine", "Show the cluster's processes."),
    "node": ("cmd_node", "node", "Cluster on this machine", "Switch a node off and on."),
    "image": ("cmd_image", "image", "Cluster on this machine", "Import, pull and list images."),
    "apply": ("cmd_apply", "apply", "Objects", "Make the cluster have what manifests say."),
    "create": ("cmd_create", "create", "Objects", "Create objects."),
    "get": ("cmd_get", "get", "Objects", "Show objects."),
    "describe": ("cmd_describe", "describe", "Objects", "Explain objects."),
    "delete": ("cmd_delete", "delete", "Objects", "Remove objects."),
    "edit": ("cmd_edit", "edit", "Objects", "Change an object in an editor."),
    "patch": ("cmd_patch", "patch", "Objects", "Change parts of an object."),
    "replace": ("cmd_replace", "replace", "Objects", "Put manifests in place of what is there."),
    "diff": ("cmd_diff", "diff", "Objects", "Show what apply would change."),
    "label": ("cmd_label", "label", "Objects", "Set and remove labels."),
    "annotate": ("cmd_label", "annotate", "Objects", "Set and remove annotations."),
    "events": ("cmd_events", "events", "Objects", "Show what happened."),
    "wait": ("cmd_wait", "wait", "Objects", "Wait for a condition."),
    "scale": ("cmd_scale", "scale", "Workloads", "Set the number of replicas."),
    "rollout": ("cmd_rollout", "rollout", "Workloads", "Follow, pause, restart, undo a rollout."),
    "set": ("cmd_set", "set_", "Workloads", "Change a workload's image."),
    "logs": ("cmd_logs", "logs", "Workloads", "Show what containers wrote."),
    "exec": ("cmd_exec", "exec_", "Workloads", "Run a command in a container."),
    "cordon": ("cmd_cordon", "cordon", "Nodes", "Keep new pods off a node."),
    "uncordon": ("cmd_cordon", "uncordon", "Nodes", "Let pods on a node again."),
    "drain": ("cmd_drain", "drain", "Nodes", "Empty a node."),
    "taint": ("cmd_taint", "taint", "Nodes", "Mark nodes."),
    "auth": ("cmd_auth", "auth", "Access", "Show who you are and what you may do."),
    "cluster": ("cmd_cluster", "cluster", "Access", "Look after the cluster's certificates, keys and join tokens."),
    "certificate": ("cmd_certificate", "certificate", "Access", "Approve and deny signing requests."),
    "explain": ("cmd_explain", "explain", "About the server", "Explain a kind's fields."),
    "api-resources": ("cmd_api_resources", "api_resources", "About the server", "List the types there are."),
    "api-versions": ("cmd_api_resources", "api_versions", "About the server", "List the API versions there are."),
    "version": ("cmd_version", "version", "About the server", "Show versions."),
    "cluster-info": ("cmd_cluster_info", "cluster_info", "About the server", "Show where the control plane answers."),
    "config": ("cmd_config", "config", "This program", "Show and choose the kubeconfig's contexts."),
    "completion": ("cmd_completion", "completion", "This program", "Print the shell's completion script."),
}


class Root(click.Group):
    """Loads a verb's module when the verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the library's signature
        """All verbs, in the table's order."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import one verb."""
        if cmd_name not in VERBS:
            return None
        module, command, _, _ = VERBS[cmd_name]
        return getattr(import_module(f"podwright.cli.{module}"), command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest verb when one is not known."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; `{ctx.info_name} --help` lists the commands"
            ctx.fail(f"unknown command {args[0]!r}{hint}")
        name, command, rest = super().resolve_command(ctx, args)
        if command is None or not any("=" in a for a in rest):
            return name, command, rest
        from podwright.cli.flags import plain

        if isinstance(command, click.Group) and rest:
            inner = command.get_command(ctx, rest[0])
            return name, command, [rest[0], *plain(inner, rest[1:])] if inner else rest
        return name, command, plain(command, rest)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """The verbs by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for verb, (_, _, section, does) in VERBS.items():
            sections.setdefault(section, []).append((verb, does))
        for section, verbs in sections.items():
            with formatter.section(section):
                formatter.write_dl(verbs)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The verbs, without importing any."""
        from click.shell_completion import CompletionItem

        verbs = [CompletionItem(v, help=row[3]) for v, row in VERBS.items() if v.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--kubeconfig", help="Which kubeconfig file to use.")
@click.option("--context", help="Which of its contexts.", shell_complete=completer("contexts"))
@click.option("-n", "--namespace", help="Namespace to work in.", shell_complete=completer("names", "namespaces"))
@click.pass_context
def root(ctx: click.Context, kubeconfig: str | None, context: str | None, namespace: str | None) -> None:
    """A declarative control plane and container engine, Kubernetes API compatible."""
    ctx.obj = {"kubeconfig": kubeconfig, "context": context, "namespace": namespace}


def main() -> None:
    """Entry point of both scripts. Exit status: 0 done, 1 refused, 2 wrong usage, 130 interrupted."""
    name = os.path.basename(sys.argv[0])  # noqa: PTH119 - pathlib is one more import at start
    try:
        root(prog_name=name if name in {"pw", "podwright"} else "pw", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `pw get pods | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as e:  # the last line of defence: a user never sees a traceback
        from podwright.cli import errors

        if os.environ.get("PODWRIGHT_TRACEBACK"):
            raise
        click.echo(errors.text(e), err=True)
        sys.exit(getattr(e, "code", 1) if isinstance(e, errors.CliError) else 1)


if __name__ == "__main__":
    main()
