//! Results by the S3 protocol, as any S3 client reads them.

use futures_util::TryStreamExt;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};

use crate::server::common::{Caller, lifted};

#[tokio::test]
async fn a_wrong_secret_or_access_key_is_refused() {
    let caller = Caller::start(lifted()).await;
    let run = caller.submit_ids("email", &["P0000001"], 1).await;
    caller.server.idle().await;
    let address = run["result_path"].as_str().unwrap();
    let secret = caller.server.storage_options()["aws_secret_access_key"].clone();
    assert_eq!(secret.len(), 40);
    for change in [
        ("aws_secret_access_key", "0000000000000000000000000000000000000000"),
        ("aws_access_key_id", "LANTERNAAAAAAAAAAAAA"),
        ("aws_skip_signature", "true"),
    ] {
        let (store, path) = caller.store(address, &[change]);
        let error = store.get(&path).await.unwrap_err();
        let refused = matches!(
            error,
            object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }
        );
        assert!(refused, "{change:?}: {error:?}");
        assert!(!format!("{error}").contains(&secret));
    }
    let (store, path) = caller.store(address, &[]);
    assert!(store.get(&path).await.is_ok());
}

#[tokio::test]
async fn results_are_listed_read_in_ranges_and_missing_ones_not_found() {
    let caller = Caller::start(lifted()).await;
    let run = caller.submit_ids("email", &["P0000001", "P0000002"], 2).await;
    caller.server.idle().await;
    let (store, path) = caller.store(run["result_path"].as_str().unwrap(), &[]);
    let found: Vec<_> = store.list(None).try_collect().await.unwrap();
    let mut names: Vec<_> = found.iter().filter_map(|object| object.location.filename()).collect();
    names.sort_unstable();
    assert_eq!(names, ["credits.csv", "results.csv"]);
    let whole = store.get(&path).await.unwrap();
    assert_eq!(whole.meta.size, found.iter().find(|o| o.location == path).unwrap().size);
    assert!(whole.meta.e_tag.is_some());
    let whole = whole.bytes().await.unwrap();
    let range = GetOptions { range: Some(GetRange::Bounded(3..20)), ..GetOptions::default() };
    let part = store.get_opts(&path, range).await.unwrap().bytes().await.unwrap();
    assert_eq!(part, whole.slice(3..20));
    let missing = path.parent().unwrap().join("other.csv");
    let error = store.get(&missing).await.unwrap_err();
    assert!(matches!(error, object_store::Error::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn a_completed_run_can_always_be_read() {
    let caller = Caller::start(lifted()).await;
    let (store, _) = caller.store("s3://lantern-results/x", &[]);
    for _ in 0..30 {
        let run = caller.submit_ids("email", &["P0000001"], 1).await;
        let key = run["result_path"].as_str().unwrap().strip_prefix("s3://lantern-results/");
        let path = object_store::path::Path::from(key.unwrap());
        // Asked without a pause: a run must not be completed before its file is there.
        while caller.status(&run).await != "completed" {}
        assert!(store.get(&path).await.is_ok());
    }
}
