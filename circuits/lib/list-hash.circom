pragma circom 2.2.0;

include "poseidon.circom";

/*
 * The hash of a list of one kind: pieces of 15 elements, the last one shorter, each hashed behind the
 * hash of the pieces before it; the first piece stands behind the kind.
 *
 * The length is not in it: a kind has one length, which the statement's parameters set.
 *
 * Inputs   kind       a constant of kinds.circom.
 *          elements   any field elements, at least one; private where the statement's are.
 * Proves   nothing by itself: it computes, every step constrained.
 * Assumes  one kind is hashed with one length alone.
 * Source   src/zk/list-hash.ts computes the same.
 */
template ListHash(LENGTH) {
    var PIECE = 15;
    var PIECES = (LENGTH + PIECE - 1) \ PIECE;
    signal input kind;
    signal input elements[LENGTH];
    signal output hash;

    signal hashes[PIECES + 1];
    hashes[0] <== kind;
    component pieces[PIECES];
    for (var i = 0; i < PIECES; i++) {
        var rest = LENGTH - i * PIECE;
        var size = rest < PIECE ? rest : PIECE;
        pieces[i] = Poseidon(size + 1);
        pieces[i].inputs[0] <== hashes[i];
        for (var j = 0; j < size; j++) {
            pieces[i].inputs[j + 1] <== elements[i * PIECE + j];
        }
        hashes[i + 1] <== pieces[i].out;
    }
    hash <== hashes[PIECES];
}
