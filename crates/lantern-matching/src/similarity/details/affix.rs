//! Common beginnings and ends of two strings, which cost no edit and need no kernel.

/// Number of codes that two strings share at their beginning.
#[inline]
pub(crate) fn prefix<C: Copy + Eq>(a: &[C], b: &[C]) -> usize {
    // Blocks are compared first, without a branch for each code.
    const BLOCK: usize = 16;
    let blocks =
        a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count()
            * BLOCK;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

/// Number of codes that two strings share at their end.
#[inline]
pub(crate) fn suffix<C: Copy + Eq>(a: &[C], b: &[C]) -> usize {
    const BLOCK: usize = 16;
    let blocks =
        a.rchunks_exact(BLOCK).zip(b.rchunks_exact(BLOCK)).take_while(|(a, b)| a == b).count()
            * BLOCK;
    let (a, b) = (&a[..a.len() - blocks], &b[..b.len() - blocks]);
    blocks + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Both strings without their common beginning and end, and the length of these.
#[inline]
pub(crate) fn stripped<'a, C: Copy + Eq>(a: &'a [C], b: &'a [C]) -> (&'a [C], &'a [C], usize) {
    let head = prefix(a, b);
    let (a, b) = (&a[head..], &b[head..]);
    let tail = suffix(a, b);
    (&a[..a.len() - tail], &b[..b.len() - tail], head + tail)
}
