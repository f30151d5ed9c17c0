import { apiFaults } from './api-faults.ts';
import { configurationFaults } from './configuration-faults.ts';
import { connectionFaults } from './connection-faults.ts';
import { tokenFaults } from './token-faults.ts';

/** All faults that the doctor detects, in the order of its steps. */
export const faults = [...configurationFaults, ...connectionFaults, ...tokenFaults, ...apiFaults];
