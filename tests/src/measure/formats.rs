//! x
use std::path::Path;
pub fn tell(_: &Path) -> Result<(), String> { Ok(()) }
pub fn write(_: &Path, _: &Path) -> Result<(), String> { Ok(()) }
