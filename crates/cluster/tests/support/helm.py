"""Helm's own words about releases: reads {"kubeconfig", "namespace", "calls": [[method, args, kwargs], ...]} and prints the answers."""

import json
import sys

from helm_python.config import Config

question = json.load(sys.stdin)
with Config(kubeconfig_path=question["kubeconfig"], namespace=question["namespace"]) as config:
    print(json.dumps([getattr(config, method)(*args, **kwargs) for method, args, kwargs in question["calls"]], default=str))
