//! Names in Chinese, Japanese and Korean letters.

use crate::{
    normalize::words::{Word, Words},
    script,
};

/// The most common Chinese surnames of one character, which distinguish `小明 王` from `田中 誠`.
const CHINESE_SURNAMES: &str = "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓\
     曹曾彭萧蕭蔡潘田董袁于余叶葉蒋蔣杜苏蘇魏程吕呂丁沈任姚卢盧傅钟鐘姜崔谭譚廖范汪陆陸金石戴贾賈韦韋邱方侯邹鄒熊孟秦白江阎\
     薛尹段雷黎陶贺賀顾顧毛郝龚龔邵万萬钱錢严嚴戴莫孔汤湯";

/// Korean surnames of two syllables.
const KOREAN_SURNAMES: &[&str] = &["남궁", "황보", "제갈", "선우", "독고", "사공", "서문"];

/// Whether a name is of several words of a script that writes names without spaces.
pub(super) fn is_unspaced(words: &Words, order: &[Word]) -> bool {
    order.len() > 1 && order.iter().all(|word| words.of(*word).chars().all(script::is_dense))
}

/// Which word of a name in two words is the surname. None for other names, and for those in Katakana,
/// which are foreign and keep their order.
pub(super) fn surname(words: &Words, order: &[Word]) -> Option<usize> {
    let [first, last] = order else { return None };
    if !is_unspaced(words, order) {
        return None;
    }
    let (first, last) = (words.of(*first), words.of(*last));
    if first.chars().chain(last.chars()).all(is_katakana) {
        return None;
    }
    let is_one = |word: &str| word.chars().nth(1).is_none();
    // In the order of the West: 민수 김, 小明 王.
    let in_order_of_the_west = !is_one(first)
        && is_one(last)
        && !KOREAN_SURNAMES.contains(&first)
        && last.chars().all(|letter| is_hangul(letter) || CHINESE_SURNAMES.contains(letter));
    Some(usize::from(in_order_of_the_west))
}

const fn is_katakana(letter: char) -> bool {
    matches!(letter, '\u{30A0}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9D}')
}

const fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{AC00}'..='\u{D7A3}')
}
