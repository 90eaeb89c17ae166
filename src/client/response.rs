//! Interprets an answer: as a value, or as an error with advice.

use std::time::SystemTime;

use serde_json::Value;

use super::{
    answer::{Answer, named_run},
    json,
};
use crate::{
    api::{
        LimitClass,
        answer::{ApiErrorBody, ValidationBody, says_failed},
        lenient::number,
        metering,
    },
    error::{Advice, CallContext, Error, ErrorKind, printable::beginning},
};

/// The headers of an answer that a client uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Headers {
    /// Requests a minute that are granted for this class of calls.
    pub rate_limit: Option<u32>,
    pub credits_remaining: Option<f64>,
    /// Seconds until the call may be retried.
    pub retry_after: Option<f64>,
    pub request_id: Option<String>,
}

impl Headers {
    pub fn read(answer: &Answer) -> Self {
        let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            // `50`, or `50, 50;w=60` as some gateways write it.
            rate_limit: text("x-ratelimit-limit")
                .and_then(|value| value.split([',', ';']).next())
                .and_then(|value| value.trim().parse().ok()),
            credits_remaining: text("x-credits-remaining").and_then(|v| v.trim().parse().ok()),
            retry_after: text("retry-after").and_then(seconds_from_now),
            request_id: text("x-request-id").map(str::to_owned),
        }
    }
}

/// Maximum wait that an API can ask for, in seconds; a larger number is reduced to it.
const LONGEST_RETRY: f64 = 1e9;

/// A wait that an API asks for, if it is a valid number of seconds.
fn wait(seconds: f64) -> Option<f64> {
    (seconds >= 0.0).then_some(seconds.min(LONGEST_RETRY))
}

/// `Retry-After` holds seconds or an HTTP date.
fn seconds_from_now(value: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if let Ok(seconds) = value.trim().parse::<f64>() {
        // A word such as `inf` is not a number of seconds, although Rust parses it as a float.
        return wait(seconds).filter(|_| seconds.is_finite() || digits(value.trim()));
    }
    let then = httpdate::parse_http_date(value.trim()).ok()?;
    Some(then.duration_since(SystemTime::now()).unwrap_or_default().as_secs_f64())
}

/// What an answer means for the caller.
#[derive(Debug)]
pub enum Meaning {
    /// A success whose value was read.
    Value,
    /// 429: the API did not accept the call, so any call may be retried.
    Throttled { error: Error, retry_after: Option<f64> },
    /// 502, 503, 504: a gateway gave up. A call that spends credits may have arrived.
    Gateway(Error),
    /// 500 and similar, or an answer that cannot be read: it is unknown what the call did.
    Broken(Error),
    /// The call was refused. Nothing was done, and a retry would be refused again.
    Refused(Error),
}

/// Reads and keeps the value of a successful answer.
pub type Reader<'a> = dyn FnMut(Value) -> serde_json::Result<()> + Send + 'a;

/// Maximum length of the API's own message in an error, in characters.
const WORDS: usize = 1_000;
/// Maximum length of an unreadable answer that an error keeps, in bytes.
const KEPT: usize = 256 << 10;

/// Interprets an answer. If it is unknown what the call did, the error keeps the answer, because a
/// later version may be able to read it.
pub fn interpret(answer: &Answer, call: CallContext, read: &mut Reader<'_>) -> Meaning {
    let keep = |error: Error| {
        if answer.body.is_empty() { error } else { error.with_body(kept(&answer.body)) }
    };
    match meaning(answer, call, read) {
        Meaning::Gateway(error) => Meaning::Gateway(keep(error)),
        Meaning::Broken(error) => Meaning::Broken(keep(error)),
        certain => certain,
    }
}

fn meaning(answer: &Answer, mut call: CallContext, read: &mut Reader<'_>) -> Meaning {
    let status = answer.status.as_u16();
    let value = if answer.cut { None } else { value(answer).ok() };
    let failed = value.as_ref().is_some_and(says_failed);
    let consumed = consumed(value.as_ref(), answer);
    let body = match &value {
        Some(value) => serde_json::from_value(value.clone()).unwrap_or_default(),
        None => ApiErrorBody::default(),
    };
    let unread = match status {
        200..300 if !failed && !answer.cut => {
            let given = match value {
                Some(value) => Ok(value),
                None => self::value(answer),
            };
            match given.and_then(&mut *read) {
                Ok(()) => return Meaning::Value,
                Err(error) => Some(error),
            }
        }
        _ => None,
    };
    call.status = Some(status);
    call.request_id = call.request_id.or_else(|| body.request_id.clone());
    call.request_id = call.request_id.map(|id| beginning(&id, 200).into_owned());
    let headers = Headers::read(answer);
    // If the answer cannot be used, the id of the run that it started must not be lost with it.
    call.run_id = named_run(&answer.body);
    let run_named = call.run_id.as_ref().map(|run| format!(", run {run}")).unwrap_or_default();
    let said = summary(&body, answer);
    let support = support(&call);
    let run_exists = call.run_id.is_some();
    let error = |kind: ErrorKind, happened: String| {
        Error::new(kind, happened).with_call(call).with_consumed(consumed)
    };

    match status {
        // The answer reports a failure and also names a run, so it is unknown what the call did.
        200..300 if failed && run_exists => Meaning::Broken(
            error(ErrorKind::Server, format!("the API says that it failed: {said}{run_named}"))
                .advise(support),
        ),
        200..300 if answer.cut => Meaning::Broken(
            error(
                ErrorKind::Server,
                format!("the answer is longer than {} bytes{run_named}", answer.body.len()),
            )
            .advise(Advice::text("check that the base URL is that of the Lantern API")),
        ),
        200..300 => match unread {
            None => Meaning::Refused(error(
                ErrorKind::Server,
                format!("the API says that it failed: {said}"),
            )),
            Some(unread) => {
                let is_json = json::read(&answer.body).is_ok();
                let error = if is_json {
                    error(
                        ErrorKind::Server,
                        format!("the answer is not of the expected form ({unread}{run_named})"),
                    )
                    .advise(Advice::text("check whether a newer version of lantern is available"))
                } else {
                    error(ErrorKind::Server, format!("the answer is not JSON ({said}{run_named})"))
                        .advise(Advice::text("check that the base URL is that of the Lantern API"))
                };
                Meaning::Broken(error.caused_by(unread))
            }
        },
        // A "See other" is sent after the request was processed.
        303 => Meaning::Broken(redirected(error)),
        300..400 => Meaning::Refused(redirected(error)),
        401 | 403 => {
            Meaning::Refused(error(ErrorKind::Authentication, said).advise(Advice::CheckKey))
        }
        402 => {
            let required = body.credits_required.as_ref().and_then(number);
            let remaining = body.credits_remaining.as_ref().and_then(number);
            let happened = format!("not enough credits{}: {said}", credits(required, remaining));
            Meaning::Refused(
                error(ErrorKind::CreditLimit, happened)
                    .with_credits(required, remaining.or(headers.credits_remaining)),
            )
        }
        404 => Meaning::Refused(error(ErrorKind::NotFound, said)),
        429 => {
            let retry_after =
                body.retry_after.as_ref().and_then(number).and_then(wait).or(headers.retry_after);
            let mut error = error(ErrorKind::RateLimit, format!("over the rate limit ({said})"))
                .with_retry_after(retry_after);
            if let Some(seconds) = retry_after {
                error = error.advise(Advice::text(format!("try again in {seconds:.1} s")));
            }
            Meaning::Throttled { error, retry_after }
        }
        // A gateway that timed out may have forwarded the request.
        408 | 499 => Meaning::Gateway(
            error(ErrorKind::Server, format!("the request took too long ({said})"))
                .advise(Advice::text("try again later")),
        ),
        400..500 => {
            let detail = json::read(&answer.body).and_then(serde_json::from_value).ok();
            let (field, happened) = invalid(detail, said);
            let error = error(ErrorKind::Validation, happened);
            Meaning::Refused(match field {
                Some(field) => error.with_field(field),
                None => error,
            })
        }
        502..=504 => Meaning::Gateway(
            error(ErrorKind::Server, format!("the API is not available ({said})"))
                .with_retry_after(headers.retry_after)
                .advise(Advice::text("try again later")),
        ),
        _ => Meaning::Broken(
            error(ErrorKind::Server, format!("the API failed ({said})")).advise(support),
        ),
    }
}

fn redirected(error: impl FnOnce(ErrorKind, String) -> Error) -> Error {
    error(ErrorKind::Server, "the API redirects the call, and redirects are not followed".into())
        .advise(Advice::text("correct the base URL"))
}

/// The advice to ask the API's support, with the id by which the support can find the call.
fn support(call: &CallContext) -> Advice {
    match &call.request_id {
        Some(id) => Advice::text(format!("ask the API's support about request {id}")),
        None => Advice::text("ask the API's support"),
    }
}

/// The cost of the call, if its answer gives it.
fn consumed(value: Option<&Value>, answer: &Answer) -> Option<f64> {
    match value {
        Some(value) => metering::consumed(value),
        None => json::named_number(&answer.body, "credits_consumed"),
    }
}

/// The cost that an answer gives, for an answer that is not interpreted.
pub fn cost(answer: &Answer) -> Option<f64> {
    let value = if answer.cut { None } else { value(answer).ok() };
    consumed(value.as_ref(), answer)
}

/// Whether a paid call may have been done, although the status of its answer is that of an error:
/// the answer to a batch names a run, or another one says `"success": true` beside its result.
pub fn may_be_done(answer: &Answer, class: LimitClass) -> bool {
    if answer.status.is_success() || answer.cut {
        return false;
    }
    if class == LimitClass::Batches {
        return named_run(&answer.body).is_some();
    }
    let body = value(answer).and_then(serde_json::from_value::<ApiErrorBody>).unwrap_or_default();
    body.success && body.extra.values().any(|value| !value.is_null())
}

/// The value of an answer. A CSV file is passed on as text, for types that can read it; an answer
/// without content is null.
fn value(answer: &Answer) -> serde_json::Result<Value> {
    let kind = answer.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_object = answer.body.trim_ascii_start().starts_with(b"{");
    if kind.is_some_and(|kind| kind.starts_with("text/csv")) && !is_object {
        return Ok(Value::String(String::from_utf8_lossy(&answer.body).into_owned()));
    }
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    match json::read(&answer.body)? {
        // A string that contains JSON, from a gateway that encoded the answer a second time.
        Value::String(text) => match json::read(text.as_bytes()) {
            Ok(inner) if inner.is_object() => Ok(inner),
            _ => Ok(Value::String(text)),
        },
        value => Ok(value),
    }
}

/// The beginning of an unreadable body, to be kept.
pub fn kept(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(KEPT)]).into_owned()
}

/// The field at fault, and what is wrong with it.
fn invalid(detail: Option<ValidationBody>, said: String) -> (Option<String>, String) {
    let Some(first) = detail.and_then(|body| body.detail.into_iter().next()) else {
        return (None, said);
    };
    let field = first.field().map(|field| beginning(&field, 200).into_owned());
    let why = first.msg.unwrap_or_else(|| "invalid".to_owned());
    let why = beginning(&why, WORDS);
    let what = field.as_deref().unwrap_or("the request");
    let happened = format!("the API refuses {what}: {why}");
    (field, happened)
}

/// ` (40 needed, 12 left)`, or the part of it that is known.
fn credits(required: Option<f64>, remaining: Option<f64>) -> String {
    let part = |credits: Option<f64>, word| credits.map(|credits| format!("{credits} {word}"));
    let parts: Vec<String> =
        [part(required, "needed"), part(remaining, "left")].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// The API's own message, or the beginning of the body if it has none.
fn summary(body: &ApiErrorBody, answer: &Answer) -> String {
    // Some APIs nest the message: `{"error": {"message": ...}}`.
    let nested = body.extra.get("error").and_then(|error| error.get("message"));
    let words = nested.and_then(Value::as_str).unwrap_or(&body.error);
    if !words.is_empty() {
        return beginning(words, WORDS).into_owned();
    }
    let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)]);
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(120).collect();
    if short.is_empty() {
        "an empty body".to_owned()
    } else {
        format!("the body begins with {short:?}")
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::json;

    use super::*;
    use crate::api::credits::Remaining;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
            cut: false,
        }
    }

    fn error(status: u16, body: &str) -> Error {
        let call = CallContext { method: "GET".into(), path: "/v1/x".into(), ..Default::default() };
        let mut read = |value| serde_json::from_value::<Remaining>(value).map(drop);
        match interpret(&answer(status, body), call, &mut read) {
            Meaning::Value => panic!("{status} is not a success"),
            Meaning::Throttled { error, .. }
            | Meaning::Gateway(error)
            | Meaning::Broken(error)
            | Meaning::Refused(error) => error,
        }
    }

    #[test]
    fn a_200_that_denies_success_is_an_error() {
        let error = error(200, r#"{"success": false, "error": "tenant is locked"}"#);
        assert!(error.to_string().contains("tenant is locked"), "{error}");
    }

    #[test]
    fn a_cost_is_kept_with_every_error_and_so_is_a_body_that_cannot_be_read() {
        let failed = error(200, r#"{"success": false, "credits_consumed": 5, "error": "late"}"#);
        assert_eq!((failed.facts().consumed, &failed.facts().body), (Some(5.0), &None));
        let broken = r#"{"remaining_credits": [], "credits_consumed": "2.5", "x": NaN}"#;
        let unread = error(200, broken);
        assert_eq!(unread.facts().consumed, Some(2.5));
        assert_eq!(unread.facts().body.as_deref(), Some(broken));
        let half = error(200, r#"{"credits_consumed": 4, "compan"#);
        assert_eq!(half.facts().consumed, Some(4.0));
        assert_eq!(error(500, r#"{"credits_consumed": 1}"#).facts().consumed, Some(1.0));
        for status in [400, 401, 402, 403, 404, 409, 418, 422, 429, 499, 503] {
            let refused = error(status, r#"{"error": {"message": "no", "creditsConsumed": "3"}}"#);
            assert_eq!(refused.facts().consumed, Some(3.0), "{status}");
        }
    }

    #[test]
    fn an_answer_in_an_envelope_of_text_is_read() {
        let mut left = None;
        let mut read = |value| {
            left = Some(serde_json::from_value::<Remaining>(value)?.remaining_credits);
            Ok(())
        };
        let body = json!(json!({"remaining_credits": 7}).to_string()).to_string();
        let mut wrapped = answer(200, &body);
        assert!(matches!(interpret(&wrapped, CallContext::default(), &mut read), Meaning::Value));
        wrapped = answer(200, r#"{"remaining_credits": 7}"#);
        wrapped.headers.insert("content-type", "text/csv".parse().unwrap());
        assert!(matches!(interpret(&wrapped, CallContext::default(), &mut read), Meaning::Value));
        assert_eq!(left, Some(7.0));
    }

    #[test]
    fn an_error_body_is_read_whatever_its_types_and_cut_where_it_is_long() {
        let nested = error(400, r#"{"error": {"message": "bad pool"}, "request_id": 7}"#);
        assert!(nested.happened().contains("bad pool"), "{nested}");
        let slow = error(429, r#"{"error": ["slow"], "retry_after": 3}"#);
        assert_eq!(slow.facts().retry_after, Some(3.0));
        let long = format!(r#"{{"error": "{}"}}"#, "ä\\u001b".repeat(500_000));
        let said = error(400, &long);
        assert!(said.happened().chars().count() < 1_100 && said.to_string().len() < 20_000);
        assert!(!said.to_string().contains('\u{1b}'), "control characters are escaped");
    }

    #[test]
    fn too_few_credits_say_how_many() {
        let body = json!({"success": false, "error": "no", "credits_required": "40", "credits_remaining": 12});
        let error = error(402, &body.to_string());
        assert_eq!(error.kind(), ErrorKind::CreditLimit);
        let facts = error.facts();
        assert_eq!((facts.required, facts.remaining), (Some(40.0), Some(12.0)));
        assert!(error.happened().contains("40 needed, 12 left"), "{error}");
    }

    #[test]
    fn a_422_names_the_field() {
        let body = json!({"detail": [{"loc": ["body", "ids", 3], "msg": "empty", "type": "v"}]});
        let error = error(422, &body.to_string());
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert_eq!(error.facts().field.as_deref(), Some("ids.3"));
        assert!(error.happened().contains("refuses ids.3: empty"), "{error}");
    }

    #[test]
    fn an_answer_that_is_not_json_says_so() {
        let error = error(200, "<html>\n  <body>Welcome to nginx");
        assert!(error.to_string().contains("is not JSON"), "{error}");
        assert!(error.to_string().contains("Welcome to nginx"), "{error}");
    }

    #[test]
    fn the_run_of_an_answer_that_cannot_be_read_is_kept() {
        for body in [
            r#"{"success": false, "error": "late", "run_id": "r-1"}"#,
            r#"{"run_id" : "r-1", "result_pa"#,
            r#"{"run_id":"r-1"}"#,
            r#"[{"run_id":"r-1"}]"#,
        ] {
            assert_eq!(error(200, body).call().unwrap().run_id.as_deref(), Some("r-1"), "{body}");
        }
        assert_eq!(named_run(br#"{"run_id": "r-"#), None, "half an id is none");
        assert_eq!(named_run(br#"{"run_id": null, "x": "y"}"#), None);
    }

    #[test]
    fn an_error_that_names_a_run_or_says_success_beside_a_result_may_have_been_done() {
        let run = r#"{"success": false, "error": "busy", "run_id": "r-1"}"#;
        let result = r#"{"success": true, "company": {"name": "Acme"}, "error": "busy"}"#;
        for status in [302, 307, 400, 401, 402, 404, 409, 422, 423, 429] {
            assert!(may_be_done(&answer(status, run), LimitClass::Batches), "{status}");
            assert!(may_be_done(&answer(status, result), LimitClass::Sync), "{status}");
        }
        // A form may have a field of this name, and errors quote what was sent.
        assert!(!may_be_done(&answer(422, run), LimitClass::Bursts));
        for refused in [
            "",
            "<html>",
            "[]",
            r#"{"success": false, "company": {"name": "Acme"}}"#,
            r#"{"success": true, "error": "busy", "retry_after": 3}"#,
            r#"{"success": true, "company": null}"#,
            r#"{"company": {"name": "Acme"}}"#,
        ] {
            assert!(!may_be_done(&answer(429, refused), LimitClass::Sync), "{refused}");
        }
        assert!(!may_be_done(&answer(200, run), LimitClass::Batches));
    }

    #[test]
    fn retry_after_is_read_from_body_and_header() {
        let error = error(429, r#"{"success": false, "error": "slow", "retry_after": "2.5"}"#);
        assert_eq!(error.kind(), ErrorKind::RateLimit);
        assert_eq!(error.facts().retry_after, Some(2.5));
        let mut late = answer(429, "");
        late.headers.insert("retry-after", "7".parse().unwrap());
        assert_eq!(Headers::read(&late).retry_after, Some(7.0));
        late.headers.insert("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap());
        assert_eq!(Headers::read(&late).retry_after, Some(0.0));
        // An absurdly long wait is limited, and a text that is not a number of seconds is ignored.
        for digits in [21, 400] {
            late.headers.insert("retry-after", "9".repeat(digits).parse().unwrap());
            assert_eq!(Headers::read(&late).retry_after, Some(LONGEST_RETRY), "{digits}");
        }
        for none in ["-5", "NaN", "Infinity", "1e999", "2s", "0x10", ""] {
            late.headers.insert("retry-after", none.parse().unwrap());
            assert_eq!(Headers::read(&late).retry_after, None, "{none}");
        }
    }
}
