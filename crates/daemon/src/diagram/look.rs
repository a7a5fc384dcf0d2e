//! The look of pictures as SVG: colours for light and dark, and the signs of the stages.

use super::{Kind, Outcome, State};

/// The style, in which nothing is told by colour alone: states have words and lines of their own too.
pub(super) const STYLE: &str = "\
.sidegate{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace}
.sidegate .page{fill:#fff;stroke:#d1d9e0}
.sidegate text{fill:#59636e}
.sidegate .title{font-size:16px;font-weight:bold}
.sidegate .small{font-size:11px}
.sidegate .name{font-weight:bold}
.sidegate .title,.sidegate .name{fill:#1f2328}
.sidegate .frame{fill:none;stroke:#818b98;stroke-dasharray:6 4}
.sidegate .subnet{fill:#f6f8fa;stroke:#d1d9e0;stroke-dasharray:none}
.sidegate .box{fill:#fff;stroke:#818b98}
.sidegate .sign{fill:none;stroke:#59636e;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.sidegate .rail{stroke:#59636e;stroke-width:2}
.sidegate .head{fill:#59636e}
.sidegate .link{fill:none;stroke:#0969da;stroke-width:1}
.sidegate .pill{stroke:none;fill:#59636e}
.sidegate .pilled{fill:#fff;font-weight:bold}
.sidegate .decides .box{fill:#ddf4ff;stroke:#0969da;stroke-width:2}
.sidegate .decides .sign{stroke:#0969da}
.sidegate .decides .pill{fill:#0969da}
.sidegate .blocked .box{fill:#ffebe9;stroke:#cf222e;stroke-width:2}
.sidegate .blocked .sign{stroke:#cf222e}
.sidegate .blocked .pill{fill:#cf222e}
.sidegate .blocked .verdict,.sidegate .is-blocked{fill:#a40e26}
.sidegate .unknown .box{fill:#fff8c5;stroke:#9a6700;stroke-width:2;stroke-dasharray:3 3}
.sidegate .unknown .sign{stroke:#9a6700}
.sidegate .unknown .pill{fill:#7d4e00}
.sidegate .unknown .verdict,.sidegate .is-undetermined{fill:#7d4e00}
.sidegate .is-reached{fill:#1a7f37}
.sidegate .result,.sidegate .verdict{font-weight:bold}
.sidegate .beyond .box{fill:none;stroke:#818b98;stroke-dasharray:4 4}
.sidegate .beyond .name{fill:#59636e}
.sidegate .beyond .sign{stroke:#818b98}
.sidegate .beyond .subnet{fill:none;stroke-dasharray:2 4}
.sidegate .beyond .rail,.sidegate .beyond.rail{stroke-dasharray:2 5}
.sidegate .changes{fill:#f6f8fa;stroke:#818b98}
@media (prefers-color-scheme:dark){
.sidegate .page{fill:#0d1117;stroke:#3d444d}
.sidegate text{fill:#9198a1}
.sidegate .title,.sidegate .name{fill:#f0f6fc}
.sidegate .frame{stroke:#656c76}
.sidegate .subnet{fill:#151b23;stroke:#3d444d}
.sidegate .box{fill:#0d1117;stroke:#656c76}
.sidegate .sign,.sidegate .rail{stroke:#9198a1}
.sidegate .head{fill:#9198a1}
.sidegate .link{stroke:#4493f8}
.sidegate .decides .box{fill:#121d2f;stroke:#4493f8}
.sidegate .decides .sign{stroke:#4493f8}
.sidegate .decides .pill{fill:#1f6feb}
.sidegate .blocked .box{fill:#25171c;stroke:#f85149}
.sidegate .blocked .sign{stroke:#f85149}
.sidegate .blocked .pill{fill:#b62324}
.sidegate .blocked .verdict,.sidegate .is-blocked{fill:#ff7b72}
.sidegate .unknown .box{fill:#272115;stroke:#d29922}
.sidegate .unknown .sign{stroke:#d29922}
.sidegate .unknown .pill{fill:#845306}
.sidegate .unknown .verdict,.sidegate .is-undetermined{fill:#e3b341}
.sidegate .is-reached{fill:#3fb950}
.sidegate .pill{fill:#656c76}
.sidegate .pilled{fill:#fff}
.sidegate .beyond .box{fill:none;stroke:#656c76}
.sidegate .beyond .name{fill:#9198a1}
.sidegate .beyond .sign{stroke:#656c76}
.sidegate .beyond .subnet{fill:none}
.sidegate .changes{fill:#151b23;stroke:#656c76}
}
";

/// The sign of a stage: a path in a square of 18 pixels.
pub(super) const fn sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Source => "M2 3h14v12H2zM5 7l2.5 2L5 11M9.5 12H13",
        Kind::Name => "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11zM12 12l4 4M5.5 8h5M8 5.5v5",
        Kind::Group => "M9 1.5l6 2.3v4.7c0 4-3 6.5-6 8c-3-1.5-6-4-6-8V3.8z",
        Kind::Acl => "M2 4h2M7 4h9M2 9h2M7 9h9M2 14h2M7 14h9",
        Kind::Local => "M9 2v14M9 2L5.5 6M9 2l3.5 4M9 16l-3.5-4M9 16l3.5-4",
        Kind::Routes => "M9 16.5V10L3 4M3 8V3.5h4.5M9 10l6-6M10.5 3.5H15V8",
        Kind::Gateway => "M3 16.5V8a6 6 0 0 1 12 0v8.5M1 16.5h16M7 16.5V9.5a2 2 0 0 1 4 0v7",
        Kind::Interface => "M2 3h14v9H2zM5 15.5V12M9 15.5V12M13 15.5V12M5.5 6.5h7",
        Kind::PrivateLink => "M7.5 12.5H6a3.5 3.5 0 0 1 0-7h1.5M10.5 5.5H12a3.5 3.5 0 0 1 0 7h-1.5M6.5 9h5",
        Kind::Internet => "M5 14a3.5 3.5 0 0 1 0-7a4.2 4.2 0 0 1 8-1a4 4 0 0 1 .5 8z",
        Kind::Back => "M15.5 3v5a3 3 0 0 1-3 3H3M6.5 7.5L3 11l3.5 3.5",
        Kind::Tls => "M4 8h10v8H4zM6 8V5.5a3 3 0 0 1 6 0V8M9 11v2",
        Kind::Policy => "M4 1.5h7l3.5 3.5v11.5H4zM7 11l1.5 1.5L12 9M7 6h3",
        Kind::Service => "M9 1.5l6.5 3.750v7.5L9 16.5l-6.5-3.750v-7.5zM9 9V16.5M9 9L2.5 5.250M9 9l6.5-3.750",
    }
}

/// The class of a state.
pub(super) const fn state(state: State) -> &'static str {
    match state {
        State::Passed => "passed",
        State::Decides => "decides",
        State::Blocked => "blocked",
        State::Beyond => "beyond",
        State::Unknown => "unknown",
    }
}

/// The class of what comes of a path.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Reached => "is-reached",
        Outcome::Blocked => "is-blocked",
        Outcome::Undetermined => "is-undetermined",
    }
}
