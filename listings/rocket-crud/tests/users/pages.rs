//! Keyset pagination, whatever happens between two pages.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use rocket_crud::users::User;
use uuid::Uuid;

use crate::stores::{all, fields};

/// What happens between two pages.
#[derive(Clone, Debug)]
enum Between {
    Nothing,
    Add,
    /// The one at this place, counted round and round.
    Remove(usize),
}

fn between() -> impl Strategy<Value = Between> {
    prop_oneof![
        Just(Between::Nothing),
        Just(Between::Add),
        (0usize..100).prop_map(Between::Remove),
    ]
}

// ANCHOR: pages
/// Reads all pages while users come and go. Those who stay are seen exactly
/// once, in order, and nobody is seen twice.
async fn read_all(start: usize, limit: u32, between: &[Between]) {
    for store in all().await {
        let mut here = Vec::new();
        for number in 0..start {
            let user = User::new(fields(&format!("user-{number}")));
            store.users.insert(&user).await.unwrap();
            here.push(user.id);
        }
        let mut stayed: BTreeSet<Uuid> = here.iter().copied().collect();
        let (mut seen, mut after) = (Vec::new(), None);
        for number in 0.. {
            let page = store.users.page(after, limit).await.unwrap();
            assert!(page.len() <= limit as usize);
            seen.extend(page.iter().map(|user| user.id));
            after = page.last().map(|user| user.id).or(after);
            if page.is_empty() {
                break;
            }
            match between.get(number) {
                Some(Between::Add) => {
                    let user = User::new(fields(&format!("late-{number}")));
                    store.users.insert(&user).await.unwrap();
                    here.push(user.id);
                }
                Some(Between::Remove(place)) if !here.is_empty() => {
                    let id = here.remove(place % here.len());
                    stayed.remove(&id);
                    store.users.delete(id, 1).await.unwrap();
                }
                _ => {}
            }
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "{}: {seen:?}", store.name);
        assert!(stayed.iter().all(|id| seen.contains(id)), "{}", store.name);
    }
}
// ANCHOR_END: pages

#[test]
fn who_stays_is_seen_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    let cases = (0usize..20, 1u32..8, vec(between(), 0..8));
    runner
        .run(&cases, |(start, limit, between)| {
            runtime.block_on(read_all(start, limit, &between));
            Ok(())
        })
        .unwrap();
}
