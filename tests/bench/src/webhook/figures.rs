//! What was found out, and the table.

use crate::load::Outcome;
use crate::report::percentiles;

pub struct Figures {
    pub place: &'static str,
    pub events_each: usize,
    /// The product and the bare handler in pairs of turns.
    pub turns: Vec<(Outcome, Outcome)>,
    pub rows: usize,
}

pub fn head() {
    println!("\n**Events taken in by the API alone, a process of its own**\n");
    println!(
        "| database | events of a request | events /s, best turn (all turns) | p50 / p95 / p99 ms, best turn (all turns) | errors | events answered with 200 = rows | requests /s, product / only the signature = ratio |"
    );
    println!("|---|---|---|---|---|---|---|");
}

pub fn print(figures: &Figures) {
    let (mut product, mut bare) = (Outcome::default(), Outcome::default());
    for (ours, theirs) in &figures.turns {
        product.add(ours.clone());
        bare.add(theirs.clone());
    }
    let turns = figures.turns.iter().map(|(ours, _)| ours);
    let best = turns.max_by(|a, b| a.per_second().total_cmp(&b.per_second()));
    let best = best.unwrap_or(&product);
    let events = |outcome: &Outcome| outcome.per_second() * figures.events_each as f64;
    println!(
        "| {} | {} | **{:.0}** ({:.0}) | {} ({}) | {} | {} | {:.0} / {:.0} = {:.2} |",
        figures.place,
        figures.events_each,
        events(best),
        events(&product),
        percentiles(best),
        percentiles(&product),
        product.errors,
        figures.rows,
        product.per_second(),
        bare.per_second(),
        product.per_second() / bare.per_second(),
    );
}
