// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {RegisterTest} from "./RegisterTest.sol";

contract FoundingTest is RegisterTest {
    function test_the_founding_ends_with_the_admission_that_reaches_the_threshold() public {
        _found(3, 2);
        VM.assertFalse(register.founded(), "two of three are there");
        _do(FOUNDER, _admission(2));
        VM.assertTrue(register.founded(), "three are there");
    }

    function test_the_founder_admits_nobody_after_the_founding() public {
        _found(3, 3);
        _refuses(FOUNDER, _admission(3), _notDecided(FOUNDER));
    }

    function test_the_founder_can_do_nothing_else_ever() public {
        _found(3, 2);
        _refuses(FOUNDER, _suspension(0), _notDecided(FOUNDER));
        _refuses(FOUNDER, _rotation(0, 9, 9), _notDecided(FOUNDER));
        _refuses(FOUNDER, _reinstatement(0, 9, 9), _notDecided(FOUNDER));
        _refuses(FOUNDER, _setting(_parameters(1)), _notDecided(FOUNDER));
        bytes memory succession =
            abi.encodeCall(IConsentRegister.setSuccessor, (address(poseidon)));
        _refuses(FOUNDER, succession, _notDecided(FOUNDER));
        bytes memory proposal = abi.encodeCall(IConsentRegister.propose, (_suspension(0)));
        _refuses(FOUNDER, proposal, _unknown(FOUNDER));
    }

    function test_institutions_decide_nothing_before_the_founding_has_ended() public {
        _found(3, 2);
        bytes32 id = _propose(0, _admission(2));
        _vote(1, id);
        VM.assertFalse(_isExecuted(id), "two votes of three");
        VM.assertEq(register.institutionCount(), 2);
    }

    function test_nobody_decides_alone() public {
        _found(2, 3);
        address own = _accountOf(0);
        _refuses(own, _admission(3), _notDecided(own));
        _refuses(own, _suspension(1), _notDecided(own));
        _refuses(own, _rotation(0, 9, 9), _notDecided(own));
        _refuses(own, _setting(_parameters(1)), _notDecided(own));
        _refuses(STRANGER, _admission(3), _notDecided(STRANGER));
    }

    function test_a_network_begins_with_sound_parameters_or_not_at_all() public {
        IConsentRegister.Parameters memory none = _parameters(0);
        (bool success,) = address(this).call(abi.encodeCall(this.deploy, (none)));
        VM.assertFalse(success, "a threshold of 0");
        (success,) = address(this).call(abi.encodeCall(this.deploy, (_parameters(4_097))));
        VM.assertFalse(success, "a threshold beyond all slots");
        (success,) = address(this).call(abi.encodeCall(this.deploy, (_parameters(1))));
        VM.assertTrue(success, "a threshold of 1");
    }

    function deploy(IConsentRegister.Parameters memory parameters) external {
        _deploy(parameters);
    }

    function _notDecided(address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsentRegister.CallerNotDecided.selector, caller);
    }

    function _unknown(address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsentRegister.AccountUnknown.selector, caller);
    }
}
