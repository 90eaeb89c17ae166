//! The common parts of pages: the frame, the navigation, and tables.

use maud::{DOCTYPE, Markup, html};

/// The style sheet of all pages, at `/style.css`. The pages' security policy forbids inline styles.
pub(crate) const STYLE: &str = include_str!("style.css");

/// How often the status page reloads itself, in seconds.
const RELOAD: u32 = 5;

/// A whole page.
pub(super) fn frame(title: &str, reload: bool, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if reload {
                    meta http-equiv="refresh" content=(RELOAD);
                }
                title { "lantern: " (title) }
                link rel="stylesheet" href="/style.css";
            }
            body {
                main {
                    header {
                        h1 { "lantern " span { (title) } }
                        nav {
                            a href="/" { "Status" }
                            a href="/docs" { "Reference" }
                            a href="/openapi.json" { "OpenAPI" }
                        }
                    }
                    (body)
                }
            }
        }
    }
}

/// A column of a table.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Text(&'static str),
    /// Numbers, aligned to the right.
    Number(&'static str),
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Number(name) => name,
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Number(_))
    }
}

/// A table.
pub(super) fn table(columns: &[Column], rows: &[Vec<String>]) -> Markup {
    html! {
        div.wide {
            table {
                tr {
                    @for column in columns {
                        th.number[column.is_number()] { (column.name()) }
                    }
                }
                @for row in rows {
                    tr {
                        @for (column, cell) in columns.iter().zip(row) {
                            td.number[column.is_number()] { (cell) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_sent_is_only_text() {
        let row = vec!["<script>alert('x')</script>".to_owned()];
        let shown = table(&[Column::Text("a")], &[row]).into_string();
        assert!(!shown.contains("<script>"), "{shown}");
        assert!(shown.contains("&lt;script&gt;alert"), "{shown}");
        let shown = frame("\"><b>", false, &html! {}).into_string();
        assert!(!shown.contains("<b>"), "{shown}");
    }
}
