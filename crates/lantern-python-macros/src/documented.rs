//! Finds the docstring of each item.

use std::{collections::BTreeSet, path::Path};

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Error, Ident, ImplItem, Item, ItemImpl, LitStr, Result, Type, parse_quote,
    spanned::Spanned,
};

use crate::{
    arguments::Arguments,
    stubs::{Docstring, Docstrings},
};

/// Adds docstrings to an item.
pub fn document(
    arguments: TokenStream,
    mut item: Item,
    stubs: &std::result::Result<Docstrings, String>,
) -> Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new(arguments.span(), "`documented` takes no arguments"));
    }
    let stubs = stubs.as_ref().map_err(|error| Error::new(Span::call_site(), error))?;
    let mut documenter = Documenter { stubs, files: BTreeSet::new() };
    let mut read = TokenStream::new();
    match &mut item {
        Item::Struct(class) => {
            let name = class_name(&class.ident)?;
            documenter.add(&name, class.ident.span(), &mut class.attrs)?;
        }
        Item::Impl(methods) => {
            documenter.methods(methods)?;
            read = arguments_of(methods)?.module();
        }
        Item::Fn(function) => {
            let name = python_name(&function.sig.ident, &function.attrs);
            documenter.add(&name, function.sig.ident.span(), &mut function.attrs)?;
            let mut arguments = Arguments::of(&function.sig.ident.to_string());
            arguments.add(&mut function.sig);
            read = arguments.module();
        }
        other => return Err(Error::new(other.span(), "only classes and functions are documented")),
    }
    // Makes Cargo compile again when these files change.
    let files = documenter.files.iter().map(|file| file.to_string_lossy().into_owned());
    Ok(quote! {
        #item
        #read
        #(const _: &[u8] = ::core::include_bytes!(#files);)*
    })
}

/// Lets the arguments of a class's methods be read by their names. Those of special methods, such as
/// `__getitem__`, have none.
fn arguments_of(methods: &mut ItemImpl) -> Result<Arguments> {
    let Type::Path(class) = &*methods.self_ty else {
        return Err(Error::new(methods.self_ty.span(), "this is not the name of a class"));
    };
    let mut arguments = Arguments::of(&class_name(class.path.require_ident()?)?);
    for item in &mut methods.items {
        if let ImplItem::Fn(method) = item
            && !method.sig.ident.to_string().starts_with("__")
        {
            arguments.add(&mut method.sig);
        }
    }
    Ok(arguments)
}

struct Documenter<'a> {
    stubs: &'a Docstrings,
    /// The stubs in which docstrings were found.
    files: BTreeSet<&'a Path>,
}

impl<'a> Documenter<'a> {
    fn methods(&mut self, methods: &mut ItemImpl) -> Result<()> {
        let Type::Path(class) = &*methods.self_ty else {
            return Err(Error::new(methods.self_ty.span(), "this is not the name of a class"));
        };
        let class = class_name(class.path.require_ident()?)?;
        for item in &mut methods.items {
            let ImplItem::Fn(method) = item else { continue };
            let name = python_name(&method.sig.ident, &method.attrs);
            let makes = method.attrs.iter().any(|attribute| attribute.path().is_ident("new"));
            if makes || name.starts_with('_') {
                continue;
            }
            let name = format!("{class}.{name}");
            self.add(&name, method.sig.ident.span(), &mut method.attrs)?;
        }
        Ok(())
    }

    /// The docstring to which the only sentence of an awaitable method refers: `AsyncJob.wait`
    /// takes the same arguments as `Job.wait`, and the stub describes them once.
    fn referred(&self, name: &str, text: &str) -> Option<&'a Docstring> {
        let (_, reference) = text.split_once("; see `")?;
        let reference = reference.strip_suffix("`.")?;
        name.strip_prefix("Async").filter(|twin| *twin == reference)?;
        self.stubs.get(reference)
    }

    fn add(&mut self, name: &str, span: Span, attributes: &mut Vec<Attribute>) -> Result<()> {
        if let Some(comment) = attributes.iter().find(|attribute| attribute.path().is_ident("doc"))
        {
            let why = format!("`{name}` has its documentation in python/lantern/*.pyi, not here");
            return Err(Error::new(comment.span(), why));
        }
        let Some(docstring) = self.stubs.get(name) else {
            let why = format!("`{name}` has no docstring in python/lantern/*.pyi");
            return Err(Error::new(span, why));
        };
        let mut text = docstring.text.clone();
        if let Some(referred) = self.referred(name, &docstring.text) {
            text.push_str("\n\n");
            text.push_str(without_example(body(&referred.text)));
            self.files.insert(&referred.file);
        }
        let text = LitStr::new(text.trim_end(), Span::call_site());
        attributes.push(parse_quote!(#[doc = #text]));
        self.files.insert(&docstring.file);
        Ok(())
    }
}

/// Everything after the first sentence.
fn body(docstring: &str) -> &str {
    docstring.split_once("\n\n").map_or("", |(_, body)| body)
}

/// Removes the example, which does not await the method and would be wrong in its awaitable form.
fn without_example(body: &str) -> &str {
    let example = ["Example:", "Examples:"].iter().find_map(|heading| {
        body.match_indices(heading)
            .map(|(at, _)| at)
            .find(|at| *at == 0 || body[..*at].ends_with('\n'))
    });
    body[..example.unwrap_or(body.len())].trim_end()
}

/// The name of the class: `Client` for the struct `PyClient`.
pub fn class_name(ident: &Ident) -> Result<String> {
    let name = ident.to_string();
    match name.strip_prefix("Py") {
        Some(name) => Ok(name.to_owned()),
        None => Err(Error::new(ident.span(), "the structs of classes have names with `Py` before")),
    }
}

/// The name in Python: that of the function, unless an attribute of PyO3 sets another.
fn python_name(ident: &Ident, attributes: &[Attribute]) -> String {
    let given = attributes
        .iter()
        .filter(|attribute| ["pyo3", "pyfunction"].iter().any(|own| attribute.path().is_ident(own)))
        .find_map(given_name);
    given.unwrap_or_else(|| ident.to_string())
}

/// The `name = "..."` among an attribute's arguments. Other arguments, such as `signature`, are not
/// valid Rust and are skipped.
fn given_name(attribute: &Attribute) -> Option<String> {
    let arguments = &attribute.meta.require_list().ok()?.tokens;
    let tokens: Vec<TokenTree> = arguments.clone().into_iter().collect();
    tokens.windows(3).find_map(|window| match window {
        [TokenTree::Ident(argument), TokenTree::Punct(equals), TokenTree::Literal(value)]
            if argument == "name" && equals.as_char() == '=' =>
        {
            syn::parse2::<LitStr>(value.to_token_stream()).ok().map(|name| name.value())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
