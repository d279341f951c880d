"""Stands in for Kafka's own command for access: takes what the printed script calls it with, and asks the broker."""

import argparse
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest_v1
from aiokafka.protocol.api import Request, RequestStruct

KINDS = {"topic": 2, "group": 3, "cluster": 4, "transactional_id": 5}
PATTERNS = {"literal": 3, "prefixed": 4}
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
ALLOW = 3
Creation = tuple[int, str, int, str, str, int, int]


class _CreateAcls(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 30

    def __init__(self, creations: Sequence[Creation]) -> None:
        self._creations = creations

    def build(self, request_struct_class: type[RequestStruct]) -> RequestStruct:
        return request_struct_class(list(self._creations))


async def grant(address: str, script: Path) -> None:
    """Run a script of access against the broker at an address where nobody is asked for a password."""
    creations = [creation for call in _calls(script) for creation in _creations(call)]
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        answer = await admin._send_request(_CreateAcls(creations))  # it has no call for access
        assert [error for error, _ in answer.creation_responses] == [0] * len(creations)
    finally:
        await admin.close()


def _calls(script: Path) -> Iterator[Sequence[str]]:
    """With what words the script calls the tool, run by a real shell."""
    folder = script.with_suffix(".bin")
    folder.mkdir()
    told = folder / "told"
    tool = folder / "kafka-acls.sh"
    tool.write_text(f'#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >> {shlex.quote(str(told))}\n')
    tool.chmod(0o755)
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "KAFKA": address_of_nobody(), "ADMIN": "admin.properties"}
    subprocess.run(["sh", str(script)], env=env, check=True, timeout=60)
    call: list[str] = []
    for word in told.read_text(encoding="utf-8").splitlines():
        if word == "--bootstrap-server" and call:
            yield call
            call = []
        call.append(word)
    yield call


def address_of_nobody() -> str:
    """What the script is given for the cluster's address, which the tool only hands on."""
    return "broker.invalid:9093"


def _creations(call: Sequence[str]) -> Iterator[Creation]:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--bootstrap-server", required=True)
    parser.add_argument("--command-config", required=True)
    parser.add_argument("--add", action="store_true", required=True)
    parser.add_argument("--allow-principal", required=True)
    parser.add_argument("--operation", action="append", choices=OPERATIONS, required=True)
    parser.add_argument("--resource-pattern-type", choices=PATTERNS, default="literal")
    parser.add_argument("--cluster", action="store_const", const=["kafka-cluster"])
    for kind in ("topic", "group", "transactional-id"):
        parser.add_argument(f"--{kind}", action="append")
    given = vars(parser.parse_args(call))
    pattern = PATTERNS[given["resource_pattern_type"]]
    for kind, code in KINDS.items():
        for name in given[kind] or ():
            for operation in given["operation"]:
                yield code, name, pattern, given["allow_principal"], "*", OPERATIONS[operation], ALLOW
