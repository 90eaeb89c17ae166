//! Ledgers of earlier versions and of nobody: the file is any bytes, and opening it is an error or a
//! ledger whose jobs can be listed.

use lantern::jobs::Ledger;

use super::readable;

pub fn run(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("ledger.sqlite");
    std::fs::write(&path, bytes).expect("there is room");
    let _ = std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600));
    let ledger = match Ledger::open(&path.to_string_lossy()) {
        Ok(ledger) => ledger,
        Err(error) => return readable(&error),
    };
    let store = ledger.store();
    match store.jobs(None) {
        Ok(jobs) => {
            for (job, _) in jobs.iter().take(5) {
                for outcome in [
                    store.batches(job.id).map(drop),
                    store.all_ids(job.id).map(drop),
                    store.requests(job.id).map(drop),
                    store.answers(job.id).map(drop),
                    store.find_doubt(job.id),
                ] {
                    if let Err(error) = outcome {
                        readable(&error);
                    }
                }
            }
        }
        Err(error) => readable(&error),
    }
}
