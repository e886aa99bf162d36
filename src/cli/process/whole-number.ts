import { InvalidArgumentError } from 'commander';

/** An option's text as a whole number of up to 15 digits. @throws InvalidArgumentError. */
export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed');
  return Number(text);
}
