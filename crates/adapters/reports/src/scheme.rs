//! The product's one scheme of colours: those of Okabe and Ito, which the colour-blind tell
//! apart too. Nothing is told by colour alone: lines differ in dashes and marks, bars in hatches.

use crate::scene::{Ink, Point, Scene};

pub const PAPER: Ink = Ink(255, 255, 255);
pub const INK: Ink = Ink(0x1f, 0x29, 0x37);
pub const QUIET: Ink = Ink(0x5b, 0x65, 0x74);
pub const HAIR: Ink = Ink(0xe3, 0xe7, 0xec);
pub const AXIS: Ink = Ink(0x9a, 0xa3, 0xaf);
pub const BAND: Ink = Ink(0xf5, 0xf7, 0xfa);
pub const BRAND: Ink = Ink(0x1f, 0x3a, 0x5f);
pub const MORE: Ink = Ink(0x00, 0x72, 0xb2);
pub const LESS: Ink = Ink(0xd5, 0x5e, 0x00);

const COLOURS: [Ink; 7] = [
    Ink(0x00, 0x72, 0xb2),
    Ink(0xe6, 0x9f, 0x00),
    Ink(0x00, 0x9e, 0x73),
    Ink(0xd5, 0x5e, 0x00),
    Ink(0xcc, 0x79, 0xa7),
    Ink(0x56, 0xb4, 0xe9),
    Ink(0x33, 0x33, 0x33),
];

const DASHES: [&[f32]; 4] = [&[], &[6.0, 3.0], &[1.8, 2.4], &[8.0, 2.5, 1.8, 2.5]];

/// The colour of the `n`th series.
pub const fn colour(n: usize) -> Ink {
    COLOURS[n % COLOURS.len()]
}

/// The same, so light that it may lie under a line.
pub const fn tint(n: usize) -> Ink {
    let Ink(r, g, b) = colour(n);
    Ink(light(r), light(g), light(b))
}

const fn light(part: u8) -> u8 {
    255 - (255 - part) / 9
}

/// The dashes of its line.
pub const fn dash(n: usize) -> &'static [f32] {
    DASHES[n % DASHES.len()]
}

/// Draws its mark.
pub fn mark(scene: &mut Scene, n: usize, (x, y): Point, r: f32) {
    let ink = colour(n);
    // A white rim keeps marks apart where lines meet.
    scene.dot((x, y), r * 1.45, PAPER);
    match n % 4 {
        0 => scene.dot((x, y), r, ink),
        1 => scene.area(
            vec![
                (x - r * 0.9, y - r * 0.9),
                (x + r * 0.9, y - r * 0.9),
                (x + r * 0.9, y + r * 0.9),
                (x - r * 0.9, y + r * 0.9),
            ],
            ink,
        ),
        2 => scene.area(
            vec![
                (x, y - r * 1.2),
                (x + r * 1.1, y + r * 0.8),
                (x - r * 1.1, y + r * 0.8),
            ],
            ink,
        ),
        _ => scene.area(
            vec![
                (x, y - r * 1.25),
                (x + r * 1.25, y),
                (x, y + r * 1.25),
                (x - r * 1.25, y),
            ],
            ink,
        ),
    }
}
