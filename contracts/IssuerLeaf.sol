// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {PoseidonT6} from "poseidon-solidity/PoseidonT6.sol";
import {IIssuerLeaf} from "./IIssuerLeaf.sol";

/// @title IssuerLeaf: the leaf beside a shard, computed from what can be read
abstract contract IssuerLeaf is IIssuerLeaf {
    uint256 private constant KIND_ISSUER = 15;
    uint256 private constant KIND_MANDATE = 16;
    uint256 private constant KIND_PARTIES = 17;
    uint256 private constant MOST_PARTIES = 8;
    uint256 private constant MAX_PARTY_BYTES = 64;

    function issuerLeafOf(string calldata id, uint64 term, Issuer calldata issuer)
        external
        pure
        override
        returns (uint256)
    {
        return _issuerLeafOf(id, term, issuer);
    }

    function _issuerLeafOf(string memory id, uint64 term, Issuer memory issuer)
        internal
        pure
        returns (uint256)
    {
        (uint64 from, uint64 until) = (issuer.validFrom, issuer.validUntil);
        if (from >= until) revert PeriodEmpty(from, until);
        uint256 validity = uint256(from) << 64 | until;
        uint256 mandate = PoseidonT6.hash(
            [KIND_MANDATE, validity, issuer.grants, _hashOf(issuer.parties), term]
        );
        return PoseidonT6.hash([KIND_ISSUER, _fieldOf(id), issuer.ax, issuer.ay, mandate]);
    }

    function _hashOf(string[] memory parties) private pure returns (uint256) {
        if (parties.length > MOST_PARTIES) revert PartiesTooMany(parties.length);
        uint256[MOST_PARTIES] memory p;
        for (uint256 i = 0; i < parties.length; ++i) {
            uint256 length = bytes(parties[i]).length;
            if (length == 0 || length > MAX_PARTY_BYTES) revert PartyMalformed(parties[i]);
            p[i] = _fieldOf(parties[i]);
        }
        uint256 first = PoseidonT6.hash([KIND_PARTIES, p[0], p[1], p[2], p[3]]);
        return PoseidonT6.hash([first, p[4], p[5], p[6], p[7]]);
    }

    function _fieldOf(string memory text) private pure returns (uint256) {
        return uint256(sha256(bytes(text))) >> 8;
    }
}
