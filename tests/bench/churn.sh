#!/usr/bin/env bash
# Prints a manifest of 1,000 pods that never rest: 40 Deployments of 25, each pod with an init step, a gated sidecar and an
# application that ends after some seconds; and the Services in front of them.
# usage: tests/bench/churn.sh >churn.yaml
set -euo pipefail
for d in $(seq 10 49); do
    cat <<YAML
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: load-$d, namespace: load}
spec:
  replicas: 25
  selector: {matchLabels: {app: load-$d}}
  template:
    metadata: {labels: {app: load-$d}}
    spec:
      terminationGracePeriodSeconds: 5
      initContainers:
      - {name: init, image: "busybox:1.36", command: [sleep, "$((2 + d % 7))"]}
      - name: proxy
        image: busybox:1.36
        restartPolicy: Always
        command: [sh, -c, "trap 'exit 0' TERM; while true; do sleep 1; done"]
        startupProbe: {tcpSocket: {port: 80}, periodSeconds: 1}
      containers:
      - name: app
        image: busybox:1.36
        command: [sh, -c, "sleep $((10 + d)); exit $((d % 2))"]
        readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata: {name: load-$d, namespace: load}
spec: {selector: {app: load-$d}, ports: [{port: 80}]}
YAML
done
