//! Links within the repository lead somewhere: the file exists, and the anchor is a heading in it.

use crate::pages::{self, Page, prose, top};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

/// The targets of links and pictures.
fn targets(text: &str) -> Vec<String> {
    let prose = prose(text).collect::<Vec<&str>>().join("\n");
    let links = prose.split("](").skip(1).map(|rest| rest.split([')', ' ']).next().unwrap().to_owned());
    links.collect()
}

/// A path relative to the folder of a page, without `.` and `..`.
fn resolve(page: &str, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in Path::new(page).parent().unwrap().join(target).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{page}: {target} leaves the repository"),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

fn broken(page: &Page, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { PathBuf::from(&page.path) } else { resolve(&page.path, file) };
    if !top().join(&path).exists() {
        return Some(format!("{}: {target} is not there", page.path));
    }
    let known = fragment.is_empty() || anchors(&pages::read(path.to_str().unwrap())).contains(fragment);
    (!known).then(|| format!("{}: {target} names no heading", page.path))
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let (mut wrong, mut links) = (Vec::new(), 0);
    for page in pages::all() {
        for target in targets(&page.text) {
            links += 1;
            wrong.extend(broken(&page, &target));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(links > 100, "{links} links");
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let pages = pages::all();
    let (mut reached, mut todo) = (BTreeSet::new(), vec!["README.md".to_owned()]);
    while let Some(path) = todo.pop() {
        let Some(page) = pages.iter().find(|page| page.path == path) else { continue };
        if reached.insert(path) {
            let links = targets(&page.text).into_iter().filter(|target| !target.contains("://"));
            let files = links
                .filter_map(|target| Some(target.split('#').next()?.to_owned()))
                .filter(|file| !file.is_empty());
            todo.extend(files.map(|file| resolve(&page.path, &file).to_str().unwrap().to_owned()));
        }
    }
    let lost: Vec<_> = pages.iter().map(|page| &page.path).filter(|path| !reached.contains(*path)).collect();
    assert!(lost.is_empty(), "no page leads to {lost:#?}");
}

#[test]
fn a_heading_has_the_anchor_that_github_gives_it() {
    for (heading, expected) in [
        (" As of, and known at", "as-of-and-known-at"),
        (" The `_cob` suffix (close)", "the-_cob-suffix-close"),
        (" `GET /v1/values`", "get-v1values"),
    ] {
        assert_eq!(anchor(heading), expected);
    }
    assert_eq!(targets("[a](b.md#c) ![d](e.svg \"f\")\n```\n[g](h)\n```\n"), ["b.md#c", "e.svg"]);
}
