//! The content of a crate's source files: its modules, the names that each declares, and the paths that each mentions.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

/// A file of a crate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(usize);

/// A module of a crate, in a file of its own or inside the file of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModuleId(usize);

/// The names of a path, from the first to the last.
pub type Names = Vec<String>;

pub struct SourceFile {
    /// Relative to the root of the repository.
    pub path: String,
    pub module: ModuleId,
    pub line_count: usize,
}

#[derive(Default)]
pub struct Module {
    pub parent: Option<ModuleId>,
    pub name: String,
    pub file: FileId,
    /// Where its submodules have their files.
    pub folder: PathBuf,
    pub modules: HashMap<String, ModuleId>,
    pub items: HashSet<String>,
    /// The paths that `use` gives a name. A module and an item may share a name, hence several.
    pub uses: HashMap<String, Vec<Names>>,
    pub globs: Vec<Names>,
}

/// How a module mentions a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MentionKind {
    /// In code, or by a private `use`.
    Path,
    /// By a private `use` that ends in `*`.
    Glob,
    /// By a `use` that other modules may import from.
    Reexport,
}

/// A path as a module writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    pub module: ModuleId,
    pub path: Names,
    pub kind: MentionKind,
    /// Whether only unit tests mention it.
    pub is_test: bool,
}

/// The parsed source of one crate.
#[derive(Default)]
pub struct CrateSource {
    files: Vec<SourceFile>,
    modules: Vec<Module>,
    pub mentions: BTreeSet<Mention>,
}

impl CrateSource {
    /// Where every path that begins with `crate` begins.
    pub const ROOT: ModuleId = ModuleId(0);

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0]
    }

    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }

    pub fn module_mut(&mut self, id: ModuleId) -> &mut Module {
        &mut self.modules[id.0]
    }

    /// Adds a file together with its module.
    pub fn add_file(&mut self, path: String, line_count: usize, module: Module) -> ModuleId {
        let file = FileId(self.files.len());
        self.files.push(SourceFile { path, module: ModuleId(self.modules.len()), line_count });
        self.add_module(Module { file, ..module })
    }

    /// Adds a module, and declares it in its parent.
    pub fn add_module(&mut self, module: Module) -> ModuleId {
        let id = ModuleId(self.modules.len());
        if let Some(parent) = module.parent {
            self.module_mut(parent).modules.insert(module.name.clone(), id);
        }
        self.modules.push(module);
        id
    }

    /// The name of the top-level module that contains a module; none for the root.
    pub fn top_level(&self, mut module: ModuleId) -> Option<&str> {
        let mut name = None;
        while let Some(parent) = self.module(module).parent {
            name = Some(self.module(module).name.as_str());
            module = parent;
        }
        name
    }
}
