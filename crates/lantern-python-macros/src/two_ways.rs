//! Generates the two classes of one definition.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Error, Fields, Ident, ImplItem, Item, ItemImpl, ItemStruct, Result, Type, spanned::Spanned,
};

use crate::documented::class_name;

/// Whether a class's methods block or are awaited.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Blocking,
    Awaited,
}

impl Way {
    const BOTH: [Self; 2] = [Self::Blocking, Self::Awaited];

    /// The attribute of methods that exist only in this class.
    fn attribute(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Awaited => "awaited",
        }
    }

    /// The name of the struct: `PyClient` or `PyAsyncClient`.
    fn class(self, ident: &Ident) -> Result<Ident> {
        let name = class_name(ident)?;
        Ok(match self {
            Self::Blocking => ident.clone(),
            Self::Awaited => format_ident!("PyAsync{name}", span = ident.span()),
        })
    }
}

/// Both classes for a struct, or the methods of both for an `impl`.
pub fn both(arguments: TokenStream, item: Item) -> Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new(arguments.span(), "`two_ways` takes no arguments"));
    }
    let each = |way| match &item {
        Item::Struct(class) => class_of(class, way),
        Item::Impl(methods) => methods_of(methods, way),
        other => Err(Error::new(other.span(), "only a class has two ways")),
    };
    let [blocking, awaited] = Way::BOTH.map(each);
    let (blocking, awaited) = (blocking?, awaited?);
    Ok(quote! { #blocking #awaited })
}

fn class_of(class: &ItemStruct, way: Way) -> Result<TokenStream> {
    let inner = match &class.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => &fields.unnamed[0].ty,
        other => return Err(Error::new(other.span(), "both classes hold one value")),
    };
    let (blocking, awaited) =
        (Way::Blocking.class(&class.ident)?, Way::Awaited.class(&class.ident)?);
    let (ident, drive) = match way {
        Way::Blocking => (&blocking, quote!(Blocking)),
        Way::Awaited => (&awaited, quote!(Awaiting)),
    };
    let (name, visibility) = (class_name(ident)?, &class.vis);
    Ok(quote! {
        #[::lantern_python_macros::documented]
        #[::pyo3::pyclass(frozen, weakref, module = "lantern", name = #name)]
        #visibility struct #ident(pub #inner);

        impl crate::connection::sync_async::TwoWays for #ident {
            type Inner = #inner;
            type Way = crate::connection::sync_async::#drive;

            fn like<Like: crate::connection::sync_async::TwoWays>(
                py: ::pyo3::Python<'_>,
                inner: #inner,
            ) -> ::pyo3::PyResult<::pyo3::Py<::pyo3::PyAny>> {
                if Like::AWAITED {
                    Ok(::pyo3::Py::new(py, #awaited(inner))?.into_any())
                } else {
                    Ok(::pyo3::Py::new(py, #blocking(inner))?.into_any())
                }
            }
        }
    })
}

fn methods_of(methods: &ItemImpl, way: Way) -> Result<TokenStream> {
    let Type::Path(class) = &*methods.self_ty else {
        return Err(Error::new(methods.self_ty.span(), "this is not the name of a class"));
    };
    let class = way.class(class.path.require_ident()?)?;
    let items = methods.items.iter().filter_map(|item| {
        let ImplItem::Fn(method) = item else { return Some(item.clone()) };
        let only = |way: Way| method.attrs.iter().any(|own| own.path().is_ident(way.attribute()));
        if Way::BOTH.into_iter().any(|other| other != way && only(other)) {
            return None;
        }
        let mut method = method.clone();
        method
            .attrs
            .retain(|own| !Way::BOTH.iter().any(|way| own.path().is_ident(way.attribute())));
        Some(ImplItem::Fn(method))
    });
    Ok(quote! {
        #[::lantern_python_macros::documented]
        #[::pyo3::pymethods]
        impl #class { #(#items)* }
    })
}

#[cfg(test)]
mod tests;
