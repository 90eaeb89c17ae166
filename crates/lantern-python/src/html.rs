//! Jobs as small pieces of HTML, for notebooks.

use std::fmt::Write as _;

use lantern::{
    jobs::{Progress, table::RowStatus},
    ledger::{BatchRecord, BatchState},
};

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// 1234567 as 1,234,567.
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

/// A horizontal bar, filled to `share`.
fn bar(share: f64, color: &str) -> String {
    let percent = (share.clamp(0.0, 1.0) * 100.0).round();
    format!(
        "<div style=\"display:inline-block;vertical-align:middle;width:180px;height:9px;\
         background:rgba(128,128,128,.25);border-radius:4px\"><div style=\"width:{percent}%;\
         height:9px;background:{color};border-radius:4px\"></div></div>"
    )
}

fn line(out: &mut String, name: &str, value: &str, share: Option<(f64, &str)>) {
    let bar = share.map(|(share, color)| bar(share, color)).unwrap_or_default();
    let _ = write!(
        out,
        "<tr><td style=\"text-align:left\">{name}</td><td style=\"text-align:right\">{value}</td>\
         <td style=\"text-align:left\">{bar}</td></tr>"
    );
}

const GREEN: &str = "#3a9d5d";
const BLUE: &str = "#3b78c3";
const AMBER: &str = "#d08a1d";

fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn lines(now: &Progress) -> String {
    let sums = &now.sums;
    let mut out = String::new();
    let of = |part, all| format!("{} of {}", grouped(part), grouped(all));
    line(&mut out, "ids answered", &of(sums.returned, now.ids), Some((now.share(), GREEN)));
    line(
        &mut out,
        "batches loaded",
        &of(sums.loaded, sums.batches),
        Some((share(sums.loaded, sums.batches), BLUE)),
    );
    line(
        &mut out,
        "credits spent",
        &of(sums.spent, now.max_credits),
        Some((share(sums.spent, now.max_credits), AMBER)),
    );
    for (count, name) in [
        (sums.in_flight, "batches in flight"),
        (sums.in_doubt, "batches in doubt"),
        (sums.failed, "batches failed"),
        (sums.skipped, "batches skipped"),
        (sums.cut, "ids over the budget"),
    ] {
        if count > 0 {
            line(&mut out, name, &grouped(count), None);
        }
    }
    out
}

/// Found rates, where e-mail addresses or phone numbers were asked for.
fn rates(out: &mut String, now: &Progress) {
    for (name, found, kinds) in [
        ("e-mail addresses found", now.sums.emails, ["email", "phone-email"]),
        ("phone numbers found", now.sums.phones, ["phone", "phone-email"]),
    ] {
        if now.sums.returned > 0 && kinds.contains(&now.kind.as_str()) {
            let rate = share(found, now.sums.returned);
            line(out, name, &format!("{:.1} %", rate * 100.0), Some((rate, GREEN)));
        }
    }
}

fn framed(now: &Progress, rows: &str) -> String {
    format!(
        "<div><b>{}</b> &nbsp;<code>{}</code> &nbsp;{}<table>{rows}</table></div>",
        escape(&now.key),
        escape(&now.kind),
        now.state.name().replace('_', " "),
    )
}

/// A job's progress.
pub fn progress(now: &Progress) -> String {
    framed(now, &lines(now))
}

/// A job's progress with found rates and rows by status.
pub fn summary(now: &Progress, rows: &[(RowStatus, u64)]) -> String {
    let mut out = lines(now);
    rates(&mut out, now);
    for (status, count) in rows {
        let name = format!("rows {}", status.name().replace('_', " "));
        line(&mut out, &name, &grouped(*count), None);
    }
    framed(now, &out)
}

/// A job with a strip of its batches, coloured by state.
pub fn job(now: &Progress, batches: &[BatchRecord]) -> String {
    let mut strip = String::new();
    for batch in batches.iter().take(200) {
        let color = match batch.state {
            BatchState::Loaded => GREEN,
            BatchState::Sending | BatchState::Accepted | BatchState::Completed => BLUE,
            BatchState::InDoubt | BatchState::Failed => "#c0392b",
            BatchState::Skipped => AMBER,
            BatchState::Planned => "rgba(128,128,128,.35)",
        };
        let credits =
            batch.credits.map(|credits| format!(", {credits} credits")).unwrap_or_default();
        let _ = write!(
            strip,
            "<span title=\"batch {}: {}{credits}\" style=\"display:inline-block;width:9px;\
             height:9px;margin:1px;border-radius:2px;background:{color}\"></span>",
            batch.number, batch.state
        );
    }
    let mut out = lines(now);
    rates(&mut out, now);
    line(&mut out, "batches", &strip, None);
    framed(now, &out)
}
