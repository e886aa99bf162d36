pragma circom 2.2.0;

include "bitify.circom";
include "comparators.circom";
include "poseidon.circom";
include "issuer.circom";
include "kinds.circom";
include "path.circom";
include "range.circom";
include "subset.circom";

/*
 * The bit of a set at a position.
 *
 * Inputs   bits       ranged by whoever made them.
 *          position   a field element.
 * Proves   position < BITS: a position that is none of them is refused.
 */
template BitAt(BITS) {
    signal input bits[BITS];
    signal input position;
    signal output bit;

    signal isHere[BITS];
    signal chosen[BITS];
    var found = 0;
    var sum = 0;
    for (var i = 0; i < BITS; i++) {
        isHere[i] <== IsEqual()([position, i]);
        chosen[i] <== isHere[i] * bits[i];
        found += isHere[i];
        sum += chosen[i];
    }
    found === 1;
    bit <== sum;
}

/*
 * The accreditation statement: an institution that may do so accredited me with this role.
 *
 * Public   root      the network root that the leaf is under.
 *          nym       one per accredited requester, study and period: budgets count by it, nothing names me.
 *          handle    0: an accreditation is revoked by overwriting its leaf, not by a published secret.
 *          request   the hash of role, study, party and period; the verifier recomputes it.
 *          asOf      seconds since 1900, when the proof was made; the verifier compares it with its clock.
 *          holder    the session key that may use this proof.
 *
 * Story    the leaf is computed from its fields and names me; it lies under the root; the issuer leaf
 *          beside its own shard is opened, grants what the leaf claims and lists the party that it names;
 *          both are valid now.
 *
 * Assumes  the verifier accepts only recent anchored roots, recomputes `request` with its own period,
 *          bounds `asOf` by its own clock, and refuses studies that it does not know: src/consent/gate/gate.ts.
 *          Governance alone writes issuer leaves: contracts/ConsentRegister.sol.
 */
template AccreditationStatement(SHARD_LEVELS, TOP_LEVELS) {
    var TIME_BITS = 64;
    var ROLE_BITS = 8;
    var GRANT_BITS = 16;
    var ANY_STUDY = 8;

    // Public signals, in the order of circuits.json.
    signal input root;
    signal input nym;
    signal input handle;
    signal input request;
    signal input asOf;
    signal input holder;

    // What was accredited.
    signal input roles;
    signal input studyGranted;
    signal input party;
    signal input validFrom;
    signal input validUntil;
    signal input salt;

    // Who accredited it: the issuer leaf of the same slot, opened.
    signal input issuerInstitution;
    signal input issuerAx;
    signal input issuerAy;
    signal input issuerFrom;
    signal input issuerUntil;
    signal input grants;
    signal input issuerParties[MAX_PARTIES()];
    signal input issuerTerm;

    // Where the leaf stands.
    signal input shardSiblings[SHARD_LEVELS];
    signal input index;
    signal input topSiblings[TOP_LEVELS];
    signal input slot;

    // The requester's secret, and what it asks for.
    signal input g;
    signal input role;
    signal input study;
    signal input period;

    // Every time is ranged before it is compared or packed.
    signal {bits} rangedAsOf <== Ranged(TIME_BITS)(asOf);
    signal {bits} rangedFrom <== Ranged(TIME_BITS)(validFrom);
    signal {bits} rangedUntil <== Ranged(TIME_BITS)(validUntil);
    signal {bits} rangedIssuerFrom <== Ranged(TIME_BITS)(issuerFrom);
    signal {bits} rangedIssuerUntil <== Ranged(TIME_BITS)(issuerUntil);

    // The requester: I know the secret behind the name in the leaf, and nym is made of it.
    signal requester <== Poseidon(2)([KIND_REQUESTER(), g]);
    signal nullifier <== Poseidon(4)([KIND_NULLIFIER(), g, study, period]);
    nym === nullifier;
    handle === 0;

    // The leaf, and the register above it and its issuer. Zero is what an unset root reads as.
    signal leaf <== Poseidon(7)([
        KIND_ACCREDITATION(), requester, roles, studyGranted, party,
        validFrom * (1 << 64) + validUntil, salt
    ]);
    signal issuerLeaf <== IssuerLeaf()(
        issuerInstitution, issuerAx, issuerAy, issuerFrom, issuerUntil, grants, issuerParties, issuerTerm
    );
    signal above <== NetworkRoot(SHARD_LEVELS, TOP_LEVELS)(
        leaf, shardSiblings, index, issuerLeaf, topSiblings, slot
    );
    root === above;
    RequireNonZero()(root);

    // The role is one that the leaf names and that the issuer may accredit.
    signal roleBits[ROLE_BITS] <== Num2Bits(ROLE_BITS)(roles);
    signal grantBits[GRANT_BITS] <== Num2Bits(GRANT_BITS)(grants);
    signal grantedRoleBits[ROLE_BITS];
    for (var i = 0; i < ROLE_BITS; i++) {
        grantedRoleBits[i] <== grantBits[i];
    }
    signal accredited <== BitAt(ROLE_BITS)(roleBits, role);
    accredited === 1;
    signal mayAccredit <== BitAt(ROLE_BITS)(grantedRoleBits, role);
    mayAccredit === 1;

    // The party is none, or one that the issuer may accredit for: else any issuer could name another's.
    RequireNoneOrListed(MAX_PARTIES())(party, issuerParties);

    // The study is the one accredited, or any where the issuer may say "any".
    RequireAnyOrEqual()(studyGranted, study);
    signal isAnyStudy <== IsZero()(studyGranted);
    isAnyStudy * (1 - grantBits[ANY_STUDY]) === 0;

    // Now: both the accreditation and its issuer are valid, from <= asOf < until.
    RequireAtMost(TIME_BITS)(rangedFrom, rangedAsOf);
    RequireLess(TIME_BITS)(rangedAsOf, rangedUntil);
    RequireAtMost(TIME_BITS)(rangedIssuerFrom, rangedAsOf);
    RequireLess(TIME_BITS)(rangedAsOf, rangedIssuerUntil);

    // All of it is in the request, so the prover chooses nothing that the verifier did not read.
    signal requestHash <== Poseidon(5)([KIND_REQUEST(), role, study, party, period]);
    request === requestHash;

    // A public signal in no constraint could be changed after proving.
    signal holderSquared <== holder * holder;
}
