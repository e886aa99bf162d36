pragma circom 2.2.0;

include "bitify.circom";

/*
 * Requires that every bit of `part` is also in `whole`.
 *
 * Inputs   part, whole   sets as bits. Ranged here to BITS bits.
 * Proves   part AND NOT whole = 0, and that neither has a bit from BITS on.
 */
template RequireSubset(BITS) {
    signal input part;
    signal input whole;
    signal partBits[BITS] <== Num2Bits(BITS)(part);
    signal wholeBits[BITS] <== Num2Bits(BITS)(whole);
    for (var i = 0; i < BITS; i++) {
        partBits[i] * (1 - wholeBits[i]) === 0;
    }
}

/*
 * Requires that a grant covers what is asked, where 0 in the grant means "any".
 *
 * Inputs   granted, asked   field elements.
 * Proves   granted = 0 or granted = asked. Asking for 0 is asking for all: only a grant of 0 covers it.
 */
template RequireAnyOrEqual() {
    signal input granted;
    signal input asked;
    granted * (granted - asked) === 0;
}

/*
 * Requires that a field element is not zero.
 *
 * Inputs   in      any field element.
 * Proves   in has an inverse, which 0 alone has not. Assumes nothing.
 */
template RequireNonZero() {
    signal input in;
    signal inverse <-- in != 0 ? 1 / in : 0;
    in * inverse === 1;
}
