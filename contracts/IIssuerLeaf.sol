// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

/// @title Who signs for an institution, and the leaf that says so beside its shard
interface IIssuerLeaf {
    /// @notice Who signs for an institution, and what it may accredit and attest. With the
    /// institution's id and term this is the whole preimage of its issuer leaf, which the register
    /// computes itself: no leaf stands in a slot whose meaning nobody can read.
    /// @param ax The issuer's EdDSA key on Baby Jubjub, its x; a field element, not 0.
    /// @param ay Its y.
    /// @param validFrom From when the issuer's leaf serves, in seconds since 1900-01-01 UTC.
    /// @param validUntil Until when, exclusive.
    /// @param grants Bits: the roles that it may accredit 0 to 7, for any study 8, attest facts 9.
    /// @param parties Ids of the organisations that an accreditation of it may name, at most 8 of 1
    /// to 64 bytes, for example a GLN. With none it names none.
    struct Issuer {
        uint256 ax;
        uint256 ay;
        uint64 validFrom;
        uint64 validUntil;
        uint16 grants;
        string[] parties;
    }

    /// @notice An issuer's period ends before it begins.
    error PeriodEmpty(uint64 from, uint64 until);
    /// @notice More parties than the 8 that an issuer leaf has room for.
    error PartiesTooMany(uint256 given);
    /// @notice The id of a party is empty or longer than 64 bytes.
    error PartyMalformed(string party);

    /// @notice What stands beside the shard root in a slot. With T = Poseidon of five, p1 to p8 the
    /// parties' fields (0 where there is none) and field(text) = the first 31 bytes of
    /// SHA-256(text), big-endian:
    /// T(15, field(id), ax, ay, T(16, validFrom * 2^64 + validUntil, grants, T(T(17, p1, p2, p3,
    /// p4), p5, p6, p7, p8), term)).
    function issuerLeafOf(string calldata id, uint64 term, Issuer calldata issuer)
        external
        pure
        returns (uint256);
}
