"""Helm's own answer: renders charts with Helm's SDK.

Reads one JSON object on stdin:

    {"jobs": [{"chart": DIR, "files": [VALUES, ...], "values": {...}, "name": NAME, "namespace": NS}, ...]}

`files` are merged in order, `values` over them, as `helm template -f ... --set ...` does. With `"install": true` the
chart goes through the whole of `helm install --dry-run=client` and the answer is its manifest and notes. Prints one
JSON object:

    {"capabilities": {"kube_version": "v...", "api_versions": [...]},
     "results": [{"templates": {PATH: TEXT, ...}, "seconds": S} | {"manifest": TEXT, "notes": TEXT} | {"error": MESSAGE},
                 ...]}

The capabilities are the SDK's own; it takes no others.
"""

import json
import pathlib
import sys
import tempfile
import time

from helm_python import Chart, Config, HelmError, values_from_yaml

PROBE = {
    "Chart.yaml": "apiVersion: v2\nname: probe\nversion: 0.0.1\n",
    "templates/probe.json": "{{ dict \"kube\" .Capabilities.KubeVersion.Version \"apis\" .Capabilities.APIVersions | toJson }}",
}

# An install without a cluster still wants to know which; nothing is ever sent.
KUBECONFIG = """apiVersion: v1
kind: Config
current-context: none
clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
users: [{name: none, user: {}}]
"""


def merge(below, above):
    """Maps are merged, all else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            value = merge(merged[key], value)
        merged[key] = value
    return merged


def capabilities():
    with tempfile.TemporaryDirectory() as folder:
        for path, text in PROBE.items():
            file = pathlib.Path(folder, path)
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        with Chart.load(folder) as chart:
            answer = json.loads(chart.render(name="probe")["probe/templates/probe.json"])
    return {"kube_version": answer["kube"], "api_versions": answer["apis"]}


def render(job, known):
    values = {}
    for path in job.get("files", []):
        if path not in known:
            text = pathlib.Path(path).read_text(encoding="utf-8")
            # Helm's command line reads `-f` files line by line and ends the last one too; the SDK's reader does not.
            known[path] = values_from_yaml(text if text.endswith("\n") else text + "\n")
        values = merge(values, known[path])
    values = merge(values, job.get("values", {}))
    start = time.perf_counter()
    try:
        with Chart.load(job["chart"]) as chart:
            if job.get("install"):
                return install(job, chart, values)
            templates = chart.render(
                values, name=job["name"], namespace=job["namespace"], is_install=True, revision=1
            )
    except HelmError as error:
        return {"error": str(error)}
    return {"templates": templates, "seconds": time.perf_counter() - start}


def install(job, chart, values):
    with Config(storage_driver="memory", kubeconfig_content=KUBECONFIG) as config:
        release = config.install(chart, job["name"], values, namespace=job["namespace"], dry_run="client")
    return {"manifest": release["manifest"], "notes": release.get("notes", "")}


def main():
    known = {}
    jobs = json.load(sys.stdin)["jobs"]
    results = [render(job, known) for job in jobs]
    json.dump({"capabilities": capabilities(), "results": results}, sys.stdout)


if __name__ == "__main__":
    main()
