//! What a store complains of, as a sentence that says what to do. Stores put a word into
//! their answers (`NoSuchBucket`), and those are the same at all of them.

use std::error::Error;

use library::OffsitePlace;

use crate::NodeError;

/// The words of stores, what they mean to programs, and to people. `{bucket}` and so on stand
/// for what is set.
const WORDS: &[(&[&str], &str, &str)] = &[
    (
        &["NoSuchBucket"],
        "offsite_bucket",
        "The store at {endpoint} has no bucket «{bucket}»; make it there, or name the right one \
         with `albumen offsite set --bucket`.",
    ),
    (
        &["RequestTimeTooSkewed", "RequestExpired"],
        "offsite_clock",
        "The store refuses this machine because its clock is wrong; set the machine's time and \
         try again.",
    ),
    (
        &[
            "InvalidAccessKeyId",
            "InvalidAccessKey",
            "SignatureDoesNotMatch",
        ],
        "offsite_login",
        "The store at {endpoint} does not know these keys; give it the right access key and \
         secret key with `albumen offsite set`.",
    ),
    (
        &[
            "AuthorizationHeaderMalformed",
            "PermanentRedirect",
            "IllegalLocationConstraint",
            "incorrectly configured region",
        ],
        "offsite_region",
        "The store is in another region than «{region}»; name its region with `albumen offsite \
         set --region`.",
    ),
    (
        &[
            "QuotaExceeded",
            "StorageFull",
            "InsufficientStorage",
            "InsufficientCapacity",
            "NotEnoughSpace",
            "507 ",
        ],
        "offsite_full",
        "The store has no room left; make some there, or have your part of it made larger. What \
         was copied so far is kept.",
    ),
    (
        &["AccessDenied", "AllAccessDisabled", "Forbidden"],
        "offsite_refused",
        "The store does not let these keys do that in the bucket «{bucket}»; allow them to list, \
         read, write and delete there.",
    ),
    (
        &["SlowDown", "ServiceUnavailable", "503 ", "429 "],
        "offsite_busy",
        "The store is too busy now; it is tried again later.",
    ),
];

/// The sentence for an error of the store at a place.
pub(super) fn told(error: object_store::Error, place: &OffsitePlace) -> NodeError {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(deeper) = source {
        said.push_str(" | ");
        said.push_str(&deeper.to_string());
        source = deeper.source();
    }
    let filled = |sentence: &str| {
        sentence
            .replace("{endpoint}", &place.endpoint)
            .replace("{bucket}", &place.bucket)
            .replace("{region}", &place.region)
    };
    for (words, code, sentence) in WORDS {
        if words.iter().any(|word| said.contains(word)) {
            return NodeError::new(code, filled(sentence));
        }
    }
    match error {
        object_store::Error::NotFound { .. } => {
            NodeError::new("not_found", "The store does not hold that.")
        }
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => NodeError::new(
            "offsite_login",
            filled(
                "The store at {endpoint} refuses these keys; give it the right ones with \
                 `albumen offsite set`.",
            ),
        ),
        _ if is_of_the_way(&said) => NodeError::new(
            "offsite_away",
            filled(
                "The store at {endpoint} cannot be reached; look whether this machine is online \
                 and the address is right.",
            ),
        ),
        _ => NodeError::new(
            "offsite",
            format!("The store failed: {}.", shortened(&said)),
        ),
    }
}

/// Whether nothing was heard from the store at all.
fn is_of_the_way(said: &str) -> bool {
    let words = [
        "error sending request",
        "client error (Connect)",
        "dns error",
        "operation timed out",
        "HTTP error",
        "request timed out",
    ];
    words.iter().any(|word| said.contains(word))
}

fn shortened(said: &str) -> String {
    said.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str) -> NodeError {
        let place = OffsitePlace {
            endpoint: "https://s3.example.org".to_owned(),
            bucket: "photos".to_owned(),
            region: "garage".to_owned(),
            prefix: String::new(),
        };
        let source = words.to_owned().into();
        told(
            object_store::Error::Generic {
                store: "S3",
                source,
            },
            &place,
        )
    }

    /// As stores answer: AWS, MinIO, Ceph and Garage.
    #[test]
    fn each_complaint_has_its_word_and_sentence() {
        for (answer, code) in [
            (
                "Server returned non-2xx status code: 404 Not Found: <Error><Code>NoSuchBucket</Code></Error>",
                "offsite_bucket",
            ),
            (
                "403 Forbidden: <Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message>",
                "offsite_clock",
            ),
            (
                "403 Forbidden: <Code>InvalidAccessKeyId</Code>",
                "offsite_login",
            ),
            (
                "403 Forbidden: <Code>SignatureDoesNotMatch</Code>",
                "offsite_login",
            ),
            (
                "400 Bad Request: <Code>AuthorizationHeaderMalformed</Code><Message>unexpected scope</Message>",
                "offsite_region",
            ),
            ("403 Forbidden: <Code>QuotaExceeded</Code>", "offsite_full"),
            (
                "507 Insufficient Storage: <Code>XMinioStorageFull</Code>",
                "offsite_full",
            ),
            (
                "403 Forbidden: <Code>AccessDenied</Code>",
                "offsite_refused",
            ),
            (
                "503 Service Unavailable: <Code>SlowDown</Code>",
                "offsite_busy",
            ),
            (
                "HTTP error: error sending request for url | client error (Connect)",
                "offsite_away",
            ),
            ("something new", "offsite"),
        ] {
            let told = said(answer);
            assert_eq!(told.code, code, "{answer}");
            assert!(told.message.ends_with('.'), "{}", told.message);
            assert!(!told.message.contains('{'), "{}", told.message);
        }
    }
}
