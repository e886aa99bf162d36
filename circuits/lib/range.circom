pragma circom 2.2.0;

include "bitify.circom";

/*
 * Gives a value back tagged with the number of bits that it fits.
 *
 * The tag is what RequireLess and its kin take, so a comparison of an unranged signal does not compile:
 * circomlib's LessThan(64) finds r - 1 smaller than 5, and nothing warns.
 *
 * Inputs   in      any field element.
 * Proves   in < 2^BITS, over the integers. Assumes nothing.
 */
template Ranged(BITS) {
    assert(BITS < 253);
    signal input in;
    signal output {bits} out;
    _ <== Num2Bits(BITS)(in);
    out.bits = BITS;
    out <== in;
}

/*
 * Requires earlier < later.
 *
 * Inputs   earlier, later   ranged to BITS bits by their tag.
 * Proves   later - earlier - 1 fits BITS bits: a negative difference is near r and does not.
 */
template RequireLess(BITS) {
    signal input {bits} earlier;
    signal input {bits} later;
    assert(earlier.bits == BITS && later.bits == BITS);
    _ <== Num2Bits(BITS)(later - earlier - 1);
}

/*
 * Requires earlier <= later.
 *
 * Inputs   earlier, later   ranged to BITS bits by their tag.
 * Proves   later - earlier fits BITS bits.
 */
template RequireAtMost(BITS) {
    signal input {bits} earlier;
    signal input {bits} later;
    assert(earlier.bits == BITS && later.bits == BITS);
    _ <== Num2Bits(BITS)(later - earlier);
}
