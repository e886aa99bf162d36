// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {Epochs} from "./Epochs.sol";
import {IConsentRegister} from "./IConsentRegister.sol";
import {IssuerLeaf} from "./IssuerLeaf.sol";
import {TopTree} from "./TopTree.sol";
import {Votes} from "./Votes.sol";

/// @title ConsentRegister: what IConsentRegister says, and nothing else
contract ConsentRegister is TopTree, Epochs, IssuerLeaf, Votes {
    uint256 private constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint32 private constant ROLE_BITS = 5;
    uint256 private constant MAX_TEXT_BYTES = 256;
    /// @dev Half the order of secp256k1: above it lies the second, malleated form of every
    /// signature.
    uint256 private constant LOW_S_LIMIT =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    address public immutable override founder;
    uint32 public immutable override endpointDelaySeconds;
    bool public override founded;
    address public override successor;
    string public override networkName;

    Institution[] private _institutions; // by slot
    uint32 private _activeCount;
    mapping(address account => uint32 slotPlusOne) private _slotPlusOneOf;
    mapping(bytes32 idHash => bool) private _idTaken;

    constructor(
        address founder_,
        string memory networkName_,
        Parameters memory parameters_,
        uint32 endpointDelaySeconds_
    ) {
        founder = founder_;
        _requireWithin(endpointDelaySeconds_, 0, 30 days);
        endpointDelaySeconds = endpointDelaySeconds_;
        networkName = networkName_;
        _requireParameters(parameters_, SLOTS);
        _parameters = parameters_;
        _beginEpoch(_emptyRoot());
    }

    // What institutions decide

    function admit(Admission calldata admission) external override returns (uint32 slot) {
        if (msg.sender != address(this) && (founded || msg.sender != founder)) {
            revert CallerNotDecided(msg.sender);
        }
        slot = _addInstitution(admission);
        emit InstitutionAdmitted(slot, admission.id, admission.account);
        if (!founded && _activeCount == _parameters.voteThreshold) {
            founded = true;
            emit FoundingEnded();
        }
    }

    function suspend(uint32 slot) external override onlyDecided {
        Institution storage institution = _requireActive(slot);
        uint32 threshold = _parameters.voteThreshold;
        if (_activeCount - 1 < threshold) revert ThresholdUnreachable(threshold, _activeCount - 1);
        institution.status = Status.SUSPENDED;
        _settleEndpoint(institution);
        --_activeCount;
        emit InstitutionSuspended(slot);
        _emptySlot(institution);
    }

    function reinstate(uint32 slot, address account, Issuer calldata issuer)
        external
        override
        onlyDecided
    {
        if (slot >= _institutions.length) revert SlotUnknown(slot);
        Institution storage institution = _institutions[slot];
        if (institution.status != Status.SUSPENDED) revert InstitutionNotSuspended(slot);
        institution.status = Status.ACTIVE;
        ++_activeCount;
        _rekey(institution, account, issuer);
        emit InstitutionReinstated(slot, account, institution.issuerLeaf);
    }

    function rotate(uint32 slot, address account, Issuer calldata issuer)
        external
        override
        onlyDecided
    {
        Institution storage institution = _requireActive(slot);
        _rekey(institution, account, issuer);
        emit InstitutionRotated(slot, account, institution.issuerLeaf);
        _emptySlot(institution);
    }

    function setParameters(Parameters calldata parameters_) external override onlyDecided {
        _requireParameters(parameters_, _activeCount);
        _replaceParameters(parameters_);
    }

    function setSuccessor(address successor_) external override onlyDecided {
        if (successor != address(0)) revert SuccessorNamedBefore(successor);
        if (successor_ == address(this) || successor_.code.length == 0) {
            revert SuccessorInvalid(successor_);
        }
        successor = successor_;
        emit SuccessorNamed(successor_);
    }

    // What an institution does alone

    function setEndpoint(string calldata endpoint) external override {
        uint32 slot = _activeSlotOf(msg.sender);
        _requireText(endpoint);
        Institution storage institution = _institutions[slot];
        _settleEndpoint(institution);
        uint64 from = uint64(block.timestamp) + endpointDelaySeconds;
        institution.pendingEndpoint = endpoint;
        institution.endpointFrom = from;
        emit EndpointChanged(slot, endpoint, from);
    }

    function anchor(uint256 shardRoot, bytes32 digest, bytes[] calldata acknowledgements)
        external
        override
    {
        uint32 slot = _activeSlotOf(msg.sender);
        Institution storage institution = _institutions[slot];
        _requireField(shardRoot);
        if (digest == 0) revert DigestZero();
        uint64 round = institution.anchors;
        _requireAcknowledged(slot, acknowledgementHash(slot, round, digest), acknowledgements);
        institution.anchors = round + 1;
        institution.shardRoot = shardRoot;
        institution.digest = digest;
        uint256 root = _setSlot(slot, _slotValueOf(shardRoot, institution.issuerLeaf));
        uint64 epoch = _beginEpoch(root);
        institution.digestEpoch = epoch;
        institution.digestAt = uint64(block.timestamp);
        emit Anchored(slot, epoch, round, root, shardRoot, digest);
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
        for (uint256 i = 0; i < page.length; ++i) {
            Institution memory institution = _institutions[slot + i];
            if (_isInEffect(institution.endpointFrom)) {
                institution.endpoint = institution.pendingEndpoint;
                institution.pendingEndpoint = "";
                institution.endpointFrom = 0;
            }
            page[i] = institution;
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
        (siblings, slotValue) = _pathOf(slot);
        epoch = _newestEpoch();
        root = _rootOf(epoch);
    }

    /// @dev A majority at least: else the threshold of a small network would rule the large one it
    /// grows to.
    function votesRequired() public view override(IConsentRegister, Votes) returns (uint32) {
        uint32 majority = _activeCount / 2 + 1;
        uint32 threshold = _parameters.voteThreshold;
        return threshold > majority ? threshold : majority;
    }

    // Who votes

    function _activeSlotOf(address account) internal view override returns (uint32 slot) {
        uint32 slotPlusOne = _slotPlusOneOf[account];
        if (slotPlusOne == 0) revert AccountUnknown(account);
        slot = slotPlusOne - 1;
        _requireActive(slot);
    }

    function _termOf(uint32 slot) internal view override returns (uint256) {
        return _institutions[slot].status == Status.ACTIVE ? _institutions[slot].term : 0;
    }

    function _proposalSeconds() internal view override returns (uint32) {
        return _parameters.proposalSeconds;
    }

    function _isDecision(bytes4 selector) internal pure override returns (bool) {
        return selector == IConsentRegister.admit.selector
            || selector == IConsentRegister.suspend.selector
            || selector == IConsentRegister.reinstate.selector
            || selector == IConsentRegister.rotate.selector
            || selector == IConsentRegister.setParameters.selector
            || selector == IConsentRegister.setSuccessor.selector;
    }

    // How an institution gets its place and its keys

    function _addInstitution(Admission calldata admission) private returns (uint32 slot) {
        if (_institutions.length == SLOTS) revert RegisterFull();
        _requireSlug(admission.id);
        _requireText(admission.name);
        _requireText(admission.endpoint);
        bytes32 idHash = keccak256(bytes(admission.id));
        if (_idTaken[idHash]) revert IdTaken(admission.id);
        if (admission.roles == 0 || admission.roles >> ROLE_BITS != 0) {
            revert RolesInvalid(admission.roles);
        }
        slot = uint32(_institutions.length);
        _takeAccount(admission.account, slot);
        _idTaken[idHash] = true;
        ++_activeCount;
        Institution storage institution = _institutions.push();
        institution.id = admission.id;
        institution.name = admission.name;
        institution.endpoint = admission.endpoint;
        institution.account = admission.account;
        institution.roles = admission.roles;
        institution.slot = slot;
        _beginTerm(institution, admission.issuer);
    }

    function _rekey(Institution storage institution, address account, Issuer calldata issuer)
        private
    {
        _settleEndpoint(institution);
        delete _slotPlusOneOf[institution.account];
        _takeAccount(account, institution.slot);
        institution.account = account;
        _beginTerm(institution, issuer);
    }

    /// @dev The term is in the leaf and only grows: no leaf of now has ever stood in a slot before.
    function _beginTerm(Institution storage institution, Issuer calldata issuer) private {
        _requireField(issuer.ax);
        _requireField(issuer.ay);
        ++institution.term;
        institution.issuerLeaf = _issuerLeafOf(institution.id, institution.term, issuer);
        institution.issuer.ax = issuer.ax;
        institution.issuer.ay = issuer.ay;
        institution.issuer.validFrom = issuer.validFrom;
        institution.issuer.validUntil = issuer.validUntil;
        institution.issuer.grants = issuer.grants;
        delete institution.issuer.parties;
        for (uint256 i = 0; i < issuer.parties.length; ++i) {
            institution.issuer.parties.push(issuer.parties[i]);
        }
    }

    /// @dev What stands there may be of a thief, so its own account has to anchor it again.
    function _emptySlot(Institution storage institution) private {
        institution.shardRoot = 0;
        _endEarlierRoots(_setSlot(institution.slot, EMPTY_LEAF));
    }

    /// @dev Keeps what has taken effect and drops what has not: a thief may have written it.
    function _settleEndpoint(Institution storage institution) private {
        if (_isInEffect(institution.endpointFrom)) {
            institution.endpoint = institution.pendingEndpoint;
        }
        delete institution.pendingEndpoint;
        institution.endpointFrom = 0;
    }

    function _isInEffect(uint64 from) private view returns (bool) {
        return from != 0 && from <= block.timestamp;
    }

    function _takeAccount(address account, uint32 slot) private {
        if (account == address(0) || account == address(this) || _slotPlusOneOf[account] != 0) {
            revert AccountTaken(account);
        }
        _slotPlusOneOf[account] = slot + 1;
    }

    // Who and what is refused

    function _requireActive(uint32 slot) private view returns (Institution storage institution) {
        if (slot >= _institutions.length) revert SlotUnknown(slot);
        institution = _institutions[slot];
        if (institution.status != Status.ACTIVE) revert InstitutionNotActive(slot);
    }

    function _requireAcknowledged(uint32 slot, bytes32 hash, bytes[] calldata acknowledgements)
        private
        view
    {
        uint256 others = _activeCount - 1;
        uint256 quorum = _parameters.acknowledgementQuorum;
        uint256 required = quorum < others ? quorum : others;
        if (acknowledgements.length < required) {
            revert AcknowledgementsMissing(required, acknowledgements.length);
        }
        address[] memory signers = new address[](acknowledgements.length);
        for (uint256 i = 0; i < signers.length; ++i) {
            address signer = _recover(hash, acknowledgements[i]);
            uint32 slotPlusOne = signer == address(0) ? 0 : _slotPlusOneOf[signer];
            if (
                slotPlusOne == 0 || slotPlusOne - 1 == slot
                    || _institutions[slotPlusOne - 1].status != Status.ACTIVE
            ) revert AcknowledgementInvalid(i);
            for (uint256 j = 0; j < i; ++j) {
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

    function _requireField(uint256 value) private pure {
        if (value == 0 || value >= FIELD_ORDER) revert FieldOutOfRange(value);
    }

    /// @dev 3 to 40 of a-z, 0-9 and hyphen, beginning with a letter: every node can then parse
    /// every id it reads.
    function _requireSlug(string calldata id) private pure {
        bytes calldata text = bytes(id);
        bool sound = text.length >= 3 && text.length <= 40;
        for (uint256 i = 0; sound && i < text.length; ++i) {
            bytes1 c = text[i];
            bool letter = c >= 0x61 && c <= 0x7a;
            sound = letter || (i > 0 && ((c >= 0x30 && c <= 0x39) || c == 0x2d));
        }
        if (!sound) revert IdMalformed(id);
    }

    /// @dev Short enough that no institution can make the list unreadable for every node.
    function _requireText(string calldata text) private pure {
        uint256 length = bytes(text).length;
        if (length > MAX_TEXT_BYTES) revert TextTooLong(length);
    }

    function _requireParameters(Parameters memory given, uint32 reachable) private pure {
        if (given.voteThreshold > reachable) {
            revert ThresholdUnreachable(given.voteThreshold, reachable);
        }
        _requireWithin(given.voteThreshold, 1, SLOTS);
        _requireWithin(given.acknowledgementQuorum, 0, 16);
        _requireWithin(given.proposalSeconds, 1 hours, 90 days);
        _requireWithin(given.consentRootSeconds, 0, 30 days);
        _requireWithin(given.accreditationRootSeconds, 0, 30 days);
        _requireWithin(given.eligibilityRootSeconds, 0, 30 days);
    }

    function _requireWithin(uint256 value, uint256 least, uint256 most) private pure {
        if (value < least || value > most) revert ParameterOutOfRange(value, least, most);
    }
}
