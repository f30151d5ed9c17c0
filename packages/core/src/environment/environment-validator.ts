import { object } from '../configuration/object-validator.ts';
import { oneOf, type Validator, string } from '../configuration/validator.ts';
import { readVariable } from '../configuration/read-variable.ts';
import { urlValidator } from './url-validator.ts';

/** Where an environment is. */
export interface Whereabouts {
  readonly name: string;
  readonly apiUrl: string;
  /** Undefined: below the API, at the place that the realm decides. */
  readonly tokenUrl: string | undefined;
}

/** Where the vendor's environments are; `preview` is another name of `stage`. */
const vendorUrls: ReadonlyMap<unknown, string> = new Map([
  ['production', 'https://api.instellix.io'],
  ['sandbox', 'https://api.sandbox.instellix.io'],
  ['stage', 'https://api.isx-stage-westeurope.instellix.io'],
]);

/** Finds out which environment is meant and where it is. */
export const environmentValidator: Validator<Whereabouts> = (option, label, problems) => {
  const isCustom = typeof option === 'object' && option !== null;
  const given = isCustom ? customEnvironment(option, label, problems) : namedEnvironment(option);
  const { name = 'custom', apiUrl, tokenUrl, allowHttp } = given;
  if (apiUrl === undefined) {
    problems.push(
      `${label} (variable INSTELLIX_ENVIRONMENT) must be production, sandbox, stage or preview, or an object with apiUrl (variable INSTELLIX_API_URL).`,
    );
  }
  const readUrl = (key: string, value: unknown, variable: string, without: string, forbidden: RegExp) =>
    urlValidator(allowHttp, without, forbidden)(value, `${label}.${key} (variable ${variable})`, problems);
  const base = readUrl('apiUrl', apiUrl, 'INSTELLIX_API_URL', 'query, fragment', /[?#]/);
  return {
    name,
    apiUrl: base ? new URL(base).href.replace(/\/?$/, '/') : '',
    tokenUrl: readUrl('tokenUrl', tokenUrl, 'INSTELLIX_TOKEN_URL', 'fragment', /#/),
  };
};

interface Given {
  readonly name: string | undefined;
  readonly apiUrl: string | undefined;
  readonly tokenUrl: string | undefined;
  readonly allowHttp?: boolean | undefined;
}

/** The object says it all: variables would mix two environments. */
const customEnvironment: Validator<Given> = (option, label, problems) =>
  object({ apiUrl: asText, tokenUrl: asText, name: string(), allowHttp: oneOf(false, true) })(option, label, problems);

/** A named environment keeps its name when a variable moves it: its URLs can be handed out at onboarding. */
function namedEnvironment(option: unknown): Given {
  const chosen = option === undefined ? readVariable('INSTELLIX_ENVIRONMENT') : option;
  const name = chosen === 'preview' ? 'stage' : chosen;
  const vendorUrl = vendorUrls.get(name);
  return {
    name: name as string | undefined,
    apiUrl: chosen === undefined || vendorUrl ? (readVariable('INSTELLIX_API_URL') ?? vendorUrl) : undefined,
    tokenUrl: readVariable('INSTELLIX_TOKEN_URL'),
  };
}

/** Copies a URL of whatever class; what is no URL makes no text that passes for one. */
const asText: Validator<string | undefined> = (value) => (value === undefined ? undefined : String(value));
