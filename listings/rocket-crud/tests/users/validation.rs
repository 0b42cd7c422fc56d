//! What may be a user, at the limits and beyond.

use proptest::prelude::*;
use rocket_crud::users::Draft;
use serde_json::json;

fn check(handle: &str, name: &str, email: &str) -> Vec<&'static str> {
    let body = json!({ "handle": handle, "name": name, "email": email });
    let draft: Draft = serde_json::from_value(body).unwrap();
    match draft.check() {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|fault| fault.pointer).collect(),
    }
}

#[test]
fn limits_hold_on_both_sides() {
    let long = |n| "a".repeat(n);
    for (handle, is_right) in [
        ("ada", true),
        ("a-1", true),
        (&long(30), true),
        ("ad", false),
        (&long(31), false),
        ("1da", false),
        ("Ada", false),
        ("a_a", false),
        ("", false),
    ] {
        assert_eq!(check(handle, "A", "a@b").is_empty(), is_right, "{handle}");
    }
    for (name, is_right) in [
        (long(100), true),
        (long(101), false),
        ("\u{7}".into(), false),
    ] {
        assert_eq!(check("ada", &name, "a@b").is_empty(), is_right, "{name}");
    }
    let address = |n: usize| format!("{}@b", "a".repeat(n - 2));
    for (email, is_right) in [
        (address(254), true),
        (address(255), false),
        ("@b".into(), false),
        ("a@".into(), false),
        ("a@b@c".into(), false),
        ("a b@c".into(), false),
    ] {
        assert_eq!(check("ada", "A", &email).is_empty(), is_right, "{email}");
    }
    assert_eq!(check("A", "", "x"), ["/handle", "/name", "/email"]);
}

proptest! {
    /// What comes through is what the types promise.
    #[test]
    fn what_is_accepted_is_right(
        handle in ".{0,40}", name in ".{0,120}", email in ".{0,40}"
    ) {
        let body = json!({ "handle": handle, "name": name, "email": email });
        let draft: Draft = serde_json::from_value(body).unwrap();
        if let Ok(fields) = draft.check() {
            prop_assert!((3..=30).contains(&fields.handle.len()));
            prop_assert!(!fields.name.trim().is_empty());
            prop_assert!(fields.email.contains('@'));
            prop_assert!(!fields.name.chars().any(char::is_control));
        }
    }
}
