#!/bin/sh
# Checks every query against a database with all migrations, and writes the files that sqlx needs to compile without one.
set -eu
cd "$(dirname "$0")/.."
folder=$PWD/target/sqlx
rm -rf "$folder"
mkdir -p "$folder"
cargo build --quiet --workspace --bin with-database
# The macros run only when the crate is compiled.
touch shared/src/lib.rs
target/debug/with-database env SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$folder" cargo check --quiet --package trueprice
case ${1:-check} in
write) rm -rf .sqlx && cp -r "$folder" .sqlx ;;
check) diff --recursive --brief .sqlx "$folder" || { echo "a query or a migration has changed: run make sqlx" >&2; exit 1; } ;;
esac
