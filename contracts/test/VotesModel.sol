// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {RegisterTest} from "./RegisterTest.sol";

/// @title A plain account of who has voted for what, kept beside the register
/// @dev It foretells of every attempt, whoever makes it, whether the register takes it, and of
/// every vote whether it decides. It never asks the register for a number of votes.
contract VotesModel is RegisterTest {
    uint32 internal constant MOST = 8;

    enum Kind {
        ADMIT,
        SUSPEND,
        REINSTATE,
        ROTATE,
        SET_THRESHOLD
    }

    struct Motion {
        bytes32 id;
        Kind kind;
        uint32 subject; // slot, or the threshold
        uint256 key;
        uint256 expiresAt;
        bool executed;
    }

    Motion[] internal motions;
    mapping(uint256 motion => mapping(uint32 slot => uint256 keyThen)) internal ballots;
    mapping(uint256 motion => mapping(uint32 slot => uint256 turnThen)) internal turns;
    bool[MOST] internal active;
    uint256[MOST] internal turn; // how often the slot's standing has changed
    uint32 internal threshold;
    uint256 internal keysMade = 1_000;
    address[] internal retired;

    function begin() external {
        setUp();
        _found(2, 4);
        threshold = 2;
        for (uint32 slot = 0; slot < 4; ++slot) {
            active[slot] = true;
        }
        // The votes by which the network was made belong to no motion here.
    }

    // What can happen

    function passTime(uint32 howLong) external {
        // The edge of an expiry as well as anywhere.
        if (howLong % 4 == 0 && motions.length > 0) {
            uint256 expiresAt = motions[motions.length - 1 - howLong % motions.length].expiresAt;
            if (expiresAt > block.timestamp) return VM.warp(expiresAt);
        }
        VM.warp(block.timestamp + howLong % 2 days);
    }

    function propose(uint8 by, uint8 kind, uint8 subject) external {
        (address sender, uint32 slot, bool mayVote) = _someone(by);
        // Half of what is proposed makes the network smaller, or it is never at its limit.
        Motion memory motion = _motion(kind >= 128 ? Kind.SUSPEND : Kind(kind % 5), subject);
        bytes memory decision = _decision(motion);
        motion.id = register.proposalId(register.proposalCount(), decision);
        motion.expiresAt = block.timestamp + 14 days;
        motions.push(motion);
        uint256 nth = motions.length - 1;
        _try(sender, abi.encodeCall(IConsentRegister.propose, (decision)), nth, slot, mayVote);
        if (!mayVote) motions.pop();
    }

    function vote(uint8 by, uint8 which) external {
        if (motions.length == 0) return;
        (address sender, uint32 slot, bool mayVote) = _someone(by);
        // Mostly one of the newest, or hardly any would ever be decided.
        uint256 back = which % (which < 200 && motions.length > 3 ? 3 : motions.length);
        uint256 nth = motions.length - 1 - back;
        Motion storage motion = motions[nth];
        mayVote = mayVote && !motion.executed && block.timestamp < motion.expiresAt
            && !_counts(nth, slot);
        _try(sender, abi.encodeCall(IConsentRegister.vote, (motion.id)), nth, slot, mayVote);
    }

    // What must hold

    function check() external view {
        IConsentRegister.Institution[] memory all = register.institutions(0, MOST);
        VM.assertEq(all.length, keys.length, "every institution");
        for (uint32 slot = 0; slot < all.length; ++slot) {
            bool isActive = all[slot].status == IConsentRegister.Status.ACTIVE;
            VM.assertTrue(isActive == active[slot], "active as was decided");
            VM.assertEq(all[slot].account, _accountOf(slot));
        }
        VM.assertEq(register.votesRequired(), _required(), "so many decide");
        (IConsentRegister.Parameters memory parameters,) = register.parameters();
        VM.assertEq(parameters.voteThreshold, threshold, "the threshold");
        VM.assertTrue(_activeCount() >= threshold, "can be reached");
        IConsentRegister.Proposal[] memory page = register.proposals(0, type(uint32).max);
        for (uint256 nth = 0; nth < motions.length; ++nth) {
            IConsentRegister.Proposal memory found = page[page.length - motions.length + nth];
            VM.assertEq(uint256(found.id), uint256(motions[nth].id), "the same proposal");
            VM.assertTrue(found.executed == motions[nth].executed, "done or not");
            VM.assertEq(found.votes, _count(nth), "by so many votes");
        }
    }

    // The account

    /// @dev Makes the attempt and requires that it ends as the account says.
    function _try(address sender, bytes memory call, uint256 nth, uint32 slot, bool mayVote)
        private
    {
        uint256 earlierKey = ballots[nth][slot];
        uint256 earlierTurn = turns[nth][slot];
        if (mayVote) (ballots[nth][slot], turns[nth][slot]) = (keys[slot], turn[slot]);
        bool decides = mayVote && _count(nth) >= _required();
        bool isTaken = mayVote && (!decides || _isPossible(motions[nth]));
        VM.prank(sender);
        (bool success,) = address(register).call(call);
        VM.assertTrue(success == isTaken, "taken or refused as foretold");
        if (isTaken && decides) _carryOut(motions[nth]);
        if (isTaken || !mayVote) return;
        (ballots[nth][slot], turns[nth][slot]) = (earlierKey, earlierTurn);
    }

    /// @dev A proposal is worth what its voters, as they stand now, are.
    function _counts(uint256 nth, uint32 slot) private view returns (bool) {
        return active[slot] && ballots[nth][slot] == keys[slot] && turns[nth][slot] == turn[slot];
    }

    function _count(uint256 nth) private view returns (uint256 votes) {
        for (uint32 slot = 0; slot < keys.length; ++slot) {
            if (_counts(nth, slot)) ++votes;
        }
    }

    function _required() private view returns (uint256) {
        uint256 votes = threshold;
        while (2 * votes <= _activeCount()) ++votes;
        return votes;
    }

    function _activeCount() private view returns (uint256 count) {
        for (uint32 slot = 0; slot < keys.length; ++slot) {
            if (active[slot]) ++count;
        }
    }

    function _isPossible(Motion memory motion) private view returns (bool) {
        if (motion.kind == Kind.ADMIT) return true;
        if (motion.kind == Kind.SET_THRESHOLD) return motion.subject <= _activeCount();
        if (motion.kind == Kind.REINSTATE) return !active[motion.subject];
        if (motion.kind == Kind.ROTATE) return active[motion.subject];
        return active[motion.subject] && _activeCount() > threshold;
    }

    function _carryOut(Motion storage motion) private {
        uint32 subject = motion.subject;
        motion.executed = true;
        if (motion.kind == Kind.ADMIT) {
            active[keys.length] = true;
            keys.push(motion.key);
        } else if (motion.kind == Kind.SET_THRESHOLD) {
            threshold = subject;
        } else {
            ++turn[subject];
            active[subject] = motion.kind != Kind.SUSPEND;
            if (motion.kind == Kind.SUSPEND) return;
            retired.push(_accountOf(subject));
            keys[subject] = motion.key;
        }
    }

    /// @dev No admission beyond what the account has room for, open ones included.
    function _motion(Kind kind, uint8 subject) private returns (Motion memory motion) {
        uint256 admissions = keys.length;
        for (uint256 nth = 0; nth < motions.length; ++nth) {
            if (motions[nth].kind == Kind.ADMIT && !motions[nth].executed) ++admissions;
        }
        if (kind == Kind.ADMIT && admissions >= MOST) kind = Kind.ROTATE;
        motion.kind = kind;
        motion.key = _key(++keysMade);
        motion.subject = kind == Kind.SET_THRESHOLD
            ? 1 + subject % uint32(MOST)
            : uint32(subject % keys.length);
    }

    function _decision(Motion memory motion) private pure returns (bytes memory) {
        if (motion.kind == Kind.SUSPEND) return _suspension(motion.subject);
        if (motion.kind == Kind.ROTATE) return _rotation(motion.subject, motion.key, 7);
        if (motion.kind == Kind.REINSTATE) return _reinstatement(motion.subject, motion.key, 7);
        if (motion.kind == Kind.SET_THRESHOLD) return _setting(_parameters(motion.subject));
        return abi.encodeCall(
            IConsentRegister.admit,
            (IConsentRegister.Admission({
                    id: string(abi.encodePacked("a", _digits(motion.key))),
                    name: "",
                    endpoint: "",
                    account: VM.addr(motion.key),
                    roles: 1,
                    issuer: _issuer(7)
                }))
        );
    }

    function _digits(uint256 number) private pure returns (bytes memory digits) {
        digits = new bytes(20);
        for (uint256 i = 0; i < 20; ++i) {
            digits[i] = bytes1(uint8(48 + (number >> (8 * i)) % 10));
        }
    }

    /// @dev Mostly an institution; now and then a replaced account, the founder or a stranger.
    function _someone(uint8 by) private view returns (address sender, uint32 slot, bool mayVote) {
        slot = uint32(by % keys.length);
        if (by < 200) return (_accountOf(slot), slot, active[slot]);
        if (by < 240 && retired.length > 0) return (retired[by % retired.length], slot, false);
        return (by % 2 == 0 ? FOUNDER : STRANGER, slot, false);
    }
}
