//! Pictures as SVG: standing alone, without scripts or links, with all text as text.

use std::fmt::Write as _;

use super::layout::{Area, FONT, Frame, Ink, Layout, Line, PILL, Placed, RAIL};
use super::{Kind, Picture, Stage, State, look};

/// How far the corners of what is not a plain box are cut off.
pub(super) const CORNER: usize = 12;

impl Picture {
    /// The picture as a file. It is shown in the colours that the reader prefers, light or dark, and tells a screen reader
    /// what it shows.
    pub(crate) fn svg(&self) -> String {
        let layout = Layout::of(self);
        let mut svg = Svg(String::new());
        let (width, height) = (layout.width, layout.height);
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sidegate\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-size=\"{FONT}\">"
        ));
        svg.put(format_args!("<title>{}: {}</title>", escaped(&self.title), self.outcome.called()));
        svg.put(format_args!("<desc>{}</desc>", escaped(&self.told())));
        svg.put(format_args!("<style>\n{}</style>", look::STYLE));
        svg.picture(self, &layout);
        svg.put(format_args!("</svg>"));
        svg.0
    }

    /// All of it as one text.
    pub(super) fn told(&self) -> String {
        let stages = self.stages.iter().map(|stage| {
            let state = match stage.state {
                State::Passed => String::new(),
                other => format!(" ({})", other.called()),
            };
            let said = stage.details.iter().chain(&stage.aside).map(|text| format!("; {text}")).collect::<String>();
            format!("{}{state}{said}.", stage.title)
        });
        let result = if self.result.is_empty() { String::new() } else { format!(": {}", self.result) };
        let changes = self.changes.iter().map(|own| format!("To change: {}; needed: {}.", own.current, own.needed));
        let result = format!("{}{result}.", self.outcome.called());
        [result].into_iter().chain(stages).chain(changes).collect::<Vec<_>>().join(" ")
    }
}

/// A file that comes to be.
pub(super) struct Svg(pub(super) String);

impl Svg {
    /// Puts an element on a line of its own.
    pub(super) fn put(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{element}");
    }

    /// A picture with all that is on it.
    pub(super) fn picture(&mut self, picture: &Picture, layout: &Layout<'_>) {
        let (width, height) = (layout.width, layout.height);
        let page = Area { x: 1, y: 1, width: width - 2, height: height - 2 };
        self.rect("page", page, CORNER);
        for line in &layout.head {
            let class = if line.ink == Ink::Result { look::outcome(picture.outcome) } else { "" };
            self.line(line, class);
        }
        // A VPC's frame is closed behind those of its subnets, and lies below them.
        let (subnets, vpcs): (Vec<_>, Vec<_>) = layout.frames.iter().partition(|frame| frame.is_subnet);
        vpcs.into_iter().chain(subnets).for_each(|frame| self.frame(frame));
        for (from, to) in layout.stages.iter().zip(layout.stages.iter().skip(1)) {
            self.rail(from, to);
        }
        layout.stages.iter().for_each(|stage| self.stage(stage));
        if let Some((area, lines)) = &layout.changes {
            self.rect("changes", *area, CORNER);
            lines.iter().for_each(|line| self.line(line, ""));
        }
    }

    pub(super) fn rect(&mut self, class: &str, area: Area, radius: usize) {
        let Area { x, y, width, height } = area;
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
        ));
    }

    pub(super) fn line(&mut self, line: &Line, class: &str) {
        let ink = match line.ink {
            Ink::Title => "title",
            Ink::Result => "result",
            Ink::Name => "name",
            Ink::Detail => "detail",
            Ink::Verdict => "verdict",
            Ink::Aside => "aside",
            Ink::Small => "small",
        };
        let gap = if class.is_empty() { "" } else { " " };
        let Line { x, y, text, .. } = line;
        let decoration = if line.ink == Ink::Aside { " font-style=\"italic\"" } else { "" };
        let text = escaped(text);
        self.put(format_args!("<text class=\"{ink}{gap}{class}\" x=\"{x}\" y=\"{y}\"{decoration}>{text}</text>"));
    }

    fn frame(&mut self, frame: &Frame) {
        self.put(format_args!("<g class=\"{}\">", if frame.is_beyond { "beyond" } else { "passed" }));
        self.rect(if frame.is_subnet { "frame subnet" } else { "frame" }, frame.area, CORNER);
        self.line(&frame.name, "");
        self.put(format_args!("</g>"));
    }

    /// What leads from one stage to the next.
    fn rail(&mut self, from: &Placed<'_>, to: &Placed<'_>) {
        let x = from.area.x + RAIL;
        let (top, end) = (from.area.bottom(), to.area.y);
        let beyond = if to.stage.state == State::Beyond { " beyond" } else { "" };
        if from.stage.kind == Kind::PrivateLink {
            let tube = Area { x: x - 5, y: top, width: 10, height: end - top - 8 };
            self.rect("link", tube, 0);
        }
        self.put(format_args!("<path class=\"rail{beyond}\" d=\"M{x} {top}V{}\"/>", end - 8));
        let (left, right) = (x - 6, x + 6);
        self.put(format_args!("<path class=\"head\" d=\"M{left} {}H{right}L{x} {end}z\"/>", end - 10));
        if let Some(led) = &to.led {
            self.line(led, "");
        }
    }

    fn stage(&mut self, placed: &Placed<'_>) {
        self.put(format_args!("<g class=\"{}\">", look::state(placed.stage.state)));
        self.outline(placed.stage, placed.area);
        let (x, y) = (placed.area.x + RAIL - 9, placed.area.y + 10);
        let sign = look::sign(placed.stage.kind);
        self.put(format_args!("<path class=\"sign\" transform=\"translate({x} {y})\" d=\"{sign}\"/>"));
        placed.lines.iter().for_each(|line| self.line(line, ""));
        if let Some((area, line)) = &placed.pill {
            self.rect("pill", *area, PILL / 2);
            self.line(line, "pilled");
        }
        self.put(format_args!("</g>"));
    }

    /// The outline of a stage: a junction for a route table, a tube for `PrivateLink`, and else a box.
    fn outline(&mut self, stage: &Stage, area: Area) {
        let Area { x, y, width, .. } = area;
        let (right, bottom) = (area.right(), area.bottom());
        match stage.kind {
            Kind::Routes => {
                let (left, end) = (x + CORNER, right - CORNER);
                let (above, below) = (y + CORNER, bottom - CORNER);
                self.put(format_args!(
                    "<path class=\"box\" d=\"M{left} {y}H{end}L{right} {above}V{below}L{end} {bottom}H{left}L{x} {below}V{above}z\"/>"
                ));
            }
            Kind::PrivateLink => {
                self.rect("box", area, area.height / 2);
                let inner = Area { x: x + 3, y: y + 3, width: width - 6, height: area.height - 6 };
                self.rect("link", inner, inner.height / 2);
            }
            _ => self.rect("box", area, 6),
        }
    }
}

/// A text as it stands in XML.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
