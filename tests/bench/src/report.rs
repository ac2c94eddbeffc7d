//! The tables.

use crate::load::Outcome;

pub fn head_of_comparison(place: &str) {
    println!("\n**{place}, the product beside bare handlers**\n");
    println!(
        "| work | product /s | bare /s | ratio (worst–best pair of turns) | product p50 / p95 / p99 ms | bare p50 / p95 / p99 ms | errors product / bare |"
    );
    println!("|---|---|---|---|---|---|---|");
}

/// One line: what both sides did in pairs of turns.
pub fn comparison(work: &str, turns: &[(Outcome, Outcome)]) {
    let (mut product, mut bare) = (Outcome::default(), Outcome::default());
    let mut ratios = Vec::with_capacity(turns.len());
    for (ours, theirs) in turns {
        ratios.push(ours.per_second() / theirs.per_second());
        product.add(ours.clone());
        bare.add(theirs.clone());
    }
    ratios.sort_by(f64::total_cmp);
    let (worst, best) = (ratios.first(), ratios.last());
    println!(
        "| {work} | {:.0} | {:.0} | **{:.2}** ({:.2}–{:.2}) | {} | {} | {} / {} |",
        product.per_second(),
        bare.per_second(),
        product.per_second() / bare.per_second(),
        worst.unwrap_or(&f64::NAN),
        best.unwrap_or(&f64::NAN),
        percentiles(&product),
        percentiles(&bare),
        product.errors,
        bare.errors,
    );
}

pub fn head_of_product(place: &str) {
    println!("\n**{place}, the product alone**\n");
    println!("| work | requests /s | p50 / p95 / p99 ms | errors |");
    println!("|---|---|---|---|");
}

pub fn product(work: &str, outcome: &Outcome) {
    println!(
        "| {work} | {:.0} | {} | {} |",
        outcome.per_second(),
        percentiles(outcome),
        outcome.errors
    );
}

pub fn statements(place: &str, counts: &[(String, usize)]) {
    println!("\n**{place}, statements of a request**\n\n| request | statements |\n|---|---|");
    for (path, count) in counts {
        println!("| `{path}` | {count} |");
    }
}

pub fn percentiles(outcome: &Outcome) -> String {
    let [p50, p95, p99] = [50, 95, 99].map(|hundredths| outcome.percentile(hundredths));
    format!("{p50:.1} / {p95:.1} / {p99:.1}")
}
