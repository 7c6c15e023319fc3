#!/usr/bin/env bash
# Checks template.yaml in five ways, because no single validator is enough: `sam validate --lint` misses bad event references, `sam
# validate` misses misspelt properties, and both miss an unknown !Ref in a function's environment, which only shows in the expanded
# template. Never contacts AWS. Prints one line per check, and stops at the first check that fails.
#
#   .ci/lint-template.sh [template]
set -euo pipefail
template=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."

template=${template:-template.yaml}
# One environment for both: the SAM CLI requires the linter version that it was tested with, and this is that version.
tools=(aws-sam-cli==1.170.0 cfn-lint==1.58.0)
home=${TRUEPRICE_HOME:-.local}
venv=$home/venv-sam
expanded=$home/template.expanded.json # kept, so that the line of a finding can be inspected

export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true SAM_CLI_TELEMETRY=0
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONWARNINGS=ignore

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

make_venv() {
  rm -rf "$venv"
  mkdir -p "$home"
  if ! python3 -m venv "$venv" >"$scratch/said" 2>&1; then
    # Debian has the module in a separate package.
    if [ "$(id -u)" != 0 ]; then
      cat "$scratch/said" >&2
      exit 1
    fi
    apt-get -qq update >"$scratch/said" 2>&1 && apt-get -qq install -y python3-venv >>"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; exit 1; }
    rm -rf "$venv"
    python3 -m venv "$venv"
  fi
  "$venv/bin/python" -m pip install --quiet --root-user-action=ignore "${tools[@]}"
  # Written last, so that an interrupted installation is repeated.
  echo "${tools[*]}" >"$venv/installed"
}
[ "$(cat "$venv/installed" 2>/dev/null)" = "${tools[*]}" ] || make_venv
bin=$venv/bin

check() { # name of the check, then the command
  local name=$1
  shift
  if "$@" >"$scratch/said" 2>&1; then
    echo "ok: $name"
  else
    cat "$scratch/said" >&2
    echo "failed: $name" >&2
    exit 1
  fi
}
expand() { "$bin/python" .ci/expand-template.py "$template" >"$expanded"; }

check "sam validate --lint" "$bin/sam" validate --lint --template-file "$template"
# The default environment in samconfig.toml includes lint, which is a separate check here.
check "sam validate" "$bin/sam" validate --config-env none --template-file "$template"
check "expansion by aws-sam-translator" expand
check "cfn-lint of the template" "$bin/cfn-lint" -- "$template"
check "cfn-lint of the expanded template" "$bin/cfn-lint" -- "$expanded"
