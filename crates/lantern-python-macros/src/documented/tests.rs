use std::path::PathBuf;

use super::*;
use crate::stubs::Docstring;

fn documented(item: Item) -> std::result::Result<String, String> {
    let docstring = |name: &str| {
        let docstring =
            Docstring { text: format!("Of {name}."), file: PathBuf::from("/stubs/_client.pyi") };
        (name.to_owned(), docstring)
    };
    let names = ["Client", "Client.submit", "Client.match", "Client.url", "match"];
    let stubs = Ok(names.map(docstring).into_iter().collect());
    match document(TokenStream::new(), item, &stubs) {
        Ok(tokens) => Ok(tokens.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_class_has_the_docstring_of_its_stub() {
    let text = documented(parse_quote!(
        #[pyclass(frozen)]
        struct PyClient(u8);
    ))
    .unwrap();
    assert!(text.contains(r#"doc = "Of Client.""#), "{text}");
    assert!(text.contains(r#"include_bytes ! ("/stubs/_client.pyi")"#), "{text}");
}

#[test]
fn methods_go_by_their_names_in_python() {
    let item = parse_quote! {
        #[pymethods]
        impl PyClient {
            #[new]
            fn new() -> Self { Self(0) }
            #[getter]
            fn url(&self) -> u8 { 0 }
            #[pyo3(name = "match", signature = (*, rules))]
            fn match_records(&self, rules: u8) {}
            #[pyo3(signature = (*, rules = "name"))]
            fn submit(&self, rules: &str) {}
            fn __repr__(&self) -> String { String::new() }
        }
    };
    let text = documented(item).unwrap();
    for name in ["url", "match", "submit"] {
        assert!(text.contains(&format!(r#"doc = "Of Client.{name}.""#)), "{text}");
    }
    assert_eq!(text.matches("doc =").count(), 3);
}

#[test]
fn a_function_goes_by_its_name_in_python() {
    for item in [
        parse_quote!(
            #[pyfunction(name = "match")]
            fn match_() {}
        ),
        parse_quote!(
            #[pyfunction]
            #[pyo3(signature = (a), name = "match")]
            fn match_(a: u8) {}
        ),
    ] {
        let text = documented(item).unwrap();
        assert!(text.contains(r#"doc = "Of match.""#), "{text}");
    }
}

#[test]
fn what_has_no_docstring_does_not_compile() {
    let item = parse_quote!(impl PyClient { fn close(&self) {} });
    let expected = "`Client.close` has no docstring in python/lantern/*.pyi";
    assert_eq!(documented(item).unwrap_err(), expected);
}

#[test]
fn a_comment_beside_the_stub_does_not_compile() {
    let item = parse_quote!(
        /// A client.
        struct PyClient;
    );
    assert!(documented(item).unwrap_err().contains("not here"));
}

#[test]
fn other_items_and_names_are_refused() {
    assert!(
        documented(parse_quote!(
            struct Client;
        ))
        .unwrap_err()
        .contains("`Py`")
    );
    assert!(
        documented(parse_quote!(
            enum PyClient {}
        ))
        .unwrap_err()
        .contains("only classes")
    );
}

#[test]
fn an_awaitable_method_has_the_arguments_of_the_one_it_refers_to() {
    let docstring =
        |text: &str| Docstring { text: text.to_owned(), file: PathBuf::from("/stubs/_job.pyi") };
    let stubs = Ok([
        ("Job.wait", docstring("Wait until it has ended.\n\nArgs:\n    timeout: Seconds.\n\nExample:\n    >>> job.wait()")),
        ("AsyncJob.wait", docstring("Wait until it has ended; see `Job.wait`.")),
        ("AsyncJob.close", docstring("Close it; see `Job.wait`.")),
    ]
    .map(|(name, docstring)| (name.to_owned(), docstring))
    .into_iter()
    .collect());
    let item = parse_quote! {
        #[pymethods]
        impl PyAsyncJob {
            fn wait(&self) {}
            fn close(&self) {}
        }
    };
    let text = document(TokenStream::new(), item, &stubs).unwrap().to_string();
    assert!(
        text.contains(
            r#""Wait until it has ended; see `Job.wait`.\n\nArgs:\n    timeout: Seconds.""#
        ),
        "{text}"
    );
    assert!(text.contains(r#""Close it; see `Job.wait`.""#), "{text}");
}
