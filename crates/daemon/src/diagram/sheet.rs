//! Sheets: two pictures beside each other, over a table of what is said of both, as one SVG.

use super::layout::{ADVANCE, Area, FONT, Ink, Layout, Line};
use super::line::fitted;
use super::svg::{CORNER, Svg, escaped};
use super::{Picture, look};

/// The height of a line of text; what is free around everything, between the columns, and between two rows.
const LINE: usize = 19;
const MARGIN: usize = 18;
const GAP: usize = 24;
const ROW: usize = 10;

/// The width of a column where there is no picture that says it.
const WIDTH: usize = 572;

/// Two pictures, of which one may be missing, over rows that have a title and a cell of lines for each; below, what is said
/// of all.
pub(crate) fn sheet(
    title: &str, pictures: &[Option<&Picture>; 2], rows: &[(String, [Vec<String>; 2])], remarks: &[String],
) -> String {
    let layouts = pictures.map(|picture| picture.map(|own| (own, Layout::of(own))));
    let of_all = |size: fn(&Layout<'_>) -> usize| layouts.iter().flatten().map(|(_, own)| size(own)).max();
    let width = of_all(|own| own.width).unwrap_or(WIDTH);
    let mut pen = Pen { y: MARGIN, width, lines: Vec::new(), rules: Vec::new() };
    pen.wide(title, Ink::Title);
    pen.y += ROW;
    let top = pen.y;
    pen.y += of_all(|own| own.height).unwrap_or_default() + ROW;
    for row in rows {
        pen.row(row);
    }
    pen.rule();
    for remark in remarks {
        pen.wide(remark, Ink::Detail);
    }
    let (full, height) = (pen.full(), pen.y + MARGIN);
    let mut svg = Svg(String::new());
    svg.put(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sidegate\" role=\"img\" width=\"{full}\" height=\"{height}\" \
         viewBox=\"0 0 {full} {height}\" font-size=\"{FONT}\">"
    ));
    svg.put(format_args!("<title>{}</title>", escaped(title)));
    svg.put(format_args!("<desc>{}</desc>", escaped(&told(&layouts, rows, remarks))));
    svg.put(format_args!("<style>\n{}</style>", look::STYLE));
    svg.rect("page", Area { x: 1, y: 1, width: full - 2, height: height - 2 }, CORNER);
    for (at, layout) in layouts.iter().enumerate() {
        let Some((picture, layout)) = layout else { continue };
        svg.put(format_args!("<g transform=\"translate({} {top})\">", pen.column(at)));
        svg.picture(picture, layout);
        svg.put(format_args!("</g>"));
    }
    for y in &pen.rules {
        // As thin as a line, and of the colours of a page's border.
        svg.rect("page", Area { x: MARGIN, y: *y, width: full - 2 * MARGIN, height: 1 }, 0);
    }
    pen.lines.iter().for_each(|line| svg.line(line, ""));
    svg.put(format_args!("</svg>"));
    svg.0
}

/// Lines that come to be, from the top down.
struct Pen {
    y: usize,
    /// The width of a column.
    width: usize,
    lines: Vec<Line>,
    /// Where a line is drawn between two rows.
    rules: Vec<usize>,
}

impl Pen {
    /// Where a column begins.
    const fn column(&self, at: usize) -> usize {
        MARGIN + at * (self.width + GAP)
    }

    /// The width of all.
    const fn full(&self) -> usize {
        2 * MARGIN + 2 * self.width + GAP
    }

    /// A text over both columns.
    fn wide(&mut self, text: &str, ink: Ink) {
        // Titles are larger than all else: what fits for them fits.
        let columns = (self.full() - 2 * MARGIN) / (ADVANCE + 2);
        for text in fitted(text, columns) {
            self.y += LINE;
            self.lines.push(Line { x: MARGIN, y: self.y - 5, ink, text });
        }
    }

    fn rule(&mut self) {
        self.y += ROW;
        self.rules.push(self.y);
        self.y += ROW / 2;
    }

    fn row(&mut self, (title, cells): &(String, [Vec<String>; 2])) {
        self.rule();
        self.wide(title, Ink::Name);
        let top = self.y;
        let mut end = top;
        for (at, cell) in cells.iter().enumerate() {
            let mut y = top;
            for text in cell {
                for (part, text) in fitted(text, self.width / ADVANCE - 2).into_iter().enumerate() {
                    y += LINE;
                    let x = self.column(at) + if part == 0 { 0 } else { 2 * ADVANCE };
                    self.lines.push(Line { x, y: y - 5, ink: Ink::Detail, text });
                }
            }
            end = end.max(y);
        }
        self.y = end;
    }
}

/// All of it as one text.
fn told(
    layouts: &[Option<(&Picture, Layout<'_>)>; 2], rows: &[(String, [Vec<String>; 2])], remarks: &[String],
) -> String {
    let pictures = layouts.iter().flatten().map(|(picture, _)| picture.told());
    let rows = rows.iter().map(|(title, [one, other])| format!("{title}: {}; {}.", one.join(", "), other.join(", ")));
    pictures.chain(rows).chain(remarks.iter().map(|own| format!("{own}."))).collect::<Vec<_>>().join(" ")
}
