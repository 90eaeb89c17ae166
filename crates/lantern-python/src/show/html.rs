//! Renders jobs as HTML for notebooks.

use maud::{Markup, html};

use lantern::{
    jobs::{Progress, job_key, table::RowStatus},
    ledger::{BatchRecord, BatchState},
};

/// A number with its thousands grouped: 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A horizontal bar that is filled up to `share`.
fn bar(share: f64, color: &str) -> Markup {
    let percent = (share.clamp(0.0, 1.0) * 100.0).round();
    html! {
        div style="display:inline-block;vertical-align:middle;width:180px;height:9px;\
                   background:rgba(128,128,128,.25);border-radius:4px" {
            div style={ "width:" (percent) "%;height:9px;background:" (color) ";border-radius:4px" } {}
        }
    }
}

/// A table row: a name, a value, and optionally a bar.
fn line(name: &str, value: impl maud::Render, share: Option<(f64, &str)>) -> Markup {
    html! {
        tr {
            td style="text-align:left" { (name) }
            td style="text-align:right" { (value) }
            td style="text-align:left" {
                @if let Some((share, color)) = share { (bar(share, color)) }
            }
        }
    }
}

const GREEN: &str = "#3a9d5d";
const BLUE: &str = "#3b78c3";
const AMBER: &str = "#d08a1d";
const RED: &str = "#c0392b";

fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn lines(now: &Progress) -> Markup {
    let sums = &now.sums;
    let of = |part, all| format!("{} of {}", grouped(part), grouped(all));
    let (loaded, spent) = (share(sums.loaded, sums.batches), share(sums.spent, now.max_credits));
    let rare = [
        (sums.in_flight, "batches in flight"),
        (sums.in_doubt, "batches in doubt"),
        (sums.failed, "batches failed"),
        (sums.skipped, "batches skipped"),
        (sums.cut, "ids over the budget"),
    ];
    html! {
        (line("ids answered", of(now.answered(), now.ids), Some((now.share(), GREEN))))
        (line("batches loaded", of(sums.loaded, sums.batches), Some((loaded, BLUE))))
        (line("credits spent", of(sums.spent, now.max_credits), Some((spent, AMBER))))
        @for (count, name) in rare {
            @if count > 0 { (line(name, grouped(count), None)) }
        }
    }
}

/// Shares of ids for which e-mail addresses or phone numbers were found, if the job asks for them.
fn rates(now: &Progress) -> Markup {
    let asked = [
        ("e-mail addresses found", now.sums.emails, ["email", "phone-email"]),
        ("phone numbers found", now.sums.phones, ["phone", "phone-email"]),
    ];
    html! {
        @for (name, found, kinds) in asked {
            @if now.sums.returned > 0 && kinds.contains(&now.kind.as_str()) {
                @let rate = share(found, now.sums.returned);
                (line(name, format!("{:.1} %", rate * 100.0), Some((rate, GREEN))))
            }
        }
    }
}

fn framed(now: &Progress, rows: &Markup) -> String {
    let framed = html! {
        div {
            b { (job_key::shown(&now.key)) } " \u{a0}" code { (now.kind) } " \u{a0}"
            (now.state.name().replace('_', " "))
            table { (rows) }
        }
    };
    framed.into_string()
}

/// The number of matched rows, as HTML and as a line of text.
pub fn matching(done: u64, of: u64) -> (String, String) {
    let rows = format!("{} of {}", grouped(done), grouped(of));
    let shown = html! { table { (line("rows matched", &rows, Some((share(done, of), BLUE)))) } };
    (shown.into_string(), format!("{rows} rows matched"))
}

/// The progress of a job.
pub fn progress(now: &Progress) -> String {
    framed(now, &lines(now))
}

/// The progress of a job with the shares found and the number of rows by status.
pub fn summary(now: &Progress, rows: &[(RowStatus, u64)]) -> String {
    let name = |status: &RowStatus| format!("rows {}", status.name().replace('_', " "));
    let all = html! {
        (lines(now))
        (rates(now))
        @for (status, count) in rows { (line(&name(status), grouped(*count), None)) }
    };
    framed(now, &all)
}

/// A square for a batch, coloured by its state.
fn square(batch: &BatchRecord) -> Markup {
    let color = match batch.state {
        BatchState::Loaded => GREEN,
        BatchState::Sending | BatchState::Accepted | BatchState::Completed => BLUE,
        BatchState::InDoubt | BatchState::Failed => RED,
        BatchState::Skipped => AMBER,
        BatchState::Planned => "rgba(128,128,128,.35)",
    };
    let credits = batch.credits.map(|credits| format!(", {credits} credits")).unwrap_or_default();
    let title = format!("batch {}: {}{credits}", batch.number, batch.state);
    html! {
        span title=(title) style={
            "display:inline-block;width:9px;height:9px;margin:1px;border-radius:2px;background:"
            (color)
        } {}
    }
}

/// A job with a strip of its batches, coloured by state.
pub fn job(now: &Progress, batches: &[BatchRecord]) -> String {
    let strip = html! { @for batch in batches.iter().take(200) { (square(batch)) } };
    framed(now, &html! { (lines(now)) (rates(now)) (line("batches", strip, None)) })
}
