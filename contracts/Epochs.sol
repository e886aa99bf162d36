// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "./IConsentRegister.sol";

/// @title Epochs: the network roots in their order, and how long each is worth anything
abstract contract Epochs is IConsentRegister {
    uint256 private constant STATEMENTS = 3;

    AnchoredRoot[] private _epochs;
    uint64 private _floorEpoch;
    Parameters internal _parameters;
    /// @dev By statement. A root superseded before this was refused at some moment, and stays so.
    uint64[STATEMENTS] private _closedBefore;

    function head()
        external
        view
        override
        returns (uint64 epoch, uint256 root, uint64 anchoredAt, uint64 floorEpoch)
    {
        epoch = _newestEpoch();
        AnchoredRoot storage newest = _epochs[epoch];
        return (epoch, newest.root, newest.anchoredAt, _floorEpoch);
    }

    function rootsSince(uint64 epoch, uint32 limit)
        external
        view
        override
        returns (AnchoredRoot[] memory roots)
    {
        roots = new AnchoredRoot[](_pageSize(epoch, limit, _epochs.length));
        for (uint256 i = 0; i < roots.length; ++i) {
            roots[i] = _epochs[epoch + i];
        }
    }

    function supersededAt(uint64 epoch) public view override returns (uint64) {
        uint64 newest = _newestEpoch();
        if (epoch > newest) revert EpochUnknown(epoch);
        return epoch == newest ? 0 : _epochs[epoch + 1].anchoredAt;
    }

    function isAccepted(uint256 root, uint64 epoch, Statement statement)
        external
        view
        override
        returns (bool)
    {
        uint64 newest = _newestEpoch();
        if (epoch > newest || epoch < _floorEpoch || _epochs[epoch].root != root) return false;
        if (epoch == newest) return true;
        uint256 superseded = _epochs[epoch + 1].anchoredAt;
        return superseded >= _closedBefore[uint256(statement)]
            && block.timestamp - superseded <= _windowOf(statement);
    }

    function parameters() external view override returns (Parameters memory, uint64[3] memory) {
        return (_parameters, _closedBefore);
    }

    function acknowledgementQuorum() external view override returns (uint32) {
        return _parameters.acknowledgementQuorum;
    }

    function _rootOf(uint64 epoch) internal view returns (uint256) {
        return _epochs[epoch].root;
    }

    function _newestEpoch() internal view returns (uint64) {
        return uint64(_epochs.length - 1);
    }

    function _beginEpoch(uint256 root) internal returns (uint64 epoch) {
        epoch = uint64(_epochs.length);
        _epochs.push(AnchoredRoot(root, uint64(block.timestamp)));
    }

    function _endEarlierRoots(uint256 root) internal {
        _floorEpoch = _beginEpoch(root);
        emit RootsEnded(_floorEpoch, root);
    }

    /// @dev Whatever the old windows refuse in this moment is closed before the new ones begin.
    function _replaceParameters(Parameters calldata parameters_) internal {
        for (uint256 i = 0; i < STATEMENTS; ++i) {
            uint256 windowSeconds = _windowOf(Statement(i));
            uint256 oldest = block.timestamp > windowSeconds ? block.timestamp - windowSeconds : 0;
            if (oldest > _closedBefore[i]) _closedBefore[i] = uint64(oldest);
        }
        _parameters = parameters_;
        emit ParametersChanged(parameters_);
    }

    function _pageSize(uint256 from, uint256 limit, uint256 length)
        internal
        pure
        returns (uint256)
    {
        if (from >= length) return 0;
        return limit < length - from ? limit : length - from;
    }

    function _windowOf(Statement statement) private view returns (uint256 windowSeconds) {
        if (statement == Statement.CONSENT) return _parameters.consentRootSeconds;
        if (statement == Statement.ACCREDITATION) return _parameters.accreditationRootSeconds;
        return _parameters.eligibilityRootSeconds;
    }
}
