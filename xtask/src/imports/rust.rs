//! Reads which file of a crate imports which other. A name is followed through `mod.rs` and other re-exports to the file that
//! defines it; tests are left out, and so is what only passes on (`pub use`).

use super::circles::Imports;
use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

/// A module, in a file of its own or within one.
struct Module {
    file: String,
    parent: usize,
    children: BTreeMap<String, usize>,
    /// What it defines.
    items: BTreeSet<String>,
    /// What it calls something that is defined elsewhere.
    aliases: BTreeMap<String, Vec<String>>,
    /// `use a::b::*`
    globs: Vec<Vec<String>>,
    content: Vec<Item>,
}

/// What a path leads to.
#[derive(Clone)]
enum Found {
    Module(usize),
    /// An item of this module.
    Item(usize, String),
}

/// Reads a crate from its root file. `text` gives a file's content by its path, if there is one.
///
/// # Errors
/// Names the file that is missing or is no Rust.
pub(super) fn read(root: &str, text: &dyn Fn(&str) -> Option<String>) -> Result<Imports> {
    let mut tree = Tree { modules: Vec::new(), text };
    tree.file(root, &folder(root), 0)?;
    let mut imports = Imports::new();
    for (at, module) in tree.modules.iter().enumerate() {
        let mut reader = Reader { tree: &tree, at, imports: &mut imports };
        module.content.iter().for_each(|item| reader.visit_item(item));
    }
    Ok(imports)
}

fn folder(file: &str) -> String {
    file.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

struct Tree<'a> {
    modules: Vec<Module>,
    text: &'a dyn Fn(&str) -> Option<String>,
}

impl Tree<'_> {
    /// Reads a file; those of its modules are looked for in `folder`.
    fn file(&mut self, file: &str, folder: &str, parent: usize) -> Result<usize> {
        let text = (self.text)(file).with_context(|| format!("there is no {file}"))?;
        let parsed = syn::parse_file(&text).with_context(|| format!("cannot read {file}"))?;
        self.module(file, folder, parent, parsed.items)
    }

    fn module(&mut self, file: &str, folder: &str, parent: usize, items: Vec<Item>) -> Result<usize> {
        let at = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            aliases: BTreeMap::new(),
            globs: Vec::new(),
            content: Vec::new(),
        });
        for item in items.into_iter().filter(|item| !is_test(attributes(item))) {
            if let Item::Mod(inner) = item {
                let name = inner.ident.to_string();
                let below = format!("{folder}{name}/");
                let child = match inner.content {
                    Some((_, items)) => self.module(file, &below, at, items)?,
                    None => {
                        let flat = format!("{folder}{name}.rs");
                        let file = if (self.text)(&flat).is_some() { flat } else { format!("{below}mod.rs") };
                        self.file(&file, &below, at)?
                    }
                };
                self.modules[at].children.insert(name, child);
                continue;
            }
            let module = &mut self.modules[at];
            module.items.extend(defines(&item));
            Names { module }.visit_item(&item);
            module.content.push(item);
        }
        Ok(at)
    }

    fn resolve(&self, from: usize, path: &[String], seen: &mut BTreeSet<(usize, String)>) -> Vec<Found> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut at = match first.as_str() {
            "crate" => vec![Found::Module(0)],
            "self" => vec![Found::Module(from)],
            "super" => vec![Found::Module(self.modules[from].parent)],
            name => self.named(from, name, seen),
        };
        for name in rest {
            // Only a module or a type has names in it, and they cannot share one: a function of that name is not meant.
            let is_module = at.iter().any(|found| matches!(found, Found::Module(_)));
            at = at
                .into_iter()
                .filter(|found| !is_module || matches!(found, Found::Module(_)))
                .flat_map(|found| match found {
                    Found::Module(m) if name == "super" => vec![Found::Module(self.modules[m].parent)],
                    Found::Module(m) if name == "self" => vec![Found::Module(m)],
                    Found::Module(m) => self.named(m, name, seen),
                    // a variant, or what belongs to a type
                    Found::Item(..) => vec![found],
                })
                .collect();
        }
        at
    }

    /// What a module calls so: a module and a function may share a name.
    fn named(&self, at: usize, name: &str, seen: &mut BTreeSet<(usize, String)>) -> Vec<Found> {
        let module = &self.modules[at];
        let mut found: Vec<Found> = module.children.get(name).map(|child| Found::Module(*child)).into_iter().collect();
        if module.items.contains(name) {
            found.push(Found::Item(at, name.to_owned()));
        } else if !seen.insert((at, name.to_owned())) {
            // two names that stand for each other
            return found;
        } else if let Some(path) = module.aliases.get(name) {
            found.extend(self.resolve(at, path, seen));
        }
        if found.is_empty() {
            for glob in &module.globs {
                for from in self.resolve(at, glob, seen) {
                    if let Found::Module(m) = from {
                        found.extend(self.named(m, name, seen));
                    }
                }
            }
        }
        found
    }
}

/// Collects what a module's `use` lines name, also those inside functions.
struct Names<'a> {
    module: &'a mut Module,
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for (path, alias) in leaves(&item.tree) {
            match alias {
                Some(alias) if alias == "*" => self.module.globs.push(path),
                Some(alias) => drop(self.module.aliases.entry(alias).or_insert(path)),
                None => {}
            }
        }
    }
}

/// Every path of a `use`, with the name it goes by: `*` for all, none for `as _`.
fn leaves(tree: &UseTree) -> Vec<(Vec<String>, Option<String>)> {
    fn go(tree: &UseTree, path: &[String], into: &mut Vec<(Vec<String>, Option<String>)>) {
        let with = |name: &syn::Ident| path.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(inner) => go(&inner.tree, &with(&inner.ident), into),
            UseTree::Group(group) => group.items.iter().for_each(|tree| go(tree, path, into)),
            UseTree::Glob(_) => into.push((path.to_vec(), Some("*".to_owned()))),
            // `use a::b::{self}` is b
            UseTree::Name(leaf) if leaf.ident == "self" => into.push((path.to_vec(), path.last().cloned())),
            UseTree::Name(leaf) => into.push((with(&leaf.ident), Some(leaf.ident.to_string()))),
            UseTree::Rename(leaf) => {
                let path = if leaf.ident == "self" { path.to_vec() } else { with(&leaf.ident) };
                into.push((path, Some(leaf.rename.to_string()).filter(|name| name != "_")));
            }
        }
    }
    let mut all = Vec::new();
    go(tree, &[], &mut all);
    all
}

/// Finds what the code of one module refers to.
struct Reader<'a, 'b> {
    tree: &'a Tree<'b>,
    at: usize,
    imports: &'a mut Imports,
}

impl Reader<'_, '_> {
    fn refer(&mut self, path: &[String]) {
        let from = &self.tree.modules[self.at].file;
        for found in self.tree.resolve(self.at, path, &mut BTreeSet::new()) {
            // a module is not used by being named: what is taken from it is
            let Found::Item(module, name) = found else { continue };
            let to = &self.tree.modules[module].file;
            if to != from {
                self.imports.entry((from.clone(), to.clone())).or_default().insert(name);
            }
        }
    }

    /// Inside a macro there are only words: `a::b`, `Name` and `name(` are taken for paths, `.name` is not.
    fn words(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, sign: char| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == sign);
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.words(group.stream()),
                TokenTree::Ident(first) => {
                    let member = at > 0 && is(at - 1, '.');
                    let mut path = vec![first.to_string()];
                    while is(at + 1, ':') && is(at + 2, ':') {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else { break };
                        path.push(next.to_string());
                        at += 3;
                    }
                    let called = matches!(tokens.get(at + 1), Some(TokenTree::Group(g)) if g.delimiter() == Delimiter::Parenthesis);
                    let named = path[0].starts_with(char::is_uppercase);
                    if !member && (path.len() > 1 || called || named) {
                        self.refer(&path);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !matches!(item.vis, Visibility::Inherited) {
            return;
        }
        for (path, alias) in leaves(&item.tree) {
            // of `a::*` the names that are used say what comes from where, unless it is a type whose variants are meant
            if alias.as_deref() != Some("*") || path.last().is_some_and(|p| p.starts_with(char::is_uppercase)) {
                self.refer(&path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.refer(&path.segments.iter().map(|s| s.ident.to_string()).collect::<Vec<_>>());
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        visit::visit_macro(self, invoked);
        self.words(invoked.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // `#[serde(with = "crate::time")]`: a path in quotes
        let syn::Meta::List(list) = &attribute.meta else { return };
        for token in list.tokens.clone() {
            let TokenTree::Literal(literal) = token else { continue };
            let path = syn::parse_str::<syn::LitStr>(&literal.to_string()).and_then(|text| text.parse::<syn::Path>());
            if let Ok(path) = path {
                self.visit_path(&path);
            }
        }
    }
}

/// The name that an item is known by.
fn defines(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(i) => &i.ident,
        Item::Enum(i) => &i.ident,
        Item::Fn(i) => &i.sig.ident,
        Item::Macro(i) => i.ident.as_ref()?,
        Item::Static(i) => &i.ident,
        Item::Struct(i) => &i.ident,
        Item::Trait(i) => &i.ident,
        Item::TraitAlias(i) => &i.ident,
        Item::Type(i) => &i.ident,
        Item::Union(i) => &i.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Macro(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Trait(i) => &i.attrs,
        Item::Type(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]` and `#[test]`. What a test needs and what a feature for tests brings may stand in any file.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        syn::Meta::Path(path) => path.is_ident("test"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The imports of a small crate, `from>to:names`.
    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let text = |path: &str| files.iter().find(|(file, _)| *file == path).map(|(_, text)| (*text).to_owned());
        let imports = read("lib.rs", &text).unwrap();
        imports
            .iter()
            .map(|((from, to), names)| format!("{from}>{to}:{}", names.iter().cloned().collect::<Vec<_>>().join(",")))
            .collect()
    }

    #[test]
    fn every_way_to_name_something_is_followed_to_its_file() {
        let b = (
            "b.rs",
            "pub struct B; pub enum Kind { One } pub fn make() -> B { B } pub mod inner { pub const C: u8 = 0; }",
        );
        for (a, found) in [
            ("use crate::b::B; fn f(_: B) {}", "a.rs>b.rs:B"),
            ("use super::b::{B as Other, make};", "a.rs>b.rs:B,make"),
            ("fn f() { let _ = crate::b::make(); }", "a.rs>b.rs:make"),
            ("use crate::b; fn f() -> b::B { b::make() }", "a.rs>b.rs:B,make"),
            ("fn f() { use crate::b; b::make(); }", "a.rs>b.rs:make"),
            ("use crate::b::Kind::One;", "a.rs>b.rs:Kind"),
            ("use crate::b::*; fn f() -> B { make() }", "a.rs>b.rs:B,make"),
            ("use crate::b::Kind::*;", "a.rs>b.rs:Kind"),
            ("fn f() { println!(\"{:?}\", crate::b::make()); }", "a.rs>b.rs:make"),
            ("use crate::b; fn f() { vec![x.b, b::inner::C]; }", "a.rs>b.rs:C"),
            ("struct S { #[serde(with = \"crate::b::make\")] f: u8 }", "a.rs>b.rs:make"),
            ("impl crate::b::B { fn f() {} }", "a.rs>b.rs:B"),
            ("use crate::b::inner::C as _;", "a.rs>b.rs:C"),
            ("mod deep { use super::super::b::B; }", "a.rs>b.rs:B"),
            ("use crate::Passed;", "a.rs>b.rs:B"),
        ] {
            let root = ("lib.rs", "mod a; mod b; pub use b::B as Passed;");
            assert_eq!(imports(&[root, ("a.rs", a), b]), [found], "{a}");
        }
    }

    #[test]
    fn what_is_no_import_is_none() {
        for a in [
            "use std::fmt; fn f(b: u8) -> u8 { b }",
            "pub use crate::b::B;",
            "#[cfg(test)] mod tests { use crate::b::B; }",
            "#[cfg(test)] use crate::b::B;",
            "struct S { b: u8 } fn f(s: S) { vec![s.make(), s.b]; }",
            "use other::b::B; fn f() { ::b::make(); }",
            "pub(in crate::b) fn f() {}",
        ] {
            let files = [("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", "pub struct B; pub fn make() {}")];
            assert!(imports(&files).is_empty(), "{a}: {:?}", imports(&files));
        }
    }

    #[test]
    fn an_import_through_a_folder_is_one_of_the_file_that_defines() {
        let files = [
            ("lib.rs", "mod a; mod room; pub mod prelude { pub use crate::room::*; }"),
            (
                "a.rs",
                "use crate::room::{Thing, deep::Deep}; use crate::prelude::Thing as T; fn f() { crate::room::own(); }",
            ),
            ("room/mod.rs", "mod thing; pub mod deep; pub use self::thing::Thing; pub fn own() {}"),
            ("room/thing.rs", "pub struct Thing(super::deep::Deep);"),
            ("room/deep.rs", "pub struct Deep;"),
        ];
        let found = [
            "a.rs>room/deep.rs:Deep",
            "a.rs>room/mod.rs:own",
            "a.rs>room/thing.rs:Thing",
            "room/thing.rs>room/deep.rs:Deep",
        ];
        assert_eq!(imports(&files), found);
    }

    #[test]
    fn a_module_and_a_function_of_one_name_are_told_apart() {
        let files = [
            ("lib.rs", "mod a; mod render; pub use render::render;"),
            ("a.rs", "use crate::render; fn f() { render(); }"),
            ("render.rs", "pub fn render() {}"),
        ];
        assert_eq!(imports(&files), ["a.rs>render.rs:render"]);
        // what is within it is the module's
        let files = [
            ("lib.rs", "mod run; pub use run::scheduler::run;"),
            ("run/mod.rs", "pub mod act; pub mod scheduler;"),
            ("run/act.rs", "use crate::run::act; pub struct Act;"),
            ("run/scheduler.rs", "use crate::run::act::Act; pub fn run(_: Act) {}"),
        ];
        assert_eq!(imports(&files), ["run/scheduler.rs>run/act.rs:Act"]);
    }

    #[test]
    fn a_file_that_is_missing_or_no_rust_is_named() {
        for (files, said) in [
            (&[("lib.rs", "mod a;")][..], "there is no a/mod.rs"),
            (&[("lib.rs", "mod a;"), ("a.rs", "fn (")][..], "cannot read a.rs"),
        ] {
            let text = |path: &str| files.iter().find(|(file, _)| *file == path).map(|(_, text)| (*text).to_owned());
            assert!(format!("{:#}", read("lib.rs", &text).unwrap_err()).contains(said));
        }
    }
}
