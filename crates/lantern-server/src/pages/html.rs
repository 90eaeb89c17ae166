//! A page's frame, and text made safe for it.

/// Text as HTML shows it.
pub(super) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7e; --line: #dfe4ea;
  --card: #fff; --page: #f5f7f9; --accent: #b4580a; --bad: #b3261e; --good: #1a7f4b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebf0; --soft: #9aa7b8; --line: #2c3542;
  --card: #171d26; --page: #0f141b; --accent: #f0a35e; --bad: #ff8a80; --good: #6fd39f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
header { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: baseline; margin-bottom: 20px; }
h1 { font-size: 24px; margin: 0; } h1 span { color: var(--accent); }
h2 { font-size: 16px; margin: 32px 0 10px; } h3 { font-size: 15px; margin: 0; }
a { color: var(--accent); } nav a { margin-right: 14px; }
.soft { color: var(--soft); } .bad { color: var(--bad); } .good { color: var(--good); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 14px 16px; }
.card b { display: block; font-size: 24px; font-variant-numeric: tabular-nums; }
.bar { height: 6px; border-radius: 3px; background: var(--line); margin-top: 8px; }
.bar i { display: block; height: 100%; border-radius: 3px; background: var(--accent); }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 7px 14px; border-top: 1px solid var(--line);
  white-space: nowrap; }
tr:first-child th { border-top: 0; color: var(--soft); font-weight: 500; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 13px ui-monospace, 'SF Mono', Menlo, monospace; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  margin-bottom: 10px; padding: 12px 16px; } summary { cursor: pointer; }
.method { display: inline-block; min-width: 64px; font-weight: 600; color: var(--accent); }
details table td { white-space: normal; }
";

/// A whole page.
pub(super) fn frame(title: &str, refresh: bool, body: &str) -> String {
    let refresh = if refresh { "<meta http-equiv=\"refresh\" content=\"5\">" } else { "" };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">{refresh}\
         <title>{title}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>",
        title = safe(title)
    )
}

/// The head of a page, with the ways to the others.
pub(super) fn head(title: &str) -> String {
    format!(
        "<header><h1>lantern <span>{}</span></h1><nav><a href=\"/\">Status</a>\
         <a href=\"/docs\">Reference</a><a href=\"/openapi.json\">OpenAPI</a></nav></header>",
        safe(title)
    )
}

/// A table; columns whose name begins with `#` hold numbers.
pub(super) fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let class = |name: &str| if name.starts_with('#') { " class=\"number\"" } else { "" };
    let mut out = String::from("<div class=\"wide\"><table><tr>");
    for name in columns {
        let shown = safe(name.trim_start_matches('#'));
        out += &format!("<th{}>{shown}</th>", class(name));
    }
    out += "</tr>";
    for row in rows {
        out += "<tr>";
        for (name, cell) in columns.iter().zip(row) {
            out += &format!("<td{}>{}</td>", class(name), safe(cell));
        }
        out += "</tr>";
    }
    out + "</table></div>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_sent_is_only_text() {
        let row = vec!["<script>alert('x')</script>".to_owned()];
        let shown = table(&["a"], &[row]);
        assert!(!shown.contains("<script>"), "{shown}");
        assert!(shown.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{shown}");
    }
}
