//! A link's pages as its visitors see them, for the owner's window.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, Response};
use web::Reader;

use crate::{Node, NodeError};

/// Whose pages were looked at last.
#[derive(Default)]
pub(crate) struct Looked(Mutex<Option<Arc<Reader>>>);

impl Node {
    /// What a visitor who was let in gets at `/share/<key>…`, or one of the pages' own
    /// files, when a browser asks with these headers; `None` when no link opens there. The
    /// owner is no visitor and is counted nowhere.
    pub async fn page(
        self: &Arc<Node>,
        address: &str,
        headers: HeaderMap,
    ) -> Option<Response<Vec<u8>>> {
        let node = Arc::clone(self);
        let asked = address.to_owned();
        let found = self.runtime.spawn_blocking(move || node.reader_at(&asked));
        let reader = found.await.ok()?.ok()??;
        reader.answer(address, headers).await
    }

    /// Who reads the pages of the link at an address; of the one that was looked at last,
    /// for what belongs to all.
    fn reader_at(self: &Arc<Node>, address: &str) -> Result<Option<Arc<Reader>>, NodeError> {
        let path = address.split('?').next().unwrap_or_default();
        let mut looked = self.looked.0.lock().unwrap_or_else(PoisonError::into_inner);
        // With each album's page it is made anew: the link may have changed.
        let belongs =
            |reader: &&Arc<Reader>| path.starts_with("/static/") || is_below(path, reader.base());
        if let Some(reader) = looked.as_ref().filter(belongs) {
            return Ok(Some(Arc::clone(reader)));
        }
        let key = path
            .strip_prefix("/share/")
            .and_then(|rest| rest.split('/').next());
        let links = self.library.links(None)?;
        let link = links
            .iter()
            .find(|link| link.key.is_some() && link.key.as_deref() == key);
        let Some(link) = link else { return Ok(None) };
        let reader = Arc::new(Reader::new(&self.library, link.id)?);
        *looked = Some(Arc::clone(&reader));
        Ok(Some(reader))
    }
}

/// Whether a path lies below a link's own page.
fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base)
        .is_some_and(|rest| rest.starts_with('/'))
}
