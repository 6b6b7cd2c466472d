//! What a command answers when it fails: a word for programs and a sentence for
//! people, the same to every shell.

use library::LibraryError;
use serde::{Deserialize, Serialize};

/// A failed command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct NodeError {
    /// A stable word.
    pub code: String,
    /// A sentence that a person can act on.
    pub message: String,
}

impl NodeError {
    /// A failure with this word and sentence.
    pub fn new(code: &str, message: impl Into<String>) -> NodeError {
        NodeError {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

impl From<LibraryError> for NodeError {
    fn from(error: LibraryError) -> NodeError {
        NodeError::new(error.code(), error.to_string())
    }
}

impl From<sync::SyncError> for NodeError {
    fn from(error: sync::SyncError) -> NodeError {
        NodeError::new(error.code(), error.to_string())
    }
}

impl From<std::io::Error> for NodeError {
    fn from(error: std::io::Error) -> NodeError {
        NodeError::new("io", format!("{error}."))
    }
}
