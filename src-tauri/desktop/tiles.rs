//! The map's pictures, where the user has named a server of them:
//! `tile://localhost/<zoom>/<column>/<row>`. The page itself may ask no one on the
//! network; it gets them here, and can name no address.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use node::Node;
use reqwest::Client;
use tauri::http::{Request, Response, header};
use tauri::{Runtime, UriSchemeContext, UriSchemeResponder, async_runtime};

use crate::protocol::nothing;
use crate::window;

/// The closest zoom that servers have.
const CLOSEST: u32 = 22;
/// The largest picture that is taken, in bytes; a tile has some ten thousand.
const LARGEST: usize = 2 << 20;
/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A square of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tile {
    zoom: u32,
    column: u32,
    row: u32,
}

/// Answers the window's wish for a tile.
pub fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let node = window::node_of(context.app_handle());
    async_runtime::spawn(async move {
        let asked = Tile::parse(request.uri().path()).zip(node);
        let picture = match asked {
            Some((tile, node)) => fetch(tile, node).await,
            None => None,
        };
        responder.respond(picture.unwrap_or_else(nothing));
    });
}

impl Tile {
    /// Reads `/<zoom>/<column>/<row>`; slashes may come escaped.
    fn parse(path: &str) -> Option<Tile> {
        let path = path.trim_start_matches('/').replace("%2F", "/");
        let mut parts = path.split('/').map(str::parse::<u32>);
        let mut next = || parts.next()?.ok();
        let (zoom, column, row) = (next()?, next()?, next()?);
        let side = (zoom <= CLOSEST).then(|| 1_u32 << zoom)?;
        (column < side && row < side && parts.next().is_none()).then_some(Tile {
            zoom,
            column,
            row,
        })
    }

    /// Where a server has it.
    fn address(self, server: &str) -> String {
        // Some servers have three names, so that browsers ask three at once.
        let name = ["a", "b", "c"]
            .into_iter()
            .nth((self.column as usize + self.row as usize) % 3)
            .unwrap_or("a");
        server
            .replace("{z}", &self.zoom.to_string())
            .replace("{x}", &self.column.to_string())
            .replace("{y}", &self.row.to_string())
            .replace("{s}", name)
            .replace("{r}", "")
    }
}

/// Asks the server that is set; `None` when there is none, or no picture.
async fn fetch(tile: Tile, node: Arc<Node>) -> Option<Response<Vec<u8>>> {
    let asked = async_runtime::spawn_blocking(move || node.library().map_tiles());
    let (server, _) = asked.await.ok()?.ok()??;
    let mut reply = client()?.get(tile.address(&server)).send().await.ok()?;
    let kind = reply.headers().get(header::CONTENT_TYPE)?.clone();
    if !reply.status().is_success() || !kind.to_str().ok()?.starts_with("image/") {
        return None;
    }
    let mut bytes = Vec::new();
    while let Some(part) = reply.chunk().await.ok()? {
        bytes.extend_from_slice(&part);
        if bytes.len() > LARGEST {
            return None;
        }
    }
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CACHE_CONTROL, "private, max-age=86400")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(bytes)
        .ok()
}

/// One client for all: servers ask for a name, and connections are used again.
fn client() -> Option<&'static Client> {
    static CLIENT: OnceLock<Option<Client>> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            Client::builder()
                .user_agent(concat!("Albumen/", env!("CARGO_PKG_VERSION")))
                .timeout(PATIENCE)
                .build()
                .ok()
        })
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_squares_of_the_map_can_be_asked_for() {
        let tile = Tile {
            zoom: 3,
            column: 5,
            row: 7,
        };
        assert_eq!(Tile::parse("/3/5/7"), Some(tile));
        assert_eq!(Tile::parse("/3%2F5%2F7"), Some(tile));
        for path in [
            "/3/8/0", "/3/0/8", "/23/0/0", "/3/5", "/3/5/7/1", "/a/b/c", "/-1/0/0", "/../x/y",
        ] {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
        assert_eq!(
            tile.address("https://{s}.tiles.example/{z}/{x}/{y}{r}.png"),
            "https://a.tiles.example/3/5/7.png"
        );
    }
}
