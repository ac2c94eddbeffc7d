/// How a chart shows its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// A line for each series, along days.
    Lines,
    /// A lying bar for each label, from the first series.
    Bars,
    /// A standing group of bars for each label, one for each series.
    Groups,
}

/// One row of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What they are, in the words of the hotel.
    pub name: String,
    /// A figure for each label.
    pub values: Vec<f64>,
}

/// A picture of figures, not drawn yet. Drawn in the product's one scheme of colours, told
/// apart also in print and by the colour-blind.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What stands above it.
    pub title: String,
    /// How it shows them.
    pub kind: ChartKind,
    /// What each figure belongs to: days (`11/22`), campaigns, tags.
    pub labels: Vec<String>,
    /// The figures; each series has as many as there are labels.
    pub series: Vec<Series>,
    /// What stands at the axis of the figures (`人`, `%`); may be empty.
    pub unit: String,
}
