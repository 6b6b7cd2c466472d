//! Places: the map of where photos were taken, and towns to choose from.

use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Command;
use crate::{Node, NodeError};

/// The whole world.
const WORLD: &str = "-90,-180,90.0001,180.0001";

/// Arguments of `places map`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ShowMap {
    /// Only within these degrees: south, west, north, east; else the whole world
    #[arg(long, value_name = "S,W,N,E", allow_hyphen_values = true)]
    area: Option<String>,
    /// How closely it is looked at: 0 for the world in 256 pixels, 18 for a street
    #[arg(long)]
    zoom: Option<u8>,
    /// Only the library that this partner shows you: their name or id
    #[arg(long)]
    partner: Option<String>,
}

/// Arguments of `places find`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct FindTowns {
    /// Beginnings of its name; more words may be of its region and country
    #[serde(default)]
    #[arg(required = true)]
    text: Vec<String>,
    /// At most this many
    #[arg(long)]
    limit: Option<u32>,
}

/// Arguments of `places tiles`.
#[derive(Debug, Args, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct MapTiles {
    /// Their address, like https://tiles.example/{z}/{x}/{y}.png; empty to ask nobody.
    /// The present one is told when none is given
    url: Option<String>,
    /// Whom the map thanks for them
    #[arg(long, requires = "url")]
    attribution: Option<String>,
}

/// Photos that are near each other on the map.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Cluster {
    /// Degrees north of their middle.
    latitude: f64,
    /// Degrees east of their middle.
    longitude: f64,
    /// How many they are.
    count: u64,
    /// The id of one of them, if possible the newest.
    cover: String,
    /// Where that was taken, by name.
    place: Option<String>,
    /// South, west, north, east: `--area` lists exactly them.
    area: String,
}

/// A town.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Town {
    name: String,
    /// With its region and country.
    full_name: String,
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
}

/// Answer to `places map`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PhotoMap {
    /// The largest first.
    clusters: Vec<Cluster>,
    /// Towns to find one's way by, where there is room for their names.
    towns: Vec<Town>,
}

/// Answer to `places find`: the likeliest first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TownList {
    towns: Vec<Town>,
}

/// Answer to `places tiles`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MapTilesNow {
    /// Null when the map is drawn from what Albumen brings, and nobody is asked.
    url: Option<String>,
    attribution: Option<String>,
}

impl From<library::Town> for Town {
    fn from(town: library::Town) -> Town {
        Town {
            name: town.name,
            full_name: town.full_name,
            latitude: town.latitude,
            longitude: town.longitude,
        }
    }
}

impl From<library::Cluster> for Cluster {
    fn from(cluster: library::Cluster) -> Cluster {
        let library::Area {
            south,
            west,
            north,
            east,
        } = cluster.area;
        Cluster {
            latitude: cluster.latitude,
            longitude: cluster.longitude,
            count: cluster.count,
            cover: cluster.cover.to_string(),
            place: cluster.place,
            area: format!("{south},{west},{north},{east}"),
        }
    }
}

impl Command for ShowMap {
    const NAME: &'static str = "places.map";
    const ABOUT: &'static str = "Show where the timeline's photos were taken, in clusters";
    type Reply = PhotoMap;

    fn run(self, node: &Arc<Node>) -> Result<PhotoMap, NodeError> {
        let area = self.area.as_deref().unwrap_or(WORLD).parse()?;
        let partner = match &self.partner {
            Some(text) => Some(super::share::person(node, text)?),
            None => None,
        };
        let map = node.library.map(area, self.zoom.unwrap_or(2), partner)?;
        Ok(PhotoMap {
            clusters: map.clusters.into_iter().map(Cluster::from).collect(),
            towns: map.towns.into_iter().map(Town::from).collect(),
        })
    }

    fn text(reply: &PhotoMap) -> String {
        if reply.clusters.is_empty() {
            return "No photo of the timeline was taken there, as far as is known.".to_owned();
        }
        let row = |cluster: &Cluster| {
            format!(
                "{:>7}  {:>8.3},{:<8.3}  {}",
                cluster.count,
                cluster.latitude,
                cluster.longitude,
                cluster.place.as_deref().unwrap_or("–")
            )
        };
        let rows: Vec<String> = reply.clusters.iter().map(row).collect();
        rows.join("\n")
    }
}

impl Command for FindTowns {
    const NAME: &'static str = "places.find";
    const ABOUT: &'static str = "Find towns by name, for a photo's place; nobody else is asked";
    type Reply = TownList;

    fn run(self, node: &Arc<Node>) -> Result<TownList, NodeError> {
        let most = self.limit.unwrap_or(10).clamp(1, 100);
        let towns = node
            .library
            .towns(&self.text.join(" "), usize::try_from(most).unwrap_or(1));
        Ok(TownList {
            towns: towns.into_iter().map(Town::from).collect(),
        })
    }

    fn text(reply: &TownList) -> String {
        let row = |town: &Town| {
            format!(
                "{:>8.3},{:<8.3}  {}",
                town.latitude, town.longitude, town.full_name
            )
        };
        let rows: Vec<String> = reply.towns.iter().map(row).collect();
        match rows.is_empty() {
            true => "No town is called so.".to_owned(),
            false => rows.join("\n"),
        }
    }
}

impl Command for MapTiles {
    const NAME: &'static str = "places.tiles";
    const ABOUT: &'static str = "Say or set where the window's map gets its pictures from";
    type Reply = MapTilesNow;

    fn run(self, node: &Arc<Node>) -> Result<MapTilesNow, NodeError> {
        if let Some(url) = self.url {
            let by = self.attribution.unwrap_or_default();
            node.library.set_map_tiles(url.trim(), by.trim())?;
        }
        let (url, attribution) = node.library.map_tiles()?.unzip();
        Ok(MapTilesNow { url, attribution })
    }

    fn text(reply: &MapTilesNow) -> String {
        match &reply.url {
            Some(url) => url.clone(),
            None => "The map is drawn from what Albumen brings; nobody is asked.".to_owned(),
        }
    }
}
