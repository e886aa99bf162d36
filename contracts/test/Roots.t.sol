// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {RegisterTest} from "./RegisterTest.sol";
import {RootsModel} from "./RootsModel.sol";

contract RootsTest is RegisterTest {
    IConsentRegister.Statement private constant CONSENT = IConsentRegister.Statement.CONSENT;

    function setUp() public override {
        super.setUp();
        _found(3, 4);
    }

    function _window(uint32 windowSeconds) private {
        IConsentRegister.Parameters memory given = _parameters(3);
        given.consentRootSeconds = windowSeconds;
        _decide(_setting(given));
    }

    function _isAccepted(uint64 epoch) private view returns (bool) {
        uint256 root = register.rootsSince(epoch, 1)[0].root;
        return register.isAccepted(root, epoch, CONSENT);
    }

    function test_a_root_is_accepted_until_its_window_ends_and_not_a_second_longer() public {
        _anchor(0, 5);
        _anchor(0, 6);
        VM.warp(START + 7 days);
        VM.assertTrue(_isAccepted(1), "seven days after it was superseded");
        VM.warp(START + 7 days + 1);
        VM.assertFalse(_isAccepted(1), "a second later");
        VM.assertTrue(_isAccepted(2), "the newest, however old");
    }

    function test_a_wider_window_keeps_what_is_accepted_and_brings_nothing_back() public {
        _anchor(0, 5);
        VM.warp(START + 1);
        _anchor(0, 6);
        VM.warp(START + 7 days + 1);
        _window(30 days);
        VM.assertFalse(_isAccepted(0), "refused for a second, and for ever");
        VM.assertTrue(_isAccepted(1), "accepted to the last second, and on");
        VM.warp(START + 30 days + 1);
        VM.assertTrue(_isAccepted(1), "to the end of the wider window");
        VM.warp(START + 30 days + 2);
        VM.assertFalse(_isAccepted(1), "and no longer");
    }

    function test_a_window_that_shrinks_and_widens_in_one_block_brings_nothing_back() public {
        _anchor(0, 5);
        VM.warp(START + 60);
        _window(0);
        VM.assertFalse(_isAccepted(0), "none but the newest");
        _window(30 days);
        VM.assertFalse(_isAccepted(0), "though it was but for a moment");
        VM.assertTrue(_isAccepted(1), "the newest");
        _anchor(0, 6);
        VM.assertTrue(_isAccepted(1), "which is superseded only now");
    }

    function test_windows_are_of_one_statement_each() public {
        _anchor(0, 5);
        VM.warp(START + 15 minutes + 1);
        uint256 root = register.rootsSince(0, 1)[0].root;
        VM.assertTrue(register.isAccepted(root, 0, CONSENT), "a consent");
        VM.assertFalse(
            register.isAccepted(root, 0, IConsentRegister.Statement.ACCREDITATION),
            "no accreditation"
        );
        VM.assertTrue(
            register.isAccepted(root, 0, IConsentRegister.Statement.ELIGIBILITY), "an eligibility"
        );
    }

    function test_a_suspension_and_a_rotation_end_every_earlier_root_at_once() public {
        _anchor(0, 5);
        _anchor(1, 6);
        _decide(_suspension(1));
        for (uint64 epoch = 0; epoch < 3; ++epoch) {
            VM.assertFalse(_isAccepted(epoch), "in the same block");
        }
        VM.assertTrue(_isAccepted(3), "all but the one without it");
        _decide(_rotation(0, _key(100), 7));
        VM.assertFalse(_isAccepted(3), "and again");
        VM.assertTrue(_isAccepted(4), "all but the one with its new keys");
    }

    function test_a_reinstated_institution_is_under_no_root_until_it_anchors() public {
        _anchor(1, 6);
        _decide(_suspension(1));
        _decide(_reinstatement(1, keys[1], 7));
        (, uint256 value,,) = register.topPath(1);
        VM.assertEq(value, uint256(sha256("assent/empty-leaf")) >> 8);
        _decide(_rotation(1, keys[1], 8));
        (, value,,) = register.topPath(1);
        VM.assertEq(value, uint256(sha256("assent/empty-leaf")) >> 8);
        _anchor(1, 9);
        (, value,,) = register.topPath(1);
        VM.assertEq(value, poseidon.hash([uint256(9), _leaf(1, 3, 8)]));
    }

    function test_a_rotation_empties_the_slot_until_the_new_account_anchors() public {
        _anchor(1, 6);
        (, uint256 before,,) = register.topPath(1);
        _decide(_rotation(1, _key(100), 1_001));
        (, uint256 value,,) = register.topPath(1);
        VM.assertEq(value, uint256(sha256("assent/empty-leaf")) >> 8);
        VM.assertEq(register.institutions(1, 1)[0].shardRoot, 0);
        keys[1] = _key(100);
        _anchor(1, 6);
        (, value,,) = register.topPath(1);
        VM.assertTrue(value != before, "the same shard beside the same issuer of another term");
        VM.assertEq(value, poseidon.hash([uint256(6), _leaf(1, 2, 1_001)]));
    }

    function test_an_ended_root_stays_ended_though_a_later_epoch_has_its_value() public {
        _anchor(0, 5);
        (uint64 ended, uint256 root,,) = register.head();
        _anchor(1, 6);
        _decide(_rotation(1, _key(100), 7));
        (uint64 epoch, uint256 again,,) = register.head();
        VM.assertEq(again, root, "as before the second anchored");
        VM.assertFalse(register.isAccepted(root, ended, CONSENT), "but it is not that epoch");
        VM.assertTrue(register.isAccepted(root, epoch, CONSENT), "the newest");
    }

    function test_an_epoch_that_has_not_begun_is_named_so() public {
        bytes memory call = abi.encodeCall(IConsentRegister.supersededAt, (1));
        _refuses(STRANGER, call, _error(IConsentRegister.EpochUnknown.selector, 1));
    }
}

/// @title The register beside its model, whatever happens in whatever order
contract RootsInvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    RootsModel private model;

    function setUp() public {
        model = new RootsModel();
        model.begin();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(model);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[11] memory steps = [
            RootsModel.passTime.selector,
            RootsModel.passTime.selector,
            RootsModel.anchor.selector,
            RootsModel.anchor.selector,
            RootsModel.anchorTheSame.selector,
            RootsModel.suspend.selector,
            RootsModel.reinstate.selector,
            RootsModel.rotate.selector,
            RootsModel.admit.selector,
            RootsModel.setWindows.selector,
            RootsModel.intrude.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(model), new bytes4[](steps.length));
        for (uint256 i = 0; i < steps.length; ++i) {
            targets[0].selectors[i] = steps[i];
        }
    }

    function invariant_the_accepted_roots_are_those_of_the_model() public view {
        model.check();
    }
}
