//! One error of every kind and one advice of every kind, for the tests of the faces. A kind that is
//! missing here does not compile.

use std::time::Duration;

use super::{Advice, AdviceKind, CallContext, Error, ErrorKind, Setting};

fn call(status: Option<u16>) -> CallContext {
    CallContext {
        method: "GET".into(),
        path: "/v1/credits/remaining".into(),
        status,
        attempts: 2,
        elapsed: Duration::from_millis(1_500),
        request_id: status.map(|_| "r-1".into()),
        run_id: None,
    }
}

/// An error of a kind, with every fact that such errors have.
pub fn error(kind: ErrorKind) -> Error {
    let error = |happened: &str| Error::new(kind, happened);
    match kind {
        ErrorKind::Authentication => {
            error("the API key is wrong").with_call(call(Some(401))).advise(Advice::CheckKey)
        }
        ErrorKind::Validation => {
            Error::setting(Setting::BatchSize, "is 0").advise(Advice::text("give 1 to 1000"))
        }
        ErrorKind::NotFound => error("there is no run 7").with_call(call(Some(404))),
        ErrorKind::RateLimit => error("over the rate limit (slow down)")
            .with_call(call(Some(429)))
            .with_retry_after(Some(2.5))
            .advise(Advice::text("try again in 2.5 s")),
        ErrorKind::CreditLimit => error("not enough credits (40 needed, 12 left): no")
            .with_call(call(Some(402)))
            .with_credits(Some(40.0), Some(12.0)),
        ErrorKind::OutcomeUnknown => {
            let cause = Error::new(ErrorKind::Connection, "the connection broke (reset)");
            error("the call may have arrived and cost credits (the connection broke)")
                .with_call(call(None))
                .with_job("monday")
                .with_batch(3)
                .advise(advice(AdviceKind::DecideBatches))
                .caused_by(cause)
        }
        ErrorKind::Server => error("the API failed (oops)").with_call(call(Some(500))),
        ErrorKind::Connection => {
            error("no connection (refused)").with_call(call(None)).advise(Advice::CheckNetwork)
        }
        ErrorKind::Timeout => {
            error("no full answer within 180 s").with_call(call(None)).advise(Advice::RaiseTimeouts)
        }
        ErrorKind::Config => error("there is no API key").advise(Advice::SetKey),
        ErrorKind::Input => error("column \"id\" has type Float64, which cannot hold ids")
            .with_column("id")
            .with_row(4)
            .advise(Advice::text("cast it to integers or strings")),
        ErrorKind::Ledger => error("the ledger /tmp/l.sqlite cannot be read: not a database")
            .with_path("/tmp/l.sqlite")
            .caused_by(std::io::Error::from_raw_os_error(13)),
        ErrorKind::Job => {
            error("the ledger has no job \"monday\"").with_job("monday").advise(Advice::ListJobs)
        }
        ErrorKind::Unfinished => error("job \"monday\" is not finished after 3 s, and continues")
            .with_job("monday")
            .advise(advice(AdviceKind::WaitAgain)),
        ErrorKind::Results => Error::results("a.csv", Some(2), "a.csv, line 2: the id is empty"),
        ErrorKind::Local => error("port 8000 of 127.0.0.1 is taken")
            .advise(Advice::text("choose another, or 0 for any free one")),
        ErrorKind::Interrupted => Error::interrupted(),
        ErrorKind::Internal => Error::internal("a worker thread panicked"),
    }
}

/// An advice of a kind, with parameters.
pub fn advice(kind: AdviceKind) -> Advice {
    let job = || "monday's".to_owned();
    match kind {
        AdviceKind::Text => Advice::text("try again later"),
        AdviceKind::SetKey => Advice::SetKey,
        AdviceKind::CheckKey => Advice::CheckKey,
        AdviceKind::PassAllowHttp => Advice::PassAllowHttp,
        AdviceKind::PassCaBundle => Advice::PassCaBundle,
        AdviceKind::CheckNetwork => Advice::CheckNetwork,
        AdviceKind::RaiseTimeouts => Advice::RaiseTimeouts,
        AdviceKind::NameLedger => Advice::NameLedger,
        AdviceKind::ListJobs => Advice::ListJobs,
        AdviceKind::ListBatches => Advice::ListBatches { job: job() },
        AdviceKind::UseAnotherKey => Advice::UseAnotherKey,
        AdviceKind::WaitAgain => Advice::WaitAgain { job: job() },
        AdviceKind::ResumeJob => Advice::ResumeJob { job: Some(job()) },
        AdviceKind::RaiseBudget => Advice::RaiseBudget,
        AdviceKind::RaiseBudgetOrLowerPrice => Advice::RaiseBudgetOrLowerPrice,
        AdviceKind::RaiseTeamBudget => Advice::RaiseTeamBudget { budget: "marketing".into() },
        AdviceKind::SetTeamBudget => {
            Advice::SetTeamBudget { budget: "marketing".into(), nearest: None }
        }
        AdviceKind::DecideBatches => Advice::DecideBatches { job: job(), batches: vec![3] },
        AdviceKind::DecideCalls => Advice::DecideCalls { job: job(), calls: vec![3] },
        AdviceKind::DecideResults => Advice::DecideResults { job: job(), batches: vec![3] },
        AdviceKind::AttachRun => Advice::AttachRun { batch: 3 },
        AdviceKind::GiveAnswer => Advice::GiveAnswer { call: 3 },
        AdviceKind::ResendBatch => Advice::ResendBatch { job: job(), batch: 3 },
        AdviceKind::ResendBatches => Advice::ResendBatches { job: job() },
        AdviceKind::CorrectRun => Advice::CorrectRun { job: job(), batch: 3 },
        AdviceKind::AttachResult => Advice::AttachResult {
            job: job(),
            batch: 3,
            run: "r-1".into(),
            result: "s3://results/r 1.csv".into(),
        },
        AdviceKind::PassResultPath => Advice::PassResultPath { job: job(), batch: 3 },
        AdviceKind::LearnAgain => Advice::LearnAgain,
        AdviceKind::NameFields => Advice::NameFields,
        AdviceKind::CorrectField => Advice::CorrectField {
            nearest: Some("effort".into()),
            known: vec!["query".into(), "effort".into()],
        },
        AdviceKind::LeaveOut => Advice::LeaveOut(Setting::RowsPerCall),
        AdviceKind::ReportBug => Advice::ReportBug,
    }
}
