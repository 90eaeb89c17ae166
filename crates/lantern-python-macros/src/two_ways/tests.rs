use quote::ToTokens;
use syn::parse_quote;

use super::*;

fn expanded(item: Item) -> String {
    match both(TokenStream::new(), item) {
        // As tokens are written, whatever the spaces between them.
        Ok(tokens) => tokens.to_string().replace(' ', ""),
        Err(error) => error.to_string(),
    }
}

fn without_spaces(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}

#[test]
fn a_struct_makes_a_class_that_blocks_and_one_that_is_awaited() {
    let text = expanded(parse_quote!(
        pub struct PyClient(pub Shared);
    ));
    for (name, class, way) in
        [("Client", "PyClient", "Blocking"), ("AsyncClient", "PyAsyncClient", "Awaiting")]
    {
        assert!(text.contains(&format!("name=\"{name}\")]pubstruct{class}(pubShared);")), "{text}");
        assert!(text.contains(&format!("TwoWaysfor{class}")), "{text}");
        assert!(text.contains(&format!("typeWay=crate::connection::sync_async::{way};")), "{text}");
    }
}

#[test]
fn both_classes_have_the_methods_that_are_marked_for_neither() {
    let text = expanded(parse_quote! {
        impl PyClient {
            fn close(&self) {}
            #[blocking]
            fn __enter__(&self) {}
            #[awaited]
            fn __aenter__(&self) {}
        }
    });
    let close = without_spaces(quote!(
        fn close(&self) {}
    ));
    let blocking = without_spaces(quote!(
        fn __enter__(&self) {}
    ));
    let awaited = without_spaces(quote!(
        fn __aenter__(&self) {}
    ));
    assert!(text.contains(&format!("implPyClient{{{close}{blocking}}}")), "{text}");
    assert!(text.contains(&format!("implPyAsyncClient{{{close}{awaited}}}")), "{text}");
}

#[test]
fn what_is_no_class_is_refused() {
    assert_eq!(
        expanded(parse_quote!(
            fn close() {}
        )),
        "only a class has two ways"
    );
    assert_eq!(
        expanded(parse_quote!(
            struct PyClient {
                shared: Shared,
            }
        )),
        "both classes hold one value"
    );
    assert_eq!(
        expanded(parse_quote!(
            struct Client(Shared);
        )),
        "the structs of classes have names with `Py` before"
    );
}
