// Written by circuits/generate.ts from circuits/circuits.json: change that, not this.
pragma circom 2.2.0;

function KIND_PSEUDONYM() { return 1; }
function KIND_REQUESTER() { return 2; }
function KIND_HANDLE() { return 3; }
function KIND_WITHDRAW() { return 4; }
function KIND_CONSENT() { return 5; }
function KIND_ACCREDITATION() { return 6; }
function KIND_FORMER_ISSUER() { return 7; }
function KIND_REQUEST() { return 8; }
function KIND_NULLIFIER() { return 9; }
function KIND_LINK() { return 10; }
function KIND_LIST() { return 11; }
function KIND_CREDENTIAL() { return 12; }
function KIND_FACTS() { return 13; }
function KIND_CRITERIA() { return 14; }
function KIND_ISSUER() { return 15; }
function KIND_MANDATE() { return 16; }
function KIND_PARTIES() { return 17; }
