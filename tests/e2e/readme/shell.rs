//! Runs shell examples as a user has them: in a folder with the samples, against the addresses of the README, with the commands
//! of AWS going to the system under test.

use local::options::{ACCESS_KEY, SECRET_KEY};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use tests::{ADMIN, PASSWORD, Running, binary};

/// Between the outputs of two blocks.
const SEPARATOR: &str = "\u{1e}";

/// What the examples call: the functions that the overview of the API defines, and stand-ins for what a user has: `curl`, which
/// fails here for an error of the API; the SAM CLI and the AWS CLI; and a clock that is more than a second past the samples.
const PREAMBLE: &str = r#"set -euo pipefail
curl() {
  local plain=$REFUSED word
  for word in "$@"; do case $word in -sf|-f|--fail*) plain=1;; esac; done
  if [ $plain = 1 ]; then command curl "$@"; else command curl --fail-with-body "$@"; fi
}
get() { curl -sL -H "Authorization: Bearer $TOKEN" "$API$1"; }
post() { curl -s -H "Authorization: Bearer $TOKEN" --json "$2" "$API$1"; }
sam() {
  [ "$1 $2" = "remote invoke" ] || return 0
  local function event=
  function=$(printf %s "${3%Function}" | tr '[:upper:]' '[:lower:]')
  shift 3
  while [ $# -gt 0 ]; do
    case $1 in --event) event=$2; shift;; --event-file) event=$(cat "$2"); shift;; esac
    shift
  done
  target/debug/local "$function" ${event:+"$event"}
}
aws() {
  [ "$1 $2" = "s3 cp" ] || return 0
  command curl -sf --aws-sigv4 aws:amz:us-east-1:s3 --user "$S3_USER" -H x-amz-content-sha256:UNSIGNED-PAYLOAD -T "$3" "$S3/${4#s3://}"
}
date() { sleep 1.1; command date "$@"; }
"#;

/// The folder in which examples run: samples, events and the program are where a clone has them.
fn folder(running: &Running) -> std::path::PathBuf {
    let (folder, top) = (running.home.join("clone"), Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    let top = top.canonicalize().unwrap();
    fs::create_dir_all(folder.join("target/debug")).unwrap();
    fs::create_dir_all(folder.join(".local")).unwrap();
    for name in ["shared", "events", "clients"] {
        symlink(top.join(name), folder.join(name)).unwrap();
    }
    fs::write(folder.join(".local/admin-password"), PASSWORD).unwrap();
    let program = folder.join("target/debug/local");
    let text = format!(
        "#!/bin/sh\nTRUEPRICE_HOME='{}' exec '{}' \"$@\"\n",
        running.home.display(),
        binary("local").display()
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Runs blocks one after the other in one shell, and returns what each prints.
pub fn run(running: &Running, token: &str, blocks: &[(usize, &str, bool)]) -> Result<Vec<String>, String> {
    let (api, s3) =
        (format!("http://{}", running.system.http), format!("http://{}", running.system.store.address));
    let mut script = PREAMBLE.to_owned();
    for (_, block, refused) in blocks {
        let block = block.replace("http://127.0.0.1:8080", &api).replace("http://127.0.0.1:9000", &s3);
        let refused = if *refused { "1" } else { "0" };
        script.extend(["REFUSED=", refused, "\n", &block, "\nprintf '", SEPARATOR, "'\n"]);
    }
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder(running))
        .envs([
            ("API", api.as_str()),
            ("S3", &s3),
            ("TOKEN", token),
            ("EMAIL", ADMIN),
            ("PASSWORD", PASSWORD),
        ])
        .env("S3_USER", format!("{ACCESS_KEY}:{SECRET_KEY}"))
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts: Vec<String> = said.split(SEPARATOR).map(str::to_owned).collect();
    let rest = parts.pop().unwrap_or_default();
    if output.status.success() && parts.len() == blocks.len() {
        return Ok(parts);
    }
    let block = blocks.get(parts.len()).map_or("", |block| block.1);
    Err(format!("failed:\n{block}{rest}{}", String::from_utf8_lossy(&output.stderr)))
}

/// Whether a shell can read it.
pub fn is_well_formed(text: &str) -> bool {
    Command::new("bash").args(["-n", "-c", text]).status().expect("bash runs").success()
}
