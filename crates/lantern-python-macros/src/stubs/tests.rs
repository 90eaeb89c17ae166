use super::*;

fn docstrings(source: &str) -> Vec<(String, String)> {
    read(source).unwrap().into_iter().collect()
}

fn one(source: &str) -> String {
    let mut found = docstrings(source);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).1
}

fn refusal(source: &str) -> String {
    read(source).unwrap_err()
}

#[test]
fn classes_methods_and_functions_are_found_by_their_qualified_names() {
    let source = r#"
"""The module's own is not one of them."""

import os

@final
class Client(Protocol):
    """A client."""

    def __new__(cls, key: str = "(:") -> Self: ...
    @property
    def url(self) -> str:
        """URL of the API."""
    async def submit(
        self,
        kind: Literal["phone", "email"],
        *,
        dry_run: bool = False,
    ) -> Job:
        """Submit."""
    def close(self) -> None: ...

def match(left: object) -> None:
    """Match."""
"#;
    let expected = [
        ("Client", "A client."),
        ("Client.submit", "Submit."),
        ("Client.url", "URL of the API."),
        ("match", "Match."),
    ];
    let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(docstrings(source), expected);
}

#[test]
fn of_overloads_the_one_with_a_docstring_counts() {
    let source = r#"
@overload
def usage(day: str) -> Table: ...
@overload
def usage(
    day: None,
) -> Table: ...
@overload
def usage(day: int) -> Usage:
    """Return the credits used."""
"#;
    assert_eq!(one(source), "Return the credits used.");
}

#[test]
fn indentation_is_that_of_cleandoc() {
    let source = "class A:\n    \"\"\"First.\n\n    Args:\n        a: One,\n            two.\n\n    \"\"\"\n";
    assert_eq!(one(source), "First.\n\nArgs:\n    a: One,\n        two.");
    assert_eq!(one("def a() -> None:\n    \"\"\"\n    First.\n    \"\"\"\n"), "First.");
}

#[test]
fn escapes_are_those_of_python() {
    assert_eq!(
        one(r#"def a() -> None:
    """A \\n and a \"quote\"."""
"#),
        r#"A \n and a "quote"."#
    );
    assert_eq!(
        one(r#"def a() -> None:
    r"""A \n as it is."""
"#),
        r"A \n as it is."
    );
}

#[test]
fn code_after_a_docstring_or_a_body_belongs_to_no_definition() {
    let source = "class A:\n    x: int\n    \"\"\"Of `x`, not of `A`.\"\"\"\n";
    assert_eq!(docstrings(source), []);
}

#[test]
fn what_is_not_read_is_refused_with_its_line() {
    assert_eq!(refusal("\nclass A:\n    \"\"\"Begun.\n"), "3: the docstring does not end");
    assert!(refusal("class A:\n    class B:\n").starts_with("2: definitions are at the top"));
    assert!(refusal("def a() -> None:\n    \"\"\"A.\"\"\"; x\n").starts_with("2: code follows"));
    assert!(
        refusal("def a() -> None:\n    \"\"\"A\n    b.\"\"\"; x\n").starts_with("3: code follows")
    );
    assert!(refusal("def a() -> None:\n    \"\"\"\\N{dash}\"\"\"\n").contains("escape"));
    let twice = "def a() -> None:\n    \"\"\"A.\"\"\"\n";
    assert!(refusal(&twice.repeat(2)).contains("two docstrings"));
}

#[test]
fn the_stubs_of_the_package_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/lantern");
    let docstrings = read_folder(&folder).unwrap();
    assert!(docstrings["match"].text.starts_with("Match the rows of two tables"));
    assert!(docstrings["Client.submit"].text.contains("\nRaises:\n    InputError: If "));
    assert!(docstrings["Client.submit"].file.ends_with("python/lantern/_client.pyi"));
}
