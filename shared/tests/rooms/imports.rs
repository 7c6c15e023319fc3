//! What each file imports: the paths that it mentions, resolved to the files that define what they name.

use crate::source::{CrateSource, FileId, Mention, MentionKind, ModuleId};

/// A path by which a file refers to something that another file defines.
#[derive(Debug)]
pub struct Import {
    pub from: FileId,
    /// The file that defines what is named, after all re-exports.
    pub to: FileId,
    /// The last module that the path names, before any re-export.
    pub named: ModuleId,
    /// As it is written.
    pub path: String,
    /// Whether it counts for circles. These do not: a re-export; the name of a module, whose items count where they are
    /// used; a name that the other file imports from another crate; and an import by a unit test.
    pub is_dependency: bool,
}

/// What a path leads to. A module and an item may share a name.
#[derive(Clone, Copy, Default)]
struct Target {
    module: Option<ModuleId>,
    /// The file that defines the item.
    item: Option<FileId>,
    /// Whether the item is one of another crate.
    is_foreign: bool,
}

impl Target {
    fn of_module(module: ModuleId) -> Self {
        Self { module: Some(module), ..Self::default() }
    }

    fn is_empty(self) -> bool {
        self.module.is_none() && self.item.is_none()
    }

    fn or(self, other: Self) -> Self {
        let is_foreign = self.is_foreign || other.is_foreign;
        Self { module: self.module.or(other.module), item: self.item.or(other.item), is_foreign }
    }
}

/// The names being looked up; `use a::a` and globs that import each other ask for them again.
type Pending<'a> = Vec<(ModuleId, &'a str)>;

/// The imports between the files of a crate.
pub fn collect_imports(source: &CrateSource) -> Vec<Import> {
    source.mentions.iter().filter_map(|mention| import(source, mention)).collect()
}

fn import(source: &CrateSource, mention: &Mention) -> Option<Import> {
    let from = source.module(mention.module).file;
    let target = resolve(source, mention.module, &mention.path, &mut Vec::new());
    let module_file = target.module.map(|module| source.module(module).file);
    let is_glob = mention.kind == MentionKind::Glob;
    let item = if is_glob { module_file.or(target.item) } else { target.item };
    let to = item.or(module_file)?;
    (to != from).then(|| Import {
        from,
        to,
        named: last_module(source, mention),
        path: mention.path.join("::") + if is_glob { "::*" } else { "" },
        is_dependency: item.is_some()
            && !target.is_foreign
            && !mention.is_test
            && mention.kind != MentionKind::Reexport,
    })
}

/// The last module that the path of a mention names, before any re-export.
fn last_module(source: &CrateSource, mention: &Mention) -> ModuleId {
    let mut here = mention.module;
    for name in &mention.path {
        here = match (name.as_str(), source.module(here)) {
            ("crate", _) => CrateSource::ROOT,
            ("self", _) => here,
            ("super", module) => module.parent.unwrap_or(here),
            (name, module) => match module.modules.get(name) {
                Some(inner) => *inner,
                None => break,
            },
        };
    }
    here
}

/// Follows a path from a module. An unknown name inside a module counts as an item of that module's file.
fn resolve<'a>(
    source: &'a CrateSource,
    from: ModuleId,
    path: &'a [String],
    pending: &mut Pending<'a>,
) -> Target {
    let mut here = Target::default();
    for (index, name) in path.iter().enumerate() {
        let inside = if index == 0 { Some(from) } else { here.module };
        let Some(inside) = inside else { break };
        here = match name.as_str() {
            "crate" => Target::of_module(CrateSource::ROOT),
            "self" => Target::of_module(inside),
            "super" => source.module(inside).parent.map(Target::of_module).unwrap_or_default(),
            name => {
                let found = look_up(source, inside, name, pending);
                if found.is_empty() && index > 0 {
                    return Target { item: Some(source.module(inside).file), ..found };
                }
                found
            }
        };
    }
    here
}

/// Finds a name inside a module: what it declares, what it imports by name, and what it imports by globs.
fn look_up<'a>(
    source: &'a CrateSource,
    inside: ModuleId,
    name: &'a str,
    pending: &mut Pending<'a>,
) -> Target {
    let module = source.module(inside);
    let mut found = Target {
        module: module.modules.get(name).copied(),
        item: module.items.contains(name).then_some(module.file),
        is_foreign: false,
    };
    if pending.contains(&(inside, name)) {
        return found;
    }
    pending.push((inside, name));
    for path in module.uses.get(name).into_iter().flatten() {
        found = found.or(resolve(source, inside, path, pending));
    }
    found.is_foreign |= found.is_empty() && module.uses.contains_key(name);
    if found.is_empty() {
        for path in &module.globs {
            if let Some(other) = resolve(source, inside, path, pending).module {
                found = found.or(look_up(source, other, name, pending));
            }
        }
    }
    pending.pop();
    found
}
