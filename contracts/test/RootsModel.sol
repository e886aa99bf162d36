// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {RegisterTest} from "./RegisterTest.sol";

/// @title A plain account of which roots a network accepts, kept beside the register
/// @dev It knows no watermark: it looks at every root whenever anything happens, and writes down
/// for ever which of them it has seen refused. Its roots are hashed over eight slots by themselves.
contract RootsModel is RegisterTest {
    uint32 internal constant MOST = 8;

    uint256[] internal roots;
    uint256[] internal begun;
    uint256 internal floor;
    uint256[3] internal windows;
    mapping(uint256 statement => mapping(uint256 epoch => bool)) internal dead;

    uint256[MOST] internal shardRoots;
    uint256[MOST] internal leaves;
    uint256[MOST] internal terms;
    /// @dev Every leaf that a slot has had: none may come twice.
    mapping(uint256 leaf => bool) internal used;
    uint256[MOST] internal anchors;
    bool[MOST] internal active;
    uint256 internal activeCount;
    uint256 internal threshold;
    uint256 internal keysMade = 1_000;
    address[] internal retired;

    function begin() external {
        setUp();
        _found(2, 4);
        threshold = 2;
        activeCount = 4;
        windows = [uint256(7 days), 15 minutes, 7 days];
        for (uint32 slot = 0; slot < 4; ++slot) {
            active[slot] = true;
            _begin(slot, 1_000 + slot);
        }
        roots.push(_expectedRoot());
        begun.push(START);
    }

    // What can happen

    function passTime(uint32 howLong) external {
        uint256[4] memory longest = [uint256(60), 20 minutes, 2 days, 9 days];
        VM.warp(block.timestamp + howLong % longest[howLong % 4]);
        _look();
    }

    function anchor(uint8 by, uint256 root) external {
        uint32 slot = _someActive(by);
        _look();
        shardRoots[slot] = 1 + root % (FIELD_ORDER - 1);
        ++anchors[slot];
        _anchor(slot, shardRoots[slot]);
        _beginEpoch();
    }

    function anchorTheSame(uint8 by) external {
        uint32 slot = _someActive(by);
        if (shardRoots[slot] == 0) return;
        _look();
        ++anchors[slot];
        _anchor(slot, shardRoots[slot]);
        _beginEpoch();
    }

    function suspend(uint8 which) external {
        uint32 slot = _someActive(which);
        if (activeCount - 1 < threshold) return;
        _look();
        _decide(_suspension(slot));
        active[slot] = false;
        --activeCount;
        shardRoots[slot] = 0;
        _beginEpoch();
        floor = roots.length - 1;
    }

    function reinstate(uint8 which, bool sameKey) external {
        uint32 slot = which % uint32(keys.length);
        if (active[slot]) return;
        uint256 key = sameKey ? keys[slot] : _newKey(slot);
        uint256 x = ++keysMade;
        _decide(_reinstatement(slot, key, x));
        keys[slot] = key;
        _begin(slot, x);
        active[slot] = true;
        ++activeCount;
    }

    /// @dev The same account and the same issuer make another term all the same.
    function rotate(uint8 which, bool sameKey, bool sameIssuer) external {
        uint32 slot = _someActive(which);
        _look();
        uint256 key = sameKey ? keys[slot] : _newKey(slot);
        uint256 x = sameIssuer ? register.institutions(slot, 1)[0].issuer.ax : ++keysMade;
        _decide(_rotation(slot, key, x));
        keys[slot] = key;
        shardRoots[slot] = 0;
        _begin(slot, x);
        _beginEpoch();
        floor = roots.length - 1;
    }

    function admit() external {
        uint32 slot = uint32(keys.length);
        if (slot == MOST) return;
        _decide(_admission(slot));
        keys.push(_key(slot));
        _begin(slot, 1_000 + slot);
        active[slot] = true;
        ++activeCount;
    }

    function setWindows(uint32 consent, uint32 accreditation, uint32 eligibility, uint8 votes)
        external
    {
        uint256[5] memory choices = [uint256(0), 60, 15 minutes, 7 days, 30 days];
        IConsentRegister.Parameters memory given = _parameters(uint32(1 + votes % activeCount));
        given.consentRootSeconds = uint32(choices[consent % 5]);
        given.accreditationRootSeconds = uint32(choices[accreditation % 5]);
        given.eligibilityRootSeconds = uint32(choices[eligibility % 5]);
        _look();
        _decide(_setting(given));
        threshold = given.voteThreshold;
        windows = [
            uint256(given.consentRootSeconds),
            given.accreditationRootSeconds,
            given.eligibilityRootSeconds
        ];
        _look();
    }

    /// @dev Whoever is not the active institution of a slot tries to move one.
    function intrude(uint8 who, uint8 which, uint256 root) external {
        uint32 slot = _someActive(which);
        bytes memory call = _anchorCall(slot, 1 + root % (FIELD_ORDER - 1));
        address intruder = [FOUNDER, STRANGER, address(register), _someRetired(who)][who % 4];
        VM.prank(intruder);
        (bool success,) = address(register).call(call);
        VM.assertFalse(success, "an intruder anchors");
        for (uint32 other = 0; other < keys.length; ++other) {
            if (active[other]) continue;
            VM.prank(_accountOf(other));
            (success,) = address(register).call(call);
            VM.assertFalse(success, "a suspended institution anchors");
        }
    }

    // What must hold

    function check() external view {
        _checkEpochs();
        _checkSlots();
        for (uint256 statement = 0; statement < 3; ++statement) {
            for (uint256 epoch = 0; epoch < roots.length; ++epoch) {
                bool wanted = _isAccepted(statement, epoch);
                bool found = _ask(roots[epoch], epoch, statement);
                VM.assertTrue(found == wanted, "accepted as the model says");
            }
            uint256 newest = roots.length - 1;
            VM.assertFalse(_ask(roots[newest] ^ 1, newest, statement), "a root never anchored");
            VM.assertFalse(_ask(roots[0], roots.length, statement), "an epoch to come");
        }
        VM.assertTrue(activeCount >= threshold, "there are enough to decide");
        VM.assertTrue(register.votesRequired() > activeCount / 2, "a majority at least");
        VM.assertTrue(register.votesRequired() <= activeCount, "no more than there are");
    }

    function _checkEpochs() private view {
        (uint64 epoch, uint256 root, uint64 anchoredAt, uint64 floorEpoch) = register.head();
        VM.assertEq(epoch, roots.length - 1, "the newest epoch");
        VM.assertEq(root, roots[epoch], "the newest root");
        VM.assertEq(anchoredAt, begun[epoch], "its beginning");
        VM.assertEq(floorEpoch, floor, "the floor");
        IConsentRegister.AnchoredRoot[] memory all = register.rootsSince(0, type(uint32).max);
        VM.assertEq(all.length, roots.length, "every epoch, once");
        for (uint64 i = 0; i < all.length; ++i) {
            VM.assertEq(all[i].root, roots[i], "in their order");
            VM.assertTrue(i == 0 || all[i].anchoredAt >= all[i - 1].anchoredAt, "time goes on");
            uint256 ended = i == epoch ? 0 : begun[i + 1];
            VM.assertEq(register.supersededAt(i), ended, "superseded by the next");
        }
    }

    function _checkSlots() private view {
        IConsentRegister.Institution[] memory all = register.institutions(0, type(uint32).max);
        VM.assertEq(all.length, keys.length, "every institution");
        for (uint32 slot = 0; slot < all.length; ++slot) {
            VM.assertEq(all[slot].shardRoot, shardRoots[slot], "as its own account left it");
            VM.assertEq(all[slot].anchors, anchors[slot], "as often as it anchored");
            VM.assertEq(all[slot].issuerLeaf, leaves[slot], "as was decided");
            VM.assertEq(all[slot].term, terms[slot], "one more with each renewal");
            VM.assertEq(all[slot].account, _accountOf(slot));
        }
    }

    function _isAccepted(uint256 statement, uint256 epoch) private view returns (bool) {
        if (epoch == roots.length - 1) return true;
        if (epoch < floor || dead[statement][epoch]) return false;
        return block.timestamp - begun[epoch + 1] <= windows[statement];
    }

    function _ask(uint256 root, uint256 epoch, uint256 statement) private view returns (bool) {
        return register.isAccepted(root, uint64(epoch), IConsentRegister.Statement(statement));
    }

    // The account

    function _look() private {
        for (uint256 statement = 0; statement < 3; ++statement) {
            for (uint256 epoch = 0; epoch + 1 < roots.length; ++epoch) {
                uint256 age = block.timestamp - begun[epoch + 1];
                if (age > windows[statement]) dead[statement][epoch] = true;
            }
        }
    }

    function _begin(uint32 slot, uint256 x) private {
        leaves[slot] = _leaf(slot, ++terms[slot], x);
        VM.assertFalse(used[leaves[slot]], "no leaf comes back");
        used[leaves[slot]] = true;
    }

    function _beginEpoch() private {
        roots.push(_expectedRoot());
        begun.push(block.timestamp);
    }

    function _expectedRoot() private view returns (uint256 node) {
        uint256 empty = uint256(sha256("assent/empty-leaf")) >> 8;
        uint256[MOST] memory level;
        for (uint256 slot = 0; slot < MOST; ++slot) {
            uint256 shard = shardRoots[slot];
            level[slot] = shard == 0 ? empty : poseidon.hash([shard, leaves[slot]]);
        }
        for (uint256 width = MOST / 2; width > 0; width /= 2) {
            for (uint256 i = 0; i < width; ++i) {
                level[i] = poseidon.hash([level[2 * i], level[2 * i + 1]]);
            }
            empty = poseidon.hash([empty, empty]);
        }
        node = level[0];
        for (uint256 height = 3; height < 12; ++height) {
            node = poseidon.hash([node, empty]);
            empty = poseidon.hash([empty, empty]);
        }
    }

    function _newKey(uint32 slot) private returns (uint256) {
        retired.push(_accountOf(slot));
        return _key(++keysMade);
    }

    function _someRetired(uint8 which) private view returns (address) {
        return retired.length == 0 ? STRANGER : retired[which % retired.length];
    }

    function _someActive(uint8 which) private view returns (uint32 slot) {
        slot = which % uint32(keys.length);
        while (!active[slot]) {
            slot = (slot + 1) % uint32(keys.length);
        }
    }
}
