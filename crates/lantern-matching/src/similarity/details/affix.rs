//! Common beginnings and ends, which cost no edit and need no kernel.

/// How many codes two strings have in common at their beginning.
#[inline]
pub(crate) fn prefix<C: Copy + Eq>(a: &[C], b: &[C]) -> usize {
    // Blocks first: the compiler compares them without a branch a code.
    const BLOCK: usize = 16;
    let blocks =
        a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count()
            * BLOCK;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

/// How many codes two strings have in common at their end.
#[inline]
pub(crate) fn suffix<C: Copy + Eq>(a: &[C], b: &[C]) -> usize {
    const BLOCK: usize = 16;
    let blocks =
        a.rchunks_exact(BLOCK).zip(b.rchunks_exact(BLOCK)).take_while(|(a, b)| a == b).count()
            * BLOCK;
    let (a, b) = (&a[..a.len() - blocks], &b[..b.len() - blocks]);
    blocks + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Both strings without what they have in common at the beginning and at the end, and how much
/// that was.
#[inline]
pub(crate) fn stripped<'a, C: Copy + Eq>(a: &'a [C], b: &'a [C]) -> (&'a [C], &'a [C], usize) {
    let head = prefix(a, b);
    let (a, b) = (&a[head..], &b[head..]);
    let tail = suffix(a, b);
    (&a[..a.len() - tail], &b[..b.len() - tail], head + tail)
}
