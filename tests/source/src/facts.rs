//! Facts of one Rust file: its functions, types, docs, and the names it brings in and uses.
//!
//! Items under `#[cfg(test)]` are left out: a test may know more than the code it tests.

use crate::files::TextFile;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ImplItem, Item, Lit, Meta, Signature, UseTree, Visibility};

/// A function with a body; `lines` counts from `fn` to the closing brace.
#[derive(Debug, Clone)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// A struct, enum, union, trait or type alias; not a type associated with a trait.
#[derive(Debug, Clone)]
pub struct TypeName {
    pub name: String,
    pub line: usize,
}

/// One doc comment, its lines joined.
#[derive(Debug, Clone)]
pub struct Doc {
    pub line: usize,
    pub text: String,
}

/// A path as written, without its generic arguments.
#[derive(Debug, Clone)]
pub struct WrittenPath {
    pub segments: Vec<String>,
    pub line: usize,
}

/// A name that `use` brings in: the last segment of its path, or what `as` says.
#[derive(Debug, Clone)]
pub struct Import {
    pub name: String,
    pub path: WrittenPath,
    pub public: bool,
}

/// A module's own names: the file's, or an inline module's inside of it.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Inline modules around it, the outermost first; empty for the file itself.
    pub inside: Vec<String>,
    pub imports: Vec<Import>,
    /// Paths before `::*`, without the star.
    pub globs: Vec<WrittenPath>,
    pub items: BTreeSet<String>,
    /// Modules declared here whose files hold tests only.
    pub test_modules: BTreeSet<String>,
    pub paths: Vec<WrittenPath>,
}

#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub path: String,
    pub functions: Vec<Function>,
    pub types: Vec<TypeName>,
    pub docs: Vec<Doc>,
    pub scopes: Vec<Scope>,
}

/// # Errors
/// The file's path with what the parser says, when it is not Rust.
pub fn read(file: &TextFile) -> Result<Facts, String> {
    let parsed = syn::parse_file(&file.text).map_err(|error| format!("{}: {error}", file.path))?;
    let facts = Facts { path: file.path.clone(), ..Facts::default() };
    let mut reader = Reader { facts, open: vec![Scope::default()], last_doc: None };
    reader.visit_file(&parsed);
    reader.facts.scopes.append(&mut reader.open);
    Ok(reader.facts)
}

struct Reader {
    facts: Facts,
    /// Modules around the place that is read, the innermost last.
    open: Vec<Scope>,
    last_doc: Option<(usize, bool)>,
}

impl Reader {
    fn scope(&mut self) -> &mut Scope {
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let line = signature.fn_token.span.start().line;
        let end = body.brace_token.span.close().end().line;
        let name = signature.ident.to_string();
        self.facts.functions.push(Function { name, line, lines: end + 1 - line });
    }

    fn type_name(&mut self, ident: &syn::Ident) {
        let line = ident.span().start().line;
        self.facts.types.push(TypeName { name: ident.to_string(), line });
    }

    /// Joins a doc to the one on the line above it.
    fn doc(&mut self, attribute: &Attribute, text: &str) {
        let line = attribute.span().start().line;
        let inner = matches!(attribute.style, syn::AttrStyle::Inner(_));
        let continues = line > 0 && self.last_doc == Some((line - 1, inner));
        match self.facts.docs.last_mut() {
            Some(doc) if continues => {
                doc.text.push('\n');
                doc.text.push_str(text);
            }
            _ => self.facts.docs.push(Doc { line, text: text.to_owned() }),
        }
        self.last_doc = Some((attribute.span().end().line, inner));
    }

    fn import(&mut self, tree: &UseTree, before: &[String], public: bool) {
        let path = |last: Option<&syn::Ident>, at: usize| {
            let segments = before.iter().cloned().chain(last.map(ToString::to_string)).collect();
            WrittenPath { segments, line: at }
        };
        let line = tree.span().start().line;
        match tree {
            UseTree::Path(inner) => {
                let before = path(Some(&inner.ident), line).segments;
                self.import(&inner.tree, &before, public);
            }
            UseTree::Group(group) => {
                for inner in &group.items {
                    self.import(inner, before, public);
                }
            }
            UseTree::Glob(_) => {
                let path = path(None, line);
                self.scope().globs.push(path);
            }
            UseTree::Name(name) if name.ident == "self" => {
                let path = path(None, line);
                let name = path.segments.last().cloned().unwrap_or_default();
                self.scope().imports.push(Import { name, path, public });
            }
            UseTree::Name(name) => {
                let path = path(Some(&name.ident), line);
                let name = name.ident.to_string();
                self.scope().imports.push(Import { name, path, public });
            }
            UseTree::Rename(renamed) => {
                let last = (renamed.ident != "self").then_some(&renamed.ident);
                let path = path(last, line);
                let name = renamed.rename.to_string();
                self.scope().imports.push(Import { name, path, public });
            }
        }
    }

    /// Paths inside a macro's or an attribute's tokens, which no parser has read.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let (mut colons, mut after_dot) = (0, false);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 && !path.is_empty() => {
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Ident(ident) => {
                    self.path_of_tokens(&mut path, line);
                    if !after_dot {
                        line = ident.span().start().line;
                        path.push(ident.to_string());
                    }
                    (colons, after_dot) = (0, false);
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.path_of_tokens(&mut path, line);
                    (colons, after_dot) = (0, false);
                    if group.delimiter() != Delimiter::None || !group.stream().is_empty() {
                        self.tokens(group.stream());
                    }
                }
                TokenTree::Punct(punct) => {
                    self.path_of_tokens(&mut path, line);
                    (colons, after_dot) = (0, punct.as_char() == '.');
                }
                TokenTree::Literal(_) => {
                    self.path_of_tokens(&mut path, line);
                    (colons, after_dot) = (0, false);
                }
            }
        }
        self.path_of_tokens(&mut path, line);
    }

    fn path_of_tokens(&mut self, path: &mut Vec<String>, line: usize) {
        let segments = std::mem::take(path);
        // A single lower-case word may be a variable or a field.
        let a_type = |name: &String| name.starts_with(char::is_uppercase);
        if segments.len() > 1 || segments.first().is_some_and(a_type) {
            self.scope().paths.push(WrittenPath { segments, line });
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if only_for_tests(attributes(item)) {
            if let Item::Mod(module) = item {
                self.scope().test_modules.insert(module.ident.to_string());
            }
            return;
        }
        match item {
            Item::Struct(item) => self.type_name(&item.ident),
            Item::Enum(item) => self.type_name(&item.ident),
            Item::Union(item) => self.type_name(&item.ident),
            Item::Trait(item) => self.type_name(&item.ident),
            Item::Type(item) => self.type_name(&item.ident),
            Item::Fn(item) => self.function(&item.sig, &item.block),
            _ => {}
        }
        if let Some(name) = defined(item) {
            self.scope().items.insert(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        for attribute in &module.attrs {
            self.visit_attribute(attribute);
        }
        if let Some((_, items)) = &module.content {
            let mut inside = self.scope().inside.clone();
            inside.push(module.ident.to_string());
            self.open.push(Scope { inside, ..Scope::default() });
            for item in items {
                self.visit_item(item);
            }
            self.facts.scopes.extend(self.open.pop());
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !only_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let line = path.span().start().line;
        self.scope().paths.push(WrittenPath { segments, line });
        visit::visit_path(self, path);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.visit_path(&item.path);
        self.tokens(item.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => {
                if let Expr::Lit(literal) = &pair.value
                    && let Lit::Str(text) = &literal.lit
                {
                    self.doc(attribute, &text.value());
                }
            }
            Meta::List(list) if !list.path.is_ident("cfg") => {
                self.visit_path(&list.path);
                self.tokens(list.tokens.clone());
            }
            _ => {}
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// `cfg(test)` alone or within `all` or `any`, but not within `not`.
fn only_for_tests(attributes: &[Attribute]) -> bool {
    fn names_test(tokens: TokenStream) -> bool {
        let mut negated = false;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if ident == "test" => return true,
                TokenTree::Ident(ident) => negated = ident == "not",
                TokenTree::Group(group) if !negated && names_test(group.stream()) => return true,
                _ => {}
            }
        }
        false
    }
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && names_test(list.tokens.clone()),
        _ => false,
    })
}
