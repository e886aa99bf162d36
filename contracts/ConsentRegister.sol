// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {PoseidonT3} from "poseidon-solidity/PoseidonT3.sol";
import {IConsentRegister} from "./IConsentRegister.sol";

/// @title ConsentRegister: what IConsentRegister says, and nothing else
contract ConsentRegister is IConsentRegister {
    uint256 private constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @dev The first 31 bytes of SHA-256("assent/empty-leaf"), big-endian: the value of every unused slot.
    uint256 private constant EMPTY_LEAF =
        67271421411050722084406428174819795096363869451159229669123918570518706306;
    uint32 private constant TOP_LEVELS = 12;
    uint32 private constant SLOTS = uint32(1) << TOP_LEVELS;
    uint32 private constant ROLE_BITS = 5;
    /// @dev Half the order of secp256k1: above it lies the second, malleated form of every signature.
    uint256 private constant LOW_S_LIMIT =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    address public override governor;
    string public override networkName;
    uint32 public immutable override acknowledgementQuorum;

    Institution[] private _institutions; // by slot
    uint32 private _activeCount;
    mapping(address account => uint32 slotPlusOne) private _slotPlusOneOf;
    mapping(bytes32 idHash => bool) private _idTaken;

    AnchoredRoot[] private _epochs;
    uint64 private _floorEpoch;
    /// @dev Heap order: the root is 1, the slots are SLOTS to 2 * SLOTS - 1. 0 = empty subtree of its level.
    mapping(uint256 node => uint256 value) private _nodes;
    /// @dev The value of an empty subtree, by level; level 0 is an empty slot.
    uint256[TOP_LEVELS + 1] private _emptyAt;

    modifier onlyGovernor() {
        if (msg.sender != governor) revert CallerNotGovernor(msg.sender);
        _;
    }

    constructor(address governor_, string memory networkName_, uint32 acknowledgementQuorum_) {
        governor = governor_;
        networkName = networkName_;
        acknowledgementQuorum = acknowledgementQuorum_;
        uint256 empty = EMPTY_LEAF;
        _emptyAt[0] = empty;
        for (uint32 level = 1; level <= TOP_LEVELS; level++) {
            empty = PoseidonT3.hash([empty, empty]);
            _emptyAt[level] = empty;
        }
        _epochs.push(AnchoredRoot(empty, uint64(block.timestamp)));
    }

    // Governance. One account decides; that account may itself be a contract that counts votes.

    function admit(Admission calldata admission) external override onlyGovernor returns (uint32 slot) {
        if (_institutions.length == SLOTS) revert RegisterFull();
        _requireSlug(admission.id);
        bytes32 idHash = keccak256(bytes(admission.id));
        if (_idTaken[idHash]) revert IdTaken(admission.id);
        if (admission.roles == 0 || admission.roles >> ROLE_BITS != 0) revert RolesInvalid(admission.roles);
        _requireField(admission.issuerLeaf);
        slot = uint32(_institutions.length);
        _takeAccount(admission.account, slot);
        _idTaken[idHash] = true;
        _activeCount++;
        Institution storage institution = _institutions.push();
        institution.id = admission.id;
        institution.name = admission.name;
        institution.endpoint = admission.endpoint;
        institution.account = admission.account;
        institution.roles = admission.roles;
        institution.slot = slot;
        institution.issuerLeaf = admission.issuerLeaf;
        emit InstitutionAdmitted(slot, admission.id, admission.account);
    }

    function suspend(uint32 slot) external override onlyGovernor {
        Institution storage institution = _requireActive(slot);
        institution.status = Status.SUSPENDED;
        _activeCount--;
        emit InstitutionSuspended(slot);
        _endEarlierRoots(slot, EMPTY_LEAF);
    }

    function rotate(uint32 slot, address account, uint256 issuerLeaf) external override onlyGovernor {
        Institution storage institution = _requireActive(slot);
        _requireField(issuerLeaf);
        delete _slotPlusOneOf[institution.account];
        _takeAccount(account, slot);
        institution.account = account;
        institution.issuerLeaf = issuerLeaf;
        emit InstitutionRotated(slot, account, issuerLeaf);
        uint256 shardRoot = institution.shardRoot;
        _endEarlierRoots(
            slot, shardRoot == 0 ? EMPTY_LEAF : PoseidonT3.hash([shardRoot, issuerLeaf])
        );
    }

    function setEndpoint(uint32 slot, string calldata endpoint) external override {
        Institution storage institution = _requireActive(slot);
        if (msg.sender != governor && msg.sender != institution.account) {
            revert CallerNotGovernor(msg.sender);
        }
        institution.endpoint = endpoint;
        emit EndpointChanged(slot, endpoint);
    }

    function setGovernor(address governor_) external override onlyGovernor {
        governor = governor_;
        emit GovernorChanged(governor_);
    }

    // Anchoring

    function anchor(uint256 shardRoot, bytes32 digest, bytes[] calldata acknowledgements)
        external
        override
    {
        uint32 slotPlusOne = _slotPlusOneOf[msg.sender];
        if (slotPlusOne == 0) revert AccountUnknown(msg.sender);
        uint32 slot = slotPlusOne - 1;
        Institution storage institution = _requireActive(slot);
        _requireField(shardRoot);
        if (digest == 0) revert DigestZero();
        _requireAcknowledged(
            slot, acknowledgementHash(slot, institution.anchors, digest), acknowledgements
        );
        institution.anchors++;
        institution.shardRoot = shardRoot;
        institution.digest = digest;
        uint256 root = _setSlot(slot, PoseidonT3.hash([shardRoot, institution.issuerLeaf]));
        uint64 epoch = _beginEpoch(root);
        institution.digestEpoch = epoch;
        institution.digestAt = uint64(block.timestamp);
        emit Anchored(slot, epoch, root, shardRoot, digest);
    }

    function acknowledgementHash(uint32 slot, uint64 anchors, bytes32 digest)
        public
        view
        override
        returns (bytes32)
    {
        return keccak256(
            abi.encode("assent/acknowledge", block.chainid, address(this), slot, anchors, digest)
        );
    }

    // What a node reads

    function head()
        external
        view
        override
        returns (uint64 epoch, uint256 root, uint64 anchoredAt, uint64 floorEpoch)
    {
        epoch = uint64(_epochs.length - 1);
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
        for (uint256 i = 0; i < roots.length; i++) {
            roots[i] = _epochs[epoch + i];
        }
    }

    function institutionCount() external view override returns (uint32) {
        return uint32(_institutions.length);
    }

    function institutions(uint32 slot, uint32 limit)
        external
        view
        override
        returns (Institution[] memory page)
    {
        page = new Institution[](_pageSize(slot, limit, _institutions.length));
        for (uint256 i = 0; i < page.length; i++) {
            page[i] = _institutions[slot + i];
        }
    }

    function digestOf(uint32 slot)
        external
        view
        override
        returns (bytes32 digest, uint64 epoch, uint64 anchoredAt)
    {
        if (slot >= _institutions.length) revert SlotUnknown(slot);
        Institution storage institution = _institutions[slot];
        return (institution.digest, institution.digestEpoch, institution.digestAt);
    }

    function topPath(uint32 slot)
        external
        view
        override
        returns (uint256[12] memory siblings, uint256 slotValue, uint256 root, uint64 epoch)
    {
        if (slot >= SLOTS) revert SlotUnknown(slot);
        uint256 node = uint256(SLOTS) + slot;
        slotValue = _valueOf(node, 0);
        for (uint32 level = 0; level < TOP_LEVELS; level++) {
            siblings[level] = _valueOf(node ^ 1, level);
            node >>= 1;
        }
        epoch = uint64(_epochs.length - 1);
        root = _epochs[epoch].root;
    }

    // The top tree

    function _setSlot(uint32 slot, uint256 value) private returns (uint256) {
        uint256 node = uint256(SLOTS) + slot;
        _nodes[node] = value;
        for (uint32 level = 0; level < TOP_LEVELS; level++) {
            uint256 sibling = _valueOf(node ^ 1, level);
            value = node & 1 == 0
                ? PoseidonT3.hash([value, sibling])
                : PoseidonT3.hash([sibling, value]);
            node >>= 1;
            _nodes[node] = value;
        }
        return value;
    }

    function _valueOf(uint256 node, uint32 level) private view returns (uint256 value) {
        value = _nodes[node];
        if (value == 0) value = _emptyAt[level];
    }

    function _beginEpoch(uint256 root) private returns (uint64 epoch) {
        epoch = uint64(_epochs.length);
        _epochs.push(AnchoredRoot(root, uint64(block.timestamp)));
    }

    function _endEarlierRoots(uint32 slot, uint256 slotValue) private {
        uint256 root = _setSlot(slot, slotValue);
        _floorEpoch = _beginEpoch(root);
        emit RootsEnded(_floorEpoch, root);
    }

    // Who and what is refused

    function _requireField(uint256 value) private pure {
        if (value == 0 || value >= FIELD_ORDER) revert FieldOutOfRange(value);
    }

    /// @dev 3 to 40 of a-z, 0-9 and hyphen, beginning with a letter: every node can then parse every id it reads.
    function _requireSlug(string calldata id) private pure {
        bytes calldata text = bytes(id);
        bool sound = text.length >= 3 && text.length <= 40;
        for (uint256 i = 0; sound && i < text.length; i++) {
            bytes1 c = text[i];
            bool letter = c >= 0x61 && c <= 0x7a;
            sound = letter || (i > 0 && ((c >= 0x30 && c <= 0x39) || c == 0x2d));
        }
        if (!sound) revert IdMalformed(id);
    }

    function _requireActive(uint32 slot) private view returns (Institution storage institution) {
        if (slot >= _institutions.length) revert SlotUnknown(slot);
        institution = _institutions[slot];
        if (institution.status != Status.ACTIVE) revert InstitutionNotActive(slot);
    }

    function _takeAccount(address account, uint32 slot) private {
        if (account == address(0) || _slotPlusOneOf[account] != 0) revert AccountTaken(account);
        _slotPlusOneOf[account] = slot + 1;
    }

    function _requireAcknowledged(uint32 slot, bytes32 hash, bytes[] calldata acknowledgements)
        private
        view
    {
        uint256 others = _activeCount - 1;
        uint256 required = acknowledgementQuorum < others ? acknowledgementQuorum : others;
        if (acknowledgements.length < required) {
            revert AcknowledgementsMissing(required, acknowledgements.length);
        }
        address[] memory signers = new address[](acknowledgements.length);
        for (uint256 i = 0; i < signers.length; i++) {
            address signer = _recover(hash, acknowledgements[i]);
            uint32 slotPlusOne = signer == address(0) ? 0 : _slotPlusOneOf[signer];
            if (
                slotPlusOne == 0 || slotPlusOne - 1 == slot
                    || _institutions[slotPlusOne - 1].status != Status.ACTIVE
            ) revert AcknowledgementInvalid(i);
            for (uint256 j = 0; j < i; j++) {
                if (signers[j] == signer) revert AcknowledgementRepeated(i);
            }
            signers[i] = signer;
        }
    }

    /// @dev The zero address for anything but a 65-byte signature with low s.
    function _recover(bytes32 hash, bytes calldata signature) private pure returns (address) {
        if (signature.length != 65) return address(0);
        uint256 s = uint256(bytes32(signature[32:64]));
        if (s > LOW_S_LIMIT) return address(0);
        return ecrecover(hash, uint8(signature[64]), bytes32(signature[0:32]), bytes32(s));
    }

    function _pageSize(uint256 from, uint256 limit, uint256 length) private pure returns (uint256) {
        if (from >= length) return 0;
        return limit < length - from ? limit : length - from;
    }
}
