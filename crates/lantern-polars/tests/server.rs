//! Frames against the local server: what is sent, what is paid, what comes back.

use std::time::Duration;

use lantern::{
    Client, ClientConfig,
    api::agents::BatchKind,
    client::RateLimits,
    error::ErrorKind,
    jobs::{
        Job, JobOptions, Ledger,
        plan::{Request, Submission},
    },
    storage::StorageOptions,
};
use lantern_polars::{Frame, IntoPolars, MapCall, dry_run, map, submit};
use lantern_server::{Limits, LocalServer, ServerConfig};
use polars::prelude::*;

struct World {
    server: LocalServer,
    client: Client,
    ledger: Ledger,
    options: JobOptions,
    _folder: tempfile::TempDir,
}

async fn world() -> World {
    let config = ServerConfig { limits: Limits::LIFTED, ..ServerConfig::default() };
    let server = LocalServer::start(config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy()).unwrap();
    let mut config = ClientConfig::resolve(Some(server.key()), Some(&server.url()), false).unwrap();
    config.limits = RateLimits::LIFTED;
    let client = Client::with_slots(config, Some(ledger.slots())).unwrap();
    let storage = StorageOptions::new(server.storage_options()).unwrap();
    let options = JobOptions { storage, ..JobOptions::default() };
    World { server, client, ledger, options, _folder: folder }
}

fn email(max_credits: u64) -> Submission {
    Submission::new(Request::new(BatchKind::Email), max_credits)
}

impl World {
    async fn submit(&self, frame: impl Into<Frame>, id: &str) -> lantern::Result<Job> {
        submit(&self.client, &self.ledger, frame, id, &email(10_000), self.options.clone()).await
    }

    async fn answers(&self, frame: impl Into<Frame>, id: &str) -> DataFrame {
        let job = self.submit(frame, id).await.unwrap();
        job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap();
        job.table().await.unwrap().into_polars().unwrap()
    }

    fn people(&self) -> DataFrame {
        self.server.people().into_polars().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_gets_one_row_for_each_row_in_its_order() {
    let world = world().await;
    let people = world.people().head(Some(1_200)).reverse();
    // Another chunk, with a null, a duplicate id, and one that does not exist.
    let first = people.column("id").unwrap().str().unwrap().get(0).unwrap().to_owned();
    let more = df!("id" => [None, Some(first.as_str()), Some("nobody")]).unwrap();
    let frame = people.select(["id"]).unwrap().vstack(&more).unwrap();
    assert!(frame.first_col_n_chunks() > 1);

    let answers = world.answers(&frame, "id").await;
    assert!(answers.column("id").unwrap().equals_missing(frame.column("id").unwrap()));
    let status = answers.column("status").unwrap().str().unwrap();
    assert_eq!(status.get(1_200), Some("no_id"));
    assert_eq!(status.get(1_201), status.get(0));
    assert_eq!(status.get(1_202), Some("missing"));

    // The directory provides the expected values.
    let found = answers
        .slice(0, 1_200)
        .hstack(&[people.column("email").unwrap().clone().with_name("known".into())])
        .unwrap();
    let found = found.lazy().filter(col("status").eq(lit("found"))).collect().unwrap();
    assert!(found.height() > 400, "{}", found.height());
    assert!(found.column("email").unwrap().as_materialized_series().equals(
        &found.column("known").unwrap().as_materialized_series().clone().with_name("email".into())
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_of_ids_asks_the_same_and_pays_once() {
    let world = world().await;
    let ids = world.people().head(Some(40)).column("id").unwrap().clone();
    let paid = {
        world.answers(&DataFrame::new_infer_height(vec![ids.clone()]).unwrap(), "id").await;
        world.server.credits_used()
    };
    assert!(paid > 0.0);
    let texts: Vec<&str> = ids.str().unwrap().iter().flatten().collect();
    let frozen = FrozenCategories::new(texts.iter().copied()).unwrap();
    for kind in
        [DataType::from_categories(Categories::global()), DataType::from_frozen_categories(frozen)]
    {
        let typed = ids.cast(&kind).unwrap();
        let frame = DataFrame::new_infer_height(vec![typed]).unwrap();
        let answers = world.answers(&frame, "id").await;
        assert_eq!(answers.column("id").unwrap().dtype(), &DataType::String);
        assert_eq!(world.server.credits_used(), paid, "{kind}");
    }
    for kind in [DataType::Int8, DataType::UInt16, DataType::Int64] {
        let numbers = Series::new("n".into(), [7, 8, 7]).cast(&kind).unwrap();
        let frame = DataFrame::new_infer_height(vec![numbers.into()]).unwrap();
        let answers = world.answers(&frame, "n").await;
        assert_eq!(answers.column("n").unwrap().dtype(), &kind);
        assert_eq!(answers.height(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lazy_frame_is_computed_for_its_ids_alone() {
    let world = world().await;
    let people = world.people().head(Some(5)).lazy();
    // This column cannot be computed.
    let broken = people.with_column(col("last_name").strict_cast(DataType::Int32).alias("broken"));
    let plan = dry_run(&world.client, &world.ledger, &broken, "id", &email(100)).await.unwrap();
    assert_eq!((plan.rows, plan.ids, plan.known), (5, 5, false));
    assert_eq!(world.answers(broken, "id").await.height(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_frame_is_a_finished_job() {
    let world = world().await;
    let empty =
        DataFrame::new_infer_height(vec![Column::new_empty("id".into(), &DataType::String)])
            .unwrap();
    let answers = world.answers(&empty, "id").await;
    assert_eq!(answers.height(), 0);
    assert_eq!(answers.get_column_names()[..3], ["id", "status", "error"]);
    assert_eq!(world.server.credits_used(), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_holds_no_ids_is_refused_and_nothing_is_sent() {
    let world = world().await;
    let frame = df!("id" => [1.5, 2.5], "other" => ["a", "b"]).unwrap();
    let error = world.submit(&frame, "id").await.unwrap_err();
    assert!(error.is(ErrorKind::Input) && error.to_string().contains("cast it"), "{error}");
    let error = world.submit(frame.lazy(), "ids").await.unwrap_err();
    assert!(error.to_string().contains("did you mean \"id\"?"), "{error}");
    assert_eq!(world.server.runs().unwrap().num_rows(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_made_for_each_row_and_paid_once() {
    let world = world().await;
    let companies = world.server.companies().into_polars().unwrap().lazy();
    let known = companies.filter(col("domain").is_not_null());
    let companies = known.limit(3).collect().unwrap();
    let domains = companies.column("domain").unwrap().clone();
    let frame = DataFrame::new_infer_height(vec![
        Series::new("account".into(), [1_i64, 2, 3]).into(),
        domains.cast(&DataType::from_categories(Categories::global())).unwrap(),
        Series::new("score".into(), [0.5, 1.5, 2.5]).into(),
    ])
    .unwrap();
    let call = MapCall::new("enrich.company", 100)
        .column("record_id", "account")
        .column("domain", "domain");
    let answers = map(&world.client, &world.ledger, &frame, call.clone()).await.unwrap();
    assert_eq!(answers.height(), 3);
    let done = answers.column("status").unwrap().str().unwrap();
    assert!(done.iter().all(|status| status == Some("done")), "{done:?}");
    let paid = world.server.credits_used();
    assert!(paid > 0.0);
    let again = map(&world.client, &world.ledger, frame.clone().lazy(), call).await.unwrap();
    assert!(again.equals_missing(&answers));
    assert_eq!(world.server.credits_used(), paid);

    let call = MapCall::new("enrich.company", 100).column("record_id", "score");
    let error = map(&world.client, &world.ledger, &frame, call).await.unwrap_err();
    assert_eq!(error.facts().column.as_deref(), Some("score"));
    let call = MapCall::new("enrich.company", 100).column("record_idd", "account");
    let error = map(&world.client, &world.ledger, &frame, call).await.unwrap_err();
    assert!(error.to_string().contains("record_id"), "{error}");
    let call = MapCall::new("enrich.company", 100);
    let error = map(&world.client, &world.ledger, &frame, call).await.unwrap_err();
    assert!(error.to_string().contains("MapCall::column"), "{error}");
    assert_eq!(world.server.credits_used(), paid);
}
