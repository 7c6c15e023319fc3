//! Reads the files of a crate, from its root along its `mod` declarations.

use crate::source::{CrateSource, Mention, MentionKind, Module, ModuleId, Names};
use crate::tokens::read_paths;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashSet;
use std::path::Path;
use std::{fs, mem};
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, Lit, Meta, UseTree, Visibility};

/// Reads the crate that has this root file, whose path is relative to the repository.
pub fn read_crate(repository: &Path, root: &str) -> CrateSource {
    let mut source = CrateSource::default();
    let path = repository.join(root);
    let folder = path.parent().expect("a file is in a folder").to_owned();
    read_file(&mut source, repository, &path, Module { folder, ..Module::default() }, false);
    source
}

/// Reads the file of a module, and the files of its submodules.
fn read_file(source: &mut CrateSource, repository: &Path, path: &Path, module: Module, is_test: bool) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let relative = path.strip_prefix(repository).expect("the path was joined to that of the repository");
    let relative = relative.to_str().expect("names of source files are UTF-8").to_owned();
    let module = source.add_file(relative, text.lines().count(), module);
    Reader { source, repository, module, is_test, bound: HashSet::new() }.visit_file(&parsed);
}

/// Collects what one file declares and mentions.
struct Reader<'a> {
    source: &'a mut CrateSource,
    repository: &'a Path,
    module: ModuleId,
    is_test: bool,
    /// The variables of the current function; they hide imports of the same name.
    bound: HashSet<String>,
}

impl Reader<'_> {
    fn mention(&mut self, path: Names, kind: MentionKind) {
        let is_variable = matches!(path.as_slice(), [name] if self.bound.contains(name));
        if !is_variable {
            let (module, is_test) = (self.module, self.is_test);
            self.source.mentions.insert(Mention { module, path, kind, is_test });
        }
    }

    fn mention_tokens(&mut self, tokens: TokenStream) {
        for path in read_paths(tokens) {
            self.mention(path.names, if path.is_glob { MentionKind::Glob } else { MentionKind::Path });
        }
    }

    /// Reads the strings of a `serde` attribute, which may be paths of functions.
    fn mention_strings(&mut self, tokens: TokenStream) {
        for token in tokens {
            let TokenTree::Literal(literal) = token else { continue };
            let Lit::Str(text) = Lit::new(literal) else { continue };
            if let Ok(path) = text.parse::<syn::Path>()
                && path.segments.len() > 1
            {
                self.visit_path(&path);
            }
        }
    }

    fn read_use(&mut self, tree: &UseTree, mut path: Names, is_reexport: bool) {
        let kind = if is_reexport { MentionKind::Reexport } else { MentionKind::Path };
        match tree {
            UseTree::Path(tree) => {
                path.push(name_of(&tree.ident));
                self.read_use(&tree.tree, path, is_reexport);
            }
            UseTree::Group(list) => {
                for tree in &list.items {
                    self.read_use(tree, path.clone(), is_reexport);
                }
            }
            UseTree::Name(tree) => {
                path.push(name_of(&tree.ident));
                let name = path.iter().rfind(|name| *name != "self").cloned().unwrap_or_default();
                self.name_use(name, path, kind);
            }
            UseTree::Rename(tree) => {
                path.push(name_of(&tree.ident));
                self.name_use(name_of(&tree.rename), path, kind);
            }
            UseTree::Glob(_) => {
                self.source.module_mut(self.module).globs.push(path.clone());
                self.mention(path, if is_reexport { kind } else { MentionKind::Glob });
            }
        }
    }

    fn name_use(&mut self, name: String, path: Names, kind: MentionKind) {
        self.source.module_mut(self.module).uses.entry(name).or_default().push(path.clone());
        self.mention(path, kind);
    }

    /// Reads an item with these attributes; `#[cfg(test)]` applies to everything inside.
    fn read_below(&mut self, attributes: &[Attribute], read: impl FnOnce(&mut Self)) {
        let is_test = self.is_test;
        self.is_test |= attributes.iter().any(is_cfg_test);
        read(self);
        self.is_test = is_test;
    }

    fn read_function(&mut self, attributes: &[Attribute], read: impl FnOnce(&mut Self)) {
        let outer = mem::take(&mut self.bound);
        self.read_below(attributes, read);
        self.bound = outer;
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = declaration_of(item);
        if let Some(name) = name {
            self.source.module_mut(self.module).items.insert(name_of(name));
        }
        self.read_below(attributes, |reader| visit::visit_item(reader, item));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let (name, outer) = (name_of(&item.ident), self.module);
        let folder = self.source.module(outer).folder.join(&name);
        let files = [folder.with_extension("rs"), folder.join("mod.rs")];
        let module = Module { parent: Some(outer), name, folder, ..Module::default() };
        if let Some((_, items)) = &item.content {
            let file = self.source.module(outer).file;
            self.module = self.source.add_module(Module { file, ..module });
            for item in items {
                self.visit_item(item);
            }
            self.module = outer;
        } else {
            let path = files.iter().find(|path| path.is_file());
            let path = path.unwrap_or_else(|| panic!("{} has no file", module.folder.display()));
            read_file(self.source, self.repository, path, module, self.is_test);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.read_use(&item.tree, Vec::new(), !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.read_function(&item.attrs, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.read_function(&item.attrs, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.read_function(&item.attrs, |reader| visit::visit_trait_item_fn(reader, item));
    }

    // The value comes before the pattern: in `let table = table(…)` the function is not the variable.
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(value) = &local.init {
            self.visit_local_init(value);
        }
        self.visit_pat(&local.pat);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        self.visit_expr(&condition.expr);
        self.visit_pat(&condition.pat);
    }

    // A pattern that is a single capitalised name is a constant or a variant, not a variable.
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        let name = name_of(&pattern.ident);
        if name.starts_with(char::is_uppercase) {
            self.mention(vec![name], MentionKind::Path);
        } else {
            self.bound.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| name_of(&segment.ident)).collect();
            self.mention(names, MentionKind::Path);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.mention_tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::Path(_) => {}
            Meta::NameValue(pair) => self.visit_expr(&pair.value),
            Meta::List(list) => {
                self.mention_tokens(list.tokens.clone());
                if list.path.is_ident("serde") {
                    self.mention_strings(list.tokens.clone());
                }
            }
        }
    }

    // `pub(in path)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// The attributes of an item, and the name that it declares.
fn declaration_of(item: &Item) -> (&[Attribute], Option<&Ident>) {
    match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, None),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Union(item) => (&item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg") && list.parse_args::<Ident>().is_ok_and(|name| name == "test")
}

/// A name without the prefix of a raw identifier.
fn name_of(name: &Ident) -> String {
    name.unraw().to_string()
}
