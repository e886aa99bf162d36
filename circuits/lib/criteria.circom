pragma circom 2.2.0;

include "bitify.circom";
include "comparators.circom";

/*
 * A criterion's rule is 6 + GROUPS bits, from the lowest: its operator (present, absent, =, !=, >=, <=),
 * one of six bits, then its group, one of GROUPS bits. An unused row's rule is 0.
 */
function OPERATORS() { return 6; }

/* The value of a fact that says "not in our records": -1, which is r - 1. No integer of 64 bits and no
 * code hash of 31 bytes is that. */
function ABSENT() { return -1; }

/* How many bits the places of so many elements have. */
function placeBits(COUNT) {
    var bits = 0;
    while ((1 << bits) < COUNT) {
        bits++;
    }
    return bits;
}

/*
 * The fact at a place that the prover points at.
 *
 * Inputs   keys, values   field elements, FACTS of each: a power of two, so that no place is beyond them.
 *          place          ranged here to the bits of a place.
 */
template FactAt(FACTS) {
    var BITS = placeBits(FACTS);
    assert(1 << BITS == FACTS);
    signal input keys[FACTS];
    signal input values[FACTS];
    signal input place;
    signal output key;
    signal output value;

    // Each bit, from the lowest, keeps one of every two: 32, 16, 8, 4, 2, 1 behind one another.
    signal bits[BITS] <== Num2Bits(BITS)(place);
    signal keptKeys[2 * FACTS - 1];
    signal keptValues[2 * FACTS - 1];
    for (var i = 0; i < FACTS; i++) {
        keptKeys[i] <== keys[i];
        keptValues[i] <== values[i];
    }
    var from = 0;
    var to = FACTS;
    for (var i = 0; i < BITS; i++) {
        var half = (to - from) \ 2;
        for (var j = 0; j < half; j++) {
            var at = from + 2 * j;
            keptKeys[to + j] <== keptKeys[at] + bits[i] * (keptKeys[at + 1] - keptKeys[at]);
            keptValues[to + j] <== keptValues[at] + bits[i] * (keptValues[at + 1] - keptValues[at]);
        }
        from = to;
        to += half;
    }
    key <== keptKeys[2 * FACTS - 2];
    value <== keptValues[2 * FACTS - 2];
}

/*
 * Requires that a criterion holds for a fact, where the prover claims that it does.
 *
 * Inputs   isClaimed             a bit. Ranged here. A prover claims as many rows as its groups need.
 *          operator              at most one of these is 1; who gives them ranged them. None: an unused row.
 *          key, value            the criterion's.
 *          factKey, factValue    the fact's that the prover points at.
 * Proves   where claimed: an operator; the key is the fact's, and not the 0 of a place without a fact;
 *          present   the fact has a value
 *          absent    the fact says that it has none
 *          =, !=     the fact has a value, and it is, or is not, the criterion's
 *          >=, <=    the fact has a value; the smaller of the two numbers is below 2^64, and so is the
 *                    difference: neither can be a negative one that wrapped, so they compare as integers
 */
template RequireCriterion() {
    var VALUE_BITS = 64;
    signal input isClaimed;
    signal input operator[OPERATORS()];
    signal input key;
    signal input value;
    signal input factKey;
    signal input factValue;

    signal isPresent <== operator[0];
    signal isAbsent <== operator[1];
    signal isEqual <== operator[2];
    signal isNotEqual <== operator[3];
    signal isAtLeast <== operator[4];
    signal isAtMost <== operator[5];

    isClaimed * (1 - isClaimed) === 0;
    signal isNoKey <== IsZero()(key);
    isClaimed * isNoKey === 0;
    isClaimed * (key - factKey) === 0;

    // What needs no order.
    signal saysAbsent <== IsEqual()([factValue, ABSENT()]);
    signal isSame <== IsEqual()([factValue, value]);
    signal comparesRight <== isNotEqual + isSame * (isEqual - isNotEqual);
    signal holdsForValue <== (1 - saysAbsent) * (isPresent + comparesRight + isAtLeast + isAtMost);
    signal holdsForAbsence <== saysAbsent * isAbsent;
    isClaimed * (1 - holdsForValue - holdsForAbsence) === 0;

    // What does: the smaller number and the difference, both 0 unless a claimed operator orders.
    signal claimsAtLeast <== isClaimed * isAtLeast;
    signal claimsAtMost <== isClaimed * isAtMost;
    signal smallerValue <== claimsAtLeast * value;
    signal smallerFact <== claimsAtMost * factValue;
    signal difference <== (claimsAtLeast - claimsAtMost) * (factValue - value);
    _ <== Num2Bits(VALUE_BITS)(smallerValue + smallerFact);
    _ <== Num2Bits(VALUE_BITS)(difference);
}

/*
 * Requires that the facts meet the criteria: OR within a group, AND across groups.
 *
 * Inputs   factKeys, factValues   the facts, whoever signed them.
 *          rules, keys, values    the criteria, row by row. A rule is ranged here.
 *          isClaimed, places      the prover's: which rows hold, and for which fact.
 * Proves   every used row has one operator and one group, every unused row neither, and the used rows
 *          stand first; every group without a used row, or with a claimed one; every claimed row holds.
 * Source   src/zk/criteria.ts writes the rules; the rows are hashed into the request by the statement.
 */
template RequireCriteria(FACTS, CRITERIA, GROUPS) {
    var RULE_BITS = OPERATORS() + GROUPS;
    signal input factKeys[FACTS];
    signal input factValues[FACTS];
    signal input rules[CRITERIA];
    signal input keys[CRITERIA];
    signal input values[CRITERIA];
    signal input isClaimed[CRITERIA];
    signal input places[CRITERIA];
    signal output count;

    signal isUsed[CRITERIA];
    signal isClaimedIn[GROUPS][CRITERIA];
    component ruleBits[CRITERIA];
    component facts[CRITERIA];
    component required[CRITERIA];
    var used = 0;
    var usedIn[GROUPS];
    var claimedIn[GROUPS];
    for (var i = 0; i < CRITERIA; i++) {
        ruleBits[i] = Num2Bits(RULE_BITS);
        ruleBits[i].in <== rules[i];
        facts[i] = FactAt(FACTS);
        facts[i].keys <== factKeys;
        facts[i].values <== factValues;
        facts[i].place <== places[i];
        required[i] = RequireCriterion();
        required[i].isClaimed <== isClaimed[i];
        required[i].key <== keys[i];
        required[i].value <== values[i];
        required[i].factKey <== facts[i].key;
        required[i].factValue <== facts[i].value;

        var operators = 0;
        for (var j = 0; j < OPERATORS(); j++) {
            required[i].operator[j] <== ruleBits[i].out[j];
            operators += ruleBits[i].out[j];
        }
        var groups = 0;
        for (var j = 0; j < GROUPS; j++) {
            isClaimedIn[j][i] <== isClaimed[i] * ruleBits[i].out[OPERATORS() + j];
            groups += ruleBits[i].out[OPERATORS() + j];
            usedIn[j] += ruleBits[i].out[OPERATORS() + j];
            claimedIn[j] += isClaimedIn[j][i];
        }
        isUsed[i] <== operators;
        isUsed[i] * (1 - isUsed[i]) === 0;
        groups === operators;
        if (i > 0) {
            isUsed[i] * (1 - isUsed[i - 1]) === 0;
        }
        used += isUsed[i];
    }
    for (var j = 0; j < GROUPS; j++) {
        var isWithout = IsZero()(claimedIn[j]);
        isWithout * usedIn[j] === 0;
    }
    count <== used;
}
