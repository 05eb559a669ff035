//! `cargo perf curves`: draws the lines of JSON that a benchmark printed as curves, in SVG: one
//! picture for each measured figure, one line for each way, a point for the median of its rounds.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Size of a picture and of the space around its curves, in pixels.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 250.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 60.0;
/// The least value that has a place.
const LEAST: f64 = 1e-3;
/// Colours that also differ in lightness, for those who see no colours (Okabe and Ito).
const COLOURS: [&str; 8] =
    ["#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#999933"];

/// What a picture shows.
#[derive(Debug, Clone)]
pub struct Curves {
    /// File with lines of JSON.
    pub lines: PathBuf,
    /// Where the picture is written.
    pub picture: PathBuf,
    /// The figure along the bottom, such as `clients`.
    pub x: String,
    /// The figure that is measured, such as `decided_per_s`.
    pub y: String,
    /// What tells the curves apart, such as `way`.
    pub by: String,
    /// The figures that lines must have, as `name=value`.
    pub only: Vec<String>,
}

type Points = BTreeMap<String, Vec<(f64, f64)>>;

/// Draws a picture.
///
/// # Errors
/// When the file has no such figures, or the picture can't be written.
pub fn draw(curves: &Curves) -> anyhow::Result<()> {
    let points = points(curves)?;
    ensure!(!points.is_empty(), "no line has both {} and {}", curves.x, curves.y);
    write(&curves.picture, &svg(&points, &curves.x, &curves.y))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("{}", path.display()))
}

/// The medians of all rounds with the same place on the bottom.
fn points(curves: &Curves) -> anyhow::Result<Points> {
    let mut values: BTreeMap<String, BTreeMap<u64, Vec<f64>>> = BTreeMap::new();
    let text = std::fs::read_to_string(&curves.lines)
        .with_context(|| format!("{}", curves.lines.display()))?;
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let line: Value = serde_json::from_str(line)?;
        let is_wanted = |only: &String| {
            let (name, value) = only.split_once('=').unwrap_or((only, ""));
            line[name].to_string().trim_matches('"') == value
        };
        let figures = (line[&curves.x].as_u64(), line[&curves.y].as_f64(), line.get("round"));
        // Lines without a round compare others.
        let (Some(x), Some(y), Some(_)) = figures else { continue };
        if curves.only.iter().all(is_wanted) {
            let name = line[&curves.by].to_string().trim_matches('"').to_owned();
            values.entry(name).or_default().entry(x).or_default().push(y);
        }
    }
    let median = |(x, mut all): (u64, Vec<f64>)| {
        all.sort_by(f64::total_cmp);
        (x as f64, super::table::percentile(&all, 50))
    };
    let curve = |(name, by_x): (String, BTreeMap<u64, Vec<f64>>)| {
        (name, by_x.into_iter().map(median).collect())
    };
    Ok(values.into_iter().map(curve).collect())
}

/// Places of values; both axes are logarithmic: what doubles, doubles everywhere.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
}

impl Axes {
    fn of(points: &Points) -> Self {
        let span = |of: fn(&(f64, f64)) -> f64| {
            let all = || points.values().flatten().map(of);
            let least = all().fold(f64::INFINITY, f64::min).max(LEAST);
            let most = all().fold(0.0, f64::max).max(least * 1.01);
            (least.log10(), most.log10())
        };
        let (from, to) = span(|point| point.1);
        Self { x: span(|point| point.0), y: (from.floor(), to.ceil()) }
    }

    fn across(&self, value: f64) -> f64 {
        let part = (value.max(LEAST).log10() - self.x.0) / (self.x.1 - self.x.0);
        LEFT + part * (WIDTH - LEFT - RIGHT)
    }

    fn up(&self, value: f64) -> f64 {
        let part = (value.max(LEAST).log10() - self.y.0) / (self.y.1 - self.y.0);
        HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)
    }

    /// The powers of ten at the side.
    fn marks(&self) -> impl Iterator<Item = f64> + use<> {
        let (from, to) = self.y;
        (0..=20)
            .map(move |power| 10_f64.powf(from + f64::from(power)))
            .take_while(move |mark| mark.log10() <= to + 1e-6)
    }
}

fn svg(points: &Points, x: &str, y: &str) -> String {
    let axes = Axes::of(points);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    scale(&mut text, &axes, points, (x, y));
    for (no, (name, curve)) in points.iter().enumerate() {
        draw_curve(&mut text, &axes, no, (name, curve));
    }
    text + "</svg>\n"
}

fn scale(text: &mut String, axes: &Axes, points: &Points, (x, y): (&str, &str)) {
    let right = WIDTH - RIGHT;
    for mark in axes.marks() {
        let at = axes.up(mark);
        // Writing to a string can't fail.
        let _ = writeln!(
            text,
            "<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{mark}</text>",
            LEFT - 8.0,
            at + 4.0
        );
    }
    let mut marks: Vec<f64> = points.values().flatten().map(|point| point.0).collect();
    marks.sort_by(f64::total_cmp);
    marks.dedup();
    let below = HEIGHT - BOTTOM + 18.0;
    for mark in marks {
        let at = axes.across(mark);
        let _ = writeln!(
            text,
            "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{mark}</text>"
        );
    }
    let _ = writeln!(
        text,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
         <text x=\"{LEFT}\" y=\"{:.1}\">{}</text>",
        (LEFT + right) / 2.0,
        HEIGHT - 14.0,
        escaped(x),
        TOP - 16.0,
        escaped(y)
    );
}

fn draw_curve(text: &mut String, axes: &Axes, no: usize, (name, curve): (&str, &[(f64, f64)])) {
    let colour = COLOURS[no % COLOURS.len()];
    let places: Vec<(f64, f64)> =
        curve.iter().map(|(x, y)| (axes.across(*x), axes.up(*y))).collect();
    let line: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        text,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        line.join(" ")
    );
    for (x, y) in places {
        let _ = writeln!(text, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
    }
    let (from, at) = (WIDTH - RIGHT + 12.0, TOP + 10.0 + 20.0 * no as f64);
    let _ = writeln!(
        text,
        "<path d=\"M{from} {at}h16\" stroke=\"{colour}\" stroke-width=\"3\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        from + 22.0,
        at + 4.0,
        escaped(name)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_goes_through_the_medians_of_the_rounds_that_are_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let lines = folder.path().join("lines.json");
        let mut text = String::from("a table\n");
        for (clients, way, rate, auctions) in [
            (1, "a <b>", 10.0, 1),
            (1, "a <b>", 1_000.0, 1),
            (1, "a <b>", 100.0, 1),
            (16, "a <b>", 1_000.0, 1),
            (16, "a <b>", 9.0, 100),
        ] {
            text += &format!(
                "{{\"clients\":{clients},\"way\":\"{way}\",\"decided_per_s\":{rate},\
                 \"auctions\":{auctions},\"round\":1}}\n"
            );
        }
        text += "{\"clients\":1,\"way\":\"ratio\",\"decided_per_s\":7.0,\"auctions\":1}\n";
        std::fs::write(&lines, text).unwrap();
        let picture = folder.path().join("picture.svg");
        let [x, y, by] = ["clients", "decided_per_s", "way"].map(str::to_owned);
        let only = vec!["auctions=1".to_owned()];
        let curves = Curves { lines, picture: picture.clone(), x, y, by, only };
        let expected = vec![(1.0, 100.0), (16.0, 1_000.0)];
        assert_eq!(points(&curves).unwrap(), BTreeMap::from([("a <b>".to_owned(), expected)]));
        draw(&curves).unwrap();
        let drawn = std::fs::read_to_string(picture).unwrap();
        assert_eq!(drawn.matches("<circle").count(), 2);
        assert!(drawn.contains("a &lt;b>") && drawn.ends_with("</svg>\n"));
        let none = Curves { x: "watchers".to_owned(), ..curves };
        assert!(draw(&none).is_err());
    }
}
