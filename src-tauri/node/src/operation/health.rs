//! Whether a node is well: its catalog answers, and links are served as wished.

use std::time::SystemTime;

use super::sentence;
use crate::{Node, NodeError};

/// One sentence, and whether all is well. Blocks.
pub(super) fn tell(node: &Node) -> web::Told {
    match complaint(node) {
        Ok(None) => sentence(true, "All is well."),
        Ok(Some(why)) => sentence(false, &why),
        Err(error) => sentence(false, &error.message),
    }
}

/// What is not as it should be.
fn complaint(node: &Node) -> Result<Option<String>, NodeError> {
    let sharing = node.runtime.block_on(node.listener.show(&node.library))?;
    if sharing.wanted && !sharing.on {
        let why = sharing.problem;
        return Ok(Some(why.unwrap_or_else(|| {
            "Links should be served and are not; restart Albumen.".to_owned()
        })));
    }
    let ends = node.runtime.block_on(node.listener.figures());
    let is_over = |figures: &crate::sharing::Figures| {
        let until = figures.certificate?.until;
        (until <= SystemTime::now()).then_some(())
    };
    if ends.as_ref().and_then(is_over).is_some() {
        let why = "The certificate of links has ended, and browsers turn away; renew it.";
        return Ok(Some(sharing.problem.unwrap_or_else(|| why.to_owned())));
    }
    // A port that only leads on, or a certificate that is late, is no reason to restart.
    Ok(None)
}
