# Everything one does here. The scripts work without make.
.DEFAULT_GOAL := help
.PHONY: help setup test unit lint format types layers proto bench

help:           ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'
setup:          ## install system packages and .venv, with what the tests need
	./setup --dev
test:           ## everything CI runs
	./test
unit:           ## the fast, pure tests
	./test unit checks
lint: types layers ## format check, lint, types, layers
	.venv/bin/ruff format --check . && .venv/bin/ruff check .
format:         ## format and fix what can be fixed
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .
types:          ## basedpyright, strict
	.venv/bin/basedpyright
layers:         ## import-linter contracts
	.venv/bin/lint-imports
proto:          ## regenerate the gRPC stubs
	.venv/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. podwright/proto/node/v1/node.proto
