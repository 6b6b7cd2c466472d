//! What a measurement has to reach. All that was missed is told at its end, in one
//! sentence, with which the program fails: figures alone are read by nobody.

/// What was missed so far.
#[derive(Default)]
pub struct Goals {
    missed: Vec<String>,
}

impl Goals {
    /// `found` has to be `least` or more.
    pub fn at_least(&mut self, what: &str, found: f64, least: f64) {
        self.ask(found >= least, what, found, "at least", least);
    }

    /// `found` has to be less than `limit`.
    pub fn below(&mut self, what: &str, found: f64, limit: f64) {
        self.ask(found < limit, what, found, "less than", limit);
    }

    /// What is no number is not reached, either.
    fn ask(&mut self, reached: bool, what: &str, found: f64, bound: &str, goal: f64) {
        if !reached {
            self.missed
                .push(format!("{what}: {found:.2} instead of {bound} {goal}"));
        }
    }

    /// Ends a measurement.
    ///
    /// # Errors
    /// A sentence that names all that was missed.
    pub fn end(self) -> Result<(), String> {
        match self.missed.as_slice() {
            [] => Ok(()),
            missed => Err(format!("not reached: {}.", missed.join("; "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reached_is_no_failure() {
        let mut goals = Goals::default();
        goals.at_least("the archive", 0.8, 0.8);
        goals.below("memory", 31.9, 32.0);
        assert_eq!(goals.end(), Ok(()));
    }

    #[test]
    fn all_that_was_missed_is_named_and_no_number_is_missed_too() {
        let mut goals = Goals::default();
        goals.at_least("thumbnails", 0.59, 0.6);
        goals.at_least("previews", 0.7, 0.6);
        goals.below("memory in MB", 32.0, 32.0);
        goals.below("p95 against the quiet run’s", f64::NAN, 2.0);
        let said = "not reached: thumbnails: 0.59 instead of at least 0.6; memory in MB: 32.00 \
                    instead of less than 32; p95 against the quiet run’s: NaN instead of less than 2.";
        assert_eq!(goals.end(), Err(said.to_owned()));
    }
}
