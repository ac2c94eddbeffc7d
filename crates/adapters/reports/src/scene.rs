//! Plain shapes, laid out before anything is drawn: the same for a screen and for paper.

/// A place, from the upper left corner.
pub type Point = (f32, f32);

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink(pub u8, pub u8, pub u8);

/// Which part of some words stands at their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How words look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Type {
    pub size: f32,
    pub bold: bool,
    pub ink: Ink,
}

impl Type {
    pub const fn plain(size: f32, ink: Ink) -> Self {
        Self {
            size,
            bold: false,
            ink,
        }
    }

    pub const fn bold(size: f32, ink: Ink) -> Self {
        Self {
            size,
            bold: true,
            ink,
        }
    }
}

/// A rectangle of a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Frame {
    pub const fn right(&self) -> f32 {
        self.x + self.width
    }

    pub const fn bottom(&self) -> f32 {
        self.y + self.height
    }
}

/// Something to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A filled rectangle, with round corners and an edge if wanted.
    Panel {
        frame: Frame,
        round: f32,
        fill: Ink,
        edge: Option<Ink>,
    },
    /// A filled shape with straight sides.
    Area { points: Vec<Point>, fill: Ink },
    /// A line through points; `dash` is drawn, left out, drawn, …
    Line {
        points: Vec<Point>,
        ink: Ink,
        width: f32,
        dash: &'static [f32],
    },
    /// A filled circle.
    Dot { at: Point, radius: f32, fill: Ink },
    /// Words on one line, standing on their place.
    Words {
        at: Point,
        anchor: Anchor,
        style: Type,
        words: String,
    },
}

/// Shapes in the order in which they are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    pub width: f32,
    pub height: f32,
    pub shapes: Vec<Shape>,
}

impl Scene {
    pub const fn new(width: f32, height: f32) -> Self {
        Self {
            width,
            height,
            shapes: Vec::new(),
        }
    }

    pub fn panel(&mut self, frame: Frame, round: f32, fill: Ink, edge: Option<Ink>) {
        self.shapes.push(Shape::Panel {
            frame,
            round,
            fill,
            edge,
        });
    }

    pub fn area(&mut self, points: Vec<Point>, fill: Ink) {
        self.shapes.push(Shape::Area { points, fill });
    }

    /// A straight line.
    pub fn rule(&mut self, from: Point, to: Point, ink: Ink, width: f32) {
        self.line(vec![from, to], ink, width, &[]);
    }

    pub fn line(&mut self, points: Vec<Point>, ink: Ink, width: f32, dash: &'static [f32]) {
        self.shapes.push(Shape::Line {
            points,
            ink,
            width,
            dash,
        });
    }

    pub fn dot(&mut self, at: Point, radius: f32, fill: Ink) {
        self.shapes.push(Shape::Dot { at, radius, fill });
    }

    pub fn words(&mut self, at: Point, anchor: Anchor, style: Type, words: impl Into<String>) {
        self.shapes.push(Shape::Words {
            at,
            anchor,
            style,
            words: words.into(),
        });
    }

    /// Another scene, with its corner at `at`.
    pub fn place(&mut self, scene: Self, at: Point) {
        let moved = scene.shapes.into_iter().map(|shape| shape.moved(at));
        self.shapes.extend(moved);
    }
}

impl Shape {
    fn moved(mut self, by: Point) -> Self {
        let shift = |point: &mut Point| *point = (point.0 + by.0, point.1 + by.1);
        match &mut self {
            Self::Panel { frame, .. } => {
                frame.x += by.0;
                frame.y += by.1;
            }
            Self::Area { points, .. } | Self::Line { points, .. } => {
                points.iter_mut().for_each(shift);
            }
            Self::Dot { at, .. } | Self::Words { at, .. } => shift(at),
        }
        self
    }
}
