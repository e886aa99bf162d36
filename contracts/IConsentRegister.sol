// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.24;

import {IIssuerLeaf} from "./IIssuerLeaf.sol";

/// @title The register of a network of institutions: who they are, and one root over all their
/// shards
/// @notice Each institution keeps a Poseidon tree of 20 levels, its shard, and anchors the shard's
/// root here with its own account. A slot is Poseidon(shard root, issuer leaf); 12 more levels over
/// 4,096 slots are kept and hashed here. Every anchor, changed or not, is the same call and begins
/// an epoch with one network root. Who belongs to the network, with which keys, and by which limits
/// roots are judged, the active institutions decide by votes, each institution one. A founder
/// admits the first of them and has no right beyond that. Nothing here can be replaced: a newer
/// contract is only pointed to.
/// @dev Nothing per person is ever here: no leaf, no handle, no pseudonym, no count. Field elements
/// are below the order of the BN254 scalar field. Times are Unix seconds of the block.
interface IConsentRegister is IIssuerLeaf {
    /// @notice What was decided of an institution. A suspended one neither anchors nor acknowledges
    /// nor votes.
    enum Status {
        ACTIVE,
        SUSPENDED
    }

    /// @notice What is decided of an institution when it is admitted.
    /// @param id A lower-case slug, unique for ever: the institution's name in every statement.
    /// @param name For people to read; up to 256 bytes.
    /// @param endpoint The URL at which the institution's node answers; up to 256 bytes.
    /// @param account Signs anchors, acknowledgements and votes; of one institution only.
    /// @param roles Bits: hospital 0, sponsor 1, manufacturer 2, pharmacy 3, payer 4. At least one.
    /// @param issuer Who signs for it, and what it may do.
    struct Admission {
        string id;
        string name;
        string endpoint;
        address account;
        uint32 roles;
        Issuer issuer;
    }

    /// @notice An institution and what it anchored last.
    /// @param endpoint The URL at which the institution's node answers at this block.
    /// @param pendingEndpoint The URL from `endpointFrom` on; empty where no change is to come.
    /// @param endpointFrom When it takes effect; 0 where no change is to come.
    /// @param slot Its place under the network root, 0 to 4,095.
    /// @param anchors How often it has anchored: the number that its next acknowledgements are
    /// bound to.
    /// @param term 1 at its admission, one more with each rotation and reinstatement: no leaf of an
    /// ended term can be made again.
    /// @param issuerLeaf Poseidon of the issuer, the institution and the term: see `issuerLeafOf`.
    /// @param shardRoot 0 while the slot is empty: before the first anchor, and from a suspension
    /// or a rotation to the next.
    /// @param digest Of its feeds' heads; 0 before the first anchor.
    /// @param digestEpoch The epoch which that anchor began.
    /// @param digestAt When.
    struct Institution {
        string id;
        string name;
        string endpoint;
        string pendingEndpoint;
        uint64 endpointFrom;
        address account;
        uint32 roles;
        uint32 slot;
        Status status;
        uint64 anchors;
        uint64 term;
        uint256 issuerLeaf;
        uint256 shardRoot;
        bytes32 digest;
        uint64 digestEpoch;
        uint64 digestAt;
        Issuer issuer;
    }

    /// @notice A network root and when it began; it was superseded when the next epoch began.
    struct AnchoredRoot {
        uint256 root;
        uint64 anchoredAt;
    }

    /// @notice The three statements that a root serves.
    enum Statement {
        CONSENT,
        ACCREDITATION,
        ELIGIBILITY
    }

    /// @notice The limits of a network.
    /// @param voteThreshold How many institutions a decision needs at least; 1 to the number of
    /// active ones. It always needs more than half of the active ones as well.
    /// @param acknowledgementQuorum How many others must acknowledge an anchor, where there are so
    /// many; 0 to 16.
    /// @param proposalSeconds How long a proposal is open; an hour to 90 days.
    /// @param consentRootSeconds How long after it was superseded a root still serves a consent; 0
    /// to 30 days.
    /// @param accreditationRootSeconds The same for an accreditation.
    /// @param eligibilityRootSeconds The same for an eligibility.
    struct Parameters {
        uint32 voteThreshold;
        uint32 acknowledgementQuorum;
        uint32 proposalSeconds;
        uint32 consentRootSeconds;
        uint32 accreditationRootSeconds;
        uint32 eligibilityRootSeconds;
    }

    /// @notice Something to decide.
    /// @param id Binds chain, contract, nonce and decision.
    /// @param proposer The slot of the institution that proposed it.
    /// @param expiresAt From then on nobody can vote for it.
    /// @param executed Whether it was decided and done.
    /// @param votes How many institutions stand behind it now: a vote of a since suspended or
    /// re-keyed one is none.
    /// @param decision The call of `admit`, `suspend`, `reinstate`, `rotate`, `setParameters` or
    /// `setSuccessor`.
    struct Proposal {
        bytes32 id;
        uint32 proposer;
        uint64 expiresAt;
        bool executed;
        uint32 votes;
        bytes decision;
    }

    /// @notice Only a decided proposal does this; an admission also the founder, until the founding
    /// has ended.
    error CallerNotDecided(address caller);
    /// @notice A decision is the call of one of the functions that are decided on.
    error DecisionUnknown(bytes4 selector);
    /// @notice A decision is at most 4,096 bytes long.
    error DecisionTooLong(uint256 length);
    /// @notice No proposal of this contract has this id.
    error ProposalUnknown(bytes32 id);
    /// @notice The proposal is no longer open.
    error ProposalExpired(bytes32 id, uint64 expiresAt);
    /// @notice The proposal was decided and done; nothing is done twice.
    error ProposalDecided(bytes32 id);
    /// @notice An institution votes once, not twice.
    error VoteRepeated(bytes32 id, uint32 slot);
    /// @notice So many votes could not be had from so many active institutions: nothing could be
    /// decided any more.
    error ThresholdUnreachable(uint32 voteThreshold, uint32 active);
    /// @notice A parameter is beyond what is sound.
    error ParameterOutOfRange(uint256 value, uint256 least, uint256 most);
    /// @notice A successor is named once.
    error SuccessorNamedBefore(address successor);
    /// @notice A successor is another contract, and is there.
    error SuccessorInvalid(address successor);
    /// @notice No institution anchors with this account.
    error AccountUnknown(address account);
    /// @notice Another institution has this account, or it is the zero address or this contract.
    error AccountTaken(address account);
    /// @notice The id is not a slug of 3 to 40 lower-case letters, digits and hyphens that begins
    /// with a letter.
    error IdMalformed(string id);
    /// @notice An institution has or had this id.
    error IdTaken(string id);
    /// @notice The role bits are none or beyond those defined.
    error RolesInvalid(uint32 roles);
    /// @notice A name or an endpoint is longer than 256 bytes.
    error TextTooLong(uint256 length);
    /// @notice All 4,096 slots are given away.
    error RegisterFull();
    /// @notice No institution has this slot.
    error SlotUnknown(uint32 slot);
    /// @notice The institution of this slot is suspended.
    error InstitutionNotActive(uint32 slot);
    /// @notice The institution of this slot is not suspended.
    error InstitutionNotSuspended(uint32 slot);
    /// @notice No such epoch has begun.
    error EpochUnknown(uint64 epoch);
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
    event InstitutionReinstated(uint32 indexed slot, address account, uint256 issuerLeaf);
    event InstitutionRotated(uint32 indexed slot, address account, uint256 issuerLeaf);
    /// @param from When it takes effect.
    event EndpointChanged(uint32 indexed slot, string endpoint, uint64 from);
    /// @notice From now on only votes decide.
    event FoundingEnded();
    event ParametersChanged(Parameters parameters);
    event SuccessorNamed(address successor);
    event Proposed(
        bytes32 indexed id, uint32 indexed slot, uint64 nonce, bytes decision, uint64 expiresAt
    );
    event Voted(bytes32 indexed id, uint32 indexed slot);
    event Executed(bytes32 indexed id);
    /// @param round How often the slot had anchored before: what the digest's preimage names.
    event Anchored(
        uint32 indexed slot,
        uint64 indexed epoch,
        uint64 round,
        uint256 root,
        uint256 shardRoot,
        bytes32 digest
    );
    /// @notice Every root of an epoch below `floorEpoch` is worth nothing from now on.
    event RootsEnded(uint64 indexed floorEpoch, uint256 root);

    /// @notice Proposes a decision and votes for it. By the account of an active institution.
    /// @param decision The encoded call of `admit`, `suspend`, `reinstate`, `rotate`,
    /// `setParameters` or `setSuccessor`.
    function propose(bytes calldata decision) external returns (bytes32 id);

    /// @notice Votes for an open proposal, by the account of an active institution. The vote with
    /// which the votes of the institutions that are active now, under the accounts they have now,
    /// are enough carries it out; where the contract refuses the decision, that vote is refused
    /// with the decision's own error and not counted.
    function vote(bytes32 id) external;

    /// @notice Gives an institution the next free slot. The slot stays empty, and the root as it
    /// is, until it anchors. By decision, or by the founder: the founding ends with the admission
    /// that makes `voteThreshold` institutions.
    function admit(Admission calldata admission) external returns (uint32 slot);

    /// @notice Empties the institution's slot and ends every earlier root at once. By decision;
    /// refused where fewer than `voteThreshold` would remain: lower the threshold first.
    function suspend(uint32 slot) external;

    /// @notice Takes a suspended institution back, with an account (its old one or another) and an
    /// issuer of now, for its next term. Its slot stays empty until it anchors, and ended roots
    /// stay ended. By decision.
    function reinstate(uint32 slot, address account, Issuer calldata issuer) external;

    /// @notice Replaces account and issuer, and so the grants, of an active institution for its
    /// next term. Empties its slot, since a thief of the old account may have anchored what stands
    /// in it, and ends every earlier root at once: the institution anchors again with its new
    /// account. By decision.
    function rotate(uint32 slot, address account, Issuer calldata issuer) external;

    /// @notice Replaces all parameters. A root that the old windows refuse at this moment stays
    /// refused, however wide the new ones are. By decision.
    function setParameters(Parameters calldata parameters_) external;

    /// @notice Points to the contract that takes over, once and for ever. Nothing else changes:
    /// every node's operator pins code, and moves by own choice. By decision.
    function setSuccessor(address successor_) external;

    /// @notice The URL of the caller's node; up to 256 bytes. It takes effect after
    /// `endpointDelaySeconds`, so that the others see it coming; a second call replaces what is to
    /// come, and a suspension, a rotation or a reinstatement ends it. By the account of an active
    /// institution.
    function setEndpoint(string calldata endpoint) external;

    /// @notice Anchors the caller's shard and begins an epoch, whether the shard changed or not.
    /// @param shardRoot Root of the caller's shard, neither 0 nor beyond the field.
    /// @param digest SHA-256 over the heads of the caller's feeds; not zero.
    /// @param acknowledgements Signatures (r, s, v: 65 bytes, low s) over `acknowledgementHash` of
    /// this anchor by distinct other active institutions: at least the lesser of
    /// `acknowledgementQuorum` and their number. Every one given must be valid.
    function anchor(uint256 shardRoot, bytes32 digest, bytes[] calldata acknowledgements) external;

    /// @notice What an acknowledging institution signs: keccak256(abi.encode("assent/acknowledge",
    /// chain id, this contract, slot, number of the slot's earlier anchors, digest)), so that it
    /// serves for one anchor only.
    function acknowledgementHash(uint32 slot, uint64 anchors, bytes32 digest)
        external
        view
        returns (bytes32);

    /// @notice What a proposal of this nonce and decision is called:
    /// keccak256(abi.encode("assent/proposal", chain id, this contract, nonce, decision)), so that
    /// a vote is for one decision, once, here.
    function proposalId(uint64 nonce, bytes calldata decision) external view returns (bytes32);

    /// @notice How many proposals there have been: the next one's nonce.
    function proposalCount() external view returns (uint64);

    /// @notice Up to `limit` proposals in the order of their nonces, from `nonce` on.
    function proposals(uint64 nonce, uint32 limit) external view returns (Proposal[] memory);

    /// @notice How many votes decide now: the threshold, or more than half of the active
    /// institutions if that is more.
    function votesRequired() external view returns (uint32);

    /// @notice How long after it was written a change of endpoint takes effect; 0 to 30 days. It
    /// never changes.
    function endpointDelaySeconds() external view returns (uint32);

    /// @notice Admits the first institutions; without any right once `founded`.
    function founder() external view returns (address);

    function founded() external view returns (bool);

    /// @notice The contract that takes over; the zero address while there is none.
    function successor() external view returns (address);

    function networkName() external view returns (string memory);

    /// @notice The parameters, and by statement the time before which no superseded root is worth
    /// anything any more, because a narrower window refused it once.
    function parameters() external view returns (Parameters memory, uint64[3] memory closedBefore);

    function acknowledgementQuorum() external view returns (uint32);

    /// @notice Whether `root`, of the epoch `epoch`, serves a statement now: it is the newest, or
    /// no suspension or rotation has ended it, it was superseded no longer ago than the statement's
    /// window, and it was never refused. An epoch that has ended serves nothing, even where a later
    /// one has a root of the same value.
    function isAccepted(uint256 root, uint64 epoch, Statement statement)
        external
        view
        returns (bool);

    /// @notice When the next epoch began; 0 for the newest.
    function supersededAt(uint64 epoch) external view returns (uint64);

    /// @notice The newest epoch, its root and its beginning; roots of epochs below `floorEpoch`
    /// have ended.
    function head()
        external
        view
        returns (uint64 epoch, uint256 root, uint64 anchoredAt, uint64 floorEpoch);

    /// @notice Up to `limit` anchored roots of the epochs `epoch`, `epoch` + 1, ...
    function rootsSince(uint64 epoch, uint32 limit) external view returns (AnchoredRoot[] memory);

    function institutionCount() external view returns (uint32);

    /// @notice Up to `limit` institutions in slot order, from `slot` on, suspended ones too.
    function institutions(uint32 slot, uint32 limit) external view returns (Institution[] memory);

    /// @notice What the institution of a slot anchored last: digest, epoch and time; zeros before
    /// its first anchor.
    function digestOf(uint32 slot)
        external
        view
        returns (bytes32 digest, uint64 epoch, uint64 anchoredAt);

    /// @notice The 12 siblings of a slot, from the bottom up, with the one root and epoch they
    /// belong to.
    function topPath(uint32 slot)
        external
        view
        returns (uint256[12] memory siblings, uint256 slotValue, uint256 root, uint64 epoch);
}
