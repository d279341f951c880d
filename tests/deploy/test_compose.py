"""The compose files are valid, name what the code has, publish loopback only, and hold no secret."""

import json
import re
import stat
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import yaml

from gateway.runtime.process import STOP_SECONDS
from tests.architecture.test_layout import ROOT
from tests.deploy import promised

CLUSTER, EMBEDDED = promised.DEPLOY / "compose.yaml", promised.DEPLOY / "compose.embedded.yaml"
FILES = (CLUSTER, EMBEDDED)
OF_OTHERS = {"kafka", "mongo", "mongo-init", "nginx", "prometheus", "grafana"}

Composition = dict[str, Any]


def read(path: Path) -> Composition:
    """The file with its anchors resolved."""
    found: Composition = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def services(path: Path) -> dict[str, Composition]:
    found: dict[str, Composition] = read(path)["services"]
    return found


def ours(path: Path) -> dict[str, Composition]:
    return {name: one for name, one in services(path).items() if one["image"].startswith("gateway-1022:")}


EVERY = [pytest.param(path, name, id=f"{path.stem}-{name}") for path in FILES for name in services(path)]
OURS = [pytest.param(path, name, id=f"{path.stem}-{name}") for path in FILES for name in ours(path)]


def validated(content: Composition) -> None:
    compose_spec.PyCompose.from_yaml(yaml.safe_dump(content)).validate()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_valid(path: Path) -> None:
    validated(read(path))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("restart", "sometimes"),
        ("inti", True),
        ("networks", ["nowhere"]),
        ("depends_on", {"kafka": {"condition": "up"}}),
    ],
)
def test_a_wrong_one_is_not(member: str, value: object) -> None:
    content = read(CLUSTER)
    content["services"]["normalizer"][member] = value
    with pytest.raises(ValueError, match=r"\w"):
        validated(content)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_named_is_there(path: Path) -> None:
    """Volumes, dependencies and mounted files, which the schema does not compare."""
    content = read(path)
    volumes, secrets = content["volumes"], content["secrets"]
    used: set[str] = set()
    for name, service in content["services"].items():
        assert set(service.get("depends_on", {})) <= content["services"].keys(), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (path.parent / source).exists(), source
            else:
                used.add(source)
        for file in service.get("env_file", []):
            assert (path.parent / file).is_file()
    assert used == volumes.keys()
    assert {secret for one in content["services"].values() for secret in one.get("secrets", [])} == secrets.keys()
    assert {network for one in content["services"].values() for network in one["networks"]} == content[
        "networks"
    ].keys()


def test_the_cluster_runs_every_service_in_a_process_of_its_own() -> None:
    assert ours(CLUSTER).keys() == promised.SERVICES
    assert services(CLUSTER).keys() - ours(CLUSTER).keys() == OF_OTHERS
    for name, service in ours(CLUSTER).items():
        assert service["command"] == ["python", "-m", f"services.{name}"]
        assert promised.is_module(service["command"][2])


def test_the_small_one_runs_them_all_in_one() -> None:
    assert ours(EMBEDDED).keys() == {"gateway"}
    assert "command" not in ours(EMBEDDED)["gateway"]


@pytest.mark.parametrize(("path", "name"), OURS)
def test_settings_exist_and_hold_no_secret(path: Path, name: str) -> None:
    service = services(path)[name]
    listed = [
        line.split("=", 1)[0]
        for file in service["env_file"]
        for line in (path.parent / file).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    environment = [*listed, *service["environment"]]
    assert set(environment) <= promised.VARIABLES
    assert not set(environment) & promised.secrets()
    assert {secret.upper() for secret in service.get("secrets", [])} <= promised.secrets()


@pytest.mark.parametrize(("path", "name"), OURS)
def test_the_data_folder_and_keys_are_mounted(path: Path, name: str) -> None:
    service = services(path)[name]
    mounted = [volume.split(":")[1] for volume in service["volumes"]]
    in_memory = [entry.split(":")[0] for entry in service["tmpfs"]]
    data = "/var/lib/gateway"
    if path == EMBEDDED:
        assert mounted == [data]
        return
    assert f"keys:{data}/secrets" in service["volumes"]
    # An edge's spool outlives the container; what the others have there is locks.
    assert (data in mounted) is (name in promised.EDGES)
    assert (data in in_memory) is (name not in promised.EDGES)


@pytest.mark.parametrize(("path", "name"), EVERY)
def test_each_is_bounded_and_comes_back(path: Path, name: str) -> None:
    service = services(path)[name]
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= limits.keys()
    assert {"max-size", "max-file"} <= service["logging"]["options"].keys()
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == ("no" if name == "mongo-init" else "unless-stopped")
    if name not in {"kafka", "mongo", "mongo-init"}:
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    if name not in {"mongo-init", *ours(path)}:
        assert service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize(("path", "name"), OURS)
def test_a_service_is_given_the_time_to_finish(path: Path, name: str) -> None:
    assert int(services(path)[name]["stop_grace_period"].removesuffix("s")) > STOP_SECONDS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_the_edge_and_grafana_are_published_and_only_on_loopback(path: Path) -> None:
    published = {name: one["ports"] for name, one in services(path).items() if "ports" in one}
    edge = "nginx" if path == CLUSTER else "gateway"
    assert published.keys() == {edge, "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert published[edge][0].startswith(f"127.0.0.1:{promised.PORT}:")


def test_only_who_calls_others_reaches_the_outside() -> None:
    content = read(CLUSTER)
    open_networks = {name for name, one in content["networks"].items() if not (one or {}).get("internal")}
    assert open_networks == {"front", "outside"}
    reaching = {name for name, one in services(CLUSTER).items() if open_networks & set(one["networks"])}
    assert reaching == {"nginx", "grafana", "zalo_ingest", "facebook_ingest", "email_ingest"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_metrics_are_given_to_prometheus_and_addresses_are_believed_of_the_proxy(path: Path) -> None:
    networks = read(path)["networks"]
    subnet = {
        name: ip_network(one["ipam"]["config"][0]["subnet"]) for name, one in networks.items() if "ipam" in (one or {})
    }
    assert services(path)["prometheus"]["networks"] == ["watch"]
    for service in ours(path).values():
        assert "watch" in service["networks"]
        clients = json.loads(service["environment"]["GATEWAY_METRICS_CLIENTS"])
        assert clients == ["127.0.0.1", "::1", str(subnet["watch"])]
        proxies = {ip_network(proxy) for proxy in json.loads(service["environment"]["WEB_TRUSTED_PROXIES"])}
        assert proxies == {subnet[name] for name in ("front", "edge") if name in subnet}


@pytest.mark.parametrize(
    ("path", "config"),
    [
        (CLUSTER, promised.DEPLOY / "prometheus" / "prometheus.yml"),
        (EMBEDDED, promised.DEPLOY / "compose" / "prometheus.embedded.yml"),
    ],
    ids=["cluster", "embedded"],
)
def test_prometheus_scrapes_every_service_with_the_same_rules(path: Path, config: Path) -> None:
    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    (job,) = content["scrape_configs"]
    assert job.get("metrics_path", "/metrics") == "/metrics"
    targets = {target for group in job["static_configs"] for target in group["targets"]}
    assert targets == {f"{name}:{promised.PORT}" for name in ours(path)}
    rules = {Path(name).name for name in content["rule_files"]}
    assert rules == {path.name for path in (promised.DEPLOY / "prometheus").glob("*.yaml") if "_test" not in path.name}
    mounts = [volume.split(":") for volume in services(path)["prometheus"]["volumes"]]
    (configured,) = [word for word in services(path)["prometheus"]["command"] if word.startswith("--config.file=")]
    within = Path(configured.removeprefix("--config.file="))
    sources = [
        promised.DEPLOY / source / within.relative_to(at) for source, at, *_ in mounts if within.is_relative_to(at)
    ]
    assert [source.resolve() for source in sources] == [config]


def test_bus_and_store_are_reached_where_they_listen() -> None:
    broker = services(CLUSTER)["kafka"]["environment"]
    advertised = broker["KAFKA_ADVERTISED_LISTENERS"].partition("://")[2]
    for service in ours(CLUSTER).values():
        assert service["environment"]["GATEWAY_BUS_URL"] == f"kafka://{advertised}"
        assert "gateway_store_url" in service["secrets"]
        assert service["depends_on"] == {
            "kafka": {"condition": "service_healthy"},
            "mongo-init": {"condition": "service_completed_successfully"},
        }
    entrypoint = services(CLUSTER)["mongo"]["entrypoint"][2]
    script = (promised.DEPLOY / "compose" / "replica-set.js").read_text(encoding="utf-8")
    replica_set = re.search(r"--replSet (\w+)", entrypoint)
    assert replica_set is not None
    assert f'_id: "{replica_set[1]}"' in script


def test_the_broker_has_the_settings_of_the_project_s_own() -> None:
    """The same version, and for every safety the same value, as the broker that tests run on."""
    pom = (promised.DEPLOY / "kafka" / "pom.xml").read_text(encoding="utf-8")
    version = services(CLUSTER)["kafka"]["image"].partition(":")[2]
    assert f">{version}<" in pom
    own = dict(
        line.split("=", 1)
        for line in (promised.DEPLOY / "kafka" / "server.properties").read_text(encoding="utf-8").splitlines()
        if "=" in line and not line.startswith("#")
    )
    theirs = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
        for name, value in services(CLUSTER)["kafka"]["environment"].items()
    }
    (copies,) = {one["environment"]["KAFKA_REPLICATION_FACTOR"] for one in ours(CLUSTER).values()}
    (in_sync,) = {one["environment"]["KAFKA_MIN_INSYNC"] for one in ours(CLUSTER).values()}
    assert (copies, in_sync) == (theirs["default.replication.factor"], theirs["min.insync.replicas"])
    for name in (
        "log.flush.interval.messages",
        "min.insync.replicas",
        "unclean.leader.election.enable",
        "auto.create.topics.enable",
        "transaction.state.log.min.isr",
    ):
        assert theirs[name] == own[name], name


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    script, folder = promised.DEPLOY / "compose" / "make-secrets.sh", tmp_path / "secrets"
    subprocess.run(["sh", str(script), str(folder)], check=True, capture_output=True)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    wanted = {Path(one["file"]).name for path in FILES for one in read(path)["secrets"].values()}
    assert made.keys() == wanted
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert made["mongo_gateway_password"] in made["gateway_store_url"]
    subprocess.run(["sh", str(script), str(folder)], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_settings_are_a_configuration(path: Path, tmp_path: Path) -> None:
    """`gateway check-config` says yes to what a service is started with, secrets as they are made."""
    script, folder = promised.DEPLOY / "compose" / "make-secrets.sh", tmp_path / "secrets"
    subprocess.run(["sh", str(script), str(folder)], check=True, capture_output=True)
    if path == EMBEDDED:
        (folder / "gateway_store_url").unlink()
    told = [_told(path, service) for service in ours(path).values()]
    for settings in [one for number, one in enumerate(told) if one not in told[:number]]:
        done = subprocess.run(
            [sys.executable, "-m", "cli", "check-config", "--offline"],
            cwd=ROOT,
            env={**settings, "GATEWAY_DATA": str(tmp_path / "data"), "CREDENTIALS_DIRECTORY": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def _told(path: Path, service: Composition) -> dict[str, str]:
    """The environment that a service is given; most are given the same."""
    lines = [line for file in service["env_file"] for line in (path.parent / file).read_text("utf-8").splitlines()]
    return {
        **dict(line.split("=", 1) for line in lines if line and not line.startswith("#")),
        **service["environment"],
    }
