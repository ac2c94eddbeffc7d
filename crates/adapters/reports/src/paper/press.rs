use crate::ruler::Measure;
use crate::scene::{Anchor, Scene, Type};
use crate::scheme::{HAIR, QUIET};
use crm_exports::Paper;

/// A4, standing, in points.
pub const SHORT: f32 = 595.28;
const LONG: f32 = 841.89;
pub const MARGIN: f32 = 42.0;
const FOOT: f32 = 54.0;

/// Pages on which things are put one below the other.
pub struct Press<'a> {
    pub measure: &'a dyn Measure,
    /// Where the next thing goes.
    pub y: f32,
    paper: &'a Paper,
    size: (f32, f32),
    done: Vec<Scene>,
    page: Scene,
}

impl<'a> Press<'a> {
    pub fn new(across: bool, paper: &'a Paper, measure: &'a dyn Measure) -> Self {
        let size = if across { (LONG, SHORT) } else { (SHORT, LONG) };
        Self {
            measure,
            y: MARGIN,
            paper,
            size,
            done: Vec::new(),
            page: Scene::new(size.0, size.1),
        }
    }

    /// The page that is being filled.
    pub const fn page(&mut self) -> &mut Scene {
        &mut self.page
    }

    pub const fn left(&self) -> f32 {
        MARGIN
    }

    pub const fn right(&self) -> f32 {
        self.size.0 - MARGIN
    }

    /// From the left edge of what is printed to the right one.
    pub const fn room(&self) -> f32 {
        self.size.0 - MARGIN * 2.0
    }

    /// How much a fresh page holds.
    pub const fn height(&self) -> f32 {
        self.size.1 - MARGIN - FOOT - 24.0
    }

    pub const fn left_below(&self) -> f32 {
        self.size.1 - FOOT - self.y
    }

    /// Goes to the next page unless so much fits below; says whether it did.
    pub fn need(&mut self, height: f32) -> bool {
        if height <= self.left_below() {
            return false;
        }
        let fresh = Scene::new(self.size.0, self.size.1);
        self.done.push(std::mem::replace(&mut self.page, fresh));
        let style = Type::plain(8.0, QUIET);
        let (left, right) = (self.left(), self.right());
        let title = self.measure.fit(&self.paper.title, style, self.room());
        let page = &mut self.page;
        page.words((left, MARGIN - 6.0), Anchor::Start, style, title);
        page.rule((left, MARGIN), (right, MARGIN), HAIR, 0.8);
        self.y = MARGIN + 16.0;
        true
    }

    /// The pages, each with its number at the foot.
    pub fn finish(mut self) -> Vec<Scene> {
        self.done.push(self.page);
        let style = Type::plain(8.0, QUIET);
        let (width, height) = self.size;
        let y = height - 28.0;
        let room = width - MARGIN * 2.0 - 120.0;
        let about = self.measure.fit(&self.paper.subtitle, style, room);
        let all = self.done.len();
        for (n, page) in (1..).zip(&mut self.done) {
            let (left, right) = (MARGIN, width - MARGIN);
            page.rule((left, y - 13.0), (right, y - 13.0), HAIR, 0.8);
            page.words((left, y), Anchor::Start, style, about.clone());
            let number = format!("第 {n} 頁，共 {all} 頁");
            page.words((right, y), Anchor::End, style, number);
        }
        self.done
    }
}
