# Every task of the project by one word; `make help` lists them. Python 3.11 and make are all it takes.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

COMPILE := CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe \
	--strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

# The trial cluster of this machine; commands find it by the same variables.
CLUSTER := GATEWAY_DATA=var/cluster GATEWAY_BUS_URL=kafka://127.0.0.1:9092 \
	GATEWAY_STORE_URL=mongodb://127.0.0.1:27017/gateway KAFKA_REPLICATION_FACTOR=1 KAFKA_MIN_INSYNC=1

.DEFAULT_GOAL := help
.PHONY: help setup run demo test run-cluster demo-cluster check format schemas dashboards golden requirements mongo crash-test crash-test-cluster bench bench-cluster eval kafka clean

help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.develop ## Prepare the environment with everything that tests need

run: $(VENV)/.runtime ## Start the gateway for a trial on http://127.0.0.1:8022
	@$(BIN)/gateway up

demo: $(VENV)/.runtime ## Play citizens on every channel against the running gateway
	@$(BIN)/gateway demo

test: setup ## Run every test and gate, some files of tests at a time (ARGS="-k form" picks some)
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder $(ARGS)

run-cluster: setup ## The same with Kafka, MongoDB and each service as a process of its own (ARGS="--copies normalizer=2")
	@$(CLUSTER) $(BIN)/gateway cluster $(ARGS)

demo-cluster: setup ## Play citizens on every channel against run-cluster
	@$(CLUSTER) $(BIN)/gateway demo

check: setup ## Static checks: style, types, layers, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m schemas --check
	@$(BIN)/python -m deploy.grafana --check

format: setup ## Put every file into the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

schemas: setup ## Generate JSON Schema and AsyncAPI from the contract
	@$(BIN)/python -m schemas

dashboards: setup ## Generate Grafana's dashboards from deploy/grafana
	@$(BIN)/python -m deploy.grafana

golden: setup ## Keep what the version under way stores and publishes (ARGS=--release seals it)
	@$(BIN)/python -m tests.golden $(ARGS)

requirements: setup ## Pin requirements/*.in again, with hashes
	@$(COMPILE) --upgrade --output-file=requirements/runtime.txt requirements/runtime.in requirements/build.in
	@$(COMPILE) --upgrade --output-file=requirements/develop.txt requirements/develop.in

mongo: setup ## Start the stand-in for MongoDB on port 27017 (ARGS="--port 27018 --data var/mongo")
	@$(BIN)/python -m tests.servers.mongo $(ARGS)

crash-test: setup ## Kill the gateway again and again under load and count every message (minutes)
	@$(BIN)/python -m tests.faults $(ARGS)
	@MAILBOX_SIZE=50000 $(BIN)/python -m pytest -rPs -m slow tests/channels/email/test_receive_crash.py

crash-test-cluster: setup ## Kill services, broker and store of a cluster again and again and count every message (minutes)
	@$(BIN)/python -m tests.faults.cluster $(ARGS)

bench: setup ## Measure ingest, flow, latency, memory and start-up (minutes)
	@$(BIN)/python -m tests.bench $(ARGS)

bench-cluster: setup ## The same on Kafka and the stand-in for MongoDB, beside bare loops (ARGS=--quick)
	@$(BIN)/python -m tests.bench.cluster $(ARGS)

eval: setup ## Measure the judgement on its labelled sets (ARGS=--release also runs the sets kept apart)
	@$(BIN)/python -m tests.judgement.evaluation $(ARGS)

kafka: setup ## Start a Kafka broker on 127.0.0.1:9092 (ARGS="--port 9192"); needs Java 17 and Maven
	@exec $(BIN)/python -m tests.servers.kafka $(ARGS)

clean: ## Remove the environment and caches, never data
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build

# A stamp stands for a finished installation; changed requirements make it outdated.
# Nothing but the pinned files with these hashes can be installed, and the project itself asks no index.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Python 3.11 is needed; name it with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes --requirement requirements/runtime.txt
	@$(PIP) install --no-index --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -q schemas gateway services cli # Else each start compiles, where Python keeps nothing.
	@touch $@

$(VENV)/.develop: requirements/develop.txt $(VENV)/.runtime
	@$(PIP) install --require-hashes --requirement requirements/develop.txt
	@touch $@
