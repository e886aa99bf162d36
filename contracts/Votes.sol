// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "./IConsentRegister.sol";

/// @title Votes: proposals, and the institutions that decide them
abstract contract Votes is IConsentRegister {
    /// @dev An admission with the longest texts fits; a longer one would only cost its readers.
    uint256 private constant MAX_DECISION_BYTES = 4_096;

    struct Motion {
        bytes32 id;
        uint32 proposer;
        uint64 expiresAt;
        bool executed;
        bytes decision;
        uint32[] voters; // slots, each once
    }

    Motion[] private _motions; // by nonce
    mapping(bytes32 id => uint256) private _noncePlusOneOf;
    /// @dev The voter's term plus one at the time of its vote; 0 = none.
    mapping(bytes32 id => mapping(uint32 slot => uint256)) private _ballots;

    modifier onlyDecided() {
        if (msg.sender != address(this)) revert CallerNotDecided(msg.sender);
        _;
    }

    function propose(bytes calldata decision) external override returns (bytes32 id) {
        uint32 slot = _activeSlotOf(msg.sender);
        if (decision.length > MAX_DECISION_BYTES) revert DecisionTooLong(decision.length);
        bytes4 selector = decision.length < 4 ? bytes4(0) : bytes4(decision[:4]);
        if (!_isDecision(selector)) revert DecisionUnknown(selector);
        uint64 nonce = uint64(_motions.length);
        id = proposalId(nonce, decision);
        uint64 expiresAt = uint64(block.timestamp) + _proposalSeconds();
        Motion storage motion = _motions.push();
        motion.id = id;
        motion.proposer = slot;
        motion.expiresAt = expiresAt;
        motion.decision = decision;
        _noncePlusOneOf[id] = uint256(nonce) + 1;
        emit Proposed(id, slot, nonce, decision, expiresAt);
        _castVote(motion, slot);
    }

    function vote(bytes32 id) external override {
        uint32 slot = _activeSlotOf(msg.sender);
        uint256 noncePlusOne = _noncePlusOneOf[id];
        if (noncePlusOne == 0) revert ProposalUnknown(id);
        Motion storage motion = _motions[noncePlusOne - 1];
        if (motion.executed) revert ProposalDecided(id);
        if (block.timestamp >= motion.expiresAt) revert ProposalExpired(id, motion.expiresAt);
        _castVote(motion, slot);
    }

    function proposalCount() external view override returns (uint64) {
        return uint64(_motions.length);
    }

    function proposals(uint64 nonce, uint32 limit)
        external
        view
        override
        returns (Proposal[] memory page)
    {
        uint256 end = _motions.length;
        if (nonce >= end) return page;
        if (limit < end - nonce) end = nonce + uint256(limit);
        page = new Proposal[](end - nonce);
        for (uint256 i = 0; i < page.length; ++i) {
            Motion storage motion = _motions[nonce + i];
            page[i] = Proposal({
                id: motion.id,
                proposer: motion.proposer,
                expiresAt: motion.expiresAt,
                executed: motion.executed,
                votes: _countVotes(motion),
                decision: motion.decision
            });
        }
    }

    function proposalId(uint64 nonce, bytes calldata decision)
        public
        view
        override
        returns (bytes32)
    {
        return keccak256(
            abi.encode("assent/proposal", block.chainid, address(this), nonce, decision)
        );
    }

    function votesRequired() public view virtual override returns (uint32);

    function _activeSlotOf(address account) internal view virtual returns (uint32 slot);

    /// @dev 0 while the institution is not active; else a number that changes whenever it is
    /// re-keyed or returns.
    function _termOf(uint32 slot) internal view virtual returns (uint256);

    function _proposalSeconds() internal view virtual returns (uint32);

    function _isDecision(bytes4 selector) internal pure virtual returns (bool);

    function _castVote(Motion storage motion, uint32 slot) private {
        bytes32 id = motion.id;
        uint256 term = _termOf(slot);
        uint256 earlier = _ballots[id][slot];
        if (earlier == term) revert VoteRepeated(id, slot);
        if (earlier == 0) motion.voters.push(slot);
        _ballots[id][slot] = term;
        emit Voted(id, slot);
        if (_countVotes(motion) < votesRequired()) return;
        motion.executed = true;
        emit Executed(id);
        _execute(motion.decision);
    }

    /// @dev Counted anew each time: a vote is worth what its institution is worth now.
    function _countVotes(Motion storage motion) private view returns (uint32 votes) {
        uint256 length = motion.voters.length;
        for (uint256 i = 0; i < length; ++i) {
            uint32 slot = motion.voters[i];
            uint256 term = _termOf(slot);
            if (term != 0 && _ballots[motion.id][slot] == term) ++votes;
        }
    }

    /// @dev A decision that the contract refuses takes the deciding vote back with it, and says
    /// why.
    function _execute(bytes memory decision) private {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory reason) = address(this).call(decision);
        if (success) return;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
