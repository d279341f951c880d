"""The Kubernetes manifests are valid, say what the code does, and grant no more than it needs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gateway.runtime.http import PROBES
from gateway.runtime.process import STOP_SECONDS
from gateway.runtime.secret_files import KEYS
from services.facebook_ingest import receive as facebook
from services.zalo_ingest import receive as zalo
from tests.architecture.test_layout import ROOT
from tests.deploy import promised
from tests.deploy.kustomized import MERGED_BY, Manifest, containers_of, pod_of, resolved

BASE = promised.DEPLOY / "kubernetes" / "base"
EXAMPLE = promised.DEPLOY / "kubernetes" / "overlays" / "example"
VERSION = "1.32"
"""The oldest release that the manifests are held against."""

BOTH = [manifest for folder in (BASE, EXAMPLE) for manifest in resolved(folder)]
WORKLOADS = [manifest for manifest in BOTH if pod_of(manifest)]


def named(manifest: Manifest) -> str:
    return f"{manifest['metadata'].get('namespace')}/{manifest['kind']}/{manifest['metadata']['name']}"


def of_kind(kind: str) -> list[Manifest]:
    return [manifest for manifest in BOTH if manifest["kind"] == kind]


def pod(manifest: Manifest) -> Manifest:
    found = pod_of(manifest)
    assert found is not None
    return found


def labels(manifest: Manifest) -> dict[str, str]:
    found: dict[str, str] = manifest["spec"]["template"]["metadata"]["labels"]
    return found


def service_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"]).replace("-", "_")


@pytest.mark.parametrize("manifest", BOTH, ids=named)
def test_each_is_valid(manifest: Manifest) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_a_wrong_one_is_not() -> None:
    broken = resolved(BASE)
    deployment = next(one for one in broken if one["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["volumeMount"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, VERSION, strict=True)


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=["base", "example"])
def test_kustomize_resolves_them_to_the_same(folder: Path) -> None:
    """What the other tests look at is what would be applied; runs where kubectl is, which asks no cluster for it."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not here to compare with")
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=True)
    theirs = {named(one): sorted_lists(one) for one in yaml.safe_load_all(done.stdout)}
    ours = {named(one): sorted_lists(one) for one in resolved(folder)}
    assert ours == theirs


def sorted_lists(value: Any, name: str = "") -> Any:  # noqa: ANN401 - any document
    """The same document with lists in a fixed order where order says nothing."""
    if isinstance(value, dict):
        return {key: sorted_lists(part, key) for key, part in value.items()}
    if isinstance(value, list):
        parts = [sorted_lists(part) for part in value]
        return sorted(parts, key=lambda part: str(part[MERGED_BY[name]])) if name in MERGED_BY else parts
    return value


def test_every_service_runs_and_nothing_else() -> None:
    for folder in (BASE, EXAMPLE):
        workloads = [one for one in resolved(folder) if pod_of(one)]
        assert {service_of(one) for one in workloads} == promised.SERVICES
    for manifest in WORKLOADS:
        (container,) = pod(manifest)["containers"]
        assert container["command"] == ["python", "-m", f"services.{service_of(manifest)}"]
        assert promised.is_module(container["command"][2])


def test_what_messages_enter_by_has_a_volume_and_the_rest_has_none() -> None:
    for manifest in WORKLOADS:
        edge = service_of(manifest) in promised.EDGES
        assert (manifest["kind"] == "StatefulSet") is edge, named(manifest)
        claims = manifest["spec"].get("volumeClaimTemplates", [])
        assert [claim["metadata"]["name"] for claim in claims] == (["data"] if edge else [])


def test_every_mount_is_a_volume_and_the_data_folder_is_one() -> None:
    data = re.search(r"GATEWAY_DATA=(\S+)", (promised.DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    assert data is not None
    for manifest in WORKLOADS:
        volumes = {volume["name"] for volume in pod(manifest)["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in manifest["spec"].get("volumeClaimTemplates", [])}
        for container in containers_of(manifest):
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
        paths = {mount["mountPath"] for mount in pod(manifest)["containers"][0]["volumeMounts"]}
        assert {data[1], f"{data[1]}/secrets", "/run/secrets", "/tmp"} <= paths  # noqa: S108 - a path in the container


def test_probes_ask_what_the_code_answers_on_the_port_it_has() -> None:
    for manifest in WORKLOADS:
        (container,) = pod(manifest)["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": promised.PORT}]
        asked = [container[f"{probe}Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")]
        assert {one["port"] for one in asked} == {"http"}
        assert [one["path"] for one in asked] == ["/healthz", "/healthz", "/readyz"]
        annotations = manifest["spec"]["template"]["metadata"]["annotations"]
        assert annotations["prometheus.io/port"] == str(promised.PORT)
        assert {annotations["prometheus.io/path"], *(one["path"] for one in asked)} <= PROBES
    for service in of_kind("Service"):
        assert service["spec"]["ports"] == [{"name": "http", "port": promised.PORT, "targetPort": "http"}]


def test_a_pod_is_given_the_time_to_finish() -> None:
    for manifest in WORKLOADS:
        (container,) = pod(manifest)["containers"]
        before = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
        assert pod(manifest)["terminationGracePeriodSeconds"] > STOP_SECONDS + before


def test_settings_exist_and_hold_no_secret() -> None:
    for settings in of_kind("ConfigMap"):
        assert settings["data"].keys() <= promised.VARIABLES
        assert not settings["data"].keys() & promised.secrets()
    for manifest in WORKLOADS:
        for container in containers_of(manifest):
            assert "env" not in container
            assert container.get("envFrom", []) in ([], [{"configMapRef": {"name": "gateway"}}])
    assert of_kind("Secret") == []


def test_every_secret_that_is_named_stands_in_the_manual() -> None:
    manual = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    names = {found for one in WORKLOADS for found in secret_names(pod(one))}
    names |= {found for one in of_kind("Ingress") for tls in one["spec"]["tls"] for found in [tls["secretName"]]}
    assert {name for name in names if f"`{name}`" not in manual} == set()
    assert {f"{name}.key" for name in KEYS} <= set(re.findall(r"\w+\.key", manual))


def secret_names(spec: Manifest) -> set[str]:
    direct = {volume["secret"]["secretName"] for volume in spec["volumes"] if "secret" in volume}
    projected = [volume["projected"]["sources"] for volume in spec["volumes"] if "projected" in volume]
    return direct | {source["secret"]["name"] for sources in projected for source in sources}


def test_no_pod_may_do_more_than_it_must() -> None:
    for account in of_kind("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False
    for manifest in WORKLOADS:
        spec = pod(manifest)
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers_of(manifest):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in container["resources"]["limits"]
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()


def test_the_user_is_the_image_s() -> None:
    user = re.search(r"^USER (\d+):(\d+)$", (promised.DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert user is not None
    for manifest in WORKLOADS:
        context = pod(manifest)["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (
            int(user[1]),
            int(user[2]),
            int(user[2]),
        )


def test_several_copies_are_never_all_taken_at_once() -> None:
    budgets = {tuple(one["spec"]["selector"]["matchLabels"].items()) for one in of_kind("PodDisruptionBudget")}
    for manifest in WORKLOADS:
        covered = any(set(budget) <= set(labels(manifest).items()) for budget in budgets)
        several = manifest["spec"]["replicas"] > 1
        assert covered is several, named(manifest)
        assert ("topologySpreadConstraints" in pod(manifest)) is several, named(manifest)


def test_the_mailbox_is_read_once() -> None:
    assert [one["spec"]["replicas"] for one in WORKLOADS if service_of(one) == "email_ingest"] == [1, 1]


def selects(selector: Manifest, manifest: Manifest) -> bool:
    wanted = selector.get("matchLabels", {})
    return bool(wanted.items() <= labels(manifest).items())


def test_nobody_speaks_with_anybody_unless_a_policy_says_so() -> None:
    closed = [one for one in of_kind("NetworkPolicy") if one["spec"]["podSelector"] == {}]
    assert {"nothing-by-default"} <= {one["metadata"]["name"] for one in closed}
    for policy in of_kind("NetworkPolicy"):
        selected = [one for one in WORKLOADS if selects(policy["spec"]["podSelector"], one)]
        assert selected, named(policy)
        reached = {service_of(one) for one in selected}
        match policy["metadata"]["name"]:
            case "from-ingress":
                assert reached == promised.PUBLIC
            case "to-platforms":
                assert reached == {"zalo_ingest", "facebook_ingest"}
            case "to-mail-servers":
                assert reached == {"email_ingest"}
            case _:
                assert reached == promised.SERVICES


def test_ports_that_are_open_are_those_of_broker_and_store() -> None:
    rules = [one["spec"]["egress"] for one in of_kind("NetworkPolicy") if one["metadata"]["name"] == "broker-and-store"]
    opened = {port["port"] for egress in rules for rule in egress for port in rule["ports"]}
    buses = {url for one in of_kind("ConfigMap") for url in [one["data"]["GATEWAY_BUS_URL"]]}
    assert {int(port) for url in buses for port in re.findall(r":(\d+)", url)} | {27017} == opened


def test_paths_of_the_ingress_lead_to_the_service_that_answers_them() -> None:
    services = {one["metadata"]["name"] for one in of_kind("Service")}
    for ingress in of_kind("Ingress"):
        led = {
            path["path"]: path["backend"]["service"]["name"]
            for rule in ingress["spec"]["rules"]
            for path in rule["http"]["paths"]
        }
        assert (led[zalo.PATH], led[facebook.PATH], led["/"]) == ("zalo-ingest", "facebook-ingest", "web-ingest")
        assert {path for path, name in led.items() if name == "zalo-ingest" and path != zalo.PATH} <= {
            path for path in led if path.startswith(zalo.VERIFIER_PREFIX)
        }
        assert set(led.values()) <= services


def test_the_example_is_a_configuration_that_production_takes(tmp_path: Path) -> None:
    """`gateway check-config` says yes to the example's settings, with keys that were made and secrets in files."""
    (settings,) = [one["data"] for one in resolved(EXAMPLE) if one["kind"] == "ConfigMap"]
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for name, value in {
        "gateway_store_url": "mongodb://gateway:secret@mongo-1.mongodb.svc:27017/gateway?replicaSet=gateway",
        "kafka_sasl_password": "secret",
        "zalo_app_secret": "secret",
        "zalo_oas": '{"1000000000000000001": ["secret"]}',
        "facebook_app_secret": "secret",
        "facebook_verify_token": "secret",
        "email_password": "secret",
    }.items():
        (credentials / name).write_text(value)
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **inherited,
        **settings,
        "KAFKA_SASL_USER": "gateway",  # Each Deployment has its own.
        "GATEWAY_DATA": str(tmp_path / "data"),
        "CREDENTIALS_DIRECTORY": str(credentials),
    }
    for command in (["keys", "make"], ["check-config", "--offline"]):
        done = subprocess.run(
            [sys.executable, "-m", "cli", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
