// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {RegisterTest} from "./RegisterTest.sol";
import {VotesModel} from "./VotesModel.sol";

contract VotesTest is RegisterTest {
    function setUp() public override {
        super.setUp();
        _found(3, 5);
    }

    function _voteCall(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeCall(IConsentRegister.vote, (id));
    }

    function _repeated(bytes32 id, uint32 slot) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsentRegister.VoteRepeated.selector, id, slot);
    }

    function test_the_third_of_three_votes_carries_the_decision_out() public {
        bytes32 id = _propose(4, _admission(5));
        _vote(2, id);
        VM.assertEq(register.institutionCount(), 5);
        _vote(0, id);
        VM.assertEq(register.institutionCount(), 6);
        VM.assertTrue(_isExecuted(id), "it says so");
    }

    function test_an_institution_votes_once() public {
        bytes32 id = _propose(0, _admission(5));
        _refuses(_accountOf(0), _voteCall(id), _repeated(id, 0));
        _vote(1, id);
        _refuses(_accountOf(1), _voteCall(id), _repeated(id, 1));
        VM.assertEq(register.proposals(0, 100)[register.proposalCount() - 1].votes, 2);
    }

    function test_a_rotation_gives_no_second_vote_and_takes_the_old_keys_vote_away() public {
        bytes32 id = _propose(0, _admission(5));
        address stolen = _accountOf(0);
        _decide(_rotation(0, _key(100), 7));
        _refuses(
            stolen,
            _voteCall(id),
            _error(IConsentRegister.AccountUnknown.selector, uint160(stolen))
        );
        keys[0] = _key(100);
        _vote(1, id);
        _vote(2, id);
        VM.assertFalse(_isExecuted(id), "the vote of the old key is none");
        _vote(0, id);
        VM.assertTrue(_isExecuted(id), "its new key votes anew");
    }

    function test_a_suspended_institution_does_not_vote_and_its_vote_counts_no_more() public {
        bytes32 id = _propose(4, _admission(5));
        _decide(_suspension(4));
        _refuses(
            _accountOf(4), _voteCall(id), _error(IConsentRegister.InstitutionNotActive.selector, 4)
        );
        bytes memory proposal = abi.encodeCall(IConsentRegister.propose, (_admission(6)));
        _refuses(
            _accountOf(4), proposal, _error(IConsentRegister.InstitutionNotActive.selector, 4)
        );
        _vote(0, id);
        _vote(1, id);
        VM.assertFalse(_isExecuted(id), "two votes count");
        _vote(2, id);
        VM.assertTrue(_isExecuted(id), "three count");
    }

    function test_a_vote_from_before_a_suspension_does_not_come_back_with_its_institution()
        public
    {
        bytes32 id = _propose(4, _admission(5));
        _decide(_suspension(4));
        _decide(_reinstatement(4, keys[4], 7));
        _vote(0, id);
        _vote(1, id);
        VM.assertFalse(_isExecuted(id), "it must vote anew, though its account is the same");
        _vote(4, id);
        VM.assertTrue(_isExecuted(id), "and may");
    }

    function test_an_old_majority_decides_nothing_once_the_network_has_grown() public {
        bytes32 id = _propose(0, _suspension(4));
        _vote(1, id);
        for (uint32 slot = 5; slot < 9; ++slot) {
            _decide(_admission(slot));
            keys.push(_key(slot));
        }
        VM.assertEq(register.votesRequired(), 5);
        _vote(2, id);
        _vote(3, id);
        VM.assertTrue(_isActive(4), "four of nine are no majority");
        _vote(8, id);
        VM.assertFalse(_isActive(4), "five of nine are");
    }

    function test_a_proposal_that_has_expired_is_voted_for_no_more() public {
        bytes32 id = _propose(0, _admission(5));
        _vote(1, id);
        uint64 expiresAt = uint64(START + 14 days);
        VM.warp(expiresAt);
        bytes memory expired =
            abi.encodeWithSelector(IConsentRegister.ProposalExpired.selector, id, expiresAt);
        _refuses(_accountOf(2), _voteCall(id), expired);
        VM.warp(expiresAt - 1);
        _vote(2, id);
        VM.assertTrue(_isExecuted(id), "a second earlier it is open");
    }

    function test_nothing_is_done_twice() public {
        bytes32 id = _propose(0, _suspension(4));
        _vote(1, id);
        _vote(2, id);
        _decide(_reinstatement(4, keys[4], 7));
        bytes memory decided =
            abi.encodeWithSelector(IConsentRegister.ProposalDecided.selector, id);
        _refuses(_accountOf(3), _voteCall(id), decided);
        bytes32 again = _propose(0, _suspension(4));
        VM.assertTrue(again != id, "the same decision again is another proposal");
        VM.assertTrue(_isActive(4), "with votes of its own");
    }

    function test_a_proposal_is_none_on_another_contract_or_chain() public {
        bytes32 id = _propose(0, _suspension(4));
        uint64 nonce = register.proposalCount() - 1;
        VM.chainId(77);
        VM.assertTrue(
            register.proposalId(nonce, _suspension(4)) != id, "another chain, another id"
        );
        VM.chainId(31_337);
        VM.assertEq(uint256(register.proposalId(nonce, _suspension(4))), uint256(id));
        address[] memory voters = new address[](5);
        for (uint32 slot = 0; slot < 5; ++slot) {
            voters[slot] = _accountOf(slot);
        }
        _found(3, 5);
        bytes32 twin = _propose(0, _suspension(4));
        VM.assertTrue(twin != id, "another contract, another id");
        bytes memory unknown =
            abi.encodeWithSelector(IConsentRegister.ProposalUnknown.selector, id);
        _refuses(voters[1], _voteCall(id), unknown);
    }

    function test_only_decisions_are_proposed() public {
        bytes[4] memory calls = [
            bytes(""),
            bytes(hex"00"),
            _anchorCall(0, 5),
            abi.encodeCall(IConsentRegister.setEndpoint, ("http://elsewhere/"))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            bytes4 selector = calls[i].length < 4 ? bytes4(0) : bytes4(calls[i]);
            _refuses(
                _accountOf(0),
                abi.encodeCall(IConsentRegister.propose, (calls[i])),
                abi.encodeWithSelector(IConsentRegister.DecisionUnknown.selector, selector)
            );
        }
        bytes memory long = abi.encodePacked(_suspension(4), new bytes(4_096));
        _refuses(
            _accountOf(0),
            abi.encodeCall(IConsentRegister.propose, (long)),
            _error(IConsentRegister.DecisionTooLong.selector, long.length)
        );
    }

    function test_a_decision_that_is_refused_refuses_the_deciding_vote_alone() public {
        bytes32 id = _propose(0, _suspension(5));
        _vote(1, id);
        _refuses(_accountOf(2), _voteCall(id), _error(IConsentRegister.SlotUnknown.selector, 5));
        VM.assertFalse(_isExecuted(id), "it stays open");
        _decide(_admission(5));
        _vote(2, id);
        VM.assertFalse(_isExecuted(id), "three of six");
        _vote(3, id);
        VM.assertTrue(_isExecuted(id), "and is done once it can be");
    }

    function test_no_suspension_leaves_fewer_than_the_threshold_not_even_of_oneself() public {
        _decide(_suspension(4));
        _decide(_suspension(3));
        bytes32 id = _propose(2, _suspension(2));
        _vote(0, id);
        bytes memory unreachable =
            abi.encodeWithSelector(IConsentRegister.ThresholdUnreachable.selector, 3, 2);
        _refuses(_accountOf(1), _voteCall(id), unreachable);
        _decide(_setting(_parameters(2)));
        _vote(1, id);
        VM.assertFalse(_isActive(2), "once a vote has lowered the threshold");
    }

    function test_parameters_that_would_lock_the_network_are_refused() public {
        _refusesSetting(_parameters(0), abi.encode(0, 1, 4_096));
        bytes memory unreachable =
            abi.encodeWithSelector(IConsentRegister.ThresholdUnreachable.selector, 6, 5);
        _refusesDeciding(_setting(_parameters(6)), unreachable);
        _decide(_setting(_parameters(5)));
        VM.assertEq(register.votesRequired(), 5);
    }

    function test_parameters_out_of_range_are_refused() public {
        IConsentRegister.Parameters memory given = _parameters(3);
        given.acknowledgementQuorum = 17;
        _refusesSetting(given, abi.encode(17, 0, 16));
        given = _parameters(3);
        given.proposalSeconds = 0;
        _refusesSetting(given, abi.encode(0, 1 hours, 90 days));
        given.proposalSeconds = 90 days + 1;
        _refusesSetting(given, abi.encode(90 days + 1, 1 hours, 90 days));
        given = _parameters(3);
        given.consentRootSeconds = 30 days + 1;
        _refusesSetting(given, abi.encode(30 days + 1, 0, 30 days));
        given = _parameters(3);
        given.accreditationRootSeconds = 30 days + 1;
        _refusesSetting(given, abi.encode(30 days + 1, 0, 30 days));
        given = _parameters(3);
        given.eligibilityRootSeconds = 30 days + 1;
        _refusesSetting(given, abi.encode(30 days + 1, 0, 30 days));
    }

    function test_a_threshold_below_half_still_needs_a_majority() public {
        _decide(_setting(_parameters(1)));
        VM.assertEq(register.votesRequired(), 3);
    }

    function test_a_successor_is_a_contract_and_is_named_once() public {
        address[3] memory wrong = [address(0), STRANGER, address(register)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            bytes memory invalid =
                abi.encodeWithSelector(IConsentRegister.SuccessorInvalid.selector, wrong[i]);
            _refusesDeciding(abi.encodeCall(IConsentRegister.setSuccessor, (wrong[i])), invalid);
        }
        bytes memory succession =
            abi.encodeCall(IConsentRegister.setSuccessor, (address(poseidon)));
        _decide(succession);
        VM.assertEq(register.successor(), address(poseidon));
        bytes memory named = abi.encodeWithSelector(
            IConsentRegister.SuccessorNamedBefore.selector, address(poseidon)
        );
        _refusesDeciding(abi.encodeCall(IConsentRegister.setSuccessor, (address(this))), named);
        _anchor(0, 5);
    }

    function test_an_account_serves_one_institution() public {
        address taken = _accountOf(1);
        bytes memory refusal =
            abi.encodeWithSelector(IConsentRegister.AccountTaken.selector, taken);
        _refusesDeciding(_rotation(0, keys[1], 7), refusal);
        _refusesDeciding(_admission("another", 1), refusal);
        _decide(_suspension(1));
        _refusesDeciding(_admission("another", 1), refusal);
        address self = address(register);
        _refusesDeciding(
            abi.encodeCall(IConsentRegister.rotate, (0, self, _issuer(7))),
            abi.encodeWithSelector(IConsentRegister.AccountTaken.selector, self)
        );
    }

    function test_only_a_suspended_institution_is_reinstated_and_only_an_active_one_rotated()
        public
    {
        _refusesDeciding(
            _reinstatement(1, _key(100), 7),
            _error(IConsentRegister.InstitutionNotSuspended.selector, 1)
        );
        _decide(_suspension(1));
        bytes memory notActive = _error(IConsentRegister.InstitutionNotActive.selector, 1);
        _refusesDeciding(_rotation(1, _key(100), 7), notActive);
        _refusesDeciding(_suspension(1), notActive);
        _refusesDeciding(
            _reinstatement(9, _key(100), 7), _error(IConsentRegister.SlotUnknown.selector, 9)
        );
    }

    function _refusesSetting(IConsentRegister.Parameters memory given, bytes memory facts)
        private
    {
        bytes4 selector = IConsentRegister.ParameterOutOfRange.selector;
        _refusesDeciding(_setting(given), abi.encodePacked(selector, facts));
    }

    /// @dev All but the deciding vote are taken; that one is refused with the decision's refusal.
    function _refusesDeciding(bytes memory decision, bytes memory refusal) private {
        bytes32 id;
        uint32 votes = register.votesRequired();
        for (uint32 slot = 0; slot < keys.length; ++slot) {
            if (!_isActive(slot)) continue;
            --votes;
            if (votes == 0) return _refuses(_accountOf(slot), _voteCall(id), refusal);
            if (id == 0) id = _propose(slot, decision);
            else _vote(slot, id);
        }
    }
}

/// @title The votes beside their model, whoever tries what
contract VotesInvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    VotesModel private model;

    function setUp() public {
        model = new VotesModel();
        model.begin();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(model);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(model), new bytes4[](6));
        targets[0].selectors[0] = VotesModel.passTime.selector;
        targets[0].selectors[1] = VotesModel.propose.selector;
        for (uint256 i = 2; i < 6; ++i) {
            targets[0].selectors[i] = VotesModel.vote.selector;
        }
    }

    /// forge-config: default.invariant.depth = 160
    function invariant_every_vote_ends_as_the_model_foretells() public view {
        model.check();
    }
}
