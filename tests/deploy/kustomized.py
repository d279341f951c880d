"""Resolves the part of kustomize that the project's manifests use, so that no cluster tool is needed to check them."""

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

MERGED_BY = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "volumeMounts": "mountPath",
}
"""Lists of Kubernetes' API that a strategic merge patch merges, by their key; it replaces all others."""

CLUSTER_WIDE = {"Namespace"}
KNOWN = {"apiVersion", "kind", "namespace", "resources", "patches", "images"}


def resolved(folder: Path) -> list[Manifest]:
    """Every manifest of a kustomization, patched; raises `AssertionError` for what this does not understand."""
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    assert plan.keys() <= KNOWN, plan.keys() - KNOWN
    manifests = [manifest for name in plan["resources"] for manifest in _of(folder / name)]
    for entry in plan.get("patches", []):
        (patch,) = yaml.safe_load_all((folder / entry["path"]).read_text(encoding="utf-8"))
        targets = [manifest for manifest in manifests if _is_target(manifest, patch, entry.get("target"))]
        assert targets, f"{entry['path']} patches nothing"
        for manifest in targets:
            kept = manifest["kind"], manifest["metadata"]["name"]
            _merge(manifest, patch)
            manifest["kind"], manifest["metadata"]["name"] = kept
    for manifest in manifests:
        _place(manifest, plan.get("namespace"))
        _name_images(manifest, plan.get("images", []))
    return manifests


def pod_of(manifest: Manifest) -> Manifest | None:
    """The pod's specification of a workload."""
    if manifest["kind"] not in ("Deployment", "StatefulSet"):
        return None
    found: Manifest = manifest["spec"]["template"]["spec"]
    return found


def _of(path: Path) -> list[Manifest]:
    if path.is_dir():
        return resolved(path)
    return [deepcopy(one) for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def _is_target(manifest: Manifest, patch: Manifest, target: Manifest | None) -> bool:
    if target is not None:
        assert target.keys() == {"kind"}, target
        return re.fullmatch(target["kind"], manifest["kind"]) is not None
    mine, its = (manifest["kind"], manifest["metadata"]["name"]), (patch["kind"], patch["metadata"]["name"])
    return mine == its


def _merge(into: Manifest, patch: Manifest) -> None:
    for name, value in patch.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        elif name in MERGED_BY and name in into:
            _merge_list(into[name], value, MERGED_BY[name])
        else:
            into[name] = deepcopy(value)


def _merge_list(into: list[Manifest], patches: list[Manifest], key: str) -> None:
    for patch in patches:
        found = next((one for one in into if one[key] == patch[key]), None)
        if found is None:
            into.append(deepcopy(patch))
        else:
            _merge(found, patch)


def _place(manifest: Manifest, namespace: str | None) -> None:
    if namespace is None:
        return
    if manifest["kind"] in CLUSTER_WIDE:
        manifest["metadata"]["name"] = namespace
    else:
        manifest["metadata"]["namespace"] = namespace


def _name_images(manifest: Manifest, images: list[Manifest]) -> None:
    for container in containers_of(manifest):
        for image in images:
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"


def containers_of(manifest: Manifest) -> Iterator[Manifest]:
    """Every container of a workload, those that run first included."""
    pod = pod_of(manifest) or {}
    yield from pod.get("initContainers", [])
    yield from pod.get("containers", [])
