//! One vocabulary of operations for every container of the cast, so that the algorithm is written once.

/// Operations on a primitive signed integer. Shift counts must be below the width (they are masked
/// otherwise).
macro_rules! primitive_word {
    ($name:ident, $T:ident) => {
        pub(super) mod $name {
            pub(crate) type Word = $T;

            #[inline(always)]
            pub(crate) const fn from_bool(bit: bool) -> Word {
                bit as Word
            }
            #[inline(always)]
            pub(crate) const fn add(a: Word, b: Word) -> Word {
                a.wrapping_add(b)
            }
            #[inline(always)]
            pub(crate) const fn and(a: Word, b: Word) -> Word {
                a & b
            }
            #[inline(always)]
            pub(crate) const fn or(a: Word, b: Word) -> Word {
                a | b
            }
            #[inline(always)]
            pub(crate) const fn not(a: Word) -> Word {
                !a
            }
            #[inline(always)]
            pub(crate) const fn shl(a: Word, n: u32) -> Word {
                a.wrapping_shl(n)
            }
            #[inline(always)]
            pub(crate) const fn shr(a: Word, n: u32) -> Word {
                a.wrapping_shr(n)
            }
            #[inline(always)]
            pub(crate) const fn lt(a: Word, b: Word) -> bool {
                a < b
            }
            #[inline(always)]
            pub(crate) const fn eq(a: Word, b: Word) -> bool {
                a == b
            }
            #[inline(always)]
            pub(crate) const fn is_negative(a: Word) -> bool {
                a < 0
            }
            #[inline(always)]
            pub(crate) const fn sign_extend(a: Word, width: u32) -> Word {
                let n = Word::BITS.wrapping_sub(width);
                a.wrapping_shl(n).wrapping_shr(n)
            }
        }
    };
}

/// The same for a struct with `const` methods of these names.
macro_rules! struct_word {
    ($name:ident, $T:path, |$a:ident, $b:ident| lt: $lt:expr, eq: $eq:expr) => {
        pub(super) mod $name {
            pub(crate) type Word = $T;

            pub(crate) const fn from_bool(bit: bool) -> Word {
                Word::from_i128(bit as i128)
            }
            pub(crate) const fn add(a: Word, b: Word) -> Word {
                Word::add(a, b)
            }
            pub(crate) const fn and(a: Word, b: Word) -> Word {
                Word::and(a, b)
            }
            pub(crate) const fn or(a: Word, b: Word) -> Word {
                Word::or(a, b)
            }
            pub(crate) const fn not(a: Word) -> Word {
                Word::not(a)
            }
            pub(crate) const fn shl(a: Word, n: u32) -> Word {
                Word::shl(a, n)
            }
            pub(crate) const fn shr(a: Word, n: u32) -> Word {
                Word::shr(a, n)
            }
            pub(crate) const fn lt($a: Word, $b: Word) -> bool {
                $lt
            }
            pub(crate) const fn eq($a: Word, $b: Word) -> bool {
                $eq
            }
            pub(crate) const fn is_negative(a: Word) -> bool {
                a.is_negative()
            }
            pub(crate) const fn sign_extend(a: Word, width: u32) -> Word {
                let n = Word::BITS - width;
                a.shl(n).shr(n)
            }
        }
    };
}

primitive_word!(word32, i32);
primitive_word!(word64, i64);
primitive_word!(word128, i128);
struct_word!(word256, crate::Wide, |a, b| lt: a.lt(&b), eq: a.eq(&b));
struct_word!(word1024, crate::big::Big, |a, b| lt: a.lt(b), eq: a.eq(b));
