export { InstellixHealthIndicator, type InstellixHealthOptions } from './instellix.health.ts';
