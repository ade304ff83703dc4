//! Shapes of bodies, and the generator that fills them.

use std::fmt::Write as _;

/// What keeps a body from being its own canonical text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing.
    Canonical,
    /// The order of its members, as a program's types have them.
    Unsorted,
    /// White space: sorted, printed with indentation.
    WhiteSpace,
    /// Characters beyond ASCII.
    NonAscii,
    /// Numbers that are printed another way.
    Floats,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 5] = [
        Self::Canonical,
        Self::Unsorted,
        Self::WhiteSpace,
        Self::NonAscii,
        Self::Floats,
    ];

    /// Its name in a bench.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Canonical => "canonical",
            Self::Unsorted => "unsorted",
            Self::WhiteSpace => "white space",
            Self::NonAscii => "non-ASCII",
            Self::Floats => "floats",
        }
    }

    /// A list of orders, at least `size` bytes long and less than an order longer; empty if `size` is 0.
    #[must_use]
    pub fn body(self, size: usize) -> String {
        self.seeded(size, 7)
    }

    pub(crate) fn seeded(self, size: usize, seed: u64) -> String {
        if size == 0 {
            return String::new();
        }
        let mut random = Random::new(seed);
        let mut body = String::from(match self {
            Self::WhiteSpace => "{\n  \"orders\": [\n    ",
            _ => "{\"orders\":[",
        });
        self.order(&mut body, &mut random);
        while body.len() + 2 < size {
            body.push_str(match self {
                Self::WhiteSpace => ",\n    ",
                _ => ",",
            });
            self.order(&mut body, &mut random);
        }
        body.push_str(match self {
            Self::WhiteSpace => "\n  ]\n}\n",
            _ => "]}",
        });
        body
    }

    /// What a program that trades sends: ids, enumerations, prices, a nested symbol and a nested note.
    fn order(self, out: &mut String, random: &mut Random) {
        let (account, symbol) = (random.uuid(), random.uuid());
        let units = random.below(500) + 1;
        // A fraction of two digits that does not end in a zero is its own shortest text.
        let price = format!(
            "{}.{}{}",
            random.below(900) + 10,
            random.below(10),
            random.below(9) + 1
        );
        let note = ["rebalance", "dividend", "monthly plan"][random.below(3)];
        let written = match self {
            Self::Canonical => write!(
                out,
                r#"{{"account_id":"{account}","action":"BUY","notes":{{"source":"app","text":"{note}"}},"order_type":"Limit","price":{price},"symbol":{{"exchange":"XNAS","id":"{symbol}"}},"time_in_force":"Day","units":{units}}}"#
            ),
            Self::Unsorted => write!(
                out,
                r#"{{"account_id":"{account}","symbol":{{"id":"{symbol}","exchange":"XNAS"}},"action":"BUY","units":{units},"price":{price},"order_type":"Limit","time_in_force":"Day","notes":{{"text":"{note}","source":"app"}}}}"#
            ),
            Self::WhiteSpace => write!(
                out,
                "{{\n      \"account_id\": \"{account}\",\n      \"action\": \"BUY\",\n      \"order_type\": \"Limit\",\n      \"price\": {price},\n      \"symbol\": \"{symbol}\",\n      \"time_in_force\": \"Day\",\n      \"units\": {units}\n    }}"
            ),
            Self::NonAscii => write!(
                out,
                r#"{{"account_id":"{account}","action":"BUY","notes":"für Zoë: {note} – 日本株 📈","order_type":"Limit","symbol":"{symbol}","units":{units}}}"#
            ),
            Self::Floats => write!(
                out,
                r#"{{"account_id":"{account}","action":"BUY","fee":{units}e-2,"limit":{price}00,"price":{price}0,"stop":{price}456789012345678,"symbol":"{symbol}","units":{units}.0}}"#
            ),
        };
        written.expect("a String takes everything");
    }
}

/// A small generator (splitmix64), so that the corpus is the same everywhere.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    /// A number below `limit`, evenly enough.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % limit.max(1) as u64).unwrap_or_default()
    }
}
