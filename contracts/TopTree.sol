// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {PoseidonT3} from "poseidon-solidity/PoseidonT3.sol";

/// @title TopTree: the twelve levels over the slots
abstract contract TopTree {
    /// @dev The first 31 bytes of SHA-256("assent/empty-leaf"), big-endian: the value of every
    /// unused slot.
    uint256 internal constant EMPTY_LEAF =
        67271421411050722084406428174819795096363869451159229669123918570518706306;
    uint32 internal constant TOP_LEVELS = 12;
    uint32 internal constant SLOTS = uint32(1) << TOP_LEVELS;

    /// @dev Heap order: the root is 1, the slots are SLOTS to 2 * SLOTS - 1. 0 = empty subtree of
    /// its level.
    mapping(uint256 node => uint256 value) private _nodes;
    /// @dev The value of an empty subtree, by level; level 0 is an empty slot.
    uint256[TOP_LEVELS + 1] private _emptyAt;

    constructor() {
        uint256 empty = EMPTY_LEAF;
        _emptyAt[0] = empty;
        for (uint32 level = 1; level <= TOP_LEVELS; ++level) {
            empty = PoseidonT3.hash([empty, empty]);
            _emptyAt[level] = empty;
        }
    }

    /// @return root The network root with the new value in the slot.
    function _setSlot(uint32 slot, uint256 value) internal returns (uint256 root) {
        uint256 node = uint256(SLOTS) + slot;
        _nodes[node] = value;
        root = value;
        for (uint32 level = 0; level < TOP_LEVELS; ++level) {
            uint256 sibling = _valueOf(node ^ 1, level);
            root =
                node & 1 == 0 ? PoseidonT3.hash([root, sibling]) : PoseidonT3.hash([sibling, root]);
            node >>= 1;
            _nodes[node] = root;
        }
    }

    function _emptyRoot() internal view returns (uint256) {
        return _emptyAt[TOP_LEVELS];
    }

    function _pathOf(uint32 slot)
        internal
        view
        returns (uint256[TOP_LEVELS] memory siblings, uint256 slotValue)
    {
        uint256 node = uint256(SLOTS) + slot;
        slotValue = _valueOf(node, 0);
        for (uint32 level = 0; level < TOP_LEVELS; ++level) {
            siblings[level] = _valueOf(node ^ 1, level);
            node >>= 1;
        }
    }

    function _slotValueOf(uint256 shardRoot, uint256 issuerLeaf) internal pure returns (uint256) {
        return PoseidonT3.hash([shardRoot, issuerLeaf]);
    }

    function _valueOf(uint256 node, uint32 level) private view returns (uint256 value) {
        value = _nodes[node];
        if (value == 0) value = _emptyAt[level];
    }
}
