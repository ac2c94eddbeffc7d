//! What people call themselves at LINE.

use super::dice::Dice;
use super::guest::Name;
use crm_members::Gender;

const HIS: [&str; 18] = [
    "Kevin", "Jason", "Eric", "Allen", "Andy", "Jack", "Leo", "Ryan", "Ken", "Sam", "Vincent",
    "Tony", "Alex", "David", "Ray", "Steven", "Chris", "Jerry",
];
const HERS: [&str; 18] = [
    "Amy", "Vivian", "Mandy", "Tina", "Joyce", "Grace", "Emily", "Peggy", "Sandy", "Irene",
    "Wendy", "Cindy", "Annie", "Ruby", "Yuki", "Sophia", "Jenny", "Claire",
];
const EMOJI: [&str; 16] = [
    "🌸", "🐱", "☀️", "🐶", "🌙", "🍀", "✨", "🎵", "🐰", "🌊", "☕", "🐻", "💕", "🏃", "🍜", "🌈",
];
const MOODS: [&str; 12] = [
    "小幸運",
    "愛旅行的貓",
    "熱美式",
    "慢慢來",
    "想放假",
    "山海之間",
    "今天也要加油",
    "晴天",
    "吃飽再說",
    "旅人",
    "米糕媽",
    "一起去看海",
];

/// A display name; of somebody whose real name may be known.
pub(super) fn make(dice: &mut Dice, gender: Gender, name: &Name) -> String {
    let latin = if gender == Gender::Male {
        dice.pick(&HIS)
    } else {
        dice.pick(&HERS)
    };
    let Name { last, first, .. } = name;
    let end = first.chars().last().unwrap_or('小');
    let shown = match dice.number(1..=100) {
        1..=30 => format!("{last}{first}"),
        31..=38 => first.clone(),
        39..=46 => format!("小{end}"),
        47..=54 => format!("{end}{end}"),
        55..=58 => format!("阿{end}"),
        59..=74 => latin.to_owned(),
        75..=81 => format!("{latin} {}", capital(name.latin)),
        82..=86 => format!(
            "{last}{}",
            if gender == Gender::Male {
                "先生"
            } else {
                "小姐"
            }
        ),
        _ => dice.pick(&MOODS).to_owned(),
    };
    if dice.chance(0.2) {
        format!("{shown}{}", dice.pick(&EMOJI))
    } else {
        shown
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
    })
}
