//! The surface of the phone's core, as the apps' languages see it, is the committed one.
//!
//! `TORUK_UPDATE_GOLDEN=1 cargo test -p toruk-uniffi-bindgen` rewrites it; what breaks apps that
//! are built already needs a line under "Changes" in `mobile-core/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test, with its helpers")]

use std::collections::BTreeMap;
use std::path::Path;
use toruk_mobile_core as _;
use uniffi_bindgen::macro_metadata::extract_from_bytes;
use uniffi_meta::{
    EnumShape, FieldMetadata, FnParamMetadata, Metadata, ObjectImpl, Type, VariantMetadata,
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../surface.txt");

/// What the library says of itself, in the order of names.
fn metadata() -> Vec<Metadata> {
    // Cargo builds the library of a dependency in all its kinds beside its dependents.
    let deps = std::env::current_exe().unwrap();
    let name = format!(
        "{}toruk_mobile_core{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let library = std::fs::read(deps.parent().unwrap().join(name)).unwrap();
    extract_from_bytes(&library).unwrap()
}

#[test]
fn the_surface_is_the_committed_one() {
    let surface = rendered(&metadata());
    if std::env::var_os("TORUK_UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &surface).unwrap();
    }
    let committed = std::fs::read_to_string(Path::new(GOLDEN)).unwrap();
    assert!(
        surface == committed,
        "the surface changed: TORUK_UPDATE_GOLDEN=1, and a line under Changes in the README"
    );
}

#[test]
fn everything_on_the_surface_says_what_it_is() {
    let silent: Vec<String> = metadata().iter().flat_map(undocumented).collect();
    assert!(silent.is_empty(), "without a docstring: {silent:?}");
}

fn undocumented(item: &Metadata) -> Vec<String> {
    let missing = |doc: &Option<String>, name: String| doc.is_none().then_some(name);
    match item {
        Metadata::Func(f) => missing(&f.docstring, f.name.clone()).into_iter().collect(),
        Metadata::Constructor(c) => {
            missing(&c.docstring, format!("{}.{}", c.self_name, c.name)).into_iter().collect()
        }
        Metadata::Method(m) => {
            missing(&m.docstring, format!("{}.{}", m.self_name, m.name)).into_iter().collect()
        }
        Metadata::TraitMethod(m) => {
            missing(&m.docstring, format!("{}.{}", m.trait_name, m.name)).into_iter().collect()
        }
        Metadata::Object(o) => missing(&o.docstring, o.name.clone()).into_iter().collect(),
        Metadata::Record(r) => {
            let fields = r.fields.iter().filter_map(|field| {
                missing(&field.docstring, format!("{}.{}", r.name, field.name))
            });
            missing(&r.docstring, r.name.clone()).into_iter().chain(fields).collect()
        }
        Metadata::Enum(e) => {
            let variants = e.variants.iter().filter_map(|variant| {
                missing(&variant.docstring, format!("{}.{}", e.name, variant.name))
            });
            missing(&e.docstring, e.name.clone()).into_iter().chain(variants).collect()
        }
        _ => Vec::new(),
    }
}

/// One line an item, members indented under their type.
fn rendered(metadata: &[Metadata]) -> String {
    let mut types: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for item in metadata {
        let (owner, heading, line) = match item {
            Metadata::Func(f) => {
                let line = call(&f.name, f.is_async, &f.inputs, &f.return_type, &f.throws);
                ("", "functions".to_owned(), Some(line))
            }
            Metadata::Constructor(c) => {
                let line = call(&c.name, c.is_async, &c.inputs, &None, &c.throws);
                (c.self_name.as_str(), String::new(), Some(format!("new {line}")))
            }
            Metadata::Method(m) => {
                let line = call(&m.name, m.is_async, &m.inputs, &m.return_type, &m.throws);
                (m.self_name.as_str(), String::new(), Some(line))
            }
            Metadata::TraitMethod(m) => {
                let line = call(&m.name, m.is_async, &m.inputs, &m.return_type, &m.throws);
                (m.trait_name.as_str(), String::new(), Some(line))
            }
            Metadata::Object(o) => {
                let kind = match o.imp {
                    ObjectImpl::Struct => "object",
                    ObjectImpl::Trait(_) => "trait",
                };
                (o.name.as_str(), format!("{kind} {}", o.name), None)
            }
            Metadata::Record(r) => {
                let fields = r.fields.iter().map(field).collect();
                types.insert(r.name.clone(), (format!("record {}", r.name), fields));
                continue;
            }
            Metadata::Enum(e) => {
                let kind = match e.shape {
                    EnumShape::Error { .. } => "error",
                    EnumShape::Enum => "enum",
                };
                let variants = e.variants.iter().map(variant).collect();
                types.insert(e.name.clone(), (format!("{kind} {}", e.name), variants));
                continue;
            }
            _ => continue,
        };
        let entry = types.entry(owner.to_owned()).or_default();
        if !heading.is_empty() {
            entry.0 = heading;
        }
        entry.1.extend(line);
    }
    let mut text = String::new();
    for (heading, mut members) in types.into_values() {
        // The order of fields and variants is part of the surface; that of calls is not.
        if heading.starts_with("object") || heading.starts_with("trait") || heading == "functions" {
            members.sort();
        }
        text.push_str(&heading);
        text.push('\n');
        members.iter().for_each(|member| text.push_str(&format!("    {member}\n")));
    }
    text
}

fn call(
    name: &str,
    is_async: bool,
    inputs: &[FnParamMetadata],
    answer: &Option<Type>,
    throws: &Option<Type>,
) -> String {
    let inputs: Vec<String> = inputs
        .iter()
        .map(|input| {
            let default = if input.default.is_some() { " = default" } else { "" };
            format!("{}: {}{default}", input.name, named(&input.ty))
        })
        .collect();
    let is_async = if is_async { "async " } else { "" };
    let answer = answer.as_ref().map(|answer| format!(" -> {}", named(answer))).unwrap_or_default();
    let throws = throws.as_ref().map(|e| format!(" throws {}", named(e))).unwrap_or_default();
    format!("{is_async}{name}({}){answer}{throws}", inputs.join(", "))
}

fn field(field: &FieldMetadata) -> String {
    let default = if field.default.is_some() { " = default" } else { "" };
    format!("{}: {}{default}", field.name, named(&field.ty))
}

fn variant(variant: &VariantMetadata) -> String {
    let fields: Vec<String> = variant.fields.iter().map(field).collect();
    match fields.is_empty() {
        true => variant.name.clone(),
        false => format!("{} {{ {} }}", variant.name, fields.join(", ")),
    }
}

fn named(ty: &Type) -> String {
    match ty {
        Type::Optional { inner_type } => format!("{}?", named(inner_type)),
        Type::Sequence { inner_type } => format!("[{}]", named(inner_type)),
        Type::Map { key_type, value_type } => {
            format!("{{{}: {}}}", named(key_type), named(value_type))
        }
        Type::Object { name, .. }
        | Type::Record { name, .. }
        | Type::Enum { name, .. }
        | Type::Custom { name, .. } => name.clone(),
        primitive => format!("{primitive:?}").to_lowercase(),
    }
}
