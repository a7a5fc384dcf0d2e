//! Layouts: where everything of a picture is drawn, in pixels.
//!
//! All text is of fixed width, and no character is taken to be narrower than it is in any usual font of that kind, so
//! that what fits here fits wherever the picture is shown.

use super::line::{columns, fitted};
use super::{Picture, Place, Stage, State};

/// What a character takes: 0.615 of the font's 13 pixels, where usual fonts have up to 0.603.
pub(super) const ADVANCE: usize = 8;
pub(super) const FONT: usize = 13;

/// The same of titles and of what is small.
const TITLE_ADVANCE: usize = 10;
const SMALL_ADVANCE: usize = 7;

/// How many characters a line of a box has, and the number of a setting to change.
const COLUMNS: usize = 54;
const NUMBER: usize = 4;

/// The height of a line, of the small one in a pill, and the space of a frame's name.
const LINE: usize = 19;
pub(super) const PILL: usize = 18;
const LABEL: usize = 34;

/// What is free: around everything, within a frame, within a box above and below its text, and between two boxes.
const MARGIN: usize = 18;
const FRAME: usize = 14;
const PAD: usize = 10;
const GAP: usize = 30;

/// How far the text of a box is from its left side, where its sign is.
const SIGN: usize = 38;

/// Where the line is that joins the boxes, from their left side.
pub(super) const RAIL: usize = 19;

const BOX_X: usize = MARGIN + 2 * FRAME;
const BOX_WIDTH: usize = SIGN + COLUMNS * ADVANCE + PAD;
const WIDTH: usize = BOX_WIDTH + 2 * BOX_X;

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Area {
    pub(super) const fn right(&self) -> usize {
        self.x + self.width
    }

    pub(super) const fn bottom(&self) -> usize {
        self.y + self.height
    }
}

/// How a line of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// The title of the picture.
    Title,
    /// What comes of it.
    Result,
    /// The name of something.
    Name,
    /// What is said of it.
    Detail,
    /// What decides against it.
    Verdict,
    /// A way that is not taken.
    Aside,
    /// The name of a frame, or what is small.
    Small,
}

/// A line of text, by the beginning of its baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) ink: Ink,
    pub(super) text: String,
}

impl Line {
    /// Where it ends, at most.
    #[cfg(test)]
    pub(super) fn right(&self) -> usize {
        let advance = match self.ink {
            Ink::Title => TITLE_ADVANCE,
            Ink::Small => SMALL_ADVANCE,
            _ => ADVANCE,
        };
        self.x + columns(&self.text) * advance
    }
}

/// The frame of a VPC or of a subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) area: Area,
    pub(super) is_subnet: bool,
    pub(super) is_beyond: bool,
    pub(super) name: Line,
}

/// A stage with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed<'a> {
    pub(super) stage: &'a Stage,
    pub(super) area: Area,
    pub(super) lines: Vec<Line>,
    /// What its state is called, and where.
    pub(super) pill: Option<(Area, Line)>,
    /// What is said of the line that leads there.
    pub(super) led: Option<Line>,
}

/// A picture with the place of everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) head: Vec<Line>,
    pub(super) frames: Vec<Frame>,
    pub(super) stages: Vec<Placed<'a>>,
    /// What to change, if there is anything.
    pub(super) changes: Option<(Area, Vec<Line>)>,
}

impl<'a> Layout<'a> {
    pub(super) fn of(picture: &'a Picture) -> Self {
        let mut pen = Pen { y: MARGIN, open: Vec::new(), frames: Vec::new(), place: Place::default() };
        let head = pen.head(picture);
        pen.y += FRAME;
        let mut stages: Vec<Placed<'a>> = Vec::new();
        for stage in &picture.stages {
            let before = stages.last().map(|own| own.stage);
            stages.push(pen.stage(stage, before));
        }
        while !pen.open.is_empty() {
            pen.close();
        }
        let changes = pen.changes(picture);
        Self { width: WIDTH, height: pen.y + MARGIN, head, frames: pen.frames, stages, changes }
    }
}

/// Draws from the top down.
struct Pen {
    /// Where it has come to.
    y: usize,
    /// The frames that are open: their tops, names, and whether they are beyond the path.
    open: Vec<(usize, String, bool)>,
    frames: Vec<Frame>,
    place: Place,
}

impl Pen {
    /// Puts a text in lines.
    fn put(&mut self, lines: &mut Vec<Line>, x: usize, ink: Ink, (text, columns): (&str, usize)) {
        for text in fitted(text, columns) {
            self.y += LINE;
            lines.push(Line { x, y: self.y - 5, ink, text });
        }
    }

    fn head(&mut self, picture: &Picture) -> Vec<Line> {
        let mut lines = Vec::new();
        let width = WIDTH - 2 * MARGIN;
        self.put(&mut lines, MARGIN, Ink::Title, (&picture.title, width / TITLE_ADVANCE));
        self.y += 4;
        let said = if picture.result.is_empty() { String::new() } else { format!(": {}", picture.result) };
        let said = format!("{}{said}", picture.outcome.called());
        self.put(&mut lines, MARGIN, Ink::Result, (&said, width / ADVANCE));
        lines
    }

    fn stage<'a>(&mut self, stage: &'a Stage, before: Option<&Stage>) -> Placed<'a> {
        self.move_to(&stage.place, stage.state == State::Beyond);
        let is_first_beyond = stage.state == State::Beyond && before.is_some_and(|own| own.state != State::Beyond);
        let mut led = None;
        if before.is_some() {
            if is_first_beyond {
                let (x, text) = (BOX_X + SIGN, "as it is intended".to_owned());
                led = Some(Line { x, y: self.y + PILL, ink: Ink::Small, text });
            }
            self.y += GAP;
        } else {
            self.y += PAD;
        }
        let (y, x) = (self.y, BOX_X + SIGN);
        let mut lines = Vec::new();
        self.y += PAD;
        self.put(&mut lines, x, Ink::Name, (&stage.title, COLUMNS));
        for (at, detail) in stage.details.iter().enumerate() {
            let decides = matches!(stage.state, State::Blocked | State::Unknown) && at + 1 == stage.details.len();
            self.put(&mut lines, x, if decides { Ink::Verdict } else { Ink::Detail }, (detail, COLUMNS));
        }
        for way in &stage.aside {
            self.put(&mut lines, x, Ink::Aside, (way, COLUMNS));
        }
        self.y += PAD;
        let area = Area { x: BOX_X, y, width: BOX_WIDTH, height: self.y - y };
        // What is beyond the path is told by its lines, and where it begins.
        let called = if stage.state == State::Beyond { "" } else { stage.state.called() };
        let pill = (!called.is_empty()).then(|| {
            let width = columns(called) * SMALL_ADVANCE + PILL;
            let own = Area { x: area.right() - width - PAD, y: y - PILL / 2, width, height: PILL };
            (own, Line { x: own.x + PILL / 2, y: own.y + 13, ink: Ink::Small, text: called.to_owned() })
        });
        Placed { stage, area, lines, pill, led }
    }

    /// Leaves the frames that a stage is not in, and enters its own.
    fn move_to(&mut self, place: &Place, is_beyond: bool) {
        if self.place == *place {
            return;
        }
        let keeps_vpc = self.place.vpc == place.vpc && !place.vpc.is_empty();
        while self.open.len() > usize::from(keeps_vpc) {
            self.close();
        }
        for name in [&place.vpc, &place.subnet].into_iter().skip(usize::from(keeps_vpc)) {
            if !name.is_empty() {
                self.y += FRAME;
                self.open.push((self.y, name.clone(), is_beyond));
                self.y += LABEL - GAP / 2;
            }
        }
        self.place = place.clone();
    }

    fn close(&mut self) {
        let Some((top, name, is_beyond)) = self.open.pop() else { return };
        self.y += FRAME;
        let is_subnet = !self.open.is_empty();
        let x = MARGIN + FRAME * self.open.len();
        let area = Area { x, y: top, width: WIDTH - 2 * x, height: self.y - top };
        let x = BOX_X + SIGN;
        let text = shortened(&name, (area.right() - x) / SMALL_ADVANCE - 1);
        let name = Line { x, y: top + PILL, ink: Ink::Small, text };
        self.frames.push(Frame { area, is_subnet, is_beyond, name });
        self.place = Place::default();
    }

    fn changes(&mut self, picture: &Picture) -> Option<(Area, Vec<Line>)> {
        if picture.changes.is_empty() {
            return None;
        }
        self.y += GAP;
        let (y, mut lines) = (self.y, Vec::new());
        let x = BOX_X + PAD;
        let width = (BOX_WIDTH - 2 * PAD) / ADVANCE;
        self.y += PAD;
        self.put(&mut lines, x, Ink::Name, ("to change", width));
        let (indent, width) = (x + NUMBER * ADVANCE, width - NUMBER);
        for (at, change) in picture.changes.iter().enumerate() {
            lines.push(Line { x, y: self.y + LINE - 5, ink: Ink::Name, text: format!("{}.", at + 1) });
            self.put(&mut lines, indent, Ink::Detail, (&format!("now: {}", change.current), width));
            self.put(&mut lines, indent, Ink::Name, (&format!("needed: {}", change.needed), width));
        }
        self.y += PAD;
        Some((Area { x: BOX_X, y, width: BOX_WIDTH, height: self.y - y }, lines))
    }
}

/// A text in one line, with a sign where it is cut.
fn shortened(text: &str, limit: usize) -> String {
    let mut lines = fitted(text, limit.saturating_sub(1)).into_iter();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first}…") } else { first }
}
