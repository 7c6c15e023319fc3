//! Checks the deployment template for the causes of failed deployments: a second stack in an account, the retry of a failed first
//! deployment, an availability zone without RDS Proxy, and an account with few concurrent executions.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The lines of the template without comments.
fn template() -> Vec<String> {
    let text = read("template.yaml");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn schedules_have_no_name_so_that_a_second_stack_can_be_deployed() {
    let lines = template();
    let schedules: Vec<usize> =
        (0..lines.len()).filter(|at| lines[*at].trim() == "Type: ScheduleV2").collect();
    assert_eq!(schedules.len(), 4);
    for at in schedules {
        // SAM names a schedule after its function and event, the same in every stack of the account, unless `OmitName` is set.
        assert_eq!(lines[at + 2].trim(), "OmitName: true", "line after {}", lines[at + 1]);
    }
}

#[test]
fn resources_of_a_failed_first_deployment_are_deleted() {
    let lines = template();
    let policies: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| line.starts_with("DeletionPolicy:")).collect();
    assert!(
        !policies.contains(&"DeletionPolicy: Retain"),
        "a retry would collide with leftovers of the first attempt"
    );
    let kept = policies.iter().filter(|policy| **policy == "DeletionPolicy: RetainExceptOnCreate").count();
    assert_eq!(kept, 4);
}

#[test]
fn functions_reserve_no_concurrency() {
    let reserved = template().into_iter().find(|line| line.contains("ReservedConcurrentExecutions"));
    assert_eq!(reserved, None, "an account with ten concurrent executions cannot deploy this");
}

#[test]
fn zones_are_chosen_by_id_and_all_have_rds_proxy() {
    let lines = template();
    let by_name = lines.iter().find(|line| line.contains("GetAZs") || line.contains("AvailabilityZone:"));
    assert_eq!(by_name, None, "zone names differ in meaning between accounts");
    let mapping = |name: &str| {
        let rows = lines.iter().skip_while(|line| line.trim() != name).skip(1);
        rows.take_while(|line| line.contains('{')).cloned().collect::<Vec<_>>()
    };
    let region = |row: &String| row.split(':').next().unwrap().trim().to_owned();
    let (zones, prefixes) = (mapping("Zones:"), mapping("S3PrefixList:"));
    let (with, needed): (BTreeSet<String>, BTreeSet<String>) =
        (zones.iter().map(region).collect(), prefixes.iter().map(region).collect());
    assert_eq!(with, needed, "each region has its zones");
    for row in zones {
        let ids: BTreeSet<&str> = row.split([' ', ',']).filter(|word| word.contains("-az")).collect();
        assert_eq!(ids.len(), 2, "{row}");
        assert!(
            !ids.contains("use1-az3") && !ids.contains("usw1-az2"),
            "RDS Proxy is not offered there: {row}"
        );
    }
}

#[test]
fn the_docs_say_how_to_start_tasks_longer_than_a_minute() {
    for path in ["docs/operating/runbook.md", "events/README.md"] {
        let text = read(path);
        assert!(text.contains("--parameter InvocationType=Event") && text.contains("60 seconds"), "{path}");
    }
}
