pragma circom 2.2.0;

include "poseidon.circom";
include "kinds.circom";

/*
 * The most parties that an issuer leaf has room for.
 */
function MAX_PARTIES() { return 8; }

/*
 * The issuer leaf of a slot: whose it is, with which key, and what governance lets it do in this term.
 *
 * Inputs   institution   the field of the institution's id.
 *          ax, ay        its issuer key, as governance gave it: not checked to be on the curve here.
 *          from, until   the caller ranges them to 64 bits before they are packed.
 *          grants        the caller ranges them.
 *          parties       fields of the organisations that it may accredit for; 0 behind the last.
 *          term          how often governance gave it keys, from 1: an ended leaf is never made again.
 * Proves   nothing by itself: it computes, every step constrained. Poseidon of five at each step, because
 *          the contract computes the same and has no longer one.
 * Source   src/zk/leaf.ts issuerLeaf and contracts/IssuerLeaf.sol compute the same; shared vectors in
 *          test/vectors/leaves.json.
 */
template IssuerLeaf() {
    signal input institution;
    signal input ax;
    signal input ay;
    signal input from;
    signal input until;
    signal input grants;
    signal input parties[MAX_PARTIES()];
    signal input term;
    signal output leaf;

    signal firstParties <== Poseidon(5)([
        KIND_PARTIES(), parties[0], parties[1], parties[2], parties[3]
    ]);
    signal allParties <== Poseidon(5)([
        firstParties, parties[4], parties[5], parties[6], parties[7]
    ]);
    signal mandate <== Poseidon(5)([
        KIND_MANDATE(), from * (1 << 64) + until, grants, allParties, term
    ]);
    leaf <== Poseidon(5)([KIND_ISSUER(), institution, ax, ay, mandate]);
}

/*
 * Requires that a party is none or one of those listed.
 *
 * Inputs   party     the field of an organisation's id, or 0 for none.
 *          parties   the list; 0 where it has no more.
 * Proves   the product of party and of its differences from each of the list is 0. An unused place adds the
 *          factor party - 0, which is 0 for no party alone: padding lets nothing in.
 */
template RequireNoneOrListed(LENGTH) {
    signal input party;
    signal input parties[LENGTH];
    signal product[LENGTH + 1];
    product[0] <== party;
    for (var i = 0; i < LENGTH; i++) {
        product[i + 1] <== product[i] * (party - parties[i]);
    }
    product[LENGTH] === 0;
}
