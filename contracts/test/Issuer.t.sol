// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {IIssuerLeaf} from "../IIssuerLeaf.sol";
import {RegisterTest} from "./RegisterTest.sol";

contract IssuerTest is RegisterTest {
    function setUp() public override {
        super.setUp();
        _found(3, 4);
    }

    function test_the_leaf_is_computed_from_what_can_be_read(uint256 x, uint8 by) public {
        x = 1 + x % (FIELD_ORDER - 1);
        uint32 slot = by % 4;
        _decide(_rotation(slot, _key(100), x));
        IConsentRegister.Institution memory found = register.institutions(slot, 1)[0];
        VM.assertEq(found.issuerLeaf, _leaf(slot, 2, x));
        VM.assertEq(found.issuer.ax, x);
        VM.assertEq(bytes(found.issuer.parties[0]), "a party");
        VM.assertEq(found.term, 2);
        uint256 told = register.issuerLeafOf(found.id, found.term, found.issuer);
        VM.assertEq(found.issuerLeaf, told, "by anybody who asks");
    }

    function test_fewer_parties_replace_all_of_the_earlier_ones() public {
        IIssuerLeaf.Issuer memory issuer = _issuer(7);
        issuer.parties = _parties(8);
        _rotate(issuer);
        VM.assertEq(register.institutions(0, 1)[0].issuer.parties.length, 8);
        issuer.parties = _parties(0);
        _rotate(issuer);
        IConsentRegister.Institution memory found = register.institutions(0, 1)[0];
        VM.assertEq(found.issuer.parties.length, 0);
        VM.assertEq(found.issuerLeaf, register.issuerLeafOf(found.id, 3, issuer));
    }

    function test_a_ninth_party_an_empty_one_and_one_of_65_bytes_are_refused() public {
        IIssuerLeaf.Issuer memory issuer = _issuer(7);
        issuer.parties = _parties(9);
        _refusesLeaf(issuer, _error(IIssuerLeaf.PartiesTooMany.selector, 9));
        issuer.parties = new string[](1);
        _refusesLeaf(issuer, _malformed(""));
        issuer.parties[0] = string(new bytes(65));
        _refusesLeaf(issuer, _malformed(issuer.parties[0]));
        issuer.parties[0] = string(new bytes(64));
        VM.assertTrue(register.issuerLeafOf("abc", 1, issuer) != 0, "64 bytes");
    }

    function test_an_issuer_that_ends_before_it_begins_is_refused() public {
        IIssuerLeaf.Issuer memory issuer = _issuer(7);
        (issuer.validFrom, issuer.validUntil) = (5, 5);
        bytes4 selector = IIssuerLeaf.PeriodEmpty.selector;
        _refusesLeaf(issuer, abi.encodeWithSelector(selector, 5, 5));
        issuer.validUntil = 6;
        VM.assertTrue(register.issuerLeafOf("abc", 1, issuer) != 0, "a second of it");
    }

    function test_a_key_beyond_the_field_is_refused_by_the_deciding_vote() public {
        uint256[3] memory wrong = [0, FIELD_ORDER, type(uint256).max];
        for (uint256 i = 0; i < wrong.length; ++i) {
            bytes32 id = _propose(0, _rotation(3, _key(100), wrong[i]));
            _vote(1, id);
            bytes memory vote = abi.encodeCall(IConsentRegister.vote, (id));
            bytes memory refusal = _error(IConsentRegister.FieldOutOfRange.selector, wrong[i]);
            _refuses(_accountOf(2), vote, refusal);
        }
    }

    function _rotate(IIssuerLeaf.Issuer memory issuer) private {
        address account = _accountOf(0);
        _decide(abi.encodeCall(IConsentRegister.rotate, (0, account, issuer)));
    }

    function _refusesLeaf(IIssuerLeaf.Issuer memory issuer, bytes memory refusal) private {
        bytes memory call = abi.encodeCall(IIssuerLeaf.issuerLeafOf, ("abc", 1, issuer));
        _refuses(STRANGER, call, refusal);
    }

    function _malformed(string memory party) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IIssuerLeaf.PartyMalformed.selector, party);
    }

    function _parties(uint256 count) private pure returns (string[] memory parties) {
        parties = new string[](count);
        for (uint256 i = 0; i < count; ++i) {
            parties[i] = string(abi.encodePacked("party ", bytes1(uint8(97 + i))));
        }
    }
}
