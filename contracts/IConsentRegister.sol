// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

/// @title The register of a network of institutions: who they are, and one root over all their shards
/// @notice Each institution keeps a Poseidon tree of 20 levels, its shard, and anchors the shard's root here
/// with its own account. A slot is Poseidon(shard root, issuer leaf); 12 more levels over 4,096 slots are kept and
/// hashed here. Every anchor, changed or not, is the same call and begins an epoch with one network root.
/// @dev Nothing per person is ever here: no leaf, no handle, no pseudonym, no count. Field elements are below
/// the order of the BN254 scalar field. Times are Unix seconds of the block.
interface IConsentRegister {
    /// @notice What governance says of an institution. A suspended one neither anchors nor acknowledges.
    enum Status {
        ACTIVE,
        SUSPENDED
    }

    /// @notice What governance decides when it admits an institution.
    /// @param id A lower-case slug, unique for ever: the institution's name in every statement.
    /// @param name For people to read.
    /// @param endpoint The URL at which the institution's node answers.
    /// @param account Signs anchors and acknowledgements; of one institution only.
    /// @param roles Bits: hospital 0, sponsor 1, manufacturer 2, pharmacy 3, payer 4. At least one.
    /// @param issuerLeaf Poseidon leaf of the issuer key and of what it may accredit or attest; not 0.
    struct Admission {
        string id;
        string name;
        string endpoint;
        address account;
        uint32 roles;
        uint256 issuerLeaf;
    }

    /// @notice An institution and what it anchored last.
    /// @param slot Its place under the network root, 0 to 4,095.
    /// @param anchors How often it has anchored: the number that its next acknowledgements are bound to.
    /// @param shardRoot 0 before the first anchor.
    /// @param digest Of its feeds' heads; 0 before the first anchor.
    /// @param digestEpoch The epoch which that anchor began.
    /// @param digestAt When.
    struct Institution {
        string id;
        string name;
        string endpoint;
        address account;
        uint32 roles;
        uint32 slot;
        Status status;
        uint64 anchors;
        uint256 issuerLeaf;
        uint256 shardRoot;
        bytes32 digest;
        uint64 digestEpoch;
        uint64 digestAt;
    }

    /// @notice A network root and when it began; it was superseded when the next epoch began.
    struct AnchoredRoot {
        uint256 root;
        uint64 anchoredAt;
    }

    /// @notice Only the governor, or also the institution itself where the function says so, may call this.
    error CallerNotGovernor(address caller);
    /// @notice No institution anchors with this account.
    error AccountUnknown(address account);
    /// @notice Another institution has this account, or it is the zero address.
    error AccountTaken(address account);
    /// @notice The id is not a slug of 3 to 40 lower-case letters, digits and hyphens that begins with a letter.
    error IdMalformed(string id);
    /// @notice An institution has or had this id.
    error IdTaken(string id);
    /// @notice The role bits are none or beyond those defined.
    error RolesInvalid(uint32 roles);
    /// @notice All 4,096 slots are given away.
    error RegisterFull();
    /// @notice No institution has this slot.
    error SlotUnknown(uint32 slot);
    /// @notice The institution of this slot is suspended.
    error InstitutionNotActive(uint32 slot);
    /// @notice A value is 0 or does not fit the BN254 scalar field.
    error FieldOutOfRange(uint256 value);
    /// @notice A digest is never zero, from the first anchor on.
    error DigestZero();
    /// @notice Fewer acknowledgements than the network requires.
    error AcknowledgementsMissing(uint256 required, uint256 given);
    /// @notice An acknowledgement does not recover to the account of another active institution.
    error AcknowledgementInvalid(uint256 index);
    /// @notice An institution acknowledges once, not twice.
    error AcknowledgementRepeated(uint256 index);

    event InstitutionAdmitted(uint32 indexed slot, string id, address account);
    event InstitutionSuspended(uint32 indexed slot);
    event InstitutionRotated(uint32 indexed slot, address account, uint256 issuerLeaf);
    event EndpointChanged(uint32 indexed slot, string endpoint);
    event GovernorChanged(address governor);
    event Anchored(
        uint32 indexed slot, uint64 indexed epoch, uint256 root, uint256 shardRoot, bytes32 digest
    );
    /// @notice Every root of an epoch below `floorEpoch` is worth nothing from now on.
    event RootsEnded(uint64 indexed floorEpoch, uint256 root);

    /// @notice Gives an institution the next free slot. The slot stays empty, and the root as it is, until it anchors.
    function admit(Admission calldata admission) external returns (uint32 slot);

    /// @notice Empties the institution's slot and ends every earlier root at once.
    function suspend(uint32 slot) external;

    /// @notice Replaces account and issuer leaf of an active institution and ends every earlier root at once.
    function rotate(uint32 slot, address account, uint256 issuerLeaf) external;

    /// @notice By the governor, or by the active institution's own account.
    function setEndpoint(uint32 slot, string calldata endpoint) external;

    /// @notice Hands all governance to another account, for example to a contract that counts votes.
    function setGovernor(address governor) external;

    /// @notice Anchors the caller's shard and begins an epoch, whether the shard changed or not.
    /// @param shardRoot Root of the caller's shard, neither 0 nor beyond the field.
    /// @param digest SHA-256 over the heads of the caller's feeds; not zero.
    /// @param acknowledgements Signatures (r, s, v: 65 bytes, low s) over `acknowledgementHash` of this anchor by
    /// distinct other active institutions: at least the lesser of `acknowledgementQuorum` and their number.
    /// Every one given must be valid.
    function anchor(uint256 shardRoot, bytes32 digest, bytes[] calldata acknowledgements) external;

    /// @notice What an acknowledging institution signs: keccak256(abi.encode("assent/acknowledge", chain id, this
    /// contract, slot, number of the slot's earlier anchors, digest)), so that it serves for one anchor only.
    function acknowledgementHash(uint32 slot, uint64 anchors, bytes32 digest) external view returns (bytes32);

    function governor() external view returns (address);

    function networkName() external view returns (string memory);

    function acknowledgementQuorum() external view returns (uint32);

    /// @notice The newest epoch, its root and its beginning; roots of epochs below `floorEpoch` have ended.
    function head() external view returns (uint64 epoch, uint256 root, uint64 anchoredAt, uint64 floorEpoch);

    /// @notice Up to `limit` anchored roots of the epochs `epoch`, `epoch` + 1, ...
    function rootsSince(uint64 epoch, uint32 limit) external view returns (AnchoredRoot[] memory);

    function institutionCount() external view returns (uint32);

    /// @notice Up to `limit` institutions in slot order, from `slot` on, suspended ones too.
    function institutions(uint32 slot, uint32 limit) external view returns (Institution[] memory);

    /// @notice What the institution of a slot anchored last: digest, epoch and time; zeros before its first anchor.
    function digestOf(uint32 slot) external view returns (bytes32 digest, uint64 epoch, uint64 anchoredAt);

    /// @notice The 12 siblings of a slot, from the bottom up, with the one root and epoch they belong to.
    function topPath(uint32 slot)
        external
        view
        returns (uint256[12] memory siblings, uint256 slotValue, uint256 root, uint64 epoch);
}
