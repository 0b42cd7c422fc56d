//! Every kind of problem that the API answers with.

use axum::http::StatusCode;

/// A kind of problem. Its URI is stable: programs decide by it.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The HTTP status.
    pub status: StatusCode,
    /// A URI reference that names the kind.
    pub uri: &'static str,
    /// One sentence for people.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($name:ident $status:ident $uri:literal $title:literal)*) => {
        $(
            #[doc = $title]
            pub static $name: Kind = Kind {
                status: StatusCode::$status,
                uri: concat!("/problems/", $uri),
                title: $title,
            };
        )*

        /// All of them.
        pub static ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    MALFORMED_BODY BAD_REQUEST "malformed-body"
        "The body is not the JSON that this takes."
    MALFORMED_ID BAD_REQUEST "malformed-id"
        "An id in the path is not a UUID."
    MALFORMED_QUERY BAD_REQUEST "malformed-query"
        "A query parameter is missing, unknown or out of range."
    KEY_MISSING BAD_REQUEST "idempotency-key-missing"
        "This needs one Idempotency-Key header."
    KEY_MALFORMED BAD_REQUEST "idempotency-key-malformed"
        "The Idempotency-Key is not a UUID."
    MALFORMED_IF_MATCH BAD_REQUEST "malformed-if-match"
        "If-Match holds neither entity tags nor *."
    NO_SUCH_ACCOUNT NOT_FOUND "no-such-account"
        "There is no such account."
    NO_SUCH_VERSION NOT_FOUND "no-such-version"
        "The account has not come to this version yet."
    BEFORE_OPENING NOT_FOUND "before-opening"
        "The account was not open yet."
    NO_SUCH_SUBJECT NOT_FOUND "no-such-subject"
        "There is no such person."
    NO_SUCH_PROJECTION NOT_FOUND "no-such-projection"
        "There is no such projection."
    NOT_HELD NOT_FOUND "not-held"
        "No transfer is held that this event has sent."
    NO_SUCH_PAGE NOT_FOUND "no-such-page"
        "There is nothing at this path."
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "method-not-allowed"
        "This path does not take this method."
    REQUEST_IN_PROGRESS CONFLICT "request-in-progress"
        "A request with this key, or on this account, is under way."
    CONTENDED CONFLICT "contended"
        "Too many others write to this account."
    REBUILD_UNDER_WAY CONFLICT "rebuild-under-way"
        "The projection is being rebuilt already."
    VERSION_MISMATCH PRECONDITION_FAILED "version-mismatch"
        "The account has changed since you saw it."
    BODY_TOO_SLOW REQUEST_TIMEOUT "body-too-slow"
        "The body did not arrive in time."
    BODY_TOO_LARGE PAYLOAD_TOO_LARGE "body-too-large"
        "The body is larger than 16 KiB."
    UNSUPPORTED_TYPE UNSUPPORTED_MEDIA_TYPE "unsupported-media-type"
        "The body has to be application/json, without a content coding."
    IF_MATCH_REQUIRED PRECONDITION_REQUIRED "if-match-required"
        "This needs an If-Match header: say which version you have seen."
    KEY_REUSED UNPROCESSABLE_ENTITY "idempotency-key-reused"
        "The Idempotency-Key belongs to another request."
    INVALID_HOLDER UNPROCESSABLE_ENTITY "invalid-holder"
        "A holder has 1 to 200 characters, and no control characters."
    SUBJECT_ERASED UNPROCESSABLE_ENTITY "subject-erased"
        "The person's data has been erased."
    ACCOUNT_EXISTS UNPROCESSABLE_ENTITY "account-exists"
        "The account was opened before."
    ACCOUNT_CLOSED UNPROCESSABLE_ENTITY "account-closed"
        "The account is closed."
    NOT_POSITIVE UNPROCESSABLE_ENTITY "amount-not-positive"
        "An amount is greater than zero."
    INSUFFICIENT_FUNDS UNPROCESSABLE_ENTITY "insufficient-funds"
        "The balance does not cover the amount."
    CURRENCY_MISMATCH UNPROCESSABLE_ENTITY "currency-mismatch"
        "The account is in another currency."
    BALANCE_OVERFLOW UNPROCESSABLE_ENTITY "balance-overflow"
        "The balance would be too large."
    SAME_ACCOUNT UNPROCESSABLE_ENTITY "same-account"
        "A transfer needs two accounts."
    UNKNOWN_TARGET UNPROCESSABLE_ENTITY "unknown-transfer-target"
        "There is no such account to transfer to."
    NO_SUCH_TRANSFER UNPROCESSABLE_ENTITY "no-such-transfer"
        "No such transfer is on its way."
    NOT_EMPTY UNPROCESSABLE_ENTITY "account-not-empty"
        "The account still holds money."
    IN_TRANSIT UNPROCESSABLE_ENTITY "transfer-in-transit"
        "A transfer is still on its way."
    NOT_REBUILDABLE UNPROCESSABLE_ENTITY "not-rebuildable"
        "What this projection does cannot be done again."
    INTERNAL INTERNAL_SERVER_ERROR "internal"
        "Something went wrong here."
    UNAVAILABLE SERVICE_UNAVAILABLE "database-unavailable"
        "The database cannot serve this now."
    TIMED_OUT SERVICE_UNAVAILABLE "timed-out"
        "The answer took too long."
    READ_MODEL_BEHIND SERVICE_UNAVAILABLE "read-model-behind"
        "The read model has not come to this version in time."
}
