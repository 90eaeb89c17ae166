//! Threads that meet in every order.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use lantern_schedules::per_process::PerProcess;
use shuttle::thread;

const ORDERS: usize = 20_000;
const THREADS: usize = 4;

/// A value that counts how often it was made and dropped.
struct Counted(Arc<[AtomicUsize; 2]>);

impl Counted {
    fn new(counts: &Arc<[AtomicUsize; 2]>) -> Self {
        counts[0].fetch_add(1, Ordering::SeqCst);
        // Making takes its time, and others ask meanwhile.
        thread::yield_now();
        Self(counts.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0[1].fetch_add(1, Ordering::SeqCst);
    }
}

fn place(value: &Counted) -> usize {
    std::ptr::from_ref(value).addr()
}

#[test]
fn threads_get_one_value_and_the_others_are_dropped() {
    let many = Arc::new(AtomicUsize::new(0));
    let raced = many.clone();
    shuttle::check_random(
        move || {
            let counts: Arc<[AtomicUsize; 2]> = Arc::default();
            let cell: Arc<PerProcess<Counted>> = Arc::default();
            let asking: Vec<_> = (0..THREADS)
                .map(|_| {
                    let (cell, counts) = (cell.clone(), counts.clone());
                    thread::spawn(move || {
                        let seen = cell.get().map(place);
                        let own = place(cell.get_or_init(|| Counted::new(&counts)));
                        assert!(seen.is_none_or(|seen| seen == own), "it saw another value");
                        assert_eq!(cell.get().map(place), Some(own));
                        own
                    })
                })
                .collect();
            let places: Vec<_> = asking.into_iter().map(|one| one.join().unwrap()).collect();
            assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
            let [made, dropped] = [0, 1].map(|count| counts[count].load(Ordering::SeqCst));
            assert_eq!(dropped, made - 1);
            raced.fetch_max(made, Ordering::SeqCst);
        },
        ORDERS,
    );
    assert_eq!(many.load(Ordering::SeqCst), THREADS, "no order let all make a value");
}

#[test]
fn two_threads_get_one_value_in_all_orders() {
    shuttle::check_dfs(
        || {
            let cell: Arc<PerProcess<usize>> = Arc::default();
            let other = {
                let cell = cell.clone();
                thread::spawn(move || *cell.get_or_init(|| 1))
            };
            let own = *cell.get_or_init(|| 2);
            assert_eq!(other.join().unwrap(), own);
        },
        None,
    );
}
