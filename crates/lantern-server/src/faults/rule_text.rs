//! The text form of fault rules, for the command line and for settings.

use std::{fmt, str::FromStr, time::Duration};

use http::{Method, StatusCode};

use super::{Fault, FaultRule};
use lantern::api::Invalid;

const FAULTS: &str = "status CODE, delay TIME, reset before, reset after, truncate half, \
                      truncate BYTES, not-json, success-false, run-fails";

fn wrong(message: impl Into<String>) -> Invalid {
    Invalid::new("faults", message)
}

impl FromStr for FaultRule {
    type Err = Invalid;

    /// Parses `[METHOD] PATH: FAULT [nth N] [times N] [probability P [seed N]]`.
    ///
    /// In the path, `*` stands for any text. Faults are `status CODE [retry-after SECONDS]`, `delay
    /// TIME` (`250ms`, `2s`), `reset before`, `reset after`, `truncate half`, `truncate BYTES`,
    /// `not-json`, `success-false` and `run-fails`. A status may end with `body TEXT`, where the
    /// text is the rest of the line.
    fn from_str(line: &str) -> Result<Self, Invalid> {
        let (target, rest) = line.split_once(": ").ok_or_else(|| {
            wrong(format!(
                "fault rule {line:?} has no colon and space between the path and the fault; \
                 write for example \"POST /v1/agents/*: status 503 times 2\""
            ))
        })?;
        let (method, path) = read_target(target)?;
        let (rest, body) = match rest.split_once(" body ") {
            Some((rest, body)) => (rest, Some(body.trim().to_owned())),
            None => (rest, None),
        };
        let mut words = Words { line, words: rest.split_whitespace() };
        let fault = read_fault(&mut words)?;
        let mut rule = Self::new(method, path, fault);
        if body.is_some() && !matches!(rule.fault, Fault::Status { .. }) {
            return Err(wrong(format!("only a status has a body; see {line:?}")));
        }
        if let Fault::Status { body: own, .. } = &mut rule.fault {
            *own = body;
        }
        while let Some(word) = words.words.next() {
            match word {
                "nth" => rule.nth = Some(words.count("nth")?),
                "times" => rule.times = Some(words.count("times")?),
                "seed" => rule.seed = words.number("seed")?,
                "probability" => {
                    let probability: f64 = words.number("probability")?;
                    if !(0.0..=1.0).contains(&probability) {
                        return Err(wrong(format!(
                            "probability {probability} is not from 0 to 1; see {line:?}"
                        )));
                    }
                    rule.probability = Some(probability);
                }
                "retry-after" => {
                    let seconds: f64 = words.number("retry-after")?;
                    let Fault::Status { retry_after, .. } = &mut rule.fault else {
                        return Err(wrong(format!(
                            "only a status has a retry-after; see {line:?}"
                        )));
                    };
                    if !(0.0..=1e9).contains(&seconds) {
                        return Err(wrong(format!(
                            "retry-after {seconds} is not a number of seconds; see {line:?}"
                        )));
                    }
                    *retry_after = Some(seconds);
                }
                other => {
                    return Err(wrong(format!(
                        "{other:?} in fault rule {line:?} is not understood; use nth N, times N, \
                         probability P, seed N, retry-after SECONDS or body TEXT"
                    )));
                }
            }
        }
        Ok(rule)
    }
}

fn read_target(target: &str) -> Result<(Option<Method>, &str), Invalid> {
    let target = target.trim();
    let (method, path) = match target.split_once(char::is_whitespace) {
        Some((method, path)) => (Some(method), path.trim_start()),
        None => (None, target),
    };
    if !path.starts_with(['/', '*']) {
        return Err(wrong(format!(
            "path {path:?} of a fault rule must begin with / or *; write for example \
             \"POST /v1/agents/*: status 503\""
        )));
    }
    let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD];
    let method = match method {
        None | Some("*") => None,
        Some(word) => Some(
            known
                .into_iter()
                .find(|method| method.as_str().eq_ignore_ascii_case(word))
                .ok_or_else(|| {
                    wrong(format!(
                        "{word:?} is no method of a fault rule; use GET, POST, PUT, DELETE, HEAD \
                         or * for any"
                    ))
                })?,
        ),
    };
    Ok((method, path))
}

fn read_fault(words: &mut Words<'_>) -> Result<Fault, Invalid> {
    let line = words.line;
    let unknown = |word: &str| {
        wrong(format!("{word:?} in fault rule {line:?} is not a fault; use one of: {FAULTS}"))
    };
    match words.words.next().unwrap_or_default() {
        "status" => {
            let code: u16 = words.number("status")?;
            let code = StatusCode::from_u16(code)
                .ok()
                .filter(|code| code.as_u16() >= 200 && code.as_u16() < 600)
                .ok_or_else(|| wrong(format!("status {code} is not from 200 to 599")))?;
            Ok(Fault::Status { code, body: None, retry_after: None })
        }
        "delay" => words.next_word("delay").and_then(read_time).map(Fault::Delay),
        "reset" => match words.next_word("reset")? {
            "before" => Ok(Fault::ResetBefore),
            "after" => Ok(Fault::ResetAfter),
            other => Err(wrong(format!(
                "reset {other:?} is not understood; use reset before (the request is not \
                 processed) or reset after (it is)"
            ))),
        },
        "truncate" => match words.next_word("truncate")? {
            "half" => Ok(Fault::TruncateResult { bytes: None }),
            bytes => match bytes.parse() {
                Ok(bytes) => Ok(Fault::TruncateResult { bytes: Some(bytes) }),
                Err(_) => Err(wrong(format!(
                    "truncate {bytes:?} is not understood; use truncate half or a number of bytes"
                ))),
            },
        },
        "not-json" => Ok(Fault::BodyNotJson),
        "success-false" => Ok(Fault::SuccessFalse),
        "run-fails" => Ok(Fault::RunFails),
        other => Err(unknown(other)),
    }
}

fn read_time(text: &str) -> Result<Duration, Invalid> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (text.strip_suffix('s').unwrap_or_default(), 1.0),
    };
    number
        .parse::<f64>()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number * unit).ok())
        .ok_or_else(|| {
            wrong(format!("delay {text:?} is not a time; write for example 250ms or 2s"))
        })
}

struct Words<'a> {
    line: &'a str,
    words: std::str::SplitWhitespace<'a>,
}

impl<'a> Words<'a> {
    fn next_word(&mut self, what: &str) -> Result<&'a str, Invalid> {
        let line = self.line;
        self.words
            .next()
            .ok_or_else(|| wrong(format!("fault rule {line:?} ends where {what} needs a value")))
    }

    fn number<T: FromStr>(&mut self, what: &str) -> Result<T, Invalid> {
        let word = self.next_word(what)?;
        word.parse().map_err(|_| {
            wrong(format!("{what} {word:?} in fault rule {:?} is not a valid number", self.line))
        })
    }

    fn count(&mut self, what: &str) -> Result<u32, Invalid> {
        match self.number(what)? {
            0 => {
                Err(wrong(format!("{what} 0 in fault rule {:?} would apply to nothing", self.line)))
            }
            count => Ok(count),
        }
    }
}

impl fmt::Display for FaultRule {
    /// Writes the text that [`FaultRule::from_str`] parses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(method) = &self.method {
            write!(f, "{method} ")?;
        }
        write!(f, "{}: ", self.path)?;
        let mut rest = None;
        match &self.fault {
            Fault::Status { code, body, retry_after } => {
                write!(f, "status {}", code.as_u16())?;
                if let Some(seconds) = retry_after {
                    write!(f, " retry-after {seconds}")?;
                }
                rest = body.as_deref();
            }
            Fault::Delay(delay) => write!(f, "delay {}ms", delay.as_secs_f64() * 1e3)?,
            Fault::ResetBefore => f.write_str("reset before")?,
            Fault::ResetAfter => f.write_str("reset after")?,
            Fault::TruncateResult { bytes: None } => f.write_str("truncate half")?,
            Fault::TruncateResult { bytes: Some(bytes) } => write!(f, "truncate {bytes}")?,
            Fault::BodyNotJson => f.write_str("not-json")?,
            Fault::SuccessFalse => f.write_str("success-false")?,
            Fault::RunFails => f.write_str("run-fails")?,
        }
        if let Some(nth) = self.nth {
            write!(f, " nth {nth}")?;
        }
        if let Some(times) = self.times {
            write!(f, " times {times}")?;
        }
        if let Some(probability) = self.probability {
            write!(f, " probability {probability}")?;
        }
        if self.seed != 0 {
            write!(f, " seed {}", self.seed)?;
        }
        if let Some(body) = rest {
            write!(f, " body {body}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for line in [
            "POST /v1/agents/*: status 503 times 2",
            "/v1/credits/usage: status 429 retry-after 1.5 nth 2",
            "GET /v1/agents/runs/*/status: delay 250ms probability 0.5 seed 4",
            "*: reset before",
            "POST *: reset after nth 3 times 2",
            "GET /lantern-results/*-batch_*.csv: truncate half times 1",
            "POST /v1/agents/phone: truncate 100",
            "GET /v1/*: not-json",
            "GET /v1/*: success-false",
            "POST /v1/agents/email: run-fails times 1",
            "GET /v1/*: status 500 times 1 body {\"a\": \"b: c\"}",
        ] {
            let rule: FaultRule = line.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(rule.to_string(), line);
        }
    }

    #[test]
    fn a_rule_that_is_wrong_says_what_to_write() {
        for (line, says) in [
            ("POST /v1/agents/* status 503", "no colon"),
            ("PATCH /v1: status 503", "no method"),
            ("POST agents: status 503", "must begin with /"),
            ("/v1: explode", "use one of: status CODE"),
            ("/v1: status", "ends where status needs a value"),
            ("/v1: status abc", "not a valid number"),
            ("/v1: status 99", "not from 200 to 599"),
            ("/v1: delay 5", "250ms or 2s"),
            ("/v1: delay -1s", "250ms or 2s"),
            ("/v1: reset", "ends where reset needs a value"),
            ("/v1: reset during", "reset before"),
            ("/v1: truncate most", "truncate half"),
            ("/v1: status 503 times 0", "would apply to nothing"),
            ("/v1: status 503 always", "is not understood"),
            ("/v1: status 503 probability 2", "not from 0 to 1"),
            ("/v1: reset before retry-after 3", "only a status"),
            ("/v1: reset before body x", "only a status"),
            ("", "no colon"),
        ] {
            let error = line.parse::<FaultRule>().unwrap_err().to_string();
            assert!(error.contains(says), "{line}: {error}");
        }
    }
}
