# `make run` and `make test` are the two commands of the README; the others are for developers.
.PHONY: run test contract docs build lint fmt bench sqlx sqlx-check deny samples help

help: ## Lists these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# --workspace: with the features of only one package, cargo would build half of the dependencies a second time.
run: ## Runs the whole system on this machine until Ctrl-C
	@cargo build --workspace --bin local
	@exec target/debug/local

pythons = .local/venv-parquet/installed .local/venv-contract/installed
test: build $(pythons) ## Runs all tests: unit, database, end to end
	cargo test --workspace --quiet

# parquet: DuckDB and Arrow, which read what we write. contract: tools that check the API against its document, and the client. If
# they cannot be installed, the tests that need them fail unless TRUEPRICE_WITHOUT names them.
.local/venv-%/installed: tests/python/%.txt
	@rm -rf $(@D) && python3 -m venv $(@D) && $(@D)/bin/pip install --quiet --requirement $< && touch $@ || { rm -rf $(@D); echo 'no Python environment for $*'; }

contract: ## Accepts the current OpenAPI document and records its examples again; read the diff before you commit
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test e2e contract::every_route
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test contract

docs: ## Writes the tables and answers in the documents anew; read the difference before you commit
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test readme
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test e2e readme::every_example

build:
	cargo build --workspace --all-targets

bench: ## Measures speed, size and memory relative to PostgreSQL itself; needs a release build
	cargo build --release --package api --package compact --package ingest --package maintain --package migrate --package users --package tests
	target/release/bench

lint: sqlx-check ## Runs the checks of CI other than the tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps --quiet
	.ci/lint-template.sh

fmt: ## Formats the code
	cargo fmt --all

deny: ## Checks licences, sources and bans of all crates (needs cargo-deny)
	cargo deny check bans licenses sources

sqlx: ## Rewrites .sqlx after a change to a query or a migration
	.ci/sqlx.sh write

sqlx-check:
	.ci/sqlx.sh check

samples: ## Regenerates the sample sheets
	python3 tools/samples.py
