import { expect, test } from 'vitest';
import { isLoopbackAddress, isPublicAddress } from '../../src/network/ip-address.js';

test.each(['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  '%s is loopback',
  (address) => expect(isLoopbackAddress(address)).toBe(true),
);

test.each([
  undefined,
  '',
  'localhost',
  '128.0.0.0',
  '126.255.255.255',
  '::2',
  '::ffff:128.0.0.1',
  '127.1',
])('%s is not', (address) => expect(isLoopbackAddress(address)).toBe(false));

test.each([
  ...['0.0.0.0', '10.255.255.255', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.168.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
  ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:10.0.0.1'],
  ...['::ffff:7f00:1', '::127.0.0.1', '64:ff9b::a00:1', '2002:a00:1::1', '2001::1', '2001:db8::1'],
  ...['', 'localhost', '1.1.1', '0x7f000001', '2130706433'],
])('%j is no address of the public network', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  ...['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.255.255'],
  ...['172.32.0.0', '223.255.255.255', '2606:4700::1111', '2a00::1', '::ffff:1.1.1.1'],
])('%s is one', (address) => expect(isPublicAddress(address)).toBe(true));
