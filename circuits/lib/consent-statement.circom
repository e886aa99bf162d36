pragma circom 2.2.0;

include "poseidon.circom";
include "kinds.circom";
include "path.circom";
include "range.circom";
include "signature.circom";
include "subset.circom";

/*
 * The consent statement: I hold a consent that this participant signed for me, it stands in the
 * register, and it covers this request.
 *
 * Public   root      the network root that the leaf is under.
 *          nym       the participant's pseudonym in this study.
 *          handle    the consent's, so that its withdrawal finds every proof made from it.
 *          request   the hash of all that the policy decides on; the verifier recomputes it.
 *          asOf      seconds since 1900, when the proof was made; the verifier compares it with its clock.
 *          holder    the session key that may use this proof.
 *
 * Story    the leaf is computed from its fields; the participant's key signed it; the requester named
 *          in it is me; it lies under the root; the request asks no more than it grants, and now.
 *
 * Assumes  the verifier accepts only roots that the ledger anchored, recomputes `request` from plaintext,
 *          bounds `asOf` by its own clock, and knows which handles were withdrawn: src/consent/gate/gate.ts.
 */
template ConsentStatement(SHARD_LEVELS, TOP_LEVELS) {
    var TIME_BITS = 64;
    var SCOPE_BITS = 96;
    var DUTY_BITS = 32;

    // Public signals, in the order of circuits.json.
    signal input root;
    signal input nym;
    signal input handle;
    signal input request;
    signal input asOf;
    signal input holder;

    // What the participant granted: the leaf's fields that are not public.
    signal input study;
    signal input institutionGranted;
    signal input scopeGranted;
    signal input dutiesGranted;
    signal input validFrom;
    signal input validUntil;
    signal input windowGrantedFrom;
    signal input windowGrantedUntil;
    signal input policy;
    signal input serial;
    signal input salt;
    signal input ax;
    signal input ay;
    signal input r8x;
    signal input r8y;
    signal input s;

    // Where the leaf stands.
    signal input shardSiblings[SHARD_LEVELS];
    signal input index;
    signal input issuerLeaf;
    signal input topSiblings[TOP_LEVELS];
    signal input slot;

    // The requester's secret, and what it asks for.
    signal input g;
    signal input institutionAsked;
    signal input scopeAsked;
    signal input dutiesAcknowledged;
    signal input windowAskedFrom;
    signal input windowAskedUntil;
    signal input expires;

    // Every time is ranged before it is compared or packed: packing an unranged one would let two
    // periods share a number.
    signal {bits} rangedAsOf <== Ranged(TIME_BITS)(asOf);
    signal {bits} rangedExpires <== Ranged(TIME_BITS)(expires);
    signal {bits} rangedFrom <== Ranged(TIME_BITS)(validFrom);
    signal {bits} rangedUntil <== Ranged(TIME_BITS)(validUntil);
    signal {bits} rangedGrantedFrom <== Ranged(TIME_BITS)(windowGrantedFrom);
    signal {bits} rangedGrantedUntil <== Ranged(TIME_BITS)(windowGrantedUntil);
    signal {bits} rangedAskedFrom <== Ranged(TIME_BITS)(windowAskedFrom);
    signal {bits} rangedAskedUntil <== Ranged(TIME_BITS)(windowAskedUntil);

    // The participant: nym is the name of the key that signed.
    signal pseudonym <== Poseidon(3)([KIND_PSEUDONYM(), ax, ay]);
    nym === pseudonym;

    // The requester: I know the secret behind the name in the leaf.
    signal requester <== Poseidon(2)([KIND_REQUESTER(), g]);

    // The leaf, which is what the participant signed.
    signal leaf <== Poseidon(13)([
        KIND_CONSENT(), pseudonym, requester, study, institutionGranted, scopeGranted, dutiesGranted,
        validFrom * (1 << 64) + validUntil, windowGrantedFrom * (1 << 64) + windowGrantedUntil,
        policy, serial, handle, salt
    ]);
    RequireSignature()(ax, ay, r8x, r8y, s, leaf);

    // The register. Zero is what an unset root reads as, so it is never one.
    signal above <== NetworkRoot(SHARD_LEVELS, TOP_LEVELS)(
        leaf, shardSiblings, index, issuerLeaf, topSiblings, slot
    );
    root === above;
    RequireNonZero()(root);

    // The request asks no more than was granted, and acknowledges every duty.
    RequireAnyOrEqual()(institutionGranted, institutionAsked);
    RequireSubset(SCOPE_BITS)(scopeAsked, scopeGranted);
    RequireSubset(DUTY_BITS)(dutiesGranted, dutiesAcknowledged);
    RequireLess(TIME_BITS)(rangedAskedFrom, rangedAskedUntil);
    RequireAtMost(TIME_BITS)(rangedGrantedFrom, rangedAskedFrom);
    RequireAtMost(TIME_BITS)(rangedAskedUntil, rangedGrantedUntil);

    // Now: from <= asOf < expires <= until.
    RequireAtMost(TIME_BITS)(rangedFrom, rangedAsOf);
    RequireLess(TIME_BITS)(rangedAsOf, rangedExpires);
    RequireAtMost(TIME_BITS)(rangedExpires, rangedUntil);

    // All of it is in the request, so the prover chooses nothing that the verifier did not read.
    signal requestHash <== Poseidon(7)([
        KIND_REQUEST(), institutionAsked, study, scopeAsked, dutiesAcknowledged,
        windowAskedFrom * (1 << 64) + windowAskedUntil, expires
    ]);
    request === requestHash;

    // A public signal in no constraint could be changed after proving.
    signal holderSquared <== holder * holder;
}
