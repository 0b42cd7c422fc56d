//! Trace headers that break the rules, after the test suite of the W3C for
//! level 2 of its Recommendation.

use reqwest::Method;

use super::Notes;
use crate::lab::Answer;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What the backends see of the trace.
#[derive(Debug, PartialEq, Eq)]
enum Seen<'a> {
    /// The client's, with this state.
    Kept(Option<&'a str>),
    /// A new one.
    Fresh,
}

use Seen::{Fresh, Kept};

/// Headers, and what must become of them.
type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, Seen<'a>);

/// Cases of `traceparent` alone.
fn parents() -> Vec<Case<'static>> {
    let one = |name, value, seen| (name, vec![("traceparent", value)], seen);
    vec![
        ("none", vec![], Fresh),
        one("good", PARENT, Kept(None)),
        one("empty", "", Fresh),
        one(
            "parent_id_too_short",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
            Fresh,
        ),
        one(
            "parent_id_too_long",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033311-01",
            Fresh,
        ),
        one(
            "parent_id_all_zero",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            Fresh,
        ),
        one(
            "parent_id_upper_case",
            "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
            Fresh,
        ),
        one(
            "trace_id_too_short",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            Fresh,
        ),
        one(
            "trace_id_all_zero",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            Fresh,
        ),
        one(
            "trace_flags_too_long",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-001",
            Fresh,
        ),
        one(
            "trace_flags_too_short",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            Fresh,
        ),
        one(
            "trace_flags_illegal",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-.1",
            Fresh,
        ),
        one(
            "version_too_long",
            "000-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Fresh,
        ),
        one(
            "version_too_short",
            "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Fresh,
        ),
        one(
            "version_0x00_with_more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            Fresh,
        ),
        one(
            "version_0xff",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Fresh,
        ),
        one(
            "version_0xcc",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            Kept(None),
        ),
        (
            "duplicated",
            vec![("traceparent", PARENT), ("traceparent", PARENT)],
            Fresh,
        ),
    ]
}

/// Cases of `tracestate` beside a good `traceparent`. A bad state is dropped
/// and takes no trace with it.
fn states(texts: &Texts) -> Vec<Case<'_>> {
    let of = |name, values: &[&'static str], state| {
        let mut headers = vec![("traceparent", PARENT)];
        headers.extend(values.iter().map(|value| ("tracestate", *value)));
        (name, headers, Kept(state))
    };
    let long = |name, value, state| {
        let headers = vec![("traceparent", PARENT), ("tracestate", value)];
        (name, headers, Kept(state))
    };
    vec![
        of("good", &["a=1,b=2"], Some("a=1,b=2")),
        of("empty_header", &["a=1", ""], Some("a=1")),
        of("multiple_headers", &["a=1", "b=2"], Some("a=1,b=2")),
        of("key_with_at", &["t@v=1,@v=2"], None),
        of("key_with_vendor", &["t@v=1"], Some("t@v=1")),
        of("key_upper_case", &["A=1"], None),
        of("key_missing", &["=1"], None),
        of("value_missing", &["a="], None),
        of("value_with_equals", &["a=1=2"], None),
        of("value_not_ascii", &["a=\u{fc}"], None),
        long(
            "key_length_limit",
            &texts.longest_key,
            Some(&texts.longest_key),
        ),
        long("key_too_long", &texts.long_key, None),
        long("value_too_long", &texts.long_value, None),
        long("member_count_limit", &texts.most, Some(&texts.most)),
        long("too_many_members", &texts.too_many, None),
        ("without_parent", vec![("tracestate", "a=1")], Fresh),
    ]
}

struct Texts {
    longest_key: String,
    long_key: String,
    long_value: String,
    most: String,
    too_many: String,
}

impl Texts {
    fn new() -> Self {
        let members = |count| {
            let members: Vec<_> =
                (0..count).map(|n| format!("k{n}=1")).collect();
            members.join(",")
        };
        Self {
            longest_key: format!("{}=1", "a".repeat(256)),
            long_key: format!("{}=1", "a".repeat(257)),
            long_value: format!("a={}", "v".repeat(257)),
            most: members(32),
            too_many: members(33),
        }
    }
}

/// Sends the headers of each case to the page, and looks at what the backends
/// get.
pub(super) async fn each_case() {
    let (lab, notes) = Notes::lab().await;
    let texts = Texts::new();
    for (name, headers, seen) in parents().into_iter().chain(states(&texts)) {
        let mut request = lab.request(Method::GET, "/web/home");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{name}");
        let requests = notes.take();
        assert_eq!(requests.len(), 3, "{name}");
        for headers in requests {
            let parents = headers.get_all("traceparent").iter();
            let parents: Vec<_> =
                parents.map(|v| v.to_str().unwrap()).collect();
            let fields: Vec<_> = parents[0].split('-').collect();
            let lengths = fields.iter().map(|field| field.len());
            assert_eq!(parents.len(), 1, "{name}");
            assert!(lengths.eq([2, 32, 16, 2]), "{name}: {parents:?}");
            assert_ne!(fields[2], "b7ad6b7169203331", "{name}");
            let states = headers.get_all("tracestate").iter();
            let states: Vec<_> = states.map(|v| v.to_str().unwrap()).collect();
            let states = (!states.is_empty()).then(|| states.join(","));
            let found = match fields[1] == TRACE {
                true => Kept(states.as_deref()),
                false => {
                    assert_eq!(states, None, "{name}");
                    Fresh
                }
            };
            assert_eq!(found, seen, "{name}");
        }
    }
    lab.finish().await;
}
