# The two commands of the README are `make run` and `make test`; the others are for those who work on it.
.PHONY: run test contract docs build lint fmt bench sqlx sqlx-check deny samples help

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# --workspace: with the features of one package alone, cargo would build half of the dependencies a second time.
run: ## The whole system on this machine, until Ctrl-C
	@cargo build --workspace --bin local
	@exec target/debug/local

pythons = .local/venv-parquet/installed .local/venv-contract/installed
test: build $(pythons) ## Everything: unit, database, end to end
	cargo test --workspace --quiet
	cargo test --workspace --quiet --lib intake::quality -- --nocapture

# parquet: DuckDB and Arrow, who read what we write. contract: who holds the API against its document, and the client.
# Where they cannot be had their tests say that they are skipped; CI insists.
.local/venv-%/installed: tests/python/%.txt
	@rm -rf $(@D) && python3 -m venv $(@D) && $(@D)/bin/pip install --quiet --requirement $< && touch $@ || { rm -rf $(@D); echo 'no Python environment for $*'; }

contract: ## Accepts the OpenAPI document as it is now, with examples recorded anew; read the difference before you commit
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test e2e contract::every_route
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test contract

docs: ## Writes the tables and answers in the documents anew; read the difference before you commit
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test readme
	TRUEPRICE_ACCEPT=1 cargo test --workspace --quiet --test e2e readme::every_example

build:
	cargo build --workspace --all-targets

bench: ## Speed, size and memory, as ratios against PostgreSQL itself; takes a release build
	cargo build --release --package api --package compact --package ingest --package maintain --package migrate --package users --package tests
	target/release/bench

lint: sqlx-check ## What CI checks besides the tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps --quiet
	.ci/lint-template.sh

fmt: ## Formats the code
	cargo fmt --all

deny: ## Licences, sources and bans of all crates (needs cargo-deny)
	cargo deny check bans licenses sources

sqlx: ## Writes .sqlx anew, after a change of a query or a migration
	.ci/sqlx.sh write

sqlx-check:
	.ci/sqlx.sh check

samples: ## Writes the sample sheets anew
	python3 tools/samples.py
