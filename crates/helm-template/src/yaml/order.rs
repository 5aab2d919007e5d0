//! The order of keys in what is written.

use std::cmp::Ordering;

/// Insertion, as Go sorts what is short. go-yaml v2's order is none: `a1b`, `a2`, `a10` stand in a circle, Go's maps come
/// in any order, and Rust's own sort may panic of it. What is nearly in order is sorted in one pass.
pub(super) fn sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && less(&items[at], &items[at - 1]) {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// go-yaml's order of keys: digits by their number, letters after other characters.
pub(super) fn natural(a: &str, b: &str, after_digits: bool) -> Ordering {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut digits = false;
    for at in 0..a.len().min(b.len()) {
        if a[at] == b[at] {
            // v3: behind digits letters come first.
            digits = after_digits && a[at].is_numeric();
            continue;
        }
        match (a[at].is_alphabetic(), b[at].is_alphabetic()) {
            (true, true) => return a[at].cmp(&b[at]),
            (true, false) | (false, true) => {
                return if a[at].is_alphabetic() == digits { Ordering::Less } else { Ordering::Greater };
            }
            (false, false) => {}
        }
        let (mut number_a, mut number_b) = (0i64, 0i64);
        if a[at] == '0' || b[at] == '0' {
            let mut before = at;
            while before > 0 && a[before - 1].is_ascii_digit() {
                before -= 1;
                if a[before] != '0' {
                    (number_a, number_b) = (1, 1);
                    break;
                }
            }
        }
        let read = |text: &[char], number: &mut i64| {
            let mut end = at;
            while end < text.len() && text[end].is_ascii_digit() {
                let digit = i64::from(text[end].to_digit(10).unwrap_or(0));
                *number = number.wrapping_mul(10).wrapping_add(digit);
                end += 1;
            }
            end
        };
        let end_a = read(&a, &mut number_a);
        let end_b = read(&b, &mut number_b);
        return number_a.cmp(&number_b).then(end_a.cmp(&end_b)).then(a[at].cmp(&b[at]));
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_the_order_of_each_writer() {
        let sorted = |after_digits: bool| {
            let mut keys = vec!["", "01", "1", "A", "a-b", "a10", "a1b", "a2", "a_b", "b"];
            sort(&mut keys, |a, b| natural(a, b, after_digits).is_lt());
            keys
        };
        assert_eq!(sorted(true), ["", "1", "01", "A", "a-b", "a_b", "a1b", "a2", "a10", "b"]);
        // A circle, out of which any order is right; that there is one is what counts.
        assert_eq!(sorted(false).len(), 10);
        assert!(natural("a10", "a1b", false).is_lt() && natural("a1b", "a2", false).is_lt());
        assert!(natural("a2", "a10", false).is_lt());
    }
}
