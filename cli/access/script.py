"""Writes grants as a shell script of Kafka's own tool, for whoever may give access on the cluster."""

import shlex
from collections.abc import Iterable, Iterator
from itertools import groupby

from cli.access.grants import Grant, Resource

HEAD = """#!/bin/sh
# Access to topics, groups and transactions, and nothing beyond it.
# KAFKA=host:port ADMIN=file sh acls.sh; the file holds the login of one who may alter the cluster (--command-config).
set -eu
allow() {
  user=$1
  shift
  kafka-acls.sh --bootstrap-server "$KAFKA" --command-config "$ADMIN" --add --allow-principal "User:$user" "$@"
}
"""


def script(grants: Iterable[Grant]) -> str:
    """The whole script; running it again changes nothing, and it takes nothing away."""
    return HEAD + "".join(
        f"\n# {user}\n{''.join(_lines(given))}" for user, given in groupby(grants, lambda one: one.user)
    )


def _lines(grants: Iterable[Grant]) -> Iterator[str]:
    for grant in grants:
        operations = [word for operation in grant.operations for word in ("--operation", operation)]
        pattern = ["--resource-pattern-type", "prefixed"] if grant.prefixed else []
        if grant.resource is Resource.CLUSTER:
            named = [["--cluster"]]
        else:
            named = [[f"--{grant.resource}", name] for name in grant.names]
        first = shlex.join(["allow", grant.user, *operations, *pattern])
        yield " \\\n  ".join([first, *(shlex.join(words) for words in named)]) + "\n"
