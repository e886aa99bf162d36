pragma circom 2.2.0;

include "bitify.circom";
include "poseidon.circom";

/*
 * The root above a node: bit i of the index, from the lowest, says whether step i comes from the right.
 *
 * Inputs   node       the node below.
 *          siblings   from the node upwards.
 *          index      the node's position. Ranged here to LEVELS bits.
 * Proves   index < 2^LEVELS; else it computes.
 * Source   src/zk/tree.ts rootFromPath and contracts/TopTree.sol compute the same.
 */
template RootAbove(LEVELS) {
    signal input node;
    signal input siblings[LEVELS];
    signal input index;
    signal output root;

    signal fromRight[LEVELS] <== Num2Bits(LEVELS)(index);
    signal nodes[LEVELS + 1];
    signal left[LEVELS];
    nodes[0] <== node;
    for (var i = 0; i < LEVELS; i++) {
        left[i] <== nodes[i] + fromRight[i] * (siblings[i] - nodes[i]);
        nodes[i + 1] <== Poseidon(2)([left[i], nodes[i] + siblings[i] - left[i]]);
    }
    root <== nodes[LEVELS];
}

/*
 * The network root above a leaf of the register: its shard, its slot, the top.
 *
 * The depth is fixed and every leaf begins with its kind, so an inner node cannot stand in for a leaf;
 * the shard root always stands left of the issuer leaf, so neither can stand in for the other.
 *
 * Inputs   leaf            computed by the statement, never an input of it.
 *          shardSiblings   from the leaf upwards;   index   its place in the shard.
 *          issuerLeaf      what governance set beside the shard.
 *          topSiblings     from the slot upwards;   slot    the shard's place in the top.
 *          All private field elements; the indexes are ranged here.
 * Proves   nothing of the root, which the statement compares with the public one.
 */
template NetworkRoot(SHARD_LEVELS, TOP_LEVELS) {
    signal input leaf;
    signal input shardSiblings[SHARD_LEVELS];
    signal input index;
    signal input issuerLeaf;
    signal input topSiblings[TOP_LEVELS];
    signal input slot;
    signal output root;

    signal shardRoot <== RootAbove(SHARD_LEVELS)(leaf, shardSiblings, index);
    signal slotValue <== Poseidon(2)([shardRoot, issuerLeaf]);
    root <== RootAbove(TOP_LEVELS)(slotValue, topSiblings, slot);
}
