//! Lets every argument be read by a function that knows its name, because PyO3's errors do not say
//! which argument is wrong.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    FnArg, GenericArgument, Ident, Pat, PathArguments, PathSegment, Signature, Type, parse_quote,
};

/// The arguments of a class's methods, or of a function.
pub struct Arguments {
    /// The module with the functions that read them.
    module: Ident,
    names: BTreeSet<Ident>,
}

impl Arguments {
    /// `owner` is the name of the class or the function.
    pub fn of(owner: &str) -> Self {
        Self { module: format_ident!("arguments_of_{}", owner), names: BTreeSet::new() }
    }

    /// Adds PyO3's attribute to each argument that has none of its own and is converted.
    pub fn add(&mut self, signature: &mut Signature) {
        for input in &mut signature.inputs {
            let FnArg::Typed(argument) = input else { continue };
            let Pat::Ident(pattern) = &*argument.pat else { continue };
            let name = pattern.ident.clone();
            let has_own = argument.attrs.iter().any(|own| own.path().is_ident("pyo3"));
            if name == "slf" || has_own || !is_converted(&argument.ty) {
                continue;
            }
            let module = &self.module;
            argument.attrs.push(parse_quote!(#[pyo3(from_py_with = #module::#name)]));
            self.names.insert(name);
        }
    }

    /// The module with a function for each argument.
    pub fn module(&self) -> TokenStream {
        if self.names.is_empty() {
            return TokenStream::new();
        }
        let module = &self.module;
        let names: Vec<&Ident> = self.names.iter().collect();
        let texts: Vec<String> = names.iter().map(ToString::to_string).collect();
        quote! {
            #[allow(non_snake_case, reason = "it has the name of a class")]
            mod #module {
                #(
                    pub(super) fn #names<'a, 'py, T: crate::conversion::expected::Argument<'a, 'py>>(
                        value: &'a ::pyo3::Bound<'py, ::pyo3::PyAny>,
                    ) -> ::pyo3::PyResult<T> {
                        T::read(value, #texts)
                    }
                )*
            }
        }
    }
}

/// Whether PyO3 converts an argument of this type. It passes on `Python` and `&Bound` as they are.
fn is_converted(kind: &Type) -> bool {
    match kind {
        Type::Reference(of) => matches!(&*of.elem, Type::Path(of) if of.path.is_ident("str")),
        Type::Path(of) => {
            of.path.segments.last().is_some_and(|last| match last.ident.to_string().as_str() {
                "Python" | "Bound" | "Borrowed" | "Py" => false,
                "Option" => optional(last).is_some_and(is_converted),
                _ => true,
            })
        }
        _ => false,
    }
}

/// The type in an `Option`.
fn optional(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(of) = &segment.arguments else { return None };
    of.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn every_converted_argument_is_read_by_its_name() {
        let mut signature: Signature = parse_quote! {
            fn submit(
                &self,
                py: Python<'_>,
                table: &Bound<'_, PyAny>,
                suppress: Option<&Bound<'_, PyAny>>,
                kind: &str,
                key: Option<String>,
                #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
            )
        };
        let mut arguments = Arguments::of("Client");
        arguments.add(&mut signature);
        let text = signature.to_token_stream().to_string();
        assert_eq!(text.matches("from_py_with").count(), 3, "{text}");
        for name in ["kind", "key"] {
            assert!(text.contains(&format!("arguments_of_Client :: {name}")), "{text}");
        }
        let module = arguments.module().to_string();
        assert!(module.contains(r#"T :: read (value , "kind")"#), "{module}");
    }
}
