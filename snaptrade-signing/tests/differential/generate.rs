//! Documents, each from a seed of its own: mostly JSON, written in the least canonical way there is or in the canonical
//! one.

use fastrand::Rng;
use snaptrade_signing::canonical::{self, Escaping};

use super::{number, string};

/// Makes the document of a seed.
pub(crate) fn document(seed: u64) -> Vec<u8> {
    let mut rng = Rng::with_seed(seed);
    let spacing = [0, 0, 0, 20, 4, 1][rng.usize(..6)];
    let budget = [3, 10, 30, 80][rng.usize(..4)];
    let mut generator = Generator {
        rng,
        out: Vec::new(),
        spacing,
        budget,
    };
    generator.space();
    match generator.rng.u32(..2000) {
        0..1000 => generator.value(0),
        1000..1400 => generator.alike_objects(2..12),
        1400..1700 => generator.numbers(),
        1700..1800 => generator.deep(),
        1800..1990 => generator.object(0),
        // Over 64 KiB, where buffers are given back.
        1990..1995 => generator.alike_objects(800..1500),
        _ => generator.long_string(),
    }
    generator.space();
    let Generator {
        mut rng, mut out, ..
    } = generator;
    // In canonical form, for the pass that knows no other, and for what is all but canonical.
    if rng.u8(..4) == 0 {
        let escaping = [Escaping::Ascii, Escaping::RawUtf8][rng.usize(..2)];
        if let Ok(text) = canonical::json(escaping, &out) {
            out = text.into_bytes();
        }
    }
    if rng.u8(..3) == 0 {
        for _ in 0..rng.usize(1..4) {
            damage(&mut rng, &mut out);
        }
    }
    out
}

struct Generator {
    rng: Rng,
    out: Vec<u8>,
    /// White space stands at one place in so many; nowhere if 0.
    spacing: usize,
    /// How many more values to write.
    budget: usize,
}

impl Generator {
    fn space(&mut self) {
        while self.spacing != 0 && self.rng.usize(..self.spacing + 1) == 0 {
            self.out.push(b" \n\r\t"[self.rng.usize(..4)]);
        }
    }

    fn value(&mut self, depth: usize) {
        self.budget = self.budget.saturating_sub(1);
        let nested = self.budget > 0 && depth < 12;
        match self.rng.u8(..10) {
            0..=2 if nested => self.object(depth),
            3..=4 if nested => self.array(depth),
            5..=6 => number::write(&mut self.rng, &mut self.out),
            7 => self.word(),
            _ => string::write(&mut self.rng, &mut self.out),
        }
    }

    fn word(&mut self) {
        let words: [&[u8]; 7] = [b"null", b"true", b"false", b"{}", b"[]", b"\"\"", b"{ }"];
        self.out.extend_from_slice(words[self.rng.usize(..7)]);
    }

    fn array(&mut self, depth: usize) {
        self.out.push(b'[');
        let len = self.rng.usize(..6);
        self.list(len, |generator, _| generator.value(depth + 1));
        self.out.push(b']');
    }

    fn object(&mut self, depth: usize) {
        let names = string::names(&mut self.rng, 9);
        self.members(&names, |generator| generator.value(depth + 1));
    }

    /// Objects with the same names in the same order, now and then with one of another shape among them: what a
    /// remembered order meets.
    fn alike_objects(&mut self, count: std::ops::Range<usize>) {
        let most = [4, 9, 20, 70][self.rng.usize(..4)];
        let mut names = string::names(&mut self.rng, most);
        let count = self.rng.usize(count);
        self.out.push(b'[');
        self.list(count, |generator, _| {
            if generator.rng.u8(..16) == 0 {
                generator.rng.shuffle(&mut names);
            }
            if generator.rng.u8(..16) == 0 {
                let (from, to) = (generator.index(names.len()), generator.index(names.len()));
                names[to] = names[from].clone();
            }
            generator.budget = 3;
            generator.members(&names, |generator| generator.value(10));
        });
        self.out.push(b']');
    }

    fn members(&mut self, names: &[String], value: impl Fn(&mut Self)) {
        self.out.push(b'{');
        self.list(names.len(), |generator, at| {
            string::write_text(&mut generator.rng, &mut generator.out, &names[at]);
            generator.space();
            generator.out.push(b':');
            generator.space();
            value(generator);
        });
        self.out.push(b'}');
    }

    fn numbers(&mut self) {
        self.out.push(b'[');
        let len = self.rng.usize(1..12);
        self.list(len, |generator, _| {
            number::write(&mut generator.rng, &mut generator.out);
        });
        self.out.push(b']');
    }

    /// Around the depth where nesting is refused, and now and then far beyond.
    fn deep(&mut self) {
        let depth = match self.rng.u8(..8) {
            0 => self.rng.usize(132..3000),
            1..=3 => self.rng.usize(..127),
            _ => self.rng.usize(127..131),
        };
        let mut closing = Vec::new();
        for _ in 0..depth {
            if self.rng.bool() {
                self.out.push(b'[');
                closing.push(b']');
            } else {
                self.out.extend_from_slice(br#"{"b":1,"a":"#);
                closing.push(b'}');
            }
        }
        number::write(&mut self.rng, &mut self.out);
        closing.reverse();
        self.out.extend_from_slice(&closing);
    }

    fn long_string(&mut self) {
        self.out.push(b'[');
        let len = self.rng.usize(2..6);
        self.list(len, |generator, _| {
            let pattern = string::text(&mut generator.rng);
            let text = pattern.repeat(generator.rng.usize(1..20_000) / (pattern.len() + 1));
            string::write_text(&mut generator.rng, &mut generator.out, &text);
        });
        self.out.push(b']');
    }

    fn list(&mut self, len: usize, mut item: impl FnMut(&mut Self, usize)) {
        self.space();
        for at in 0..len {
            if at > 0 {
                self.out.push(b',');
                self.space();
            }
            item(self, at);
            self.space();
        }
    }

    fn index(&mut self, len: usize) -> usize {
        self.rng.usize(..len)
    }
}

/// Breaks a document, or at times does not.
fn damage(rng: &mut Rng, document: &mut Vec<u8>) {
    let bits: [&[u8]; 34] = [
        b"\"",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"0",
        b"-",
        b"+",
        b".",
        b"e",
        b" ",
        b"\0",
        b"\n",
        b"\x1f",
        b"\x7f",
        b"\x80",
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"\\ud800",
        b"\\udc00",
        b"\\u12",
        b"\\x41",
        b"/**/",
        b"'",
        b"\xc3\xa9",
    ];
    let at = rng.usize(..document.len() + 1);
    let to = (at + rng.usize(1..4)).min(document.len());
    match rng.u8(..7) {
        0 => document.truncate(at),
        1 | 2 => {
            let bit = bits[rng.usize(..bits.len())];
            document.splice(at..at, bit.iter().copied());
        }
        3 => drop(document.drain(at..to)),
        4 => {
            let again = document[at..to].to_vec();
            document.splice(at..at, again);
        }
        _ if at == document.len() => document.push(rng.u8(..)),
        5 => document[at] ^= 1 << rng.u8(..8),
        _ => document[at] = rng.u8(..),
    }
}
