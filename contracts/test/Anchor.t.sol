// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {RegisterTest} from "./RegisterTest.sol";

contract AnchorTest is RegisterTest {
    IConsentRegister private unfounded;

    function setUp() public override {
        super.setUp();
        unfounded = _deploy(_parameters(9));
        _found(3, 4);
    }

    function test_an_institution_anchors_any_field_element_but_zero(uint256 root, uint8 by)
        public
    {
        uint32 slot = by % 4;
        bytes memory call = _anchorCall(slot, root);
        if (root == 0 || root >= FIELD_ORDER) {
            bytes memory refusal = _error(IConsentRegister.FieldOutOfRange.selector, root);
            return _refuses(_accountOf(slot), call, refusal);
        }
        _do(_accountOf(slot), call);
        VM.assertEq(register.institutions(slot, 1)[0].shardRoot, root);
    }

    function test_the_edges_of_the_field() public {
        uint256[4] memory wrong = [0, FIELD_ORDER, FIELD_ORDER + 1, type(uint256).max];
        for (uint256 i = 0; i < wrong.length; ++i) {
            test_an_institution_anchors_any_field_element_but_zero(wrong[i], 0);
        }
        test_an_institution_anchors_any_field_element_but_zero(1, 0);
        test_an_institution_anchors_any_field_element_but_zero(FIELD_ORDER - 1, 0);
    }

    function test_no_other_account_anchors(address caller, uint256 root) public {
        for (uint32 slot = 0; slot < 4; ++slot) {
            VM.assume(caller != _accountOf(slot));
        }
        bytes memory unknown = _error(IConsentRegister.AccountUnknown.selector, uint160(caller));
        _refuses(caller, _anchorCall(0, root), unknown);
    }

    function test_an_anchor_moves_the_callers_slot_and_no_other(uint8 by, uint256 seed) public {
        for (uint32 slot = 0; slot < 4; ++slot) {
            _anchor(slot, 100 + slot);
        }
        uint32 mover = by % 4;
        uint256 root = 1 + seed % (FIELD_ORDER - 1);
        _anchor(mover, root);
        for (uint32 slot = 0; slot < 4; ++slot) {
            (, uint256 value,,) = register.topPath(slot);
            uint256 shardRoot = slot == mover ? root : 100 + slot;
            VM.assertEq(value, poseidon.hash([shardRoot, _leaf(slot, 1, 1_000 + slot)]));
        }
    }

    function test_acknowledgements_of_two_others_are_needed() public {
        bytes memory call = _anchorCall(0, 5);
        bytes[] memory signatures = new bytes[](1);
        (, bytes32 digest, bytes[] memory given) = _argumentsOf(call);
        signatures[0] = given[0];
        _refuses(
            _accountOf(0),
            abi.encodeCall(IConsentRegister.anchor, (5, digest, signatures)),
            abi.encodeWithSelector(IConsentRegister.AcknowledgementsMissing.selector, 2, 1)
        );
        given[1] = given[0];
        _refuses(
            _accountOf(0),
            abi.encodeCall(IConsentRegister.anchor, (5, digest, given)),
            _error(IConsentRegister.AcknowledgementRepeated.selector, 1)
        );
    }

    function test_an_acknowledgement_of_a_key_that_was_replaced_is_none() public {
        bytes memory call = _anchorCall(0, 5);
        _decide(_rotation(1, _key(100), 7));
        bytes memory invalid = _error(IConsentRegister.AcknowledgementInvalid.selector, 0);
        _refuses(_accountOf(0), call, invalid);
    }

    function test_an_anchor_is_sent_once() public {
        bytes memory call = _anchorCall(0, 5);
        _do(_accountOf(0), call);
        bytes memory invalid = _error(IConsentRegister.AcknowledgementInvalid.selector, 0);
        _refuses(_accountOf(0), call, invalid);
    }

    function test_a_network_of_fewer_needs_fewer_acknowledgements() public {
        _found(1, 1);
        _anchor(0, 5);
        _decide(_admission(1));
        keys.push(_key(1));
        bytes[] memory none = new bytes[](0);
        _refuses(
            _accountOf(0),
            abi.encodeCall(IConsentRegister.anchor, (6, bytes32(uint256(1)), none)),
            abi.encodeWithSelector(IConsentRegister.AcknowledgementsMissing.selector, 1, 0)
        );
    }

    function test_texts_are_short_and_an_institution_moves_its_own_endpoint() public {
        string memory longest = string(new bytes(256));
        _do(_accountOf(1), abi.encodeCall(IConsentRegister.setEndpoint, (longest)));
        string memory tooLong = string(new bytes(257));
        _refuses(
            _accountOf(1),
            abi.encodeCall(IConsentRegister.setEndpoint, (tooLong)),
            _error(IConsentRegister.TextTooLong.selector, 257)
        );
        _refuses(
            STRANGER,
            abi.encodeCall(IConsentRegister.setEndpoint, (longest)),
            _error(IConsentRegister.AccountUnknown.selector, uint160(STRANGER))
        );
    }

    function test_a_change_of_endpoint_takes_effect_after_the_delay_and_is_seen_before() public {
        string memory before = register.institutions(1, 1)[0].endpoint;
        _move(1, "https://elsewhere/");
        IConsentRegister.Institution memory seen = register.institutions(1, 1)[0];
        VM.assertEq(bytes(seen.endpoint), bytes(before));
        VM.assertEq(bytes(seen.pendingEndpoint), "https://elsewhere/");
        VM.assertEq(seen.endpointFrom, block.timestamp + ENDPOINT_DELAY);
        VM.warp(block.timestamp + ENDPOINT_DELAY - 1);
        VM.assertEq(bytes(register.institutions(1, 1)[0].endpoint), bytes(before));
        VM.warp(block.timestamp + 1);
        _requireAt(1, "https://elsewhere/");
        // The next change begins at what is in effect.
        _move(1, "https://further/");
        VM.assertEq(bytes(register.institutions(1, 1)[0].endpoint), "https://elsewhere/");
        VM.warp(block.timestamp + ENDPOINT_DELAY);
        _requireAt(1, "https://further/");
    }

    function test_a_second_change_replaces_the_first_and_waits_its_whole_time() public {
        string memory before = register.institutions(1, 1)[0].endpoint;
        _move(1, "https://a-thief/");
        VM.warp(block.timestamp + ENDPOINT_DELAY - 1);
        _move(1, before);
        VM.warp(block.timestamp + 1);
        VM.assertEq(bytes(register.institutions(1, 1)[0].endpoint), bytes(before));
        VM.warp(block.timestamp + ENDPOINT_DELAY);
        _requireAt(1, before);
    }

    function test_a_rotation_and_a_suspension_end_a_change_that_is_to_come() public {
        string memory before = register.institutions(1, 1)[0].endpoint;
        _move(1, "https://a-thief/");
        _decide(_rotation(1, 77, 7));
        keys[1] = 77;
        _requireAt(1, before);
        _move(1, "https://elsewhere/");
        _decide(_suspension(1));
        VM.warp(block.timestamp + ENDPOINT_DELAY);
        _requireAt(1, before);
    }

    function _move(uint32 slot, string memory endpoint) private {
        _do(_accountOf(slot), abi.encodeCall(IConsentRegister.setEndpoint, (endpoint)));
    }

    function _requireAt(uint32 slot, string memory endpoint) private view {
        IConsentRegister.Institution memory seen = register.institutions(slot, 1)[0];
        VM.assertEq(bytes(seen.endpoint), bytes(endpoint));
        VM.assertEq(bytes(seen.pendingEndpoint), "");
        VM.assertEq(seen.endpointFrom, 0);
    }

    function test_an_id_is_a_slug(bytes memory id) public {
        bool sound = id.length >= 3 && id.length <= 40;
        for (uint256 i = 0; sound && i < id.length; ++i) {
            bool letter = id[i] >= "a" && id[i] <= "z";
            sound = letter || (i > 0 && ((id[i] >= "0" && id[i] <= "9") || id[i] == "-"));
        }
        _found(3, 2);
        bytes memory call = _admission(string(id), 2);
        if (sound) {
            _do(FOUNDER, call);
        } else {
            _refuses(
                FOUNDER, call, abi.encodeWithSelector(IConsentRegister.IdMalformed.selector, id)
            );
        }
    }

    function _argumentsOf(bytes memory call)
        private
        view
        returns (uint256 shardRoot, bytes32 digest, bytes[] memory acknowledgements)
    {
        return this.decode(call);
    }

    function decode(bytes calldata call)
        external
        pure
        returns (uint256 shardRoot, bytes32 digest, bytes[] memory acknowledgements)
    {
        return abi.decode(call[4:], (uint256, bytes32, bytes[]));
    }
}
