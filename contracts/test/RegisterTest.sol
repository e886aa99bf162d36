// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IConsentRegister} from "../IConsentRegister.sol";
import {IIssuerLeaf} from "../IIssuerLeaf.sol";
import {Vm} from "./Vm.sol";

interface IPoseidonT3 {
    function hash(uint256[2] memory inputs) external pure returns (uint256);
}

interface IPoseidonT6 {
    function hash(uint256[5] memory inputs) external pure returns (uint256);
}

/// @title A network of institutions on the committed bytecode, and what their accounts do
abstract contract RegisterTest {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address internal constant FOUNDER = address(0xF0);
    address internal constant STRANGER = address(0x57);
    uint256 internal constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant START = 1_800_000_000;
    uint32 internal constant ENDPOINT_DELAY = 2 days;

    /// @dev In the order of the names, as forge decodes JSON.
    struct LinkReference {
        uint256 length;
        uint256 start;
    }

    bytes internal creationCode;
    IPoseidonT3 internal poseidon;
    IPoseidonT6 internal poseidonOfFive;
    IConsentRegister internal register;
    /// @dev The signing key of each institution's account, by slot.
    uint256[] internal keys;

    function setUp() public virtual {
        string memory artifact = VM.readFile("./ConsentRegister.json");
        poseidon = IPoseidonT3(_create(VM.parseJsonBytes(artifact, ".libraries.PoseidonT3")));
        poseidonOfFive = IPoseidonT6(_create(VM.parseJsonBytes(artifact, ".libraries.PoseidonT6")));
        creationCode = VM.parseJsonBytes(artifact, ".bytecode");
        _link(address(poseidon), VM.parseJson(artifact, ".links.PoseidonT3"));
        _link(address(poseidonOfFive), VM.parseJson(artifact, ".links.PoseidonT6"));
        VM.warp(START);
    }

    // A network

    function _parameters(uint32 voteThreshold)
        internal
        pure
        returns (IConsentRegister.Parameters memory)
    {
        return IConsentRegister.Parameters({
            voteThreshold: voteThreshold,
            acknowledgementQuorum: 2,
            proposalSeconds: 14 days,
            consentRootSeconds: 7 days,
            accreditationRootSeconds: 15 minutes,
            eligibilityRootSeconds: 7 days
        });
    }

    function _deploy(IConsentRegister.Parameters memory parameters)
        internal
        returns (IConsentRegister)
    {
        return IConsentRegister(
            _create(
                abi.encodePacked(
                    creationCode, abi.encode(FOUNDER, "pilot", parameters, ENDPOINT_DELAY)
                )
            )
        );
    }

    /// @dev `size` institutions, of which the founder admits `voteThreshold` and votes the rest.
    function _found(uint32 voteThreshold, uint32 size) internal {
        register = _deploy(_parameters(voteThreshold));
        delete keys;
        for (uint32 slot = 0; slot < size; ++slot) {
            if (slot < voteThreshold) _do(FOUNDER, _admission(slot));
            else _decide(_admission(slot));
            keys.push(_key(slot));
        }
    }

    function _key(uint256 number) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("account", number))) >> 8;
    }

    function _accountOf(uint32 slot) internal view returns (address) {
        return VM.addr(keys[slot]);
    }

    /// @dev Told apart by its x; it may accredit for one party.
    function _issuer(uint256 x) internal pure returns (IIssuerLeaf.Issuer memory issuer) {
        issuer.ax = x;
        issuer.ay = 1;
        issuer.validUntil = type(uint64).max;
        issuer.grants = 1;
        issuer.parties = new string[](1);
        issuer.parties[0] = "a party";
    }

    /// @dev The leaf of `_issuer(x)`, step by step as the interface says it.
    function _leaf(uint32 slot, uint256 term, uint256 x) internal view returns (uint256) {
        uint256 party = uint256(sha256("a party")) >> 8;
        uint256 parties = poseidonOfFive.hash([uint256(17), party, 0, 0, 0]);
        parties = poseidonOfFive.hash([parties, 0, 0, 0, 0]);
        uint256 mandate = poseidonOfFive.hash([uint256(16), type(uint64).max, 1, parties, term]);
        uint256 institution = uint256(sha256(bytes(register.institutions(slot, 1)[0].id))) >> 8;
        return poseidonOfFive.hash([uint256(15), institution, x, 1, mandate]);
    }

    // Decisions, as calls

    function _admission(uint32 slot) internal pure returns (bytes memory) {
        return _admission(string(abi.encodePacked("institution-", bytes1(uint8(97 + slot)))), slot);
    }

    function _admission(string memory id, uint32 slot) internal pure returns (bytes memory) {
        return abi.encodeCall(
            IConsentRegister.admit,
            (IConsentRegister.Admission({
                    id: id,
                    name: "An institution",
                    endpoint: "http://127.0.0.1/",
                    account: VM.addr(_key(slot)),
                    roles: 1,
                    issuer: _issuer(1_000 + slot)
                }))
        );
    }

    function _suspension(uint32 slot) internal pure returns (bytes memory) {
        return abi.encodeCall(IConsentRegister.suspend, (slot));
    }

    function _rotation(uint32 slot, uint256 key, uint256 x) internal pure returns (bytes memory) {
        return abi.encodeCall(IConsentRegister.rotate, (slot, VM.addr(key), _issuer(x)));
    }

    function _reinstatement(uint32 slot, uint256 key, uint256 x)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IConsentRegister.reinstate, (slot, VM.addr(key), _issuer(x)));
    }

    function _setting(IConsentRegister.Parameters memory parameters)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeCall(IConsentRegister.setParameters, (parameters));
    }

    // What accounts do

    function _do(address sender, bytes memory call) internal returns (bytes memory answer) {
        bool success;
        VM.prank(sender);
        (success, answer) = address(register).call(call);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function _propose(uint32 slot, bytes memory decision) internal returns (bytes32 id) {
        bytes memory call = abi.encodeCall(IConsentRegister.propose, (decision));
        return abi.decode(_do(_accountOf(slot), call), (bytes32));
    }

    function _vote(uint32 slot, bytes32 id) internal {
        _do(_accountOf(slot), abi.encodeCall(IConsentRegister.vote, (id)));
    }

    /// @dev Has the active institutions vote in the order of their slots until it is done.
    function _decide(bytes memory decision) internal {
        bytes32 id;
        for (uint32 slot = 0; slot < keys.length; ++slot) {
            if (!_isActive(slot)) continue;
            if (id == 0) id = _propose(slot, decision);
            else _vote(slot, id);
            if (_isExecuted(id)) return;
        }
        VM.assertTrue(false, "all active institutions decide");
    }

    function _isActive(uint32 slot) internal view returns (bool) {
        return register.institutions(slot, 1)[0].status == IConsentRegister.Status.ACTIVE;
    }

    function _isExecuted(bytes32 id) internal view returns (bool) {
        for (uint64 nonce = register.proposalCount(); nonce > 0; --nonce) {
            IConsentRegister.Proposal memory proposal = register.proposals(nonce - 1, 1)[0];
            if (proposal.id == id) return proposal.executed;
        }
        return false;
    }

    function _anchor(uint32 slot, uint256 shardRoot) internal {
        bytes memory call = _anchorCall(slot, shardRoot);
        _do(_accountOf(slot), call);
    }

    /// @dev With the acknowledgements of as many others as there must be.
    function _anchorCall(uint32 slot, uint256 shardRoot) internal view returns (bytes memory) {
        bytes32 digest = keccak256(abi.encode(slot, shardRoot, block.timestamp));
        uint64 anchors = register.institutions(slot, 1)[0].anchors;
        bytes32 hash = register.acknowledgementHash(slot, anchors, digest);
        uint256 quorum = register.acknowledgementQuorum();
        bytes[] memory signatures = new bytes[](keys.length);
        uint256 given = 0;
        for (uint32 other = 0; other < keys.length && given < quorum; ++other) {
            if (other == slot || !_isActive(other)) continue;
            (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[other], hash);
            signatures[given++] = abi.encodePacked(r, s, v);
        }
        assembly ("memory-safe") {
            mstore(signatures, given)
        }
        return abi.encodeCall(IConsentRegister.anchor, (shardRoot, digest, signatures));
    }

    /// @dev Requires that the register refuses the call with exactly this error, and changes
    /// nothing.
    function _refuses(address sender, bytes memory call, bytes memory refusal) internal {
        VM.prank(sender);
        (bool success, bytes memory answer) = address(register).call(call);
        VM.assertFalse(success, "the register refuses");
        VM.assertEq(answer, refusal);
    }

    function _error(bytes4 selector, uint256 fact) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, fact);
    }

    // The bytecode

    function _create(bytes memory code) private returns (address created) {
        assembly ("memory-safe") {
            created := create(0, add(code, 32), mload(code))
        }
        VM.assertTrue(created != address(0), "the contract is created");
    }

    function _link(address poseidonLibrary, bytes memory places) private {
        LinkReference[] memory links = abi.decode(places, (LinkReference[]));
        bytes20 library_ = bytes20(poseidonLibrary);
        for (uint256 i = 0; i < links.length; ++i) {
            for (uint256 j = 0; j < 20; ++j) {
                creationCode[links[i].start + j] = library_[j];
            }
        }
    }
}
