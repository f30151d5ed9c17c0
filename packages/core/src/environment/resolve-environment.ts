import { describeValue } from '../configuration/describe-value.ts';
import type { Problems } from '../configuration/problems.ts';
import { readChoice } from '../configuration/read-choice.ts';
import { readSettings } from '../configuration/read-settings.ts';
import { readText } from '../configuration/read-text.ts';
import { orVariable, type Setting } from '../configuration/setting.ts';
import type { Environment } from './environment.ts';
import { placeholderUrl, readApiUrl, readTokenUrl } from './read-environment-url.ts';

/** Where an environment is, before its URLs are checked. */
interface Whereabouts {
  readonly name: string;
  readonly apiUrl: Setting;
  readonly tokenUrl: Setting;
  readonly allowHttp: boolean;
}

/** Where the vendor's environments are; `preview` is another name of `stage`. */
const vendorUrls: ReadonlyMap<unknown, string> = new Map([
  ['production', 'https://api.instellix.io'],
  ['sandbox', 'https://api.sandbox.instellix.io'],
  ['stage', 'https://api.isx-stage-westeurope.instellix.io'],
]);

/** Finds out which environment is meant and where it is; `realm` becomes part of the token URL. */
export function resolveEnvironment(option: Setting, realm: string, problems: Problems): Environment {
  const isCustom = typeof option.value === 'object' && option.value !== null;
  const { name, apiUrl, tokenUrl, allowHttp } = isCustom
    ? describeCustomEnvironment(option, problems)
    : describeNamedEnvironment(option, problems);
  const apiHref = readApiUrl(apiUrl, allowHttp, problems);
  // Joined as text: a base path may start with two slashes, which would be a host in a relative URL.
  const tokenHref =
    tokenUrl.value === undefined
      ? `${apiHref}${encodeURIComponent(realm)}/oauth2/token`
      : readTokenUrl(tokenUrl, allowHttp, problems);
  return createEnvironment(name, apiHref, tokenHref);
}

/** The object says it all: variables would mix two environments. */
function describeCustomEnvironment(option: Setting, problems: Problems): Whereabouts {
  const given = readSettings(option, ['apiUrl', 'tokenUrl', 'name', 'allowHttp'], problems);
  const { name, allowHttp } = given;
  return {
    ...given,
    name: name.value === undefined ? 'custom' : readText(name, problems),
    allowHttp: readChoice(allowHttp, false, true, problems),
  };
}

/** A named environment keeps its name when a variable moves it: its URLs can be handed out at onboarding. */
function describeNamedEnvironment(option: Setting, problems: Problems): Whereabouts {
  const { value, label } = orVariable(option, 'INSTELLIX_ENVIRONMENT');
  const apiUrl = orVariable({ value: undefined, label: 'environment.apiUrl' }, 'INSTELLIX_API_URL');
  const tokenUrl = orVariable({ value: undefined, label: 'environment.tokenUrl' }, 'INSTELLIX_TOKEN_URL');
  const isNamed = value !== undefined;
  const name = value === 'preview' ? 'stage' : isNamed ? value : 'custom';
  const vendorUrl = vendorUrls.get(name);
  if (isNamed ? !vendorUrl : apiUrl.value === undefined) {
    const fault = isNamed ? `is ${describeValue(value)}` : 'is missing';
    const remedy = 'choose production, sandbox, stage or preview, or set environment.apiUrl or INSTELLIX_API_URL';
    problems.add(label, `${fault}: ${remedy}`);
  }
  return {
    name: name as string,
    apiUrl: apiUrl.value === undefined ? { value: vendorUrl ?? placeholderUrl, label } : apiUrl,
    tokenUrl,
    allowHttp: false,
  };
}

/** The URLs are copied for each reader, so that nobody can move the environment of others. */
function createEnvironment(name: string, apiHref: string, tokenHref: string): Environment {
  return Object.freeze({
    name,
    get apiUrl() {
      return new URL(apiHref);
    },
    get tokenUrl() {
      return new URL(tokenHref);
    },
  });
}
