//! Names as people in Taiwan have them.

use super::dice::Dice;
use super::guest::Name;
use crm_members::Gender;

/// Family names with their share among ten thousand people, and how they are written in Latin
/// letters (Ministry of the Interior, statistics of names).
const FAMILY: [((&str, &str), u32); 52] = [
    (("陳", "chen"), 1_114),
    (("林", "lin"), 831),
    (("黃", "huang"), 606),
    (("張", "chang"), 527),
    (("李", "lee"), 513),
    (("王", "wang"), 411),
    (("吳", "wu"), 404),
    (("劉", "liu"), 317),
    (("蔡", "tsai"), 291),
    (("楊", "yang"), 266),
    (("許", "hsu"), 233),
    (("鄭", "cheng"), 188),
    (("謝", "hsieh"), 176),
    (("郭", "kuo"), 151),
    (("洪", "hung"), 150),
    (("曾", "tseng"), 146),
    (("邱", "chiu"), 144),
    (("廖", "liao"), 136),
    (("賴", "lai"), 132),
    (("周", "chou"), 124),
    (("徐", "hsu"), 123),
    (("蘇", "su"), 122),
    (("葉", "yeh"), 118),
    (("莊", "chuang"), 95),
    (("呂", "lu"), 94),
    (("江", "chiang"), 93),
    (("何", "ho"), 84),
    (("蕭", "hsiao"), 82),
    (("羅", "lo"), 82),
    (("高", "kao"), 77),
    (("潘", "pan"), 65),
    (("簡", "chien"), 63),
    (("朱", "chu"), 63),
    (("鍾", "chung"), 61),
    (("游", "yu"), 59),
    (("彭", "peng"), 59),
    (("詹", "chan"), 58),
    (("胡", "hu"), 54),
    (("施", "shih"), 53),
    (("沈", "shen"), 52),
    (("余", "yu"), 50),
    (("盧", "lu"), 45),
    (("梁", "liang"), 43),
    (("趙", "chao"), 43),
    (("顏", "yen"), 42),
    (("柯", "ko"), 42),
    (("翁", "weng"), 40),
    (("魏", "wei"), 38),
    (("孫", "sun"), 38),
    (("戴", "tai"), 36),
    (("范", "fan"), 33),
    (("歐陽", "ouyang"), 5),
];

const MEN: [&str; 40] = [
    "志明", "俊傑", "建宏", "家豪", "宗翰", "冠宇", "承恩", "柏翰", "品睿", "宥廷", "志豪", "文雄",
    "俊宏", "信宏", "明哲", "嘉偉", "彥廷", "冠廷", "宇軒", "承翰", "建志", "世昌", "國華", "正雄",
    "家瑋", "哲瑋", "俊賢", "柏宇", "子軒", "奕廷", "育誠", "振宇", "聖傑", "博文", "彥宏", "智凱",
    "瑞祥", "永昌", "清輝", "凱文",
];
const WOMEN: [&str; 40] = [
    "淑芬", "淑惠", "美玲", "雅婷", "怡君", "欣怡", "詩涵", "佳穎", "宜蓁", "雅雯", "佩珊", "怡婷",
    "惠君", "麗華", "秀英", "美惠", "佳蓉", "思妤", "子晴", "品妍", "郁婷", "靜怡", "雅惠", "珮瑜",
    "筱涵", "婉婷", "心怡", "鈺婷", "家瑜", "慧玲", "素貞", "淑娟", "芷涵", "羽彤", "語彤", "玉婷",
    "依潔", "孟潔", "書瑜", "詠晴",
];
const MEN_FIRST: [&str; 16] = [
    "家", "志", "俊", "建", "承", "宗", "冠", "柏", "彥", "宇", "明", "文", "哲", "育", "嘉", "宏",
];
const MEN_SECOND: [&str; 16] = [
    "豪", "偉", "宏", "傑", "翰", "廷", "宇", "軒", "哲", "銘", "瑋", "誠", "賢", "霖", "緯", "陞",
];
const WOMEN_FIRST: [&str; 16] = [
    "雅", "怡", "佳", "淑", "欣", "詩", "宜", "佩", "美", "惠", "思", "郁", "靜", "芷", "慧", "心",
];
const WOMEN_SECOND: [&str; 16] = [
    "婷", "君", "穎", "芬", "涵", "蓁", "雯", "珊", "玲", "華", "妤", "瑜", "萱", "柔", "潔", "慈",
];

/// A full name for somebody of this gender; now and then one of a single character.
pub(super) fn make(dice: &mut Dice, gender: Gender) -> Name {
    let (known, first, second) = if gender == Gender::Male {
        (&MEN, &MEN_FIRST, &MEN_SECOND)
    } else {
        (&WOMEN, &WOMEN_FIRST, &WOMEN_SECOND)
    };
    let (last, latin) = dice.weighted(&FAMILY);
    let first = match dice.number(1..=100) {
        1..=3 => dice.pick(second).to_owned(),
        4..=55 => dice.pick(known).to_owned(),
        _ => format!("{}{}", dice.pick(first), dice.pick(second)),
    };
    Name { last, latin, first }
}
