//! What the tables list, read from where it is declared: Rust enums, `template.yaml`, folders.

use crate::pages::{read, top};
use std::collections::BTreeMap;
use std::fs;

/// A command of a function.
pub struct Command {
    pub name: String,
    pub fields: Vec<String>,
    pub about: String,
}

/// An environment variable.
pub struct Variable {
    pub name: String,
    pub functions: String,
    pub default: String,
}

/// Where the commands of each function are declared.
const COMMANDS: [(&str, &str); 7] = [
    ("compact", "shared/src/upkeep/compact.rs"),
    ("headroom", "shared/src/pricing/headroom/mod.rs"),
    ("maintain", "shared/src/upkeep/maintain.rs"),
    ("migrate", "shared/src/upkeep/migrate.rs"),
    ("notify", "shared/src/notices/command.rs"),
    ("quotes", "shared/src/pricing/jobs/mod.rs"),
    ("users", "shared/src/access/command.rs"),
];

fn snake(name: &str) -> String {
    let separated = name.chars().enumerate().flat_map(|(index, c)| {
        let separator = (index > 0 && c.is_ascii_uppercase()).then_some('_');
        separator.into_iter().chain([c.to_ascii_lowercase()])
    });
    separated.collect()
}

/// The text between the braces of an item.
fn body<'s>(source: &'s str, item: &str) -> &'s str {
    let start =
        source.find(&format!("{item} {{")).unwrap_or_else(|| panic!("there is no {item}")) + item.len() + 2;
    let mut depth = 1;
    let end = source[start..].char_indices().find(|(_, c)| {
        depth += i32::from(*c == '{') - i32::from(*c == '}');
        depth == 0
    });
    &source[start..start + end.expect("the braces are closed").0]
}

/// The members of an enum or a struct: each with its documentation.
fn members(body: &str) -> Vec<(String, String)> {
    let (mut members, mut about, mut depth) = (Vec::new(), String::new(), 0);
    for line in body.lines().map(str::trim) {
        if depth == 0 {
            if let Some(text) = line.strip_prefix("///") {
                about = format!("{about} {}", text.trim());
            } else if line.starts_with(|c: char| c.is_alphabetic()) {
                members.push((line.to_owned(), std::mem::take(&mut about).trim().to_owned()));
            }
        }
        depth += line.matches('{').count();
        depth -= line.matches('}').count();
    }
    members
}

/// The names of the fields of a struct or of a variant.
fn names(body: &str) -> Vec<String> {
    let name = |member: &str| member.trim_start_matches("pub ").split(':').next().unwrap().to_owned();
    members(body).iter().map(|(member, _)| name(member)).collect()
}

/// The commands of a function, in the order of its enum.
pub fn commands(function: &str) -> Vec<Command> {
    let (_, path) =
        COMMANDS.iter().find(|(name, _)| *name == function).expect("a function that takes commands");
    let source = read(path);
    let variants = body(&source, "enum Command");
    let commands = members(variants).into_iter().map(|(variant, about)| {
        let name: String = variant.chars().take_while(|c| c.is_alphanumeric()).collect();
        let inner = variant[name.len()..].trim().trim_end_matches(',');
        let fields = match inner.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            // Any fields: those that the command has in common with a request.
            Some(inner) if inner.starts_with("Map<") => {
                vec!["email".to_owned(), "package".to_owned()]
            }
            Some(inner) => names(body(&source, &format!("struct {inner}"))),
            None if inner == "{}" || inner.is_empty() => vec![],
            None => names(body(variants, &name)),
        };
        Command { name: snake(&name), fields, about }
    });
    commands.collect()
}

/// The codes of flaws and warnings, with what each means.
pub fn codes() -> Vec<(String, String)> {
    let source = read("shared/src/sheets/flaw/code.rs");
    let codes = members(body(&source, "pub enum Code"));
    codes.into_iter().map(|(name, about)| (snake(name.trim_end_matches(',')), about)).collect()
}

/// The functions, by their folders.
pub fn functions() -> Vec<String> {
    let folders = fs::read_dir(top().join("functions")).unwrap();
    let mut names: Vec<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The variables that a source reads, with their defaults.
fn read_by(path: &str) -> Vec<(String, String)> {
    let source = read(path);
    let mut found = Vec::new();
    for call in source.split("env::").skip(1) {
        let Some((reader, rest)) = call.split_once("(\"") else { continue };
        let (name, rest) = rest.split_once('"').unwrap();
        let default = match reader {
            "required" => "required".to_owned(),
            "optional" => "not set".to_owned(),
            "parsed" => default(rest),
            _ => continue,
        };
        found.push((name.to_owned(), default));
    }
    found
}

/// A default, as people write it.
fn default(rest: &str) -> String {
    let rest = rest.trim_start_matches(',').trim();
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let quoted = rest.lines().next().unwrap().split('"').nth(1);
    match rest {
        _ if !number.is_empty() => format!("`{number}`"),
        rest if rest.starts_with("SocketAddr::from(") => {
            let digits = |c: char| !c.is_ascii_digit();
            let parts: Vec<&str> =
                rest.lines().next().unwrap().split(digits).filter(|part| !part.is_empty()).collect();
            format!("`{}.{}.{}.{}:{}`", parts[0], parts[1], parts[2], parts[3], parts[4])
        }
        rest if rest.starts_with("true") || rest.starts_with("false") => {
            format!("`{}`", rest.split(')').next().unwrap())
        }
        _ => match (rest.split([')', ',']).next().unwrap(), quoted) {
            (_, Some(text)) => format!("`{text}`"),
            ("TWO", _) => "`2`".to_owned(),
            ("LAMBDA_ANSWER", _) => format!("`{}`", trueprice::ctx::LAMBDA_ANSWER),
            ("PgSslMode::VerifyFull", _) => "`verify-full`".to_owned(),
            ("Environment::unnamed(", _) => "production".to_owned(),
            (other, _) => panic!("add how the default {other} is written"),
        },
    }
}

/// The variables of the local system, or those of the deployed functions with who is given them.
pub fn variables(of: &str) -> Vec<Variable> {
    let sources: &[&str] = match of {
        "local" => &["local/src/options.rs"],
        "deployed" => &["shared/src/db/settings.rs", "shared/src/ctx.rs", "shared/src/boot.rs"],
        other => panic!("there are no variables of {other:?}"),
    };
    let given = given();
    let mut variables: Vec<Variable> = Vec::new();
    for (name, default) in sources.iter().flat_map(|source| read_by(source)) {
        let known = variables.iter().any(|one| one.name == name) || name.starts_with("AWS_");
        if !(known || of == "local" && name == "TRUEPRICE_ENVIRONMENT") {
            let functions = given.get(&name).cloned().unwrap_or_else(|| "none".to_owned());
            variables.push(Variable { name, functions, default });
        }
    }
    variables
}

/// Which functions are given a variable by `template.yaml`.
fn given() -> BTreeMap<String, String> {
    let template = read("template.yaml");
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut resource, mut variables) = (String::new(), None);
    for line in template.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let word = line.trim().split(':').next().unwrap();
        if indent == 2 {
            resource = word.trim_end_matches("Function").to_lowercase();
        }
        match variables {
            Some(depth) if indent > depth => given.entry(word.to_owned()).or_default().push(resource.clone()),
            _ => variables = (word == "Variables").then_some(indent),
        }
    }
    // Globals have a key `Function`, whose variables are everybody's.
    let words = |names: Vec<String>| {
        if names.iter().any(String::is_empty) { "all".to_owned() } else { names.join(", ") }
    };
    given.into_iter().map(|(name, names)| (name, words(names))).collect()
}

/// The parameters of the stack: name, default and description.
pub fn stack_parameters() -> Vec<(String, String, String)> {
    let template = read("template.yaml");
    let section = template.split("\nParameters:\n").nth(1).unwrap().split("\nRules:\n").next().unwrap();
    let mut parameters: Vec<(String, String, String)> = Vec::new();
    for line in section.lines() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim();
        match (indent, text.split_once(": ")) {
            (2, _) if text.ends_with(':') => {
                parameters.push((text.trim_end_matches(':').to_owned(), String::new(), String::new()));
            }
            (4, Some(("Default", value))) => {
                value.trim_matches('\'').clone_into(&mut parameters.last_mut().unwrap().1);
            }
            (4, Some(("Description", value))) => {
                value.trim_start_matches(">-").clone_into(&mut parameters.last_mut().unwrap().2);
            }
            (6, _) => {
                let about = &mut parameters.last_mut().unwrap().2;
                *about = format!("{about} {text}");
            }
            _ => {}
        }
    }
    parameters
}

/// The alarms of the stack, with their descriptions.
pub fn alarms() -> Vec<(String, String)> {
    let template = read("template.yaml");
    let blocks = template.split("\n\n").filter(|block| block.contains("Type: AWS::CloudWatch::Alarm"));
    let described = blocks.map(|block| {
        let name = block.lines().find(|line| line.ends_with("Alarm:")).expect("an alarm has a name").trim();
        let after = block.split("AlarmDescription:").nth(1).expect("an alarm is described");
        let about = after.trim_start().trim_start_matches(">-").trim_start();
        let lines = about.lines().take_while(|line| !line.contains(": "));
        (name.trim_end_matches(':').to_owned(), lines.collect::<Vec<_>>().join(" "))
    });
    described.collect()
}

/// The pages of decisions: file, number and title.
pub fn decisions() -> Vec<(String, String, String)> {
    let entries = fs::read_dir(top().join("docs/decisions")).unwrap();
    let mut files: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|file| file.starts_with(|c: char| c.is_ascii_digit()));
    files.sort();
    let titled = files.into_iter().map(|file| {
        let text = read(&format!("docs/decisions/{file}"));
        let title = text.lines().next().unwrap().trim_start_matches("# ").to_owned();
        let (number, title) = title.split_once(". ").expect("a title begins with its number");
        (file, number.to_owned(), title.to_owned())
    });
    titled.collect()
}
