pragma circom 2.2.0;

include "babyjub.circom";
include "eddsaposeidon.circom";

/*
 * Requires that the key (ax, ay) signed the message.
 *
 * Inputs   ax, ay        the signer's public key.
 *          r8x, r8y, s   the signature.
 *          message       a field element.
 * Proves   both points lie on Baby Jubjub, which EdDSAPoseidonVerifier leaves to its caller: off the
 *          curve its addition law is an attacker's to choose. It refuses by itself an s of the subgroup
 *          order or more, and a key of low order.
 */
template RequireSignature() {
    signal input ax;
    signal input ay;
    signal input r8x;
    signal input r8y;
    signal input s;
    signal input message;

    BabyCheck()(ax, ay);
    BabyCheck()(r8x, r8y);
    EdDSAPoseidonVerifier()(1, ax, ay, s, r8x, r8y, message);
}
