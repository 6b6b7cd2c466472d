//! What is told of a photo where its link shows metadata: one fixed list, so that
//! a new column of the catalog is never shown by itself.

use crate::Asset;

/// What a link with metadata tells of a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// File name.
    pub name: String,
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Wall clock when it was taken, milliseconds since 1970 as if UTC.
    pub taken_local_ms: Option<i64>,
    /// Maker and model.
    pub camera: Option<String>,
    /// Lens.
    pub lens: Option<String>,
    /// Like `f/2 · 1/250 s · ISO 100 · 35 mm`.
    pub exposure: Option<String>,
    /// The nearest town, its region and country.
    pub place: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
}

impl Shown {
    /// What may be told of an asset.
    pub(crate) fn of(asset: &Asset) -> Shown {
        let camera = match (&asset.camera_make, &asset.camera_model) {
            (Some(make), Some(model)) if !model.starts_with(make.as_str()) => {
                Some(format!("{make} {model}"))
            }
            (make, model) => model.clone().or_else(|| make.clone()),
        };
        let exposure: Vec<String> = [
            asset.f_number.map(|f| format!("f/{f}")),
            asset.exposure_time.map(|seconds| {
                if seconds > 0.0 && seconds < 0.4 {
                    format!("1/{} s", (1.0 / seconds).round())
                } else {
                    format!("{seconds} s")
                }
            }),
            asset.iso.map(|iso| format!("ISO {iso}")),
            asset.focal_length.map(|mm| format!("{mm} mm")),
        ]
        .into_iter()
        .flatten()
        .collect();
        Shown {
            name: asset.name.clone(),
            title: asset.title.clone(),
            description: asset.description.clone(),
            taken_local_ms: asset.taken_at.map(|taken| taken.local_ms),
            camera,
            lens: asset.lens.clone(),
            exposure: (!exposure.is_empty()).then(|| exposure.join(" · ")),
            place: asset.place.clone().filter(|place| !place.is_empty()),
            latitude: asset.latitude,
            longitude: asset.longitude,
        }
    }
}
