//! Random names: no picture is wider than it may be, and each SVG is well-formed, with its text in its boxes.

use proptest::collection::vec;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::diagram::layout::Layout;
use crate::diagram::line::columns;
use crate::diagram::{Kind, Outcome, Picture, Stage, State, side_by_side};

/// The elements and attributes that pictures have.
const ELEMENTS: [&str; 9] = ["svg", "title", "desc", "style", "g", "rect", "path", "text", "line"];
const ATTRIBUTES: [&str; 16] = [
    "xmlns",
    "class",
    "role",
    "width",
    "height",
    "viewBox",
    "font-size",
    "font-style",
    "x",
    "y",
    "rx",
    "d",
    "transform",
    "x1",
    "x2",
    "y1",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        2 => "[a-z0-9-]{0,300}",
        1 => "[<>&\"']{1,20}",
        1 => "(日本|🚀|e\u{301}|x ){1,60}",
        1 => Just("</text><script>alert(1)</script>]]>".to_owned()),
    ]
}

fn stage() -> impl Strategy<Value = Stage> {
    const KINDS: [Kind; 14] = [
        Kind::Source,
        Kind::Name,
        Kind::Group,
        Kind::Acl,
        Kind::Local,
        Kind::Routes,
        Kind::Gateway,
        Kind::Interface,
        Kind::PrivateLink,
        Kind::Internet,
        Kind::Back,
        Kind::Tls,
        Kind::Policy,
        Kind::Service,
    ];
    const STATES: [State; 5] = [State::Passed, State::Decides, State::Blocked, State::Beyond, State::Unknown];
    let texts = || vec(name(), 0..4);
    let place = || prop_oneof![Just(String::new()), Just("a".to_owned()), name()];
    let looks = (prop::sample::select(&KINDS[..]), prop::sample::select(&STATES[..]));
    (looks, name(), texts(), texts(), place(), place()).prop_map(
        |((kind, state), title, details, aside, vpc, subnet)| {
            let stage = Stage::new(kind, title).being(state).at(&vpc, if vpc.is_empty() { "" } else { &subnet });
            let stage = details.iter().fold(stage, Stage::with);
            aside.iter().fold(stage, Stage::without)
        },
    )
}

fn picture() -> impl Strategy<Value = Picture> {
    const OUTCOMES: [Outcome; 3] = [Outcome::Reached, Outcome::Blocked, Outcome::Undetermined];
    let outcome = prop::sample::select(&OUTCOMES[..]);
    let changes = vec((name(), name()), 0..3);
    (name(), outcome, name(), vec(stage(), 0..9), changes).prop_map(|(title, outcome, result, stages, changes)| {
        let picture = Picture::new(&title, outcome, &result, stages);
        changes.iter().fold(picture, |picture, (now, needed)| picture.changing(now, needed))
    })
}

/// The texts of a well-formed SVG that has nothing but what pictures have.
fn texts(svg: &str) -> Vec<String> {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let (mut texts, mut depth, mut text) = (Vec::new(), 0, String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) if !is_known(&element) => panic!("{element:?}"),
            Event::Start(_) => {
                depth += 1;
                text.clear();
            }
            Event::End(element) => {
                depth -= 1;
                if element.name().as_ref() == b"text" {
                    texts.push(std::mem::take(&mut text));
                }
            }
            Event::Text(own) => text.push_str(&own.decode().unwrap()),
            Event::GeneralRef(own) => text.push_str(match own.decode().unwrap().as_ref() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                other => panic!("{other}"),
            }),
            Event::Empty(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(depth, 0, "{svg}");
    texts
}

fn is_known(element: &quick_xml::events::BytesStart<'_>) -> bool {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    ELEMENTS.contains(&text(element.name().as_ref()).as_str())
        && element.attributes().all(|own| ATTRIBUTES.contains(&text(own.unwrap().key.as_ref()).as_str()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_line_of_a_picture_is_wider_than_it_may_be_or_commands_a_terminal(
        pictures in vec(picture(), 1..4), width in 0_usize..240
    ) {
        for text in [pictures[0].text(width), side_by_side(&pictures, width)] {
            for line in text.lines() {
                prop_assert!(columns(line) <= width.max(20), "{} of {width}: {line}", columns(line));
                prop_assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
            }
        }
    }

    #[test]
    fn an_svg_is_well_formed_and_has_all_its_text_in_boxes_that_do_not_overlap(picture in picture()) {
        let layout = Layout::of(&picture);
        let drawn = texts(&picture.svg());
        let stages = || layout.stages.iter();
        let lines = || stages().flat_map(|own| own.lines.iter().map(|line| (own.area, line)));
        for (area, line) in lines().chain(layout.changes.iter().flat_map(|(area, all)| all.iter().map(|line| (*area, line)))) {
            prop_assert!(area.x < line.x && line.right() <= area.right(), "{line:?} in {area:?}");
            prop_assert!(area.y < line.y && line.y < area.bottom(), "{line:?} in {area:?}");
            prop_assert!(drawn.contains(&line.text), "{line:?}");
        }
        for (one, next) in stages().zip(stages().skip(1)) {
            prop_assert!(one.area.bottom() + 20 <= next.area.y, "{:?} {:?}", one.area, next.area);
        }
        for frame in &layout.frames {
            prop_assert!(frame.name.right() <= frame.area.right(), "{frame:?}");
            for own in stages() {
                let (above, below) = (own.area.bottom() < frame.area.y, frame.area.bottom() < own.area.y);
                let is_in = frame.area.y < own.area.y && own.area.bottom() < frame.area.bottom();
                prop_assert!(above || below || is_in, "{:?} {frame:?}", own.area);
            }
        }
        for line in &layout.head {
            prop_assert!(line.right() <= layout.width, "{line:?}");
        }
        prop_assert!(stages().all(|own| own.area.bottom() < layout.height && own.area.right() < layout.width));
    }
}
