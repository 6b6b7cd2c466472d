//! Whole journeys, as a person takes them: the `albumen` program on a library
//! of its own, its link's page over HTTP, and the window.
