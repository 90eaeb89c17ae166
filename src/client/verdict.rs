//! What an answer means: a value, or an error that says what to do.

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::Value;

use super::transport::Answer;
use crate::{
    api::answer::{ApiErrorBody, ValidationBody},
    error::{CallContext, Error},
};

/// What an answer says beside its value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Headers {
    /// Requests a minute for this class of calls.
    pub rate_limit: Option<u32>,
    pub credits_remaining: Option<f64>,
    /// Seconds.
    pub retry_after: Option<f64>,
    pub request_id: Option<String>,
}

impl Headers {
    pub fn read(answer: &Answer) -> Self {
        let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            // "50", or "50, 50;w=60" as some gateways write it.
            rate_limit: text("x-ratelimit-limit")
                .and_then(|value| value.split([',', ';']).next())
                .and_then(|value| value.trim().parse().ok()),
            credits_remaining: text("x-credits-remaining").and_then(|v| v.trim().parse().ok()),
            retry_after: text("retry-after").and_then(seconds_from_now),
            request_id: text("x-request-id").map(str::to_owned),
        }
    }
}

/// `Retry-After` holds seconds or an HTTP date.
fn seconds_from_now(value: &str) -> Option<f64> {
    if let Ok(seconds) = value.trim().parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0).then_some(seconds);
    }
    let then = chrono::DateTime::parse_from_rfc2822(value.trim()).ok()?;
    let wait = then.signed_duration_since(chrono::Utc::now()).num_milliseconds();
    Some(f64::from(i32::try_from(wait.max(0)).unwrap_or(i32::MAX)) / 1000.0)
}

/// What may be done after an answer that is no success.
#[derive(Debug)]
pub enum Verdict {
    /// A success, and its value has been read.
    Value,
    /// 429: may be repeated whatever the call does, it was not let in.
    Throttled { error: Error, retry_after: Option<f64> },
    /// 502, 503, 504: a gateway gave up. A call that spends may have got through.
    Gateway(Error),
    /// 500 and the like, or an answer that cannot be read: what it did is not known.
    Broken(Error),
    /// Refused: nothing was done, and repeating it changes nothing.
    Refused(Error),
}

/// Reads the value of an answer that is a success, and keeps it.
pub type Reader<'a> = dyn FnMut(&Answer) -> serde_json::Result<()> + Send + 'a;

/// Says what an answer means.
pub fn judge(answer: &Answer, mut call: CallContext, read: &mut Reader<'_>) -> Verdict {
    let status = answer.status.as_u16();
    let failed = says_failed(&answer.body);
    let unread = match status {
        200..300 if !failed => match read(answer) {
            Ok(()) => return Verdict::Value,
            Err(error) => Some(error),
        },
        _ => None,
    };
    let body: ApiErrorBody = serde_json::from_slice(&answer.body).unwrap_or_default();
    call.status = Some(status);
    call.request_id = call.request_id.or_else(|| body.request_id.clone());
    let headers = Headers::read(answer);
    // Where an answer cannot be used, the id of the run that it started must not be lost with it.
    call.run_id = named_run(&answer.body);
    let run_named = call.run_id.as_ref().map(|run| format!(", run {run}")).unwrap_or_default();
    let said = words(&body, answer);
    let call = Box::new(call);

    match status {
        // It says that it failed, and names a run all the same: what it did is not known.
        200..300 if failed && call.run_id.is_some() => Verdict::Broken(Error::Server {
            message: format!("the API says that it failed: {said}{run_named}; ask its support"),
            call,
        }),
        200..300 => match unread {
            None => Verdict::Refused(Error::Server {
                message: format!("the API says that it failed: {said}"),
                call,
            }),
            Some(error) => Verdict::Broken(Error::Server {
                message: if serde_json::from_slice::<IgnoredAny>(&answer.body).is_ok() {
                    format!(
                        "the answer does not hold what it should ({error}{run_named}); is lantern \
                         up to date?"
                    )
                } else {
                    format!(
                        "the answer is no JSON ({said}{run_named}); does the base URL name the \
                         Lantern API?"
                    )
                },
                call,
            }),
        },
        // "See other" comes after the request was worked.
        303 => Verdict::Broken(Error::Server {
            message: "the API answers elsewhere, which is not followed; correct the base URL"
                .into(),
            call,
        }),
        300..400 => Verdict::Refused(Error::Server {
            message: "the API redirects elsewhere, which is not followed; correct the base URL"
                .into(),
            call,
        }),
        401 | 403 => Verdict::Refused(Error::Authentication {
            message: format!("{said}; check the API key (api_key= or LANTERN_API_KEY)"),
            call,
        }),
        402 => Verdict::Refused(Error::CreditLimit {
            message: credit_words(&body, &said),
            required: body.credits_required.as_ref().and_then(number),
            remaining: body
                .credits_remaining
                .as_ref()
                .and_then(number)
                .or(headers.credits_remaining),
            call,
        }),
        404 => Verdict::Refused(Error::NotFound { message: said, call }),
        429 => {
            let retry_after = body
                .retry_after
                .as_ref()
                .and_then(number)
                .or(headers.retry_after)
                .filter(|s| *s >= 0.0);
            let wait = retry_after.map(|s| format!("; try again in {s:.1} s")).unwrap_or_default();
            Verdict::Throttled {
                error: Error::RateLimit {
                    message: format!("over the rate limit ({said}){wait}"),
                    retry_after,
                    call,
                },
                retry_after,
            }
        }
        // A gateway that ran out of patience may have handed the request on.
        408 | 499 => Verdict::Gateway(Error::Server {
            message: format!("the request took too long ({said}); try again later"),
            call,
        }),
        400..500 => {
            let detail = serde_json::from_slice::<ValidationBody>(&answer.body).ok();
            let (field, message) = validation(detail, &said);
            Verdict::Refused(Error::Validation {
                message: format!("{call}: {message}"),
                field,
                call: Some(call),
            })
        }
        502..=504 => Verdict::Gateway(Error::Server {
            message: format!("the API is not available ({said}); try again later"),
            call,
        }),
        _ => Verdict::Broken(Error::Server {
            message: format!(
                "the API failed ({said}); its support finds the call by the request id"
            ),
            call,
        }),
    }
}

/// Whether an answer says `"success": false`.
fn says_failed(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        success: Option<Value>,
    }
    serde_json::from_slice::<Said>(body).is_ok_and(|said| said.success == Some(Value::Bool(false)))
}

/// The run that an answer names, also one that breaks off or cannot be read whole.
pub fn named_run(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("\"run_id\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (run, _) = rest.split_once('"')?;
    (!run.is_empty() && run.len() <= 64).then(|| run.to_owned())
}

/// The value of an answer. A CSV file is handed on as text, for a type that can read it.
///
/// # Errors
/// It is not what it should be.
pub fn value<T: DeserializeOwned>(answer: &Answer) -> serde_json::Result<T> {
    let kind = answer.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("text/csv")) {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        return serde_json::from_value(Value::String(text));
    }
    serde_json::from_slice(&answer.body)
}

fn validation(detail: Option<ValidationBody>, said: &str) -> (Option<String>, String) {
    let Some(first) = detail.and_then(|body| body.detail.into_iter().next()) else {
        return (None, said.to_owned());
    };
    let field = first.field();
    let message = first.msg.unwrap_or_else(|| "not valid".to_owned());
    match field {
        Some(name) => {
            let message = format!("the API refuses {name}: {message}");
            (Some(name), message)
        }
        None => (None, format!("the API refuses the request: {message}")),
    }
}

fn credit_words(body: &ApiErrorBody, said: &str) -> String {
    let part = |value: &Option<Value>, word: &str| {
        value.as_ref().and_then(number).map(|credits| format!("{credits} {word}"))
    };
    let parts: Vec<String> =
        [part(&body.credits_required, "needed"), part(&body.credits_remaining, "left")]
            .into_iter()
            .flatten()
            .collect();
    let known = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    format!("not enough credits{known}: {said}")
}

/// The API's own words, or the beginning of a body that is none of its forms.
fn words(body: &ApiErrorBody, answer: &Answer) -> String {
    if !body.error.is_empty() {
        return body.error.clone();
    }
    let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)]);
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(120).collect();
    if short.is_empty() { "an empty body".to_owned() } else { format!("the body begins {short:?}") }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
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
        }
    }

    fn error(status: u16, body: &str) -> Error {
        let call = CallContext { method: "GET".into(), path: "/v1/x".into(), ..Default::default() };
        let mut read = |answer: &Answer| value::<Remaining>(answer).map(drop);
        match judge(&answer(status, body), call, &mut read) {
            Verdict::Value => panic!("{status} is no success"),
            Verdict::Throttled { error, .. }
            | Verdict::Gateway(error)
            | Verdict::Broken(error)
            | Verdict::Refused(error) => error,
        }
    }

    #[test]
    fn a_200_that_says_no_success_is_an_error() {
        let error = error(200, r#"{"success": false, "error": "tenant is locked"}"#);
        assert!(error.to_string().contains("tenant is locked"), "{error}");
    }

    #[test]
    fn too_few_credits_say_how_many() {
        let body = json!({"success": false, "error": "no", "credits_required": "40", "credits_remaining": 12});
        match error(402, &body.to_string()) {
            Error::CreditLimit { required, remaining, message, .. } => {
                assert_eq!((required, remaining), (Some(40.0), Some(12.0)));
                assert!(message.contains("40 needed, 12 left"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_422_names_the_field() {
        let body = json!({"detail": [{"loc": ["body", "ids", 3], "msg": "empty", "type": "v"}]});
        match error(422, &body.to_string()) {
            Error::Validation { field, message, .. } => {
                assert_eq!(field.as_deref(), Some("ids.3"));
                assert!(message.contains("refuses ids.3: empty"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_that_is_no_json_says_so() {
        let error = error(200, "<html>\n  <body>Welcome to nginx");
        assert!(error.to_string().contains("is no JSON"), "{error}");
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
    fn retry_after_is_read_from_body_and_header() {
        match error(429, r#"{"success": false, "error": "slow", "retry_after": "2.5"}"#) {
            Error::RateLimit { retry_after, .. } => assert_eq!(retry_after, Some(2.5)),
            other => panic!("{other:?}"),
        }
        let mut late = answer(429, "");
        late.headers.insert("retry-after", "7".parse().unwrap());
        assert_eq!(Headers::read(&late).retry_after, Some(7.0));
        late.headers.insert("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap());
        assert_eq!(Headers::read(&late).retry_after, Some(0.0));
    }
}
