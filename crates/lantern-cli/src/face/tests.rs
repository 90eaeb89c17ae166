//! Every kind of error and every advice, as worded for Rust and for the shell. The wording for
//! Python is tested in `tests/python/test_errors.py`.

use std::collections::BTreeSet;

use lantern::error::{AdviceKind, ErrorKind, Face, RustFace, Setting, samples};

use super::ShellFace;

/// Kind; in Rust; in a shell.
const ERRORS: &[(ErrorKind, &str, &str)] = &[
    (
        ErrorKind::Authentication,
        "request r-1: GET /v1/credits/remaining answered 401 after 2 attempts in 1.5 s: the \
         API key is wrong; check the API key (ApiKey::new or LANTERN_API_KEY)",
        "request r-1: GET /v1/credits/remaining answered 401 after 2 attempts in 1.5 s: the \
         API key is wrong; check the API key (LANTERN_API_KEY or --api-key)",
    ),
    (ErrorKind::Validation, "batch_size is 0; give 1 to 1000", "--batch-size is 0; give 1 to 1000"),
    (
        ErrorKind::NotFound,
        "request r-1: GET /v1/credits/remaining answered 404 after 2 attempts in 1.5 s: there \
         is no run 7",
        "request r-1: GET /v1/credits/remaining answered 404 after 2 attempts in 1.5 s: there \
         is no run 7",
    ),
    (
        ErrorKind::RateLimit,
        "request r-1: GET /v1/credits/remaining answered 429 after 2 attempts in 1.5 s: over \
         the rate limit (slow down); try again in 2.5 s",
        "request r-1: GET /v1/credits/remaining answered 429 after 2 attempts in 1.5 s: over \
         the rate limit (slow down); try again in 2.5 s",
    ),
    (
        ErrorKind::CreditLimit,
        "request r-1: GET /v1/credits/remaining answered 402 after 2 attempts in 1.5 s: not \
         enough credits (40 needed, 12 left): no",
        "request r-1: GET /v1/credits/remaining answered 402 after 2 attempts in 1.5 s: not \
         enough credits (40 needed, 12 left): no",
    ),
    (
        ErrorKind::OutcomeUnknown,
        "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: the call may have \
         arrived and cost credits (the connection broke); decide with Job::attach or \
         Job::decide, or with JobOptions::on_in_doubt",
        "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: the call may have \
         arrived and cost credits (the connection broke); decide with `lantern resolve \
         'monday'\\''s' 3`, or with --on-in-doubt",
    ),
    (
        ErrorKind::Server,
        "request r-1: GET /v1/credits/remaining answered 500 after 2 attempts in 1.5 s: the \
         API failed (oops)",
        "request r-1: GET /v1/credits/remaining answered 500 after 2 attempts in 1.5 s: the \
         API failed (oops)",
    ),
    (
        ErrorKind::Connection,
        "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: no connection \
         (refused); check the base URL and the network",
        "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: no connection \
         (refused); check the base URL and the network",
    ),
    (
        ErrorKind::Timeout,
        "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: no full answer \
         within 180 s; raise ClientConfig::timeouts, or try again",
        "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: no full answer \
         within 180 s; try again",
    ),
    (
        ErrorKind::Config,
        "there is no API key; set LANTERN_API_KEY, or give ApiKey::new the key",
        "there is no API key; set LANTERN_API_KEY, or pass --api-key (without a key, `lantern \
         serve` runs the API on this machine)",
    ),
    (
        ErrorKind::Input,
        "column \"id\" has type Float64, which cannot hold ids; cast it to integers or strings",
        "column \"id\" has type Float64, which cannot hold ids; cast it to integers or strings",
    ),
    (
        ErrorKind::Ledger,
        "the ledger /tmp/l.sqlite cannot be read: not a database",
        "the ledger /tmp/l.sqlite cannot be read: not a database",
    ),
    (
        ErrorKind::Job,
        "the ledger has no job \"monday\"; Store::jobs lists its jobs",
        "the ledger has no job \"monday\"; `lantern jobs` lists its jobs",
    ),
    (
        ErrorKind::Unfinished,
        "job \"monday\" is not finished after 3 s, and continues; call Job::wait again",
        "job \"monday\" is not finished after 3 s, and continues; `lantern results \
         'monday'\\''s'` resumes it",
    ),
    (ErrorKind::Results, "a.csv, line 2: the id is empty", "a.csv, line 2: the id is empty"),
    (
        ErrorKind::Local,
        "port 8000 of 127.0.0.1 is taken; choose another, or 0 for any free one",
        "port 8000 of 127.0.0.1 is taken; choose another, or 0 for any free one",
    ),
    (
        ErrorKind::Interrupted,
        "interrupted, and the job keeps its state; submit the same table again, or call \
         Job::load, to resume it",
        "interrupted, and the job keeps its state; the same command, or `lantern results \
         KEY`, resumes it",
    ),
    (
        ErrorKind::Internal,
        "a worker thread panicked; this is a bug of lantern: report this error with its sources, \
         the code that led to it and the version of the crate",
        "a worker thread panicked; this is a bug of lantern: report this line, the command that \
         led to it and what `lantern --version` prints",
    ),
];

/// Advice; in Rust; in a shell.
const ADVICE: &[(AdviceKind, &str, &str)] = &[
    (AdviceKind::Text, "try again later", "try again later"),
    (
        AdviceKind::SetKey,
        "set LANTERN_API_KEY, or give ApiKey::new the key",
        "set LANTERN_API_KEY, or pass --api-key (without a key, `lantern serve` runs the API \
         on this machine)",
    ),
    (
        AdviceKind::CheckKey,
        "check the API key (ApiKey::new or LANTERN_API_KEY)",
        "check the API key (LANTERN_API_KEY or --api-key)",
    ),
    (
        AdviceKind::PassAllowHttp,
        "use https, or call parse_base_url with allow_http on a network that you trust",
        "use https, or pass --allow-http for a network that you trust",
    ),
    (
        AdviceKind::PassCaBundle,
        "set ClientConfig::ca_bundle if the certificate authority is your own",
        "pass --ca-bundle if the certificate authority is your own",
    ),
    (
        AdviceKind::CheckNetwork,
        "check the base URL and the network",
        "check the base URL and the network",
    ),
    (AdviceKind::RaiseTimeouts, "raise ClientConfig::timeouts, or try again", "try again"),
    (
        AdviceKind::NameLedger,
        "set LANTERN_LEDGER, or call Ledger::open",
        "set LANTERN_LEDGER, or pass --ledger",
    ),
    (AdviceKind::ListJobs, "Store::jobs lists its jobs", "`lantern jobs` lists its jobs"),
    (
        AdviceKind::ListBatches,
        "Job::batches lists its batches",
        "`lantern status 'monday'\\''s'` lists its batches",
    ),
    (
        AdviceKind::UseAnotherKey,
        "use another key, or leave the key out",
        "use another --key, or leave it out",
    ),
    (AdviceKind::WaitAgain, "call Job::wait again", "`lantern results 'monday'\\''s'` resumes it"),
    (
        AdviceKind::ResumeJob,
        "submit the same table again, or call Job::load, to resume it",
        "`lantern results 'monday'\\''s'` resumes it",
    ),
    (
        AdviceKind::RaiseBudget,
        "raise Submission::max_credits and submit again",
        "raise --max-credits and submit again",
    ),
    (
        AdviceKind::RaiseBudgetOrLowerPrice,
        "raise Submission::max_credits, or set Submission::price if your price is lower",
        "raise --max-credits, or pass --credits-per-id if your price is lower",
    ),
    (
        AdviceKind::RaiseTeamBudget,
        "raise it with Store::set_budget, or submit again once it renews",
        "raise it with `lantern budget set marketing --max-credits N`, or submit again once it \
         renews",
    ),
    (
        AdviceKind::SetTeamBudget,
        "make it with Store::set_budget",
        "make it with `lantern budget set marketing --max-credits N`",
    ),
    (
        AdviceKind::DecideBatches,
        "decide with Job::attach or Job::decide, or with JobOptions::on_in_doubt",
        "decide with `lantern resolve 'monday'\\''s' 3`, or with --on-in-doubt",
    ),
    (
        AdviceKind::DecideCalls,
        "decide with Job::answer or Job::decide, or with on_in_doubt",
        "decide with `lantern resolve 'monday'\\''s' 3`, or with --on-in-doubt resend or skip",
    ),
    (
        AdviceKind::DecideResults,
        "decide with Job::attach or Job::decide",
        "decide with `lantern resolve 'monday'\\''s' 3`",
    ),
    (
        AdviceKind::AttachRun,
        "name the run with Job::attach(3, ...)",
        "name the run with --run-id ID",
    ),
    (
        AdviceKind::GiveAnswer,
        "say what it answered with Job::answer(3, ...)",
        "say what it answered with --answer FILE",
    ),
    (
        AdviceKind::ResendBatch,
        "call Job::decide(3, Decision::Resend) to send it again",
        "`lantern resolve 'monday'\\''s' 3 --resend` sends it again",
    ),
    (
        AdviceKind::ResendBatches,
        "see Job::batches, and call Job::decide(number, Decision::Resend) to send it again",
        "see `lantern status 'monday'\\''s'`, and `lantern resolve 'monday'\\''s' BATCH \
         --resend` sends it again",
    ),
    (
        AdviceKind::CorrectRun,
        "name the right run with Job::attach(3, ...), or send the batch again with \
         Job::decide(3, Decision::Resend)",
        "name the right run with `lantern resolve 'monday'\\''s' 3 --run-id ID`, or send the \
         batch again with `lantern resolve 'monday'\\''s' 3 --resend`",
    ),
    (
        AdviceKind::AttachResult,
        "if this process ends before that, call Job::attach(3, \"r-1\", Some(\"s3://results/r \
         1.csv\"), ...)",
        "if this process ends before that, run `lantern resolve 'monday'\\''s' 3 --run-id r-1 \
         --result-path 's3://results/r 1.csv'`",
    ),
    (
        AdviceKind::PassResultPath,
        "give Job::attach(3, ...) the result_path (and credits_path)",
        "pass --result-path (and --credits-path) as well",
    ),
    (
        AdviceKind::LearnAgain,
        "learn it again with linkage::learn",
        "learn it again from the tables",
    ),
    (AdviceKind::NameFields, "name them in Options::fields", "name the columns that are compared"),
    (
        AdviceKind::CorrectField,
        "did you mean \"effort\"? send a field that this version does not know in \
         CallOptions::extra",
        "did you mean \"effort\"?",
    ),
    (AdviceKind::LeaveOut, "leave rows_per_call out", "leave --rows-per-call out"),
    (
        AdviceKind::ReportBug,
        "this is a bug of lantern: report this error with its sources, the code that led to it \
         and the version of the crate",
        "this is a bug of lantern: report this line, the command that led to it and what \
         `lantern --version` prints",
    ),
];

#[test]
fn every_kind_of_error_is_rendered_for_rust_and_shell() {
    for (kind, rust, shell) in ERRORS {
        let error = samples::error(*kind);
        assert_eq!(error.kind(), *kind);
        assert_eq!(error.to_string(), *rust, "{kind:?}");
        assert_eq!(error.to_text(&ShellFace), *shell, "{kind:?}");
    }
    let shown: BTreeSet<_> = ERRORS.iter().map(|(kind, ..)| kind.name()).collect();
    let all = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(shown, all, "every kind is in the table");
}

#[test]
fn every_advice_is_rendered_for_rust_and_shell() {
    for (kind, rust, shell) in ADVICE {
        let advice = samples::advice(*kind);
        assert_eq!(advice.kind(), *kind);
        assert_eq!(RustFace.advice(&advice), *rust, "{kind:?}");
        assert_eq!(ShellFace.advice(&advice), *shell, "{kind:?}");
    }
    let shown: BTreeSet<_> = ADVICE.iter().map(|(kind, ..)| kind.name()).collect();
    let all = AdviceKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(shown, all, "every advice is in the table");
}

#[test]
fn advice_begins_in_lower_case_and_has_no_full_stop() {
    for kind in AdviceKind::ALL {
        let advice = samples::advice(*kind);
        for text in [RustFace.advice(&advice), ShellFace.advice(&advice)] {
            assert!(!text.ends_with('.'), "{text}");
            let method = text.contains("::") || text.starts_with('`');
            assert!(method || text.starts_with(char::is_lowercase), "{text}");
        }
    }
}

#[test]
fn a_shell_is_told_no_argument_of_python_and_no_method_of_rust() {
    let advice = AdviceKind::ALL.iter().map(|kind| ShellFace.advice(&samples::advice(*kind)));
    let errors = ErrorKind::ALL.iter().map(|kind| samples::error(*kind).to_text(&ShellFace));
    for text in advice.chain(errors) {
        for foreign in ["job.", "lantern.", "::", "=", "max_credits", "batch_size"] {
            assert!(!text.contains(foreign), "{foreign} in {text}");
        }
    }
    for setting in Setting::ALL {
        assert!(ShellFace.setting(*setting).starts_with("--"));
    }
}
