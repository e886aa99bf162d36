pragma circom 2.2.0;

include "babyjub.circom";
include "bitify.circom";
include "poseidon.circom";
include "criteria.circom";
include "kinds.circom";
include "list-hash.circom";
include "path.circom";
include "range.circom";
include "signature.circom";
include "subset.circom";

/*
 * The eligibility statement: facts that an institution attested about me meet the criteria of this trial,
 * and I signed a consent for it that names its sponsor.
 *
 * Public   root      the network root that the consent and the issuer are under.
 *          nym       my pseudonym in this trial.
 *          handle    the consent's, so that its withdrawal finds every proof made from it.
 *          request   the hash of the trial, its criteria and its sponsor; the verifier recomputes it.
 *          asOf      seconds since 1900, when the proof was made; the verifier compares it with its clock.
 *          holder    the session key that may use this proof.
 *
 * Story    I know the secret behind the pseudonym; an institution signed facts about the pseudonym, its
 *          issuer leaf stands in the register and grants that; a consent of the pseudonym stands there too,
 *          for this trial, its sponsor and clinical research; all three are valid now; and the facts meet
 *          the criteria.
 *
 * Encoding a credential's message is Poseidon(CREDENTIAL, pseudonym, hash of facts, validity, salt), and the
 *          hash of facts the ListHash of FACTS: key, value, key, value ... with 0, 0 for no fact;
 *          criteriaHash is the ListHash of CRITERIA: count, rules, keys ..., values ..., where `rules` holds
 *          the rule of row i from bit i * (6 + GROUPS) on, and an unused row is 0, 0, 0.
 *
 * Assumes  the verifier accepts only roots that the ledger anchored, recomputes `request` from the trial's
 *          published criteria, bounds `asOf` by its own clock, knows which handles were withdrawn, and lets
 *          a pseudonym into a trial once. An issuer signs one fact per key: src/zk/credential.ts refuses
 *          a second. Governance alone writes issuer leaves: contracts/ConsentRegister.sol. The leaf opened
 *          here is of the former kind, which no register of today holds: the statement proves nothing there
 *          until it opens today's.
 */
template EligibilityStatement(SHARD_LEVELS, TOP_LEVELS, FACTS, CRITERIA, GROUPS) {
    var TIME_BITS = 64;
    var MAXIMUM_CREDENTIAL_SECONDS = 30 * 86400;
    var SCOPE_BITS = 96;
    var GRANT_BITS = 16;
    var CLINTRCH = 4;
    var ATTEST_FACTS = 9;
    var RULE_BITS = OPERATORS() + GROUPS;
    assert(CRITERIA * RULE_BITS < 253);

    // Public signals, in the order of circuits.json.
    signal input root;
    signal input nym;
    signal input handle;
    signal input request;
    signal input asOf;
    signal input holder;

    // The secret scalar of the study key.
    signal input scalar;

    // The consent: the leaf's fields that are not public. What is not compared stays as it is in the leaf.
    signal input requester;
    signal input trial;
    signal input institutionGranted;
    signal input scopeGranted;
    signal input dutiesGranted;
    signal input consentFrom;
    signal input consentUntil;
    signal input dataWindow;
    signal input policy;
    signal input serial;
    signal input consentSalt;
    signal input consentR8x;
    signal input consentR8y;
    signal input consentS;

    // Where the consent stands.
    signal input shardSiblings[SHARD_LEVELS];
    signal input index;
    signal input besideIssuerLeaf;
    signal input topSiblings[TOP_LEVELS];
    signal input slot;

    // The credential: facts, and the issuer's signature.
    signal input factKeys[FACTS];
    signal input factValues[FACTS];
    signal input credentialFrom;
    signal input credentialUntil;
    signal input credentialSalt;
    signal input credentialR8x;
    signal input credentialR8y;
    signal input credentialS;

    // Who issued it: its leaf, opened, and where that stands. Its first sibling is the root of its shard.
    signal input issuerAx;
    signal input issuerAy;
    signal input issuerFrom;
    signal input issuerUntil;
    signal input grants;
    signal input issuerShardRoot;
    signal input issuerTopSiblings[TOP_LEVELS];
    signal input issuerSlot;

    // The criteria, row by row; which rows the prover claims, and for which fact.
    signal input rules[CRITERIA];
    signal input criterionKeys[CRITERIA];
    signal input criterionValues[CRITERIA];
    signal input isClaimed[CRITERIA];
    signal input places[CRITERIA];

    // Every time is ranged before it is compared or packed.
    signal {bits} rangedAsOf <== Ranged(TIME_BITS)(asOf);
    signal {bits} rangedConsentFrom <== Ranged(TIME_BITS)(consentFrom);
    signal {bits} rangedConsentUntil <== Ranged(TIME_BITS)(consentUntil);
    signal {bits} rangedCredentialFrom <== Ranged(TIME_BITS)(credentialFrom);
    signal {bits} rangedCredentialUntil <== Ranged(TIME_BITS)(credentialUntil);
    signal {bits} rangedIssuerFrom <== Ranged(TIME_BITS)(issuerFrom);
    signal {bits} rangedIssuerUntil <== Ranged(TIME_BITS)(issuerUntil);

    // The participant: I know the secret behind the key that the pseudonym names.
    signal ax;
    signal ay;
    (ax, ay) <== BabyPbk()(scalar);
    signal pseudonym <== Poseidon(3)([KIND_PSEUDONYM(), ax, ay]);
    nym === pseudonym;

    // The consent: this pseudonym's, for this trial and its sponsor, signed, and under the root. Zero is
    // what an unset root reads as, so it is never one.
    signal consentLeaf <== Poseidon(13)([
        KIND_CONSENT(), pseudonym, requester, trial, institutionGranted, scopeGranted, dutiesGranted,
        consentFrom * (1 << 64) + consentUntil, dataWindow, policy, serial, handle, consentSalt
    ]);
    RequireSignature()(ax, ay, consentR8x, consentR8y, consentS, consentLeaf);
    signal aboveConsent <== NetworkRoot(SHARD_LEVELS, TOP_LEVELS)(
        consentLeaf, shardSiblings, index, besideIssuerLeaf, topSiblings, slot
    );
    root === aboveConsent;
    RequireNonZero()(root);

    // It is for clinical research.
    signal scopeBits[SCOPE_BITS] <== Num2Bits(SCOPE_BITS)(scopeGranted);
    scopeBits[CLINTRCH] === 1;

    // The issuer: under the same root, and it may attest facts.
    signal issuerLeaf <== Poseidon(5)([
        KIND_FORMER_ISSUER(), issuerAx, issuerAy, issuerFrom * (1 << 64) + issuerUntil, grants
    ]);
    signal issuerSlotValue <== Poseidon(2)([issuerShardRoot, issuerLeaf]);
    signal aboveIssuer <== RootAbove(TOP_LEVELS)(issuerSlotValue, issuerTopSiblings, issuerSlot);
    root === aboveIssuer;
    signal grantBits[GRANT_BITS] <== Num2Bits(GRANT_BITS)(grants);
    grantBits[ATTEST_FACTS] === 1;

    // The credential: over this pseudonym, signed by that issuer.
    signal facts[2 * FACTS];
    for (var i = 0; i < FACTS; i++) {
        facts[2 * i] <== factKeys[i];
        facts[2 * i + 1] <== factValues[i];
    }
    signal factsHash <== ListHash(2 * FACTS)(KIND_FACTS(), facts);
    signal credential <== Poseidon(5)([
        KIND_CREDENTIAL(), pseudonym, factsHash, credentialFrom * (1 << 64) + credentialUntil,
        credentialSalt
    ]);
    RequireSignature()(
        issuerAx, issuerAy, credentialR8x, credentialR8y, credentialS, credential
    );

    // The facts meet the criteria.
    signal count <== RequireCriteria(FACTS, CRITERIA, GROUPS)(
        factKeys, factValues, rules, criterionKeys, criterionValues, isClaimed, places
    );

    // Now: all three are valid, from <= asOf < until.
    RequireAtMost(TIME_BITS)(rangedConsentFrom, rangedAsOf);
    RequireLess(TIME_BITS)(rangedAsOf, rangedConsentUntil);
    RequireAtMost(TIME_BITS)(rangedCredentialFrom, rangedAsOf);
    RequireLess(TIME_BITS)(rangedAsOf, rangedCredentialUntil);
    RequireAtMost(TIME_BITS)(rangedIssuerFrom, rangedAsOf);
    RequireLess(TIME_BITS)(rangedAsOf, rangedIssuerUntil);

    // Facts age: a credential of more than 30 days is none.
    _ <== Num2Bits(TIME_BITS)(credentialFrom + MAXIMUM_CREDENTIAL_SECONDS - credentialUntil);

    // All of it is in the request, so the prover chooses nothing that the verifier did not read.
    signal criteria[2 + 2 * CRITERIA];
    var packedRules = 0;
    for (var i = 0; i < CRITERIA; i++) {
        packedRules += rules[i] * (1 << (i * RULE_BITS));
        criteria[2 + i] <== criterionKeys[i];
        criteria[2 + CRITERIA + i] <== criterionValues[i];
    }
    criteria[0] <== count;
    criteria[1] <== packedRules;
    signal criteriaHash <== ListHash(2 + 2 * CRITERIA)(KIND_CRITERIA(), criteria);
    signal requestHash <== Poseidon(4)([KIND_REQUEST(), trial, criteriaHash, requester]);
    request === requestHash;

    // A public signal in no constraint could be changed after proving.
    signal holderSquared <== holder * holder;
}
