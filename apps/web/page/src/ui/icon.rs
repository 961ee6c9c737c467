//! Pictures, drawn from lines in the colour of the text.

use tachys::prelude::*;
use tachys::svg;

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Add,
    Attach,
    Back,
    Bubble,
    Camera,
    Card,
    Check,
    Clock,
    Close,
    Copy,
    Down,
    Eye,
    File,
    Forward,
    Gear,
    Language,
    Lock,
    Microphone,
    More,
    People,
    Search,
    Send,
    Sound,
    Warning,
}

/// Draws it; screen readers pass over it.
pub(crate) fn icon(icon: Icon) -> AnyView {
    let (path, turns) = icon.path();
    let class = if turns { "icon icon-turns" } else { "icon" };
    svg::svg()
        .attr("class", class)
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(svg::path().attr("d", path))
        .into_any()
}

impl Icon {
    /// The lines, and whether the picture turns round with the direction of reading.
    const fn path(self) -> (&'static str, bool) {
        match self {
            Self::Add => ("M12 5v14M5 12h14", false),
            Self::Attach => (
                "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14.500 7",
                false,
            ),
            Self::Back => ("M15 5l-7 7 7 7", true),
            Self::Bubble => (
                "M4 7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-5l-5 4v-4a3 3 0 0 1-3-3z",
                false,
            ),
            Self::Camera => (
                "M4 8h4l1.500-2.500h5L16 8h4v11H4zM12 10a3.500 3.500 0 1 0 .01 0",
                false,
            ),
            Self::Card => (
                "M3 5h18v14H3zM8.500 9a1.800 1.800 0 1 0 .01 0M5.500 16c0-2 1-3 3-3s3 1 3 3M14 10h4M14 14h4",
                true,
            ),
            Self::Check => ("M5 13l4.500 4.500L19 7", false),
            Self::Clock => ("M12 3a9 9 0 1 0 .01 0M12 7v5l3 2", false),
            Self::Close => ("M6 6l12 12M18 6L6 18", false),
            Self::Copy => ("M9 9h11v11H9zM5 15H4V4h11v1", false),
            Self::Down => ("M12 5v14M6 13l6 6 6-6", false),
            Self::Eye => (
                "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 9a3 3 0 1 0 .01 0",
                false,
            ),
            Self::File => (
                "M7 3h7l5 5v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM14 3v5h5",
                false,
            ),
            Self::Forward => ("M14 6l6 6-6 6M20 12H9a5 5 0 0 0-5 5v2", true),
            Self::Gear => (
                "M12 9a3 3 0 1 0 .01 0M12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.100 2.100M16.300 16.300l2.100 2.100M5.600 18.400l2.100-2.100M16.300 7.700l2.100-2.100",
                false,
            ),
            Self::Language => (
                "M12 3a9 9 0 1 0 .01 0M3 12h18M12 3c3 2.500 4 5.500 4 9s-1 6.500-4 9c-3-2.500-4-5.500-4-9s1-6.500 4-9",
                false,
            ),
            Self::Lock => ("M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3", false),
            Self::Microphone => (
                "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
                false,
            ),
            Self::More => (
                "M5 11a1 1 0 1 0 .01 0M12 11a1 1 0 1 0 .01 0M19 11a1 1 0 1 0 .01 0",
                false,
            ),
            Self::People => (
                "M9 5a3.500 3.500 0 1 0 .01 0M2.500 20c0-3.500 2.500-6 6.500-6s6.500 2.500 6.500 6M16 5.500a3 3 0 0 1 0 6M18 14.500c2.200.7 3.500 2.700 3.500 5.500",
                false,
            ),
            Self::Search => ("M11 4a7 7 0 1 0 .01 0M16 16l4.500 4.500", false),
            Self::Send => ("M4 12l16-8-6 16-3-6.500zM11 13.500L20 4", true),
            Self::Sound => (
                "M4 10v4h3l5 4V6l-5 4zM16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11",
                true,
            ),
            Self::Warning => ("M12 4l9 16H3zM12 10v4M12 17h.01", false),
        }
    }
}
